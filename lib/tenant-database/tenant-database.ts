import { S3Object } from '@cdktf/provider-aws/lib/s3-object';
import { SsmParameter } from '@cdktf/provider-aws/lib/ssm-parameter';
import { Annotations, Fn, TerraformOutput } from 'cdktf';
import { Construct } from 'constructs';
import type { IConnectionPool } from '../connection-pool/connection-pool-ref';
import { TenantryError } from '../core/errors';
import { listOf } from '../core/text';
import { loginRole, tenantLogin } from '../declaration/names';
import { parseDeclaration } from '../declaration/parse';
import type { Declaration } from '../declaration/schema';
import { contextOf } from '../declaration/tenant-context';
import { sharedAccessWarnings } from '../declaration/shared-access';
import { parseTenants } from '../declaration/tenants';
import type { TenantInput } from '../declaration/types';
import type { IEncryptionKey } from '../encryption/encryption-key-ref';
import { EnvironmentStack } from '../environment/environment-stack';
import type { IHaCluster } from '../ha-cluster/ha-cluster-ref';
import type { DriverSettings } from '../manifest/driver';
import type { Manifest } from '../manifest/format';
import { toTerraformTemplate } from '../manifest/template';
import { type CellLogins, makeCellLogins } from './cell-logins';
import { refuseOtherEngines } from './engine';
import type { LoginSecret } from './login-secret';
import { type Logins, makeLogins } from './logins';
import { manifestOf, refuseTokens } from './manifest';
import { ManifestBucket, settingsOf } from './manifest-bucket';
import type { IManifestBucket } from './manifest-bucket-ref';
import { enterByPool } from './pool';
import { claimDeclaration } from './registry';
import { makeTenantClusters, type TenantClusterFactory } from './tenant-clusters';
import type { ITenantDatabase, ManifestPlace, TenantCluster } from './tenant-database-ref';

export interface TenantDatabaseProps {
  readonly cluster: IHaCluster;
  /** Tables and roles, from `defineSchema` or from data. Its name is unique on the cluster. */
  readonly schema: Declaration;
  /**
   * Tenants that are declared in code, by key: few and large ones. Those that sign up at run time are in the registry of the database.
   *
   * @default - none
   */
  readonly tenants?: Readonly<Record<string, TenantInput>>;
  /**
   * Where the copy of the manifest goes.
   *
   * @default - a bucket of the stack, made once
   */
  readonly manifestBucket?: IManifestBucket;
  /**
   * Encrypts the secrets of logins with a password.
   *
   * @default - the key of the stack, made once
   */
  readonly encryptionKey?: IEncryptionKey;
  /**
   * Makes the cluster of a tenant with isolation `cluster`, with a key of its own, below the scope that it is given:
   * `(scope) => new HaCluster(scope, 'Cluster', { network, engine, encryptionKey: new EncryptionKey(scope, 'Key'), admitsNetwork: false })`.
   *
   * @default - a tenant with isolation `cluster` is refused
   */
  readonly tenantCluster?: TenantClusterFactory;
  /**
   * Where programs connect in place of the shared cluster. The bootstrap keeps to the cluster itself: it refuses poolers.
   *
   * @default - to the cluster itself
   */
  readonly pool?: IConnectionPool;
  /**
   * How fast programs notice that the writer of the cluster is lost, or of one that a tenant has for itself, in whole seconds: within 10 at the most.
   *
   * @default - `FAST_FAILOVER`, within 8
   */
  readonly driver?: DriverSettings;
}

/**
 * A declaration with its tenants on a cluster. It writes the manifest, which `tenantry bootstrap` turns into schemas, roles and policies,
 * one IAM policy for each login, and one empty secret for each login with a password.
 */
export class TenantDatabase extends Construct implements ITenantDatabase {
  readonly manifest: Manifest;
  readonly cluster: IHaCluster;
  readonly tenantClusters: readonly TenantCluster[];
  readonly manifestBucket: IManifestBucket;
  /** The output that holds the manifest. */
  readonly resource: TerraformOutput;
  readonly manifestObject: S3Object;
  /** Says where the copy of the manifest lies, and its digest. */
  readonly manifestParameter: SsmParameter;
  readonly #logins: Logins;
  /** By tenant. */
  readonly #cells: ReadonlyMap<string, CellLogins>;

