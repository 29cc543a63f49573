import type { IConstruct } from 'constructs';
import type { IEncryptionKey } from '../encryption/encryption-key-ref';
import type { IHaCluster } from '../ha-cluster/ha-cluster-ref';

/** A secret with the name and the password of one login: `{"username": "…", "password": "…"}`. */
export interface PoolSecret {
  readonly secretArn: string;
  /** Encrypts the secret. */
  readonly encryptionKey: IEncryptionKey;
}

/** Where programs connect, so that they share the connections of a cluster. */
export interface IConnectionPool extends IConstruct {
  /** Address that leads to the writer, wherever it is after a failover. */
  readonly endpointAddress: string;
  /** Address that leads to the readers; undefined where there is none. */
  readonly readerEndpointAddress: string | undefined;
  /** RDS Proxy listens on the port of the protocol, whatever the port of the databases is. */
  readonly port: number;
  /** What IAM policies name for `rds-db:connect` through it, in place of the cluster's. */
  readonly poolResourceId: string;
  /** Whose connections it pools; undefined where that is not known. */
  readonly cluster: IHaCluster | undefined;
  /** How logins get in; undefined where that is not known. */
  readonly method: 'iam' | 'secrets' | undefined;
  /** Lets in the login that a secret holds the password of. An imported pool has to know it already. */
  useSecret(secret: PoolSecret): void;
}

/** Whatever is left out throws as soon as it is read, unless it says otherwise. */
export interface ConnectionPoolAttributes {
  readonly endpointAddress?: string;
  /** @default - there is none */
  readonly readerEndpointAddress?: string;
  /** @default - where RDS Proxy listens for the engine of `cluster`; without one 5432, for PostgreSQL */
  readonly port?: number;
  /** For instance `prx-0123456789abcdef0`. */
  readonly poolResourceId?: string;
  /** @default - not known, and not checked */
  readonly cluster?: IHaCluster;
  /** @default - not known, and not checked */
  readonly method?: 'iam' | 'secrets';
}
