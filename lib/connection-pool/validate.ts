import { TerraformResource } from 'cdktf';
import type { Construct } from 'constructs';
import { isKnown } from '../construct/known';
import { Duration } from '../core/duration';
import { type Complaint, Complaints } from '../core/errors';
import { shown } from '../core/shown';
import { listOf } from '../core/text';
import { holdsToken } from '../core/tokens';
import type { IDatabaseNetwork } from '../network/database-network-ref';
import type { ConnectionPoolProps } from './connection-pool';

/** The protocols that RDS Proxy speaks, with the port that it listens on. (AWS, Aurora and RDS user guides, "Quotas and limitations for RDS Proxy".) */
export const FAMILIES = {
  POSTGRESQL: { engines: ['aurora-postgresql', 'postgres'], port: 5432 },
  MYSQL: { engines: ['aurora-mysql', 'mysql'], port: 3306 },
} as const;
export type EngineFamily = keyof typeof FAMILIES;

export const familyOf = (engine: string): EngineFamily | undefined => (Object.keys(FAMILIES) as EngineFamily[]).find((family) => (FAMILIES[family].engines as readonly string[]).includes(engine));

const LIMITS = 'AWS, Quotas and limitations for RDS Proxy';
const SETTINGS = 'AWS, ConnectionPoolConfiguration';
/** Of secrets that one proxy knows. */
export const MOST_SECRETS = 200;
const IDLE_CLIENT = { shortest: Duration.seconds(1), longest: Duration.hours(8) };
const BORROW = { shortest: Duration.seconds(1), longest: Duration.minutes(5) };

export function validateConnectionPool(scope: Construct, props: ConnectionPoolProps & { readonly maxConnectionsPercent: number; readonly maxIdleConnectionsPercent: number }): void {
  const complaints = new Complaints();
  for (const check of [checkTarget, checkNetwork, checkTimeouts, checkSizes, checkPinning, checkAuth]) {
    for (const complaint of check(props)) complaints.add({ at: scope.node.path, ...complaint });
  }
  complaints.throwIfAny();
}

function checkTarget({ cluster, readOnlyEndpoint }: ConnectionPoolProps): Complaint[] {
  const complaints: Complaint[] = [];
  if (familyOf(cluster.engineName) === undefined) {
    const known = Object.values(FAMILIES).flatMap(({ engines }) => [...engines]);
    complaints.push({ code: 'connection-pool/engine', problem: `The engine of the cluster is ${JSON.stringify(cluster.engineName)}; RDS Proxy pools connections of ${listOf(known)} here.`, source: LIMITS });
  }
  if (cluster.pausesWhenIdle) {
    complaints.push({
      code: 'connection-pool/auto-pause', problem: 'The cluster pauses when nobody is connected, and a proxy is always connected: it would never pause.',
      fix: 'Give the cluster a minimum of at least 0.5 ACU, or make no pool in this environment.', source: 'AWS, Scaling to zero ACUs with automatic pause and resume for Aurora Serverless v2',
    });
  }
  if (readOnlyEndpoint === true && cluster.targetKind === 'instance') {
    complaints.push({ code: 'connection-pool/read-only-endpoint', problem: 'readOnlyEndpoint is given, and the cluster is a single instance: nothing in it can be read but the writer.', fix: 'Leave it out, or choose Aurora or a Multi-AZ DB cluster, which have readers.', source: 'AWS, Working with Amazon RDS Proxy endpoints' });
  }
  return complaints;
}

function checkNetwork({ cluster, network }: ConnectionPoolProps): Complaint[] {
  if (cluster.network === undefined || cluster.network === network) return [];
  const [theirs, ours] = [cluster.network.vpcId, network.vpcId];
  const known = (isKnown(theirs) && isKnown(ours)) || (makesVpc(cluster.network) && makesVpc(network));
  if (!known || theirs === ours) return [];
  return [{
    code: 'connection-pool/other-network', problem: `The pool lies in the network ${network.node.path}, and the cluster in ${cluster.network.node.path}, which is another VPC: no connection leads from one to the other.`,
    fix: 'Give the pool the network of the cluster.', source: 'AWS, Getting started with RDS Proxy (Setting up network prerequisites)',
  }];
}

