import { IamPolicy } from '@cdktf/provider-aws/lib/iam-policy';
import { S3Bucket } from '@cdktf/provider-aws/lib/s3-bucket';
import { S3BucketOwnershipControls } from '@cdktf/provider-aws/lib/s3-bucket-ownership-controls';
import { S3BucketPolicy } from '@cdktf/provider-aws/lib/s3-bucket-policy';
import { S3BucketPublicAccessBlock } from '@cdktf/provider-aws/lib/s3-bucket-public-access-block';
import { S3BucketServerSideEncryptionConfigurationA } from '@cdktf/provider-aws/lib/s3-bucket-server-side-encryption-configuration';
import { S3BucketVersioningA } from '@cdktf/provider-aws/lib/s3-bucket-versioning';
import { S3Object } from '@cdktf/provider-aws/lib/s3-object';
import { SecretsmanagerSecret } from '@cdktf/provider-aws/lib/secretsmanager-secret';
import { SsmParameter } from '@cdktf/provider-aws/lib/ssm-parameter';
import { App, Lazy } from 'cdktf';
import { describe, expect, it } from 'vitest';
import { defineSchema, parseDeclaration, type TenantInput } from '../../lib/declaration';
import { EncryptionKey } from '../../lib/encryption';
import { EnvironmentStack } from '../../lib/environment';
import { HaCluster, type IHaCluster } from '../../lib/ha-cluster';
import { readManifests } from '../../lib/manifest';
import { ManifestBucket, TenantDatabase, type TenantDatabaseProps } from '../../lib/tenant-database';
import { expectRefusal, type SynthesizedStack, synthesizeStack, testEnvironment, testStack } from '../support/synth';

const shop = defineSchema({
  name: 'shop',
  tables: { orders: { tenancy: 'tenant', columns: { id: { type: 'uuid' }, total: { type: 'numeric(12,2)' } }, primaryKey: ['id'] } },
  roles: {
    app: { login: 'iam', tables: { orders: 'write' } },
    auditor: { login: 'iam', scope: 'all', tables: { orders: 'read' } },
    batch: { login: 'password', tables: { orders: 'write' } },
    nobody: { tables: { orders: 'read' } },
  },
});
/** The same without a password. */
const iamOnly = parseDeclaration({ ...shop, roles: { app: shop.roles.app, auditor: shop.roles.auditor } });
const TENANTS: Record<string, TenantInput> = { acme: { isolation: 'row' }, globex: { isolation: 'schema', displayName: 'Globex' }, 'initech-eu': { isolation: 'database', tier: 'enterprise' } };

const clusterOf = (stack: EnvironmentStack, id = 'Cluster', clusterIdentifier = 'shop-cluster'): IHaCluster => HaCluster.fromHaClusterAttributes(stack, id, {
  clusterIdentifier, clusterResourceId: 'cluster-ABC', endpointAddress: 'w.example', readerEndpointAddress: 'r.example', engineVersion: '17', masterUsername: 'root', masterSecretArn: 'arn:aws:secretsmanager:x',
});
function database(props: Partial<TenantDatabaseProps> = {}, environment: Parameters<typeof testStack>[0] = {}): [TenantDatabase, EnvironmentStack] {
  const stack = testStack(environment);
  return [new TenantDatabase(stack, 'Shop', { cluster: clusterOf(stack), schema: shop, tenants: TENANTS, ...props }), stack];
}
function made(props: Partial<TenantDatabaseProps> = {}): SynthesizedStack {
  return synthesizeStack(database(props)[1]);
}
const policies = (stack: SynthesizedStack): Record<string, string> => Object.fromEntries(stack.resources(IamPolicy).map(({ arguments: { name, policy } }) => [name, JSON.parse(policy).Statement[0].Resource]));

