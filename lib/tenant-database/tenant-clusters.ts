import { Annotations } from 'cdktf';
import { Construct } from 'constructs';
import { type Complaint, TenantryError } from '../core/errors';
import { listOf } from '../core/text';
import type { Tenants } from '../declaration/tenants';
import { EncryptionKey } from '../encryption/encryption-key';
import type { IEncryptionKey } from '../encryption/encryption-key-ref';
import type { HaCluster } from '../ha-cluster/ha-cluster';
import type { IHaCluster } from '../ha-cluster/ha-cluster-ref';
import { clusterTenants } from '../manifest/cells';
import { HOME_SERVER } from './servers';
import type { TenantCluster } from './tenant-database-ref';

/**
 * Makes the cluster of one tenant. It is called once for each tenant with isolation `cluster`.
 *
 * @param scope - where its constructs belong: their addresses come from the tenant's key, and stay whatever other tenants there are
 * @param tenant - its key
 */
export type TenantClusterFactory = (scope: Construct, tenant: string) => IHaCluster;

/** The cluster that one tenant has for itself, with where its logins go, and their key. */
export interface TenantCell extends TenantCluster {
  readonly place: Construct;
  /** Encrypts the secrets of its logins: the cluster's own. */
  readonly encryptionKey: () => IEncryptionKey;
}

export interface TenantClustersProps {
  readonly cluster: IHaCluster;
  readonly tenants: Tenants;
  readonly factory: TenantClusterFactory | undefined;
}

/** Where everything of one tenant lies in the tree. */
export function tenantPlace(scope: Construct, tenant: string): Construct {
  const all = scope.node.tryFindChild('Tenants') ?? new Construct(scope, 'Tenants');
  return all.node.tryFindChild(tenant) ?? new Construct(all, tenant);
}

/** Makes the clusters of tenants that have one for themselves, by key. What must not be shared is refused: a cluster, and a key. */
export function makeTenantClusters(scope: Construct, { cluster, tenants, factory }: TenantClustersProps): readonly TenantCell[] {
  const keys = clusterTenants({ tenants });
  if (keys.length === 0) return [];
  const complaints: Complaint[] = keys.includes(HOME_SERVER) ? [{ code: 'tenant-database/tenant-named-main', problem: `The tenant ${JSON.stringify(HOME_SERVER)} has a cluster of its own, whose server would have the name of the shared one's in the manifest.`, fix: 'Give the tenant another key.' }] : [];
  if (factory === undefined) {
    complaints.push({
      code: 'tenant-database/no-tenant-cluster', problem: `${listOf(keys.map((key) => JSON.stringify(key)))} ${keys.length === 1 ? 'has' : 'have'} isolation 'cluster', and nothing says how the cluster of a tenant is made.`,
      fix: "Say it: tenantCluster: (scope) => new HaCluster(scope, 'Cluster', { network, engine, encryptionKey: new EncryptionKey(scope, 'Key'), admitsNetwork: false })\nor give them another isolation: 'database' is the nearest.",
    });
  }
  refuse(scope, complaints);
  const made = keys.map((tenant): TenantCell => {
    const place = tenantPlace(scope, tenant);
    const own = (factory as TenantClusterFactory)(place, tenant);
    return { tenant, cluster: own, place, encryptionKey: once(() => secretsKey(place, own)) };
  });
  for (const { tenant, cluster: own } of made) {
    if ((own as Partial<HaCluster>).admitsNetwork === true) {
      Annotations.of(scope).addWarning(`The cluster of tenant ${JSON.stringify(tenant)} lets in whoever the network lets in to all its databases: clients of other tenants may knock there, although no login of theirs exists. Give it admitsNetwork: false.`);
    }
  }
  const taken = sharedClusters(cluster, made);
  refuse(scope, [...taken.values(), ...sharedKeys(scope, cluster, made.filter(({ tenant }) => !taken.has(tenant)))]);
  return made;
}

/** Two clusters are one where they are the same object, or of one name. A name that Terraform makes is known as a reference. */
function sharedClusters(shared: IHaCluster, cells: readonly TenantCell[]): Map<string, Complaint> {
  const owners: { readonly cluster: IHaCluster; readonly name: string }[] = [{ cluster: shared, name: 'the shared one' }];
  return new Map(cells.flatMap(({ tenant, cluster }): [string, Complaint][] => {
    const other = owners.find((owner) => owner.cluster === cluster || owner.cluster.clusterIdentifier === cluster.clusterIdentifier);
    owners.push({ cluster, name: `that of tenant ${JSON.stringify(tenant)}` });
    return other === undefined ? [] : [[tenant, {
      code: 'tenant-database/shared-cluster', problem: `The cluster of tenant ${JSON.stringify(tenant)} is ${other.name}. A tenant with isolation 'cluster' shares it with nobody.`,
      fix: "Make a new one in tenantCluster, below the scope that it is given: (scope) => new HaCluster(scope, 'Cluster', { … }).",
    }]];
  }));
}

function sharedKeys(scope: Construct, shared: IHaCluster, cells: readonly TenantCell[]): Complaint[] {
  const owners = new Map<string, string>();
  const sharedKey = keyOf(shared);
  if (sharedKey !== undefined) owners.set(sharedKey, 'the shared cluster');
  return cells.flatMap(({ tenant, cluster }): Complaint[] => {
    const key = keyOf(cluster);
    if (key === undefined || sharedKey === undefined) {
      Annotations.of(scope).addWarning(`Whether the cluster of tenant ${JSON.stringify(tenant)} has a key of its own cannot be judged: ${key === undefined ? 'it' : 'the shared cluster'} was imported without masterSecretKeyArn.`);
    }
    const other = key === undefined ? undefined : owners.get(key);
    if (key !== undefined && other === undefined) owners.set(key, `the cluster of tenant ${JSON.stringify(tenant)}`);
    return other === undefined ? [] : [{
      code: 'tenant-database/shared-key', problem: `The cluster of tenant ${JSON.stringify(tenant)} is encrypted with the same key as ${other}. Who may decrypt the one could decrypt the other, and neither key can be withdrawn alone.`,
      fix: "Give it a key of its own: new HaCluster(scope, 'Cluster', { …, encryptionKey: new EncryptionKey(scope, 'Key') }).",
    }];
  });
}

/** HaCluster encrypts everything with one key. Undefined for an imported cluster that does not say which. */
function keyOf(cluster: IHaCluster): string | undefined {
  try {
    return cluster.masterSecretKeyArn;
  } catch (error) {
    if (TenantryError.is(error)) return undefined;
    throw error;
  }
}

function secretsKey(place: Construct, cluster: IHaCluster): IEncryptionKey {
  const encryptionKeyArn = keyOf(cluster);
  return encryptionKeyArn === undefined ? new EncryptionKey(place, 'SecretsKey') : EncryptionKey.fromEncryptionKeyAttributes(place, 'SecretsKey', { encryptionKeyArn });
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

function refuse(scope: Construct, complaints: readonly Complaint[]): void {
  if (complaints.length > 0) throw new TenantryError('input', complaints.map((complaint) => ({ at: scope.node.path, ...complaint })));
}
