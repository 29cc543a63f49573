import { Construct } from 'constructs';
import { required } from '../construct/imported';
import type { IHaCluster } from '../ha-cluster/ha-cluster-ref';
import type { ConnectionPoolAttributes, IConnectionPool } from './connection-pool-ref';
import { FAMILIES, familyOf } from './validate';

export class ImportedConnectionPool extends Construct implements IConnectionPool {
  readonly #attributes: ConnectionPoolAttributes;

  constructor(scope: Construct, id: string, attributes: ConnectionPoolAttributes) {
    super(scope, id);
    this.#attributes = attributes;
  }

  get endpointAddress(): string {
    return this.#required('endpointAddress');
  }

  get readerEndpointAddress(): string | undefined {
    return this.#attributes.readerEndpointAddress;
  }

  get port(): number {
    const { port, cluster } = this.#attributes;
    const family = cluster === undefined ? undefined : familyOf(cluster.engineName);
    return port ?? FAMILIES[family ?? 'POSTGRESQL'].port;
  }

  get poolResourceId(): string {
    return this.#required('poolResourceId');
  }

  get cluster(): IHaCluster | undefined {
    return this.#attributes.cluster;
  }

  get method(): 'iam' | 'secrets' | undefined {
    return this.#attributes.method;
  }

  /** It has to be allowed where the pool is made. */
  useSecret(): void {}

  #required<K extends keyof ConnectionPoolAttributes>(name: K): NonNullable<ConnectionPoolAttributes[K]> {
    return required(this, 'ConnectionPool', this.#attributes, name);
  }
}
