import { CloudwatchLogGroup } from '@cdktf/provider-aws/lib/cloudwatch-log-group';
import { DbProxy } from '@cdktf/provider-aws/lib/db-proxy';
import { DbProxyDefaultTargetGroup } from '@cdktf/provider-aws/lib/db-proxy-default-target-group';
import { DbProxyEndpoint } from '@cdktf/provider-aws/lib/db-proxy-endpoint';
import { DbProxyTarget } from '@cdktf/provider-aws/lib/db-proxy-target';
import { IamRole } from '@cdktf/provider-aws/lib/iam-role';
import { IamRolePolicy } from '@cdktf/provider-aws/lib/iam-role-policy';
import { SecurityGroup } from '@cdktf/provider-aws/lib/security-group';
import { VpcSecurityGroupEgressRule } from '@cdktf/provider-aws/lib/vpc-security-group-egress-rule';
import { VpcSecurityGroupIngressRule } from '@cdktf/provider-aws/lib/vpc-security-group-ingress-rule';
import { Lazy } from 'cdktf';
import { beforeAll, describe, expect, it } from 'vitest';
import { ConnectionPool, type ConnectionPoolProps, PoolAuth, type PoolSecret } from '../../lib/connection-pool';
import { Duration } from '../../lib/core/duration';
import { EncryptionKey } from '../../lib/encryption';
import { Size } from '../../lib/core/size';
import { type DatabaseEngine, Engine, InstanceSize } from '../../lib/engine';
import type { EnvironmentStack } from '../../lib/environment';
import { HaCluster, type HaClusterAttributes, Topology } from '../../lib/ha-cluster';
import { importedChannel } from '../alerting/fixture';
import { expectRefusal, importedNetwork, type SynthesizedStack, synthesizeStack, testStack } from '../support/synth';

const CLUSTER: HaClusterAttributes = { clusterIdentifier: 'shop', clusterResourceId: 'cluster-ABC', port: 5433, securityGroupId: 'sg-db', clientSecurityGroupId: 'sg-clients' };
const cluster = (stack: EnvironmentStack, more: HaClusterAttributes = {}) => HaCluster.fromHaClusterAttributes(stack, 'Cluster', { ...CLUSTER, ...more });

function pool(props: Partial<ConnectionPoolProps> = {}, attributes: HaClusterAttributes = {}, stack = testStack()): ConnectionPool {
  return new ConnectionPool(stack, 'Pool', { cluster: cluster(stack, attributes), network: importedNetwork(stack), auth: PoolAuth.iam(), alerts: importedChannel(stack), ...props });
}

const synthesized = (made: ConnectionPool): SynthesizedStack => synthesizeStack(made.node.scopes.find((scope) => 'environment' in scope) as EnvironmentStack);
const secretOf = (stack: EnvironmentStack, name: string, key = 'arn:aws:kms:eu-central-1:123456789012:key/1'): PoolSecret => ({
  secretArn: `arn:aws:secretsmanager:eu-central-1:123456789012:secret:${name}`, encryptionKey: EncryptionKey.fromEncryptionKeyAttributes(stack, `Key-${name}`, { encryptionKeyArn: key }),
});

/** A reference to a resource, whatever hash CDKTF puts behind its name. */
const reference = (address: string): unknown => expect.stringMatching(new RegExp(`^\\$\\{${address.replace('.', '\\.')}`));
const short = (group: string | undefined): string | undefined => (group?.includes('Pool_SecurityGroup') === true ? 'pool' : group);
const ADDRESSES = [
  'aws_cloudwatch_event_rule.Pool_Events_unlisted', 'aws_cloudwatch_event_rule.Pool_Events_warning', 'aws_cloudwatch_event_target.Pool_Events_unlisted_Topic', 'aws_cloudwatch_event_target.Pool_Events_warning_Topic',
  'aws_cloudwatch_log_group.Pool_Log', ...['connections', 'databases', 'logins', 'readers-connections', 'readers-unavailable', 'unavailable', 'wait'].map((id) => `aws_cloudwatch_metric_alarm.Pool_Alarms_pool-${id}`),
  'aws_db_proxy.Pool', 'aws_db_proxy_default_target_group.Pool_TargetGroup', 'aws_db_proxy_endpoint.Pool_ReaderEndpoint', 'aws_db_proxy_target.Pool_Target',
  'aws_iam_role.Pool_Role', 'aws_iam_role_policy.Pool_RolePolicy', 'aws_kms_alias.EncryptionKey_Alias', 'aws_kms_alias.EncryptionKey_ReplicaAlias', 'aws_kms_key.EncryptionKey', 'aws_kms_replica_key.EncryptionKey_Replica',
  'aws_security_group.Pool_SecurityGroup', 'aws_vpc_security_group_egress_rule.Pool_ClientsOut', 'aws_vpc_security_group_egress_rule.Pool_ToDatabases', 'aws_vpc_security_group_ingress_rule.Pool_FromClients', 'aws_vpc_security_group_ingress_rule.Pool_IntoDatabases',
];