describe('TenantDatabase', () => {
  it('writes a manifest that the command line reads from the synthesized stack', () => {
    const [made, stack] = database({ schema: iamOnly });
    const [read] = readManifests(synthesizeStack(stack).text, 'cdk.tf.json');
    expect(read?.manifest).toEqual(JSON.parse(JSON.stringify(made.manifest)));
    expect(read?.manifest).toMatchObject({
      format: 'tenantry/manifest@1', platform: 'shop', environment: 'staging', address: 'staging-data/Shop', home: 'main',
      declaration: { name: 'shop', externalGrants: [] },
      tenants: { acme: { isolation: 'row', tier: 'standard' }, 'globex': { isolation: 'schema', displayName: 'Globex', tier: 'standard' }, 'initech-eu': { isolation: 'database', tier: 'enterprise' } },
      servers: { main: { host: 'w.example', readerHost: 'r.example', port: 5432, engine: 'aurora-postgresql', engineVersion: '17', region: 'eu-central-1', resourceId: 'cluster-ABC', masterUsername: 'root', masterSecretArn: 'arn:aws:secretsmanager:x' } },
    });
  });

  it('leaves addresses that only Terraform knows to Terraform', () => {
    const token = Lazy.stringValue({ produce: () => '${aws_rds_cluster.x.endpoint}' });
    const stack = testStack();
    const cluster = HaCluster.fromHaClusterAttributes(stack, 'Cluster', { ...clusterOf(stack, 'Known'), clusterIdentifier: 'a', clusterResourceId: 'b', engineVersion: '17', readerEndpointAddress: 'r', masterUsername: 'm', masterSecretArn: 's', endpointAddress: token });
    const made = new TenantDatabase(stack, 'Shop', { cluster, schema: shop });
    expect(synthesizeStack(stack).json.output[made.resource.friendlyUniqueId].value).toContain('"host":"${aws_rds_cluster.x.endpoint}"');
  });

  it('keeps a copy as an encrypted object, whose place and digest stand in a parameter', () => {
    const stack = made();
    const object = stack.resource(S3Object);
    const [{ address } = { address: '' }] = stack.resources(S3Object);
    expect(object).toMatchObject({ key: 'manifests/shop/staging/data/shop.json', content_type: 'application/json', server_side_encryption: 'aws:kms', bucket_key_enabled: true });
    expect(object.kms_key_id).toMatch(/^\$\{aws_kms_key\.EncryptionKey_[0-9A-F]+\.arn\}$/);
    expect(Object.values<{ value: string }>(stack.json.output).map(({ value }) => value)).toContain(object.content);
    expect(stack.resource(SsmParameter)).toMatchObject({ name: '/shop/staging/data/shop/manifest', type: 'String' });
    expect(JSON.parse(stack.resource(SsmParameter).insecure_value)).toEqual({ bucket: `\${${address}.bucket}`, key: `\${${address}.key}`, version: `\${${address}.version_id}`, sha256: `\${sha256(${address}.content)}` });
  });

  it('allows each IAM login to connect as exactly itself', () => {
    const arn = 'arn:aws:rds-db:eu-central-1:123456789012:dbuser:cluster-ABC';
    const stack = made({ schema: iamOnly });
    expect(policies(stack)).toEqual({
      'shop-staging-data-shop-logins-app': `${arn}/shop_app_login`,
      'shop-staging-data-shop-logins-auditor': `${arn}/shop_auditor_login`,
      'shop-staging-data-shop-tenants-initech-eu-app': `${arn}/shop_app__initech_eu_login`,
    });
    for (const { arguments: { policy } } of stack.resources(IamPolicy)) {
      expect(JSON.parse(policy)).toEqual({ Version: '2012-10-17', Statement: [{ Sid: 'LogIn', Effect: 'Allow', Action: 'rds-db:connect', Resource: expect.not.stringContaining('*') }] });
    }
  });

  it('[DBAAS-5.1] makes an empty secret for each login with a password, which only the policy of that login can read', () => {
    const stack = made();
    const secrets = Object.fromEntries(stack.resources(SecretsmanagerSecret).map(({ address, arguments: args }) => [args.name, { address, args }]));
    expect(Object.keys(secrets)).toEqual(['shop/staging/data/shop/shop_batch__initech_eu_login', 'shop/staging/data/shop/shop_batch_login']);
    const policyOf = Object.fromEntries(stack.resources(IamPolicy).map(({ arguments: { description, policy } }) => [description, JSON.parse(policy).Statement]));
    const [, key] = /^\$\{(aws_kms_key\..*)\.arn\}$/.exec(stack.resource(S3Object).kms_key_id) ?? [];
    for (const login of ['shop_batch_login', 'shop_batch__initech_eu_login']) {
      const { address, args } = secrets[`shop/staging/data/shop/${login}`]!;
      const arn = `\${${address}.arn}`;
      expect(args).toEqual({ name: `shop/staging/data/shop/${login}`, description: `Password of ${login}`, kms_key_id: `\${${key}.arn}`, recovery_window_in_days: 7 });
      expect(policyOf[`Log in as ${login}`]).toEqual([
        { Sid: 'ReadPassword', Effect: 'Allow', Action: ['secretsmanager:GetSecretValue', 'secretsmanager:DescribeSecret'], Resource: arn },
        { Sid: 'DecryptPassword', Effect: 'Allow', Action: 'kms:Decrypt', Resource: `\${${key}.arn}`, Condition: { StringEquals: { 'kms:ViaService': 'secretsmanager.eu-central-1.amazonaws.com', 'kms:EncryptionContext:SecretARN': arn } } },
      ]);
    }
    expect(stack.all().filter(({ type }) => /secret.*version|random/.test(type)), 'Terraform knows no password').toEqual([]);
  });

  it('tells the bootstrap where the passwords go, and says nothing of it where there are none', () => {
    const secretsIn = (stack: SynthesizedStack): unknown => readManifests(stack.text, 'cdk.tf.json')[0]?.manifest.servers.main?.loginSecrets;
    const stack = made();
    const arns = stack.resources(SecretsmanagerSecret).map(({ address }) => `\${${address}.arn}`);
    expect(secretsIn(stack)).toEqual({ shop_batch__initech_eu_login: arns[0], shop_batch_login: arns[1] });
    expect(secretsIn(made({ schema: iamOnly }))).toBeUndefined();
  });

  it('keeps the policy of a login, and so its attachments, when the login gets a password', () => {
    const policyOf = (login: 'iam' | 'password') => made({ schema: parseDeclaration({ ...iamOnly, roles: { app: { login, tables: { orders: 'write' } } } }), tenants: {} }).resources(IamPolicy)
      .map(({ address, arguments: { name, description } }) => ({ address, name, description }));
    expect(policyOf('password')).toEqual(policyOf('iam'));
  });

  it('encrypts the secrets with the key that is given', () => {
    const stack = testStack();
    const encryptionKey = EncryptionKey.fromEncryptionKeyAttributes(stack, 'Key', { encryptionKeyArn: 'arn:aws:kms:eu-central-1:123456789012:key/own' });
    new TenantDatabase(stack, 'Shop', { cluster: clusterOf(stack), schema: shop, encryptionKey });
    const synthesized = synthesizeStack(stack);
    expect(synthesized.resource(SecretsmanagerSecret).kms_key_id).toBe('arn:aws:kms:eu-central-1:123456789012:key/own');
    expect(synthesized.text).toContain('"Action\\":\\"kms:Decrypt\\",\\"Resource\\":\\"arn:aws:kms:eu-central-1:123456789012:key/own');
  });

  it('gives the policy of a login, or says which there are', () => {
    const [own] = database();
    expect(own.logins).toEqual(['shop_app_login', 'shop_auditor_login', 'shop_batch_login', 'shop_app__initech_eu_login', 'shop_batch__initech_eu_login']);
    expect(own.loginPolicyArn('app')).not.toBe(own.loginPolicyArn('app', 'initech-eu'));
    expectRefusal(() => own.loginPolicyArn('app', 'acme'), 'tenant-database/no-login', `tenant-database/no-login  at staging-data/Shop

  There is no login shop_app__acme_login; the logins are shop_app_login, shop_auditor_login, shop_batch_login, shop_app__initech_eu_login and shop_batch__initech_eu_login.

  Give the role login: 'iam' or 'password'. Only tenants with isolation 'database' or 'cluster' have logins of their own.`);
  });

  it('keeps every other address when tenants are added, removed, reordered or renamed', () => {
    const addresses = (tenants: Record<string, TenantInput>): string[] => made({ tenants }).addresses();
    const all = addresses({ a: { isolation: 'database' }, b: { isolation: 'database' }, c: { isolation: 'row' } });
    expect(addresses({ c: { isolation: 'row' }, b: { isolation: 'database' }, a: { isolation: 'database' } })).toEqual(all);
    expect(addresses({ new: { isolation: 'database' }, a: { isolation: 'database' }, b: { isolation: 'database' } })).toEqual(expect.arrayContaining(all));
    const without = addresses({ b: { isolation: 'database' } });
    expect(all).toEqual(expect.arrayContaining(without));
    expect(all.filter((address) => !without.includes(address))).toEqual([
      expect.stringMatching(/^aws_iam_policy\.Shop_Tenants_a_app_[0-9A-F]{8}$/), expect.stringMatching(/^aws_iam_policy\.Shop_Tenants_a_batch_[0-9A-F]{8}$/),
      expect.stringMatching(/^aws_secretsmanager_secret\.Shop_Passwords_shop_batch__a_login_[0-9A-F]{8}$/),
    ]);
    expect(addresses({ a: { isolation: 'database', displayName: 'Another name', tier: 'gold' }, b: { isolation: 'database' } })).toEqual(all);
  });

  it('shares one bucket in a stack', () => {
    const stack = testStack();
    const cluster = clusterOf(stack);
    for (const name of ['one', 'two']) new TenantDatabase(stack, name, { cluster, schema: parseDeclaration({ ...shop, name }) });
    expect(synthesizeStack(stack).resources(S3Bucket)).toHaveLength(1);
  });

  it('needs no tenant in code: they may all sign up at run time', () => {
    expect(Object.keys(policies(made({ tenants: undefined })))).toEqual(['shop-staging-data-shop-logins-app', 'shop-staging-data-shop-logins-auditor', 'shop-staging-data-shop-logins-batch']);
  });
});

