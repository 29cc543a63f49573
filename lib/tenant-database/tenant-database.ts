import { S3Object } from '@cdktf/provider-aws/lib/s3-object';
import { SsmParameter } from '@cdktf/provider-aws/lib/ssm-parameter';
import { Fn, TerraformOutput } from 'cdktf';
import { Construct } from 'constructs';
import { TenantryError } from '../core/errors';
import { listOf } from '../core/text';
import { loginRole, tenantLogin } from '../declaration/names';
import { parseDeclaration } from '../declaration/parse';
import type { Declaration } from '../declaration/schema';
import { parseTenants } from '../declaration/tenants';
import type { TenantInput } from '../declaration/types';
import { EnvironmentStack } from '../environment/environment-stack';
import type { IHaCluster } from '../ha-cluster/ha-cluster-ref';
import type { Manifest } from '../manifest/format';
import { toTerraformTemplate } from '../manifest/template';
import { LoginPolicy } from './login-policy';
import { manifestOf } from './manifest';
import { ManifestBucket, settingsOf } from './manifest-bucket';
import type { IManifestBucket } from './manifest-bucket-ref';
import { claimDeclaration } from './registry';

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
}

/**
 * A declaration with its tenants on a cluster. It writes the manifest, which `tenantry bootstrap` turns into schemas, roles and policies,
 * and one IAM policy for each login.
 */
export class TenantDatabase extends Construct {
  readonly manifest: Manifest;
  /** The output that holds the manifest. */
  readonly resource: TerraformOutput;
  readonly manifestObject: S3Object;
  /** Says where the copy of the manifest lies, and its digest. */
  readonly manifestParameter: SsmParameter;
  readonly #logins = new Map<string, LoginPolicy>();

  constructor(scope: Construct, id: string, props: TenantDatabaseProps) {
    super(scope, id);
    const { cluster } = props;
    const declaration = parseDeclaration(props.schema);
    const tenants = parseTenants(props.tenants ?? {});
    this.manifest = manifestOf(this, cluster, declaration, tenants);
    claimDeclaration(this, cluster, declaration.name);
    const template = toTerraformTemplate(this.manifest);

    this.resource = new TerraformOutput(this, 'Manifest', { value: template, description: `What tenantry bootstrap needs to know about ${declaration.name}` });
    [this.manifestObject, this.manifestParameter] = this.#store(template, props.manifestBucket ?? ManifestBucket.forStack(this));
    this.#makeLogins(cluster);
  }

  /** The logins that have an IAM policy. */
  get logins(): readonly string[] {
    return [...this.#logins.keys()];
  }

  /**
   * ARN of the policy that allows to log in as a role; attach it to the role of the program.
   *
   * @param tenant - a tenant with a database of its own, which has logins of its own
   */
  loginPolicyArn(role: string, tenant?: string): string {
    const { name } = this.manifest.declaration;
    const login = tenant === undefined ? loginRole(name, role) : tenantLogin(name, role, tenant);
    const policy = this.#logins.get(login);
    if (policy !== undefined) return policy.policyArn;
    throw new TenantryError('input', {
      code: 'tenant-database/no-login',
      at: this.node.path,
      problem: `There is no login ${login} with IAM; the logins are ${listOf(this.logins) || 'none'}.`,
      fix: "Give the role login: 'iam'. Only tenants with isolation 'database' have logins of their own.",
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

  #makeLogins(cluster: IHaCluster): void {
    const { declaration, tenants } = this.manifest;
    const shared = new Construct(this, 'Logins');
    const own = new Construct(this, 'Tenants');
    const iam = Object.entries(declaration.roles).filter(([, { login }]) => login === 'iam');
    for (const [role] of iam) this.#makeLogin(shared, role, cluster, loginRole(declaration.name, role));
    for (const [tenant, { isolation }] of Object.entries(tenants)) {
      if (isolation !== 'database') continue;
      const place = new Construct(own, tenant);
      for (const [role, { scope }] of iam) {
        if (scope === 'tenant') this.#makeLogin(place, role, cluster, tenantLogin(declaration.name, role, tenant));
      }
    }
  }

  #makeLogin(scope: Construct, role: string, cluster: IHaCluster, login: string): void {
    this.#logins.set(login, new LoginPolicy(scope, role, { cluster, login }));
  }
}
