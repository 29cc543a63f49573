import type { ProviderService } from '../protocol/provider-service';
import { type RunningServer, startServer } from '../protocol/server';

export interface Attached {
  /** What Terraform needs in its environment to use the providers of this process. */
  readonly environment: { readonly TF_REATTACH_PROVIDERS: string };
  close(): void;
}

/**
 * Serves providers from this process, for Terraform to attach to: no executable, no mirror, no lock file, one process for all commands.
 *
 * @param providers - by address, for instance `registry.terraform.io/hashicorp/aws`: makes a provider for each connection
 * @param onFault - told when a method of a provider fails by a fault of ours; Terraform fails by it too, and says so
 */
export async function attachProviders(providers: Readonly<Record<string, () => ProviderService>>, onFault?: (method: string, error: unknown) => void): Promise<Attached> {
  const servers: RunningServer[] = [];
  const reattach: Record<string, object> = {};
  for (const [address, connect] of Object.entries(providers)) {
    const server = await startServer({ connect, onFault });
    servers.push(server);
    reattach[address] = { Protocol: 'grpc', ProtocolVersion: 5, Pid: process.pid, Test: true, Addr: { Network: 'tcp', String: server.address } };
  }
  return { environment: { TF_REATTACH_PROVIDERS: JSON.stringify(reattach) }, close: () => servers.forEach((server) => server.close()) };
}
