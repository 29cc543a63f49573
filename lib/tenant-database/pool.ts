import { Annotations } from 'cdktf';
import type { Construct } from 'constructs';
import type { IConnectionPool } from '../connection-pool/connection-pool-ref';
import { isKnown } from '../construct/known';
import { type Complaint, Complaints } from '../core/errors';
import { listOf } from '../core/text';
import type { Declaration } from '../declaration/schema';
import type { IHaCluster } from '../ha-cluster/ha-cluster-ref';
import { checkDriver, type DriverSettings } from '../manifest/driver';
import type { ManifestServer } from '../manifest/format';
import type { Logins } from './logins';

/** How programs get to the shared cluster. */
export interface WayIn {
  /** Where they connect in place of the cluster. @default - to the cluster itself */
  readonly pool?: IConnectionPool | undefined;
  /** How fast they notice that it is lost. @default - `FAST_FAILOVER`, which clients know */
  readonly driver?: DriverSettings | undefined;
}

const PINNING = 'Behind RDS Proxy each connection of the tenants\' client keeps a database connection to itself until it is closed, 10 seconds after its last use (idleTimeout of connectTenants): each of its transactions begins by making the session as good '
  + 'as new (SET ROLE, RESET, DEALLOCATE, DISCARD), which RDS Proxy pins PostgreSQL sessions for. It follows a failover and holds back bursts all the same; connections are not shared at a time. PgBouncer in transaction mode shares them.';

/** The pool learns the passwords of the logins, and refuses what it could not let in. */
export function enterByPool(scope: Construct, cluster: IHaCluster, { pool, driver }: WayIn, { policies, secrets }: Logins, declaration: Declaration): void {
  const complaints = new Complaints();
  const add = (complaint: Complaint): void => complaints.add({ at: scope.node.path, ...complaint });
  if (driver !== undefined) checkDriver(driver, `${scope.node.path}: driver`).forEach(add);
  // Those that the tenants' client connects as. A role that sees all tenants connects as its program likes, to the cluster too.
  const ofClients = [...policies].filter(([, { node }]) => declaration.roles[node.id]?.scope === 'tenant').map(([login]) => login);
  const withPassword = ofClients.filter((login) => secrets.has(login));
  const byToken = ofClients.filter((login) => !secrets.has(login));
  if (pool?.cluster !== undefined && isAnother(pool.cluster, cluster)) {
    add({
      code: 'tenant-database/pool-of-another', problem: `The pool ${pool.node.path} leads to ${pool.cluster.node.path}, and the tenants are on ${cluster.node.path}: programs would connect to a database that knows none of them.`,
      fix: 'Give the pool of the cluster:   new ConnectionPool(this, …, { cluster, … })',
    });
  }
  if (pool?.method === 'iam' && withPassword.length > 0) {
    add({ code: 'tenant-database/password-behind-pool', problem: `${listOf(withPassword)} ${withPassword.length === 1 ? 'has a password' : 'have passwords'}, and the pool lets logins in by IAM tokens alone.`, fix: "Give the role login: 'iam', or the pool auth: PoolAuth.secrets()." });
  }
  if (pool?.method === 'secrets' && byToken.length > 0) {
    add({ code: 'tenant-database/token-behind-pool', problem: `${listOf(byToken)} ${byToken.length === 1 ? 'has' : 'have'} no password, and the pool lets in who has one alone.`, fix: "Give the role login: 'password', or the pool auth: PoolAuth.iam()." });
  }
  complaints.throwIfAny();
  if (pool === undefined) return;
  // The key that contexts are signed with is no login.
  if (pool.method !== 'iam') for (const [login, secret] of secrets) if (policies.has(login)) pool.useSecret(secret);
  Annotations.of(scope).addWarning(PINNING);
}

/** One that exists may have been named twice, or not tell its name. */
function isAnother(one: IHaCluster, other: IHaCluster): boolean {
  if (one === other) return false;
  try {
    const [a, b] = [one.clusterIdentifier, other.clusterIdentifier];
    return a !== b && isKnown(a) && isKnown(b);
  } catch {
    return false;
  }
}

/** What the manifest says of it. */
export const wayInOf = ({ pool, driver }: WayIn): Pick<ManifestServer, 'pool' | 'driver'> => ({
  ...(pool === undefined ? {} : { pool: { host: pool.endpointAddress, port: pool.port, ...(pool.readerEndpointAddress === undefined ? {} : { readerHost: pool.readerEndpointAddress }) } }),
  ...(driver === undefined ? {} : { driver }),
});

/** What `rds-db:connect` is allowed on: the cluster, and its pool, which has a name of its own. (AWS, Creating and using an IAM policy for IAM database access.) */
export const placesOf = ({ clusterResourceId }: IHaCluster, pool: IConnectionPool | undefined): string[] => [clusterResourceId, ...(pool === undefined ? [] : [pool.poolResourceId])];
