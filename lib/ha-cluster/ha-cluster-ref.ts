import type { IConstruct } from 'constructs';
import type { IAlertChannel } from '../alerting/alert-channel-ref';
import type { TlsVersion } from '../engine/engine-definition';
import type { IDatabaseNetwork } from '../network/database-network-ref';

/** A database cluster: one address to write, one that spreads over the readers. */
export interface IHaCluster extends IConstruct {
  readonly clusterIdentifier: string;
  /** What IAM policies name for `rds-db:connect`. */
  readonly clusterResourceId: string;
  /** Address of the writer, wherever it is after a failover. */
  readonly endpointAddress: string;
  readonly readerEndpointAddress: string;
  readonly port: number;
  /** As AWS names it, for instance `aurora-postgresql`. */
  readonly engineName: string;
  readonly engineVersion: string;
  readonly masterUsername: string;
  /** Where the password of the master user lies. */
  readonly masterSecretArn: string;
  /** Key that encrypts this secret. */
  readonly masterSecretKeyArn: string;
  /** What a proxy, a metric or an alarm names: `clusterIdentifier` of a cluster, or of a single instance. */
  readonly targetKind: 'cluster' | 'instance';
  /** Whether it stops by itself when nobody is connected, which whatever stays connected prevents. */
  readonly pausesWhenIdle: boolean;
  /** Security group of the databases, which nothing else is in. */
  readonly securityGroupId: string;
  /** Security group whose members may connect to it, and to no other cluster. */
  readonly clientSecurityGroupId: string;
  /** Where it lies. @default - of one that exists, nobody knows */
  readonly network?: IDatabaseNetwork;
  /** The oldest TLS that it takes. @default - of one that exists, nobody knows */
  readonly minimumTls?: TlsVersion;
  /** Where its alarms and events go, and those of its pools. @default - of one that exists, nobody knows */
  readonly alerts?: IAlertChannel;
  /** Told by what pools its connections; objectives are judged with it. */
  attachPool(pool: IConstruct): void;
}

/** Whatever is left out throws as soon as it is read. */
export interface HaClusterAttributes {
  readonly clusterIdentifier?: string;
  readonly clusterResourceId?: string;
  readonly endpointAddress?: string;
  readonly readerEndpointAddress?: string;
  /** @default - that of the engine, which has to be a registered one */
  readonly port?: number;
  /** @default 'aurora-postgresql' */
  readonly engineName?: string;
  readonly engineVersion?: string;
  readonly masterUsername?: string;
  readonly masterSecretArn?: string;
  readonly masterSecretKeyArn?: string;
  /** @default 'cluster' */
  readonly targetKind?: 'cluster' | 'instance';
  /** @default false */
  readonly pausesWhenIdle?: boolean;
  readonly securityGroupId?: string;
  readonly clientSecurityGroupId?: string;
  /** Where it lies, so that a pool in another network is refused. @default - not known, and not checked */
  readonly network?: IDatabaseNetwork;
  /** The oldest TLS that it takes. @default - not known */
  readonly minimumTls?: TlsVersion;
  /** Where alarms and events of its pools go. @default - not known: each goes where it says itself, or to the topics of the stack */
  readonly alerts?: IAlertChannel;
}