  constructor(scope: Construct, id: string, props: TenantDatabaseProps) {
    super(scope, id);
    const { cluster } = props;
    this.cluster = cluster;
    refuseOtherEngines(this, cluster);
    const declaration = parseDeclaration(props.schema);
    const tenants = parseTenants(props.tenants ?? {}, declaration);
    for (const warning of sharedAccessWarnings(declaration, tenants)) Annotations.of(this).addWarning(warning);
    refuseTokens(this, { schema: declaration, tenants });
    claimDeclaration(this, cluster, declaration.name);
    const cells = makeTenantClusters(this, { cluster, tenants, factory: props.tenantCluster });
    for (const cell of cells) {
      refuseOtherEngines(this, cell.cluster);
      claimDeclaration(this, cell.cluster, declaration.name);
    }
    this.tenantClusters = cells.map(({ tenant, cluster: own }) => ({ tenant, cluster: own }));
    this.#logins = makeLogins(this, { cluster, declaration, tenants, pool: props.pool, ...(props.encryptionKey === undefined ? {} : { encryptionKey: props.encryptionKey }) });
    this.#cells = new Map(cells.map((cell) => [cell.tenant, makeCellLogins(cell, declaration)]));
    enterByPool(this, props.cluster, props, this.#logins, declaration);
    this.manifest = manifestOf(this, { cluster, declaration, tenants, logins: this.#logins, wayIn: props, cells: cells.map((cell) => ({ ...cell, logins: this.#cells.get(cell.tenant) as CellLogins })) });
    const template = toTerraformTemplate(this.manifest);

    this.resource = new TerraformOutput(this, 'Manifest', { value: template, description: `What tenantry bootstrap needs to know about ${declaration.name}` });
    this.manifestBucket = props.manifestBucket ?? ManifestBucket.forStack(this);
    [this.manifestObject, this.manifestParameter] = this.#store(template, this.manifestBucket);
  }

  get declarationName(): string {
    return this.manifest.declaration.name;
  }

  get manifestPlace(): ManifestPlace {
    const { manifestObject: object, manifestParameter: parameter } = this;
    return { parameterName: parameter.nameInput as string, parameterArn: parameter.arn, bucket: this.manifestBucket, key: object.keyInput as string, version: object.versionId };
  }

  get loginSecrets(): readonly LoginSecret[] {
    return [this.#logins, ...this.#cells.values()].flatMap(({ secrets }) => [...secrets.values()]);
  }

  /** The logins of programs on the shared cluster; each has an IAM policy. */
  get logins(): readonly string[] {
    return [...this.#logins.policies.keys()];
  }

  /**
   * ARN of the policy that allows to log in as a role, by IAM tokens or by reading the password; attach it to the role of the program.
   *
   * @param tenant - a tenant with logins of its own: one with a database or a cluster of its own, and any with `tenantContext: 'role'`
   */
  loginPolicyArn(role: string, tenant?: string): string {
    const { name } = this.manifest.declaration;
    const login = tenant === undefined ? loginRole(name, role) : tenantLogin(name, role, tenant);
    const policy = tenant !== undefined && this.#cells.has(tenant) ? this.#cells.get(tenant)?.policies.get(role) : this.#logins.policies.get(login);
    if (policy !== undefined) return policy.policyArn;
    throw new TenantryError('input', {
      code: 'tenant-database/no-login',
      at: this.node.path,
      problem: `There is no login ${login}; the logins are ${listOf(this.logins) || 'none'}.`,
      fix: contextOf(this.manifest.declaration) === 'role'
        ? "Give the role login: 'iam' or 'password', and name the tenant: each has logins of its own. Of tenants that sign up at run time the stack knows none."
        : "Give the role login: 'iam' or 'password'. Only tenants with isolation 'database' or 'cluster' have logins of their own.",
    });
  }

  #store(content: string, bucket: IManifestBucket): [S3Object, SsmParameter] {
    const { platform, environment, declaration } = this.manifest;
    const object = new S3Object(this, 'ManifestObject', {
      bucket: bucket.bucketName,
      key: `manifests/${platform}/${environment}/${EnvironmentStack.of(this).layer}/${declaration.name}.json`,
      content,
      contentType: 'application/json',
      serverSideEncryption: 'aws:kms',
      kmsKeyId: bucket.encryptionKey.encryptionKeyArn,
      bucketKeyEnabled: true,
      dependsOn: settingsOf(bucket),
    });
    const parameter = new SsmParameter(this, 'ManifestParameter', {
      name: `/${platform}/${environment}/${EnvironmentStack.of(this).layer}/${declaration.name}/manifest`,
      description: 'Where the manifest lies, and the SHA-256 of its bytes',
      type: 'String',
      insecureValue: JSON.stringify({ bucket: object.bucket, key: object.key, version: object.versionId, sha256: Fn.sha256(object.content) }),
    });
    return [object, parameter];
  }
}
