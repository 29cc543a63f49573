import { Construct } from 'constructs';
import type { IAlertChannel } from '../alerting/alert-channel-ref';
import { required } from '../construct/imported';
import { Engine } from '../engine/engine';
import type { TlsVersion } from '../engine/engine-definition';
import type { IDatabaseNetwork } from '../network/database-network-ref';
import type { HaClusterAttributes, IHaCluster } from './ha-cluster-ref';

export class ImportedHaCluster extends Construct implements IHaCluster {
  readonly #attributes: HaClusterAttributes;

  constructor(scope: Construct, id: string, attributes: HaClusterAttributes) {
    super(scope, id);
    this.#attributes = attributes;
  }

  get clusterIdentifier(): string {
    return this.#required('clusterIdentifier');
  }

  get clusterResourceId(): string {
    return this.#required('clusterResourceId');
  }

  get endpointAddress(): string {
    return this.#required('endpointAddress');
  }

  get readerEndpointAddress(): string {
    return this.#required('readerEndpointAddress');
  }

  get port(): number {
    return this.#attributes.port ?? Engine.defaultPortOf(this.engineName) ?? this.#required('port');
  }

  get engineName(): string {
    return this.#attributes.engineName ?? 'aurora-postgresql';
  }

  get engineVersion(): string {
    return this.#required('engineVersion');
  }

  get masterUsername(): string {
    return this.#required('masterUsername');
  }

  get masterSecretArn(): string {
    return this.#required('masterSecretArn');
  }

  get masterSecretKeyArn(): string {
    return this.#required('masterSecretKeyArn');
  }

  get targetKind(): 'cluster' | 'instance' {
    return this.#attributes.targetKind ?? 'cluster';
  }

  get pausesWhenIdle(): boolean {
    return this.#attributes.pausesWhenIdle ?? false;
  }

  get securityGroupId(): string {
    return this.#required('securityGroupId');
  }

  get clientSecurityGroupId(): string {
    return this.#required('clientSecurityGroupId');
  }

  get network(): IDatabaseNetwork | undefined {
    return this.#attributes.network;
  }

  get minimumTls(): TlsVersion | undefined {
    return this.#attributes.minimumTls;
  }

  get alerts(): IAlertChannel | undefined {
    return this.#attributes.alerts;
  }

  /** Its objectives are judged where it is made. */
  attachPool(): void {}

  #required<K extends keyof HaClusterAttributes>(name: K): NonNullable<HaClusterAttributes[K]> {
    return required(this, 'HaCluster', this.#attributes, name);
  }
}
