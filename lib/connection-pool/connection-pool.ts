import { DbProxy } from '@cdktf/provider-aws/lib/db-proxy';
import { DbProxyDefaultTargetGroup } from '@cdktf/provider-aws/lib/db-proxy-default-target-group';
import { DbProxyEndpoint } from '@cdktf/provider-aws/lib/db-proxy-endpoint';
import { DbProxyTarget } from '@cdktf/provider-aws/lib/db-proxy-target';
import { IamRole } from '@cdktf/provider-aws/lib/iam-role';
import { IamRolePolicy } from '@cdktf/provider-aws/lib/iam-role-policy';
import { SecurityGroup } from '@cdktf/provider-aws/lib/security-group';
import { VpcSecurityGroupEgressRule } from '@cdktf/provider-aws/lib/vpc-security-group-egress-rule';
import { VpcSecurityGroupIngressRule } from '@cdktf/provider-aws/lib/vpc-security-group-ingress-rule';
import { Annotations, Fn, TerraformResource } from 'cdktf';
import { Construct } from 'constructs';
import { AlertChannel } from '../alerting/alert-channel';
import type { IAlertChannel } from '../alerting/alert-channel-ref';
import { DatabaseEvents } from '../alerting/database-events';
import { PoolAlarms } from '../alerting/pool-alarms';
import type { AlarmOverrides } from '../alerting/resolve';
import { logGroup } from '../construct/log-group';
import { useQuota } from '../construct/quota';
import { Duration } from '../core/duration';
import { formatComplaint, TenantryError } from '../core/errors';
import { EncryptionKey } from '../encryption/encryption-key';
import type { IEncryptionKey } from '../encryption/encryption-key-ref';
import { EnvironmentStack } from '../environment/environment-stack';
import { physicalName } from '../environment/physical-name';
import type { IHaCluster } from '../ha-cluster/ha-cluster-ref';
import type { IDatabaseNetwork } from '../network/database-network-ref';
import type { ConnectionPoolAttributes, IConnectionPool, PoolSecret } from './connection-pool-ref';
import { ImportedConnectionPool } from './imported-connection-pool';
import { logInStatements, secretStatements, TRUST_RDS } from './permissions';
import type { PoolAuth } from './pool-auth';
import { type EngineFamily, FAMILIES, familyOf, MOST_SECRETS, NO_SECRET, tooManySecrets, validateConnectionPool } from './validate';

export interface ConnectionPoolProps {
  /** Whose connections are shared. */
  readonly cluster: IHaCluster;
  /** The network that the cluster lies in: the proxy has to lie there as well. */
  readonly network: IDatabaseNetwork;
  /** `PoolAuth.iam()`, or `PoolAuth.secrets([…])` for logins with a password. */
  readonly auth: PoolAuth;
  /**
   * An address for reading besides the one for writing: of Aurora with readers, or of a Multi-AZ DB cluster. It is charged as a private endpoint. Where no reader is there, who connects
   * waits for `borrowTimeout` and is refused.
   *
   * @default false
   */
  readonly readOnlyEndpoint?: boolean;
  /**
   * Until a program's connection that nothing comes on is closed, 1 second to 8 hours. Programs should close theirs before: the tenants' client does after 10 seconds.
   *
   * @default - 30 minutes, as AWS
   */
  readonly idleClientTimeout?: Duration;
  /**
   * How long a transaction waits for a connection to the database, 1 second to 5 minutes: where all are in use, and while a failover is under way.
   *
   * @default - 30 seconds, as long as the tenants' client waits
   */
  readonly borrowTimeout?: Duration;
  /**
   * Most connections to each database, in per cent of its `max_connections`, 1 to 100. What is left is for the bootstrap and for people, who connect without the pool.
   *
   * @default 90
   */
  readonly maxConnectionsPercent?: number;
  /**
   * Connections that are kept though nobody has used them for 5 minutes, in per cent of `max_connections`, 0 to `maxConnectionsPercent`.
   *
   * @default - half of `maxConnectionsPercent`
   */
  readonly maxIdleConnectionsPercent?: number;
  /**
   * MySQL only: a session that sets variables shares its connection all the same. Right only where every program sets the same ones.
   *
   * @default false
   */
  readonly ignoreVariableSets?: boolean;
  /**
   * Writes every statement, with its values, to the log. AWS turns it off again after 24 hours.
   *
   * @default false
   */
  readonly debugLogging?: boolean;
  /**
   * Where its alarms and events go.
   *
   * @default - where those of the cluster go; of one that exists already, topics of the stack, made once
   */
  readonly alerts?: IAlertChannel;
  /**
   * Alarms with another threshold, or without, by id and with a reason: `{ 'pool-wait': { threshold: 5_000_000 } }`.
   *
   * @default - all, as the README of this folder lists them
   */
  readonly alarms?: AlarmOverrides;
  /**
   * Address of the runbooks that alarms name, without the anchor.
   *
   * @default - the alarms name `npx tenantry explain <alarm>`, which prints those of this library
   */
  readonly runbooks?: string;
  /**
   * Encrypts the log.
   *
   * @default - the key of the stack, made once
   */
  readonly encryptionKey?: IEncryptionKey;
}

