import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Certificate } from './certificate';
import type { ProviderService } from './provider-service';
import { startServer } from './server';

/** What Terraform sets for every provider that it starts: a mark against starting one by mistake. https://developer.hashicorp.com/terraform/plugin/terraform-plugin-protocol */
const MAGIC_COOKIE = 'd602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2';

/**
 * Serves a provider as a process that Terraform has started: listens on a socket, tells Terraform where in one line on standard
 * output, and ends when Terraform says so or goes away.
 */
export async function servePlugin(connect: () => ProviderService, certificate: Certificate): Promise<void> {
  const client = process.env['PLUGIN_CLIENT_CERT'];
  if (process.env['TF_PLUGIN_MAGIC_COOKIE'] !== MAGIC_COOKIE) {
    process.stderr.write('This is a Terraform provider. Terraform starts it; it does nothing by itself.\n');
    process.exitCode = 1;
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), 'tenantry-plugin-'));
  const end = (): never => {
    rmSync(folder, { recursive: true, force: true });
    // eslint-disable-next-line no-restricted-properties -- this module is a program of its own: Terraform waits for it to be gone
    process.exit(0);
  };
  const socket = join(folder, 'socket');
  await startServer({
    socket, connect, onShutdown: end,
    onFault: (method, error) => process.stderr.write(`${method}: ${error instanceof Error ? error.stack : String(error)}\n`),
    ...(client === undefined ? {} : { tls: { ...certificate, client } }),
  });
  // Terraform hands Ctrl-C to the whole group and ends the plugin itself. When Terraform is killed, its end of the pipes closes.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', end);
  process.stdout.on('error', end);
  watchParent(end);
  const proof = client === undefined ? '' : derOf(certificate.certificate);
  process.stdout.write(`1|5|unix|${socket}|grpc|${proof}\n`);
}

/** A plugin whose Terraform was killed belongs to another process then. */
function watchParent(end: () => void): void {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) end();
  }, 2000).unref();
}

/** The certificate as the handshake line holds it: base64 without padding. */
const derOf = (pem: string): string => pem.replace(/-----[A-Z ]+-----|\s|=+/g, '');