describe('TenantDatabase refuses', () => {
  it('two declarations of one name on one cluster, however often it was imported', () => {
    const [, stack] = database();
    expectRefusal(() => new TenantDatabase(stack, 'Again', { cluster: clusterOf(stack, 'Imported'), schema: shop }), 'tenant-database/declaration-twice', `tenant-database/declaration-twice  at staging-data/Again

  The declaration "shop" lies on this cluster already, at staging-data/Shop. Its databases, schemas and roles carry its name.

  Give one of the two declarations another name, or put it on another cluster.`);
    expect(() => new TenantDatabase(stack, 'Elsewhere', { cluster: clusterOf(stack, 'Other', 'other'), schema: shop })).not.toThrow();
    const otherAccount = new EnvironmentStack(App.of(stack), 'data', { environment: testEnvironment({ name: 'other', account: '210987654321' }) });
    expect(() => new TenantDatabase(otherAccount, 'Shop', { cluster: clusterOf(otherAccount), schema: shop })).not.toThrow();
  });

  it('values that only Terraform knows in a declaration and its tenants', () => {
    const schema = parseDeclaration({ name: 'shop', tables: { t: { tenancy: 'reference', columns: { id: { type: 'bigint' } }, primaryKey: ['id'], rows: [{ id: 1 }, { id: Lazy.numberValue({ produce: () => 2 }) }] } } });
    expectRefusal(() => database({ schema, tenants: { acme: { isolation: 'row', displayName: Lazy.stringValue({ produce: () => 'x' }) } } }), 'tenant-database/reference-in-declaration', `tenant-database/reference-in-declaration  at staging-data/Shop

  schema.tables.t.rows.1.id and tenants.acme.displayName hold a value that only Terraform knows. A declaration and its tenants are plain data, the same in every environment.

  Write the value itself.`);
  });

  it('tenants whose keys would become one name', () => {
    expectRefusal(() => database({ tenants: { 'a-b': { isolation: 'row' }, 'A': { isolation: 'row' } } }), 'tenants/key', `tenants/key  at tenants.A

  "A" cannot be a tenant's key: lower-case letters, digits and hyphens are allowed, at most 31, with a letter in front.

  The display name is free text: "a": { displayName: "A", … }.`);
  });
});