/** AWS, Amazon Aurora User Guide, Using TLS/SSL with RDS Proxy; AWS Prescriptive Guidance, Best practices for Amazon RDS Proxy. */
const TLS = "The databases take TLS 1.3 alone, and the guides of AWS name no version above 1.2 for RDS Proxy. Try the pool before programs depend on it, or give the cluster minimumTls: '1.2' and waive the policy tls-required for it.";
const LONGEST_NAME = 60;
const SHARE = 90;
/** The databases have to be there before they can be pooled; the identifier alone, which is a plain text, does not say so. */
const DATABASES = new Set(['aws_rds_cluster', 'aws_rds_cluster_instance', 'aws_db_instance']);

/** RDS Proxy: programs share the connections of a cluster, TLS is required, and a failover leads to the new writer without waiting for DNS. */
export class ConnectionPool extends Construct implements IConnectionPool {
  /** A pool that exists. */
  static fromConnectionPoolAttributes(scope: Construct, id: string, attributes: ConnectionPoolAttributes): IConnectionPool {
    return new ImportedConnectionPool(scope, id, attributes);
  }

  readonly endpointAddress: string;
  readonly readerEndpointAddress: string | undefined;
  readonly port: number;
  readonly poolResourceId: string;
  readonly securityGroupId: string;
  readonly cluster: IHaCluster;
  readonly resource: DbProxy;
  readonly #auth: PoolAuth;
  readonly #secrets: PoolSecret[] = [];
  readonly #policy: IamRolePolicy | undefined;