const makesVpc = (network: IDatabaseNetwork): boolean => network.node.findAll().some((node) => TerraformResource.isTerraformResource(node) && node.terraformResourceType === 'aws_vpc');

function checkTimeouts({ idleClientTimeout, borrowTimeout }: ConnectionPoolProps): Complaint[] {
  const check = (name: string, given: Duration | undefined, { shortest, longest }: typeof BORROW, source?: string): Complaint[] => {
    if (given === undefined || (!given.isShorterThan(shortest) && !longest.isShorterThan(given) && Number.isInteger(given.toSeconds()))) return [];
    return [{ code: `connection-pool/${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`, problem: `${name} is ${given}; whole seconds are allowed, ${shortest} to ${longest}.`, ...(source === undefined ? {} : { source }) }];
  };
  return [...check('idleClientTimeout', idleClientTimeout, IDLE_CLIENT), ...check('borrowTimeout', borrowTimeout, BORROW, SETTINGS)];
}

function checkSizes({ maxConnectionsPercent: most, maxIdleConnectionsPercent: idle }: { readonly maxConnectionsPercent: number; readonly maxIdleConnectionsPercent: number }): Complaint[] {
  const isKnownNumber = (value: number): boolean => isKnown(value) && !holdsToken(value);
  const complaints: Complaint[] = [];
  if (isKnownNumber(most) && (!Number.isInteger(most) || most < 1 || most > 100)) {
    complaints.push({ code: 'connection-pool/max-connections', problem: `maxConnectionsPercent is ${shown(most)}; a whole number is allowed, 1 to 100.`, source: SETTINGS });
  } else if (isKnownNumber(most) && isKnownNumber(idle) && idle > most) {
    complaints.push({ code: 'connection-pool/idle-above-all', problem: `maxIdleConnectionsPercent, ${idle}, is above maxConnectionsPercent, ${most}: no more can be idle than there are.`, fix: 'Leave maxIdleConnectionsPercent out for half of the other.', source: SETTINGS });
  }
  if (isKnownNumber(idle) && (!Number.isInteger(idle) || idle < 0 || idle > 100)) {
    complaints.push({ code: 'connection-pool/max-idle-connections', problem: `maxIdleConnectionsPercent is ${shown(idle)}; a whole number is allowed, 0 to maxConnectionsPercent.`, source: SETTINGS });
  }
  return complaints;
}

function checkPinning({ cluster, ignoreVariableSets }: ConnectionPoolProps): Complaint[] {
  if (ignoreVariableSets !== true || familyOf(cluster.engineName) !== 'POSTGRESQL') return [];
  return [{ code: 'connection-pool/pinning-filter', problem: 'ignoreVariableSets is given, and RDS Proxy has no such filter for PostgreSQL: a session that is SET anything stays on its connection.', fix: 'Leave it out. What causes it, and what does not, is in the README of this folder.', source: 'AWS, Avoiding pinning an RDS Proxy' }];
}

function checkAuth({ auth }: ConnectionPoolProps): Complaint[] {
  if (auth.method === 'secrets') return auth.secrets.length > MOST_SECRETS ? [tooManySecrets(auth.secrets.length)] : [];
  if (auth.logins.length === 0) return [{ code: 'connection-pool/no-login', problem: 'PoolAuth.iam is given no login, so that nobody could log in.', fix: 'Leave logins out for every login that has no password, or name them.' }];
  return auth.logins.filter((login) => isKnown(login) && !/^[A-Za-z0-9_]*\*?$/.test(login)).map((login): Complaint => ({
    code: 'connection-pool/login', problem: `${JSON.stringify(login)} cannot be a login here: letters, digits and _ are allowed, and * at the end.`, fix: "For instance logins: ['shop_*'].",
  }));
}

export const tooManySecrets = (count: number): Complaint => ({ code: 'connection-pool/secrets', problem: `The pool would know ${count} secrets, and RDS Proxy takes ${MOST_SECRETS}.`, fix: 'Let logins in by IAM: PoolAuth.iam(), which needs none.', source: LIMITS });

export const NO_SECRET: Complaint = { code: 'connection-pool/no-secret', problem: 'PoolAuth.secrets is given no secret, and no TenantDatabase has added one: nobody could log in.', fix: "Give the pool to a TenantDatabase with login: 'password' roles, name a secret, or let logins in by IAM: PoolAuth.iam()." };
