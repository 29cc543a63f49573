import type { IConstruct } from 'constructs';

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
  /** Security group whose members may connect. */
  readonly clientSecurityGroupId: string;
}

/** Whatever is left out throws as soon as it is read. */
export interface HaClusterAttributes {
  readonly clusterIdentifier?: string;
  readonly clusterResourceId?: string;
  readonly endpointAddress?: string;
  readonly readerEndpointAddress?: string;
  /** @default 5432 */
  readonly port?: number;
  /** @default 'aurora-postgresql' */
  readonly engineName?: string;
  readonly engineVersion?: string;
  readonly masterUsername?: string;
  readonly masterSecretArn?: string;
  readonly masterSecretKeyArn?: string;
  readonly clientSecurityGroupId?: string;
}