describe('ConnectionPool', () => {
  let stack: SynthesizedStack;
  beforeAll(() => {
    stack = synthesized(pool({ readOnlyEndpoint: true }));
  });

  it('[DBS-3.2] is a proxy that requires TLS, in front of the whole cluster, with room for those who do without it', () => {
    expect(stack.resource(DbProxy)).toEqual({
      name: 'shop-staging-data-pool', engine_family: 'POSTGRESQL', require_tls: true, debug_logging: false, idle_client_timeout: 1800, default_auth_scheme: 'IAM_AUTH',
      role_arn: reference('aws_iam_role.Pool_Role'), vpc_subnet_ids: ['subnet-1', 'subnet-2', 'subnet-3'], vpc_security_group_ids: [reference('aws_security_group.Pool_SecurityGroup')], depends_on: expect.any(Array),
    });
    expect(stack.resource(DbProxyDefaultTargetGroup)).toEqual({
      db_proxy_name: reference('aws_db_proxy.Pool'), connection_pool_config: { connection_borrow_timeout: 30, max_connections_percent: 90, max_idle_connections_percent: 45 },
    });
    expect(stack.resource(DbProxyTarget)).toEqual({ db_proxy_name: reference('aws_db_proxy.Pool'), target_group_name: reference('aws_db_proxy_default_target_group'), db_cluster_identifier: 'shop' });
    expect(stack.addresses().map((address) => address.replace(/_[0-9A-F]{8}$/, ''))).toEqual(ADDRESSES);
  });

  it('[DBAAS-6.5] has an address that follows the writer, and one that follows the readers', () => {
    expect(stack.resource(DbProxyEndpoint)).toEqual({
      db_proxy_name: reference('aws_db_proxy.Pool'), db_proxy_endpoint_name: 'shop-staging-data-pool-readers', target_role: 'READ_ONLY',
      vpc_subnet_ids: ['subnet-1', 'subnet-2', 'subnet-3'], vpc_security_group_ids: [reference('aws_security_group.Pool_SecurityGroup')],
    });
    const made = pool({ readOnlyEndpoint: true });
    expect([made.endpointAddress, made.readerEndpointAddress].every((address) => address?.startsWith('${'))).toBe(true);
    expect(pool().readerEndpointAddress).toBeUndefined();
  });

  it('admits the clients of the cluster, reaches its databases, and nothing else', () => {
    const rule = ({ arguments: { security_group_id: group, referenced_security_group_id: other, from_port: from, to_port: to } }: { arguments: Record<string, string> }) => [short(group), short(other), from, to];
    expect(stack.resources(VpcSecurityGroupIngressRule).map(rule)).toEqual([['pool', 'sg-clients', 5432, 5432], ['sg-db', 'pool', 5433, 5433]]);
    expect(stack.resources(VpcSecurityGroupEgressRule).map(rule)).toEqual([['sg-clients', 'pool', 5432, 5432], ['pool', 'sg-db', 5433, 5433]]);
    expect(stack.resource(SecurityGroup)).not.toHaveProperty('ingress');
  });

  it('has a log that is kept as long as the environment says, before RDS makes one', () => {
    expect(stack.resource(CloudwatchLogGroup)).toEqual({ name: '/aws/rds/proxy/shop-staging-data-pool', kms_key_id: reference('aws_kms_key.EncryptionKey'), retention_in_days: 90 });
    const { depends_on: first } = stack.resource(DbProxy);
    expect(first.map((address: string) => address.replace(/_[0-9A-F]{8}$/, ''))).toEqual(['aws_iam_role_policy.Pool_RolePolicy', 'aws_cloudwatch_log_group.Pool_Log']);
  });

  it('logs in to the databases of this cluster by tokens, as whom it is told', () => {
    const policy = (made: ConnectionPool): unknown => JSON.parse(synthesized(made).resource(IamRolePolicy).policy).Statement;
    expect(policy(pool())).toEqual([{ Sid: 'LogIn', Effect: 'Allow', Action: 'rds-db:connect', Resource: ['arn:aws:rds-db:eu-central-1:123456789012:dbuser:cluster-ABC/*'] }]);
    expect(policy(pool({ auth: PoolAuth.iam({ logins: ['shop_*', 'reports'] }) }))).toMatchObject([{ Resource: ['arn:aws:rds-db:eu-central-1:123456789012:dbuser:cluster-ABC/shop_*', 'arn:aws:rds-db:eu-central-1:123456789012:dbuser:cluster-ABC/reports'] }]);
    // RDS Proxy knows no global condition keys: with aws:SourceAccount it could not take the role.
    expect(JSON.parse(stack.resource(IamRole).assume_role_policy).Statement).toEqual([{ Effect: 'Allow', Principal: { Service: 'rds.amazonaws.com' }, Action: 'sts:AssumeRole' }]);
  });

  it('reads exactly the secrets that it is given, also later, each once, with their keys through Secrets Manager alone', () => {
    const made = testStack();
    const [first, second, third] = [secretOf(made, 'a'), secretOf(made, 'b'), secretOf(made, 'c', 'arn:aws:kms:eu-central-1:123456789012:key/2')];
    const withPasswords = pool({ auth: PoolAuth.secrets([first]) }, {}, made);
    for (const secret of [second, first, third]) withPasswords.useSecret(secret);
    const result = synthesizeStack(made);
    const arns = [first, second, third].map(({ secretArn }) => secretArn);
    expect(result.resource(DbProxy)).not.toHaveProperty('default_auth_scheme');
    expect(result.resource(DbProxy).auth).toEqual(arns.map((arn) => ({ auth_scheme: 'SECRETS', iam_auth: 'DISABLED', client_password_auth_type: 'POSTGRES_SCRAM_SHA_256', secret_arn: arn })));
    expect(JSON.parse(result.resource(IamRolePolicy).policy).Statement).toEqual([
      { Sid: 'ReadPasswords', Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', Resource: arns },
      {
        Sid: 'DecryptPasswords', Effect: 'Allow', Action: 'kms:Decrypt', Resource: ['arn:aws:kms:eu-central-1:123456789012:key/1', 'arn:aws:kms:eu-central-1:123456789012:key/2'],
        Condition: { StringEquals: { 'kms:ViaService': 'secretsmanager.eu-central-1.amazonaws.com' } },
      },
    ]);
  });

  it('takes the settings of its user, a single instance, and MySQL with its filter', () => {
    const result = synthesized(pool({
      idleClientTimeout: Duration.minutes(5), borrowTimeout: Duration.minutes(2), maxConnectionsPercent: 60, maxIdleConnectionsPercent: 60, ignoreVariableSets: true,
    }, { engineName: 'mysql', targetKind: 'instance', port: 3307 }));
    expect(result.resource(DbProxy)).toMatchObject({ engine_family: 'MYSQL', idle_client_timeout: 300 });
    expect(result.resource(DbProxyDefaultTargetGroup).connection_pool_config).toEqual({ connection_borrow_timeout: 120, max_connections_percent: 60, max_idle_connections_percent: 60, session_pinning_filters: ['EXCLUDE_VARIABLE_SETS'] });
    expect(result.resource(DbProxyTarget)).toMatchObject({ db_instance_identifier: 'shop' });
    expect(result.resources(VpcSecurityGroupIngressRule).map(({ arguments: { from_port: port } }) => port)).toEqual([3306, 3307]);
  });

  it('is made when the databases are there', () => {
    const target = (engine: DatabaseEngine, topology?: Topology): { types: string[]; keys: string[] } => {
      const made = testStack();
      const network = importedNetwork(made);
      const own = new HaCluster(made, 'Cluster', { network, engine, ...(topology === undefined ? {} : { topology }), objectives: { failoverWithin: Duration.minutes(5) } });
      new ConnectionPool(made, 'Pool', { cluster: own, network, auth: PoolAuth.iam() });
      const { depends_on: first, ...others } = synthesizeStack(made).resource(DbProxyTarget);
      return { types: first.map((address: string) => address.split('.')[0]), keys: Object.keys(others).filter((key) => key.endsWith('_identifier')) };
    };
    const sizes = { instance: InstanceSize.of('db.r8g.large'), storage: { size: Size.gibibytes(100) } };
    expect(target(Engine.auroraPostgresql('17'))).toEqual({ types: ['aws_rds_cluster', 'aws_rds_cluster_instance', 'aws_rds_cluster_instance'], keys: ['db_cluster_identifier'] });
    expect(target(Engine.postgresql('17'), Topology.multiAzInstance(sizes))).toEqual({ types: ['aws_db_instance'], keys: ['db_instance_identifier'] });
  });
});

describe('ConnectionPool refuses', () => {
  const refused = (props: Partial<ConnectionPoolProps>, attributes: HaClusterAttributes, codes: string | readonly string[], message: string): void => expectRefusal(() => pool(props, attributes), codes, message);

  it('a cluster that pauses, with what prevents it', () => {
    refused({}, { pausesWhenIdle: true }, 'connection-pool/auto-pause', `connection-pool/auto-pause  at staging-data/Pool

  The cluster pauses when nobody is connected, and a proxy is always connected: it would never pause.

  Give the cluster a minimum of at least 0.5 ACU, or make no pool in this environment.

  Source: AWS, Scaling to zero ACUs with automatic pause and resume for Aurora Serverless v2`);
  });

  it('a cluster that pauses because its environment does', () => {
    const stack = testStack({ stage: 'development' });
    const network = importedNetwork(stack);
    const own = new HaCluster(stack, 'Cluster', { network, engine: Engine.auroraPostgresql('17') });
    expect(() => new ConnectionPool(stack, 'Pool', { cluster: own, network, auth: PoolAuth.iam() })).toThrow(/^connection-pool\/auto-pause {2}at development-data\/Pool/);
  });

  it('an engine that RDS Proxy does not speak', () => {
    refused({}, { engineName: 'oracle-ee' }, 'connection-pool/engine', `connection-pool/engine  at staging-data/Pool

  The engine of the cluster is "oracle-ee"; RDS Proxy pools connections of aurora-postgresql, postgres, aurora-mysql and mysql here.

  Source: AWS, Quotas and limitations for RDS Proxy`);
  });

  it('an address for reading where there is nothing to read from', () => {
    refused({ readOnlyEndpoint: true }, { targetKind: 'instance' }, 'connection-pool/read-only-endpoint', `connection-pool/read-only-endpoint  at staging-data/Pool

  readOnlyEndpoint is given, and the cluster is a single instance: nothing in it can be read but the writer.

  Leave it out, or choose Aurora or a Multi-AZ DB cluster, which have readers.

  Source: AWS, Working with Amazon RDS Proxy endpoints`);
  });

  it('everything that is wrong with the figures, at once', () => {
    refused({ idleClientTimeout: Duration.hours(9), borrowTimeout: Duration.seconds(0.5), maxConnectionsPercent: 40, maxIdleConnectionsPercent: 50, ignoreVariableSets: true, auth: PoolAuth.iam({ logins: [] }) }, {}, [
      'connection-pool/idle-client-timeout', 'connection-pool/borrow-timeout', 'connection-pool/idle-above-all', 'connection-pool/pinning-filter', 'connection-pool/no-login',
    ], `connection-pool/idle-client-timeout  at staging-data/Pool

  idleClientTimeout is 9 hours; whole seconds are allowed, 1 second to 8 hours.

connection-pool/borrow-timeout  at staging-data/Pool

  borrowTimeout is 0.5 seconds; whole seconds are allowed, 1 second to 5 minutes.

  Source: AWS, ConnectionPoolConfiguration

connection-pool/idle-above-all  at staging-data/Pool

  maxIdleConnectionsPercent, 50, is above maxConnectionsPercent, 40: no more can be idle than there are.

  Leave maxIdleConnectionsPercent out for half of the other.

  Source: AWS, ConnectionPoolConfiguration

connection-pool/pinning-filter  at staging-data/Pool

  ignoreVariableSets is given, and RDS Proxy has no such filter for PostgreSQL: a session that is SET anything stays on its connection.

  Leave it out. What causes it, and what does not, is in the README of this folder.

  Source: AWS, Avoiding pinning an RDS Proxy · tenantry explain connection-pool/pinning-filter

connection-pool/no-login  at staging-data/Pool

  PoolAuth.iam is given no login, so that nobody could log in.

  Leave logins out for every login that has no password, or name them.`);
  });

  it.each([
    [{ maxConnectionsPercent: 0 }, 'connection-pool/max-connections', 'maxConnectionsPercent is 0; a whole number is allowed, 1 to 100.'],
    [{ maxConnectionsPercent: 101 }, 'connection-pool/max-connections', 'maxConnectionsPercent is 101; a whole number is allowed, 1 to 100.'],
    [{ maxIdleConnectionsPercent: 0.5 }, 'connection-pool/max-idle-connections', 'maxIdleConnectionsPercent is 0.5; a whole number is allowed, 0 to maxConnectionsPercent.'],
  ])('%o', (props, code, problem) => {
    refused(props, {}, code, `${code}  at staging-data/Pool\n\n  ${problem}\n\n  Source: AWS, ConnectionPoolConfiguration`);
  });

  it('a login that would let in others', () => {
    refused({ auth: PoolAuth.iam({ logins: ['shop/*'] }) }, {}, 'connection-pool/login', `connection-pool/login  at staging-data/Pool

  "shop/*" cannot be a login here: letters, digits and _ are allowed, and * at the end.

  For instance logins: ['shop_*'].`);
  });

  it('passwords where logins are let in by IAM, and more secrets than a proxy takes', () => {
    const made = testStack();
    const byToken = pool({}, {}, made);
    expectRefusal(() => byToken.useSecret(secretOf(made, 'a')), 'connection-pool/password-login', `connection-pool/password-login  at staging-data/Pool

  A login has a password, and the pool lets logins in by IAM tokens alone.

  Give the role login: 'iam', or the pool auth: PoolAuth.secrets().`);
    const key = secretOf(made, 'key').encryptionKey;
    const full = pool({ auth: PoolAuth.secrets(Array.from({ length: 200 }, (_, i) => ({ secretArn: `arn:${i}`, encryptionKey: key }))) });
    const message = `connection-pool/secrets  at staging-data/Pool

  The pool would know 201 secrets, and RDS Proxy takes 200.

  Let logins in by IAM: PoolAuth.iam(), which needs none.

  Source: AWS, Quotas and limitations for RDS Proxy`;
    expectRefusal(() => full.useSecret({ secretArn: 'arn:more', encryptionKey: key }), 'connection-pool/secrets', message);
  });

  it('secrets of none, when the stack is synthesized', () => {
    expect(() => synthesized(pool({ auth: PoolAuth.secrets() }))).toThrow(`connection-pool/no-secret  at staging-data/Pool

  PoolAuth.secrets is given no secret, and no TenantDatabase has added one: nobody could log in.

  Give the pool to a TenantDatabase with login: 'password' roles, name a secret, or let logins in by IAM: PoolAuth.iam().`);
  });

  it('nothing that only Terraform knows', () => {
    const number = Lazy.numberValue({ produce: () => 70 });
    expect(synthesized(pool({ maxConnectionsPercent: number, maxIdleConnectionsPercent: number })).resource(DbProxyDefaultTargetGroup).connection_pool_config).toMatchObject({ max_connections_percent: 70, max_idle_connections_percent: 70 });
  });

  it('to make an attribute of an imported one up', () => {
    const imported = ConnectionPool.fromConnectionPoolAttributes(testStack(), 'Pool', { endpointAddress: 'pool.example' });
    expect([imported.endpointAddress, imported.readerEndpointAddress, imported.port, imported.method]).toEqual(['pool.example', undefined, 5432, undefined]);
    const stack = testStack();
    expect(ConnectionPool.fromConnectionPoolAttributes(stack, 'Pool', { cluster: cluster(stack, { engineName: 'aurora-mysql' }) }).port).toBe(3306);
    expectRefusal(() => imported.poolResourceId, 'connection-pool/missing-attribute', `connection-pool/missing-attribute  at staging-data/Pool

  poolResourceId of this imported ConnectionPool is needed, and it was not given.

  Give it: ConnectionPool.fromConnectionPoolAttributes(…, { poolResourceId: … })`);
  });
});