  constructor(scope: Construct, id: string, props: ConnectionPoolProps) {
    super(scope, id);
    const { cluster, network, auth } = props;
    const maxConnectionsPercent = props.maxConnectionsPercent ?? SHARE;
    const maxIdleConnectionsPercent = props.maxIdleConnectionsPercent ?? Math.floor(maxConnectionsPercent / 2);
    validateConnectionPool(this, { ...props, maxConnectionsPercent, maxIdleConnectionsPercent });
    const family = familyOf(cluster.engineName) as EngineFamily;
    this.port = FAMILIES[family].port;
    this.cluster = cluster;
    this.#auth = auth;
    useQuota(this, 'proxies', 1);
    const name = physicalName(this, { max: LONGEST_NAME });
    this.securityGroupId = this.#makeSecurityGroup(name, network, cluster);
    // RDS would make it itself, without encryption and for ever.
    const log = logGroup(this, 'Log', `/aws/rds/proxy/${name}`, props.encryptionKey ?? EncryptionKey.forStack(this));
    if (props.debugLogging === true) Annotations.of(this).addWarning('debugLogging writes every statement, with its values, to the log: personal data too.');
    if (cluster.minimumTls === '1.3') Annotations.of(this).addWarning(TLS);

    const role = new IamRole(this, 'Role', { name: physicalName(this, { max: 64, suffix: 'proxy' }), assumeRolePolicy: TRUST_RDS });
    this.#policy = new IamRolePolicy(this, 'RolePolicy', { name: 'databases', role: role.name, policy: this.#permissions(cluster) });
    this.resource = new DbProxy(this, 'Resource', {
      name,
      engineFamily: family,
      roleArn: role.arn,
      requireTls: true,
      debugLogging: props.debugLogging ?? false,
      idleClientTimeout: (props.idleClientTimeout ?? Duration.minutes(30)).toSeconds(),
      ...(auth.method === 'iam' ? { defaultAuthScheme: 'IAM_AUTH' } : {}),
      vpcSubnetIds: [...network.subnetIds],
      vpcSecurityGroupIds: [this.securityGroupId],
      dependsOn: [this.#policy, log],
    });
    this.endpointAddress = this.resource.endpoint;
    // arn:<partition>:rds:<region>:<account>:db-proxy:prx-…
    this.poolResourceId = Fn.element(Fn.split(':', this.resource.arn), 6) as string;
    this.#makeTarget(props, { maxConnectionsPercent, maxIdleConnectionsPercent });
    this.readerEndpointAddress = props.readOnlyEndpoint === true ? this.#makeReaderEndpoint(network) : undefined;
    if (auth.method === 'secrets') {
      for (const secret of auth.secrets) this.useSecret(secret);
      this.node.addValidation({ validate: () => (this.#secrets.length === 0 ? [formatComplaint({ ...NO_SECRET, at: this.node.path })] : []) });
    }
    this.#watch(name, props);
    cluster.attachPool(this);
  }

  get method(): 'iam' | 'secrets' {
    return this.#auth.method;
  }

  /** @throws TenantryError (`input`) where logins are let in by IAM, or there are too many */
  useSecret(secret: PoolSecret): void {
    if (this.#auth.method === 'iam') {
      throw new TenantryError('input', {
        code: 'connection-pool/password-login', at: this.node.path, problem: 'A login has a password, and the pool lets logins in by IAM tokens alone.',
        fix: "Give the role login: 'iam', or the pool auth: PoolAuth.secrets().",
      });
    }
    if (this.#secrets.some(({ secretArn }) => secretArn === secret.secretArn)) return;
    if (this.#secrets.length === MOST_SECRETS) throw new TenantryError('input', { ...tooManySecrets(MOST_SECRETS + 1), at: this.node.path });
    this.#secrets.push(secret);
    this.resource.putAuth(this.#secrets.map(({ secretArn }) => ({
      authScheme: 'SECRETS', iamAuth: 'DISABLED', secretArn, ...(this.resource.engineFamilyInput === 'POSTGRESQL' ? { clientPasswordAuthType: 'POSTGRES_SCRAM_SHA_256' } : {}),
    })));
    if (this.#policy !== undefined) this.#policy.policy = secretStatements(EnvironmentStack.of(this).environment, this.#secrets);
  }

  #watch(proxyName: string, { cluster, alerts = cluster.alerts ?? AlertChannel.forStack(this), alarms, runbooks }: ConnectionPoolProps): void {
    const hasReaderEndpoint = this.readerEndpointAddress !== undefined;
    new PoolAlarms(this, 'Alarms', { proxyName, alerts, hasReaderEndpoint, dependsOn: [this.resource], ...(alarms === undefined ? {} : { overrides: alarms }), ...(runbooks === undefined ? {} : { runbooks }) });
    new DatabaseEvents(this, 'Events', { alerts, proxies: [{ proxyName, proxyArn: this.resource.arn }] });
  }

  #permissions(cluster: IHaCluster): string {
    const { environment } = EnvironmentStack.of(this);
    return this.#auth.method === 'iam' ? logInStatements(environment, cluster, this.#auth.logins) : secretStatements(environment, this.#secrets);
  }

  #makeTarget({ cluster, borrowTimeout, ignoreVariableSets }: ConnectionPoolProps, sizes: { readonly maxConnectionsPercent: number; readonly maxIdleConnectionsPercent: number }): void {
    const group = new DbProxyDefaultTargetGroup(this, 'TargetGroup', {
      dbProxyName: this.resource.name,
      connectionPoolConfig: {
        ...sizes,
        connectionBorrowTimeout: (borrowTimeout ?? Duration.seconds(30)).toSeconds(),
        ...(ignoreVariableSets === true ? { sessionPinningFilters: ['EXCLUDE_VARIABLE_SETS'] } : {}),
      },
    });
    const databases = cluster.node.findAll().filter((node): node is TerraformResource => TerraformResource.isTerraformResource(node) && DATABASES.has(node.terraformResourceType));
    new DbProxyTarget(this, 'Target', {
      dbProxyName: this.resource.name,
      targetGroupName: group.name,
      ...(cluster.targetKind === 'cluster' ? { dbClusterIdentifier: cluster.clusterIdentifier } : { dbInstanceIdentifier: cluster.clusterIdentifier }),
      dependsOn: databases.length === 0 ? undefined : databases,
    });
  }

  #makeReaderEndpoint(network: IDatabaseNetwork): string {
    return new DbProxyEndpoint(this, 'ReaderEndpoint', {
      dbProxyName: this.resource.name,
      dbProxyEndpointName: physicalName(this, { max: LONGEST_NAME, suffix: 'readers' }),
      targetRole: 'READ_ONLY',
      vpcSubnetIds: [...network.subnetIds],
      vpcSecurityGroupIds: [this.securityGroupId],
    }).endpoint;
  }

  /** Whoever may connect to the cluster may connect to its pool; nobody else. */
  #makeSecurityGroup(name: string, { vpcId }: IDatabaseNetwork, cluster: IHaCluster): string {
    const { id } = new SecurityGroup(this, 'SecurityGroup', { name: `${name}-pool`, description: 'Connection pool of one cluster', vpcId, tags: { Name: `${name}-pool` } });
    const clients = { ipProtocol: 'tcp', fromPort: this.port, toPort: this.port };
    const databases = { ipProtocol: 'tcp', fromPort: cluster.port, toPort: cluster.port };
    new VpcSecurityGroupIngressRule(this, 'FromClients', { securityGroupId: id, referencedSecurityGroupId: cluster.clientSecurityGroupId, ...clients, description: 'Programs' });
    new VpcSecurityGroupEgressRule(this, 'ClientsOut', { securityGroupId: cluster.clientSecurityGroupId, referencedSecurityGroupId: id, ...clients, description: 'Connection pool' });
    new VpcSecurityGroupEgressRule(this, 'ToDatabases', { securityGroupId: id, referencedSecurityGroupId: cluster.securityGroupId, ...databases, description: 'Databases' });
    new VpcSecurityGroupIngressRule(this, 'IntoDatabases', { securityGroupId: cluster.securityGroupId, referencedSecurityGroupId: id, ...databases, description: 'Connection pool' });
    return id;
  }
}