describe('[DBAAS-10.1] [DBAAS-10.3] the bucket of manifests', () => {
  const stack = made();

  it('is private, versioned, encrypted with the customer\'s key, and reached by TLS alone', () => {
    expect(stack.resource(S3Bucket)).toEqual({ bucket: 'shop-staging-data-manifest-bucket-123456789012', force_destroy: false });
    expect(stack.resource(S3BucketPublicAccessBlock)).toMatchObject({ block_public_acls: true, block_public_policy: true, ignore_public_acls: true, restrict_public_buckets: true });
    expect(stack.resource(S3BucketVersioningA).versioning_configuration).toEqual({ status: 'Enabled' });
    expect(stack.resource(S3BucketOwnershipControls).rule).toEqual({ object_ownership: 'BucketOwnerEnforced' });
    expect(stack.resource(S3BucketServerSideEncryptionConfigurationA).rule).toEqual([{ bucket_key_enabled: true, apply_server_side_encryption_by_default: { sse_algorithm: 'aws:kms', kms_master_key_id: expect.stringMatching(/^\$\{aws_kms_key\./) } }]);
    expect(JSON.parse(stack.resource(S3BucketPolicy).policy).Statement.map(({ Effect, Principal, Action, Condition }: Record<string, unknown>) => ({ Effect, Principal, Action, Condition }))).toEqual([
      { Effect: 'Deny', Principal: '*', Action: 's3:*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
      { Effect: 'Deny', Principal: '*', Action: 's3:*', Condition: { NumericLessThan: { 's3:TlsVersion': '1.2' } } },
    ]);
  });

  it('has all of that before the first object', () => {
    const settings = [S3BucketOwnershipControls, S3BucketPublicAccessBlock, S3BucketServerSideEncryptionConfigurationA, S3BucketVersioningA, S3BucketPolicy].map((type) => stack.resources(type)[0]?.address);
    expect(stack.resource(S3Object).depends_on).toEqual(settings);
  });

  it('may be one that exists', () => {
    const own = testStack();
    const encryptionKey = EncryptionKey.fromEncryptionKeyAttributes(own, 'Key', { encryptionKeyArn: 'arn:aws:kms:eu-central-1:123456789012:key/k' });
    new TenantDatabase(own, 'Shop', { cluster: clusterOf(own), schema: shop, manifestBucket: ManifestBucket.fromManifestBucketAttributes(own, 'Bucket', { bucketName: 'mine', encryptionKey }) });
    const synthesized = synthesizeStack(own);
    expect(synthesized.resource(S3Object)).toMatchObject({ bucket: 'mine', kms_key_id: 'arn:aws:kms:eu-central-1:123456789012:key/k' });
    expect(synthesized.resource(S3Object)).not.toHaveProperty('depends_on');
    expect(synthesized.resources(S3Bucket)).toEqual([]);
  });
});
