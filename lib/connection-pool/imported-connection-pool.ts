import { Construct } from 'constructs';
import { required } from '../construct/imported';
import type { ConnectionPoolAttributes, IConnectionPool } from './connection-pool-ref';

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
    return this.#attributes.port ?? 5432;
  }

  get poolResourceId(): string {
    return this.#required('poolResourceId');
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
