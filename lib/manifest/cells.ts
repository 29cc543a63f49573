import type { Complaint } from '../core/errors';
import { listOf } from '../core/text';
import type { Manifest } from './format';
import type { LoadedManifest } from './read';

/**
 * A server with what is installed on it: an installation of its own, with a registry, a ledger and locks of its own. The home's comes first; each tenant with a
 * cluster of its own has one more.
 */
export interface Cell {
  /** Name of the server in the manifest. */
  readonly server: string;
  /** Whose server it is. @default - it is the home's, of all others */
  readonly tenant?: string;
  /** What the bootstrap of this server is told: the server is its home. */
  readonly loaded: LoadedManifest;
}

/** The server that a tenant with isolation `cluster` has for itself is named after it. */
export const serverOfTenant = (tenant: string): string => tenant;

/** Keys of the tenants that have a cluster of their own, sorted. */
export const clusterTenants = ({ tenants }: Pick<Manifest, 'tenants'>): string[] => Object.keys(tenants).filter((key) => tenants[key]?.isolation === 'cluster').sort();

/** The servers of a manifest, the home's first. Where no tenant has a cluster of its own, that is the only one, with the manifest itself. */
export const cellsOf = (loaded: LoadedManifest): Cell[] => [
  { server: loaded.manifest.home, loaded },
  ...clusterTenants(loaded.manifest).map((tenant): Cell => ({
    server: serverOfTenant(tenant), tenant,
    // All of them are told by the same bytes: the ledger of each says which.
    loaded: { manifest: cellManifest(loaded.manifest, tenant), digest: loaded.digest, cell: serverOfTenant(tenant) },
  })),
];

/** The manifest of the server that a tenant has for itself: there is no other tenant there, and it has a database of its own. */
export function cellManifest(manifest: Manifest, tenant: string): Manifest {
  const name = serverOfTenant(tenant);
  const [declared, server] = [manifest.tenants[tenant], manifest.servers[name]];
  if (declared === undefined || server === undefined) throw new Error(`manifest without tenant ${tenant} and its server`);
  return { ...manifest, tenants: { [tenant]: { ...declared, isolation: 'database' } }, servers: { [name]: server }, home: name };
}

/** Each tenant with a cluster of its own has a server, and no two share one. */
export function checkServers({ tenants, servers, home }: Pick<Manifest, 'tenants' | 'servers' | 'home'>, file: string): Complaint[] {
  const complaints: Complaint[] = [];
  const owners = new Map<string, string>();
  for (const name of [home, ...clusterTenants({ tenants }).map(serverOfTenant)]) {
    const server = Object.hasOwn(servers, name) ? servers[name] : undefined;
    if (name === home && owners.size > 0) {
      complaints.push({ code: 'manifest/server-of-tenant', at: file, problem: `The tenant ${JSON.stringify(name)} has a cluster of its own, and its server would have the name of the home's.`, fix: 'Give the tenant another key.' });
    } else if (server === undefined) {
      if (name !== home) complaints.push({ code: 'manifest/server-of-tenant', at: file, problem: `The tenant ${JSON.stringify(name)} has a cluster of its own, and none of the servers ${listOf(Object.keys(servers))} is named after it.`, fix: 'Deploy the stack again, and give what that wrote.' });
    } else {
      const address = `${server.host}:${server.port}`;
      const other = owners.get(address);
      if (other !== undefined) complaints.push({ code: 'manifest/one-server-twice', at: file, problem: `The servers ${listOf([other, name])} are the same one, ${address}. A tenant with a cluster of its own shares it with nobody.`, fix: 'Give the tenant a cluster of its own.' });
      owners.set(address, name);
    }
  }
  return complaints;
}
