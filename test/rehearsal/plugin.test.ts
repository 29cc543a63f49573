import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { connect } from 'node:http2';
import { join } from 'node:path';
import { connect as tls } from 'node:tls';
import { beforeAll, describe, expect, it } from 'vitest';
import { prepareEnvironment } from '../../lib/rehearsal';
import { selfSigned } from '../../lib/rehearsal/protocol/certificate';
import { freshFolder } from '../support/fresh-folder';
import { inRegions, writeStacks } from './support/stacks';

const COOKIE = 'd602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2';

describe('the stand-in as a program of its own', () => {
  let executable: string;
  let settings: string;
  let temporary: string;

  beforeAll(async () => {
    const folder = join(freshFolder('mirror'), "it's a mirror");
    temporary = freshFolder('temporary');
    await prepareEnvironment(folder, { from: process.cwd(), dir: writeStacks(freshFolder(), { one: { configuration: inRegions('eu-central-1') } }) });
    const place = join(folder, 'mirror', 'providers', 'registry.terraform.io', 'hashicorp', 'aws', '6.25.0');
    const [platform = ''] = readdirSync(place);
    executable = join(place, platform, 'terraform-provider-aws_v6.25.0_x5');
    settings = join(folder, 'mirror', 'aws.json');
  });

  const start = (environment: Readonly<Record<string, string>>): ChildProcess => spawn(executable, { env: { ...process.env, TMPDIR: temporary, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] });
  const firstLine = (child: ChildProcess): Promise<string> => new Promise((done) => child.stdout?.once('data', (data: Buffer) => done(data.toString().trim())));
  const ended = (child: ChildProcess): Promise<number | null> => new Promise((done) => child.once('close', done));

  it('says what it is when somebody starts it by hand', async () => {
    const child = start({});
    let said = '';
    child.stderr?.on('data', (data: Buffer) => (said += data.toString()));
    expect(await ended(child)).toBe(1);
    expect(said).toBe('This is a Terraform provider. Terraform starts it; it does nothing by itself.\n');
  });

  it('answers the handshake with one line, lets in only who shows the certificate that it was given, and goes when told', async () => {
    const client = await selfSigned(1);
    const child = start({ TF_PLUGIN_MAGIC_COOKIE: COOKIE, PLUGIN_CLIENT_CERT: client.certificate });
    const [core, protocol, network, socket = '', transport, proof = ''] = (await firstLine(child)).split('|');
    expect({ core, protocol, network, transport, padded: proof.endsWith('=') }).toEqual({ core: '1', protocol: '5', network: 'unix', transport: 'grpc', padded: false });
    const stranger = await selfSigned(1);
    const { certificate: { certificate: ca } } = JSON.parse(readFileSync(settings, 'utf8')) as { certificate: { certificate: string } };
    const admitted = (who: typeof client): Promise<boolean> => new Promise((done) => {
      const session = connect('https://localhost', { createConnection: () => tls({ path: socket, key: who.key, cert: who.certificate, ca, servername: 'localhost', ALPNProtocols: ['h2'] }) });
      session.on('error', () => done(false)).on('close', () => done(false));
      const request = session.request({ ':method': 'POST', ':path': '/plugin.GRPCController/Shutdown', 'content-type': 'application/grpc', te: 'trailers' });
      request.on('error', () => done(false));
      request.on('response', () => {
        done(true);
        session.close();
      });
      request.end(Buffer.alloc(5));
    });
    expect(await admitted(stranger)).toBe(false);
    expect(child.exitCode).toBeNull();
    expect(await admitted(client)).toBe(true);
    expect(await ended(child)).toBe(0);
    expect(existsSync(socket)).toBe(false);
  });

  it('ends with the Terraform that started it, also when that one is killed', async () => {
    const parent = spawn(process.execPath, ['-e', `require('node:child_process').spawn(process.argv[1], { stdio: ['ignore', 'inherit', 'ignore'] }); setInterval(() => {}, 1000);`, executable], { env: { ...process.env, TMPDIR: temporary, TF_PLUGIN_MAGIC_COOKIE: COOKIE }, stdio: ['ignore', 'pipe', 'ignore'] });
    const [, , , socket = ''] = (await firstLine(parent)).split('|');
    expect(existsSync(socket)).toBe(true);
    parent.kill('SIGKILL');
    const until = Date.now() + 15_000;
    while (existsSync(socket) && Date.now() < until) await new Promise((next) => setTimeout(next, 100));
    expect(readdirSync(temporary).filter((name) => name.startsWith('tenantry-plugin-'))).toEqual([]);
  });

  it('keeps its key to itself', () => {
    expect(statSync(settings).mode & 0o777).toBe(0o600);
  });
});
