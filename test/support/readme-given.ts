import type { App } from 'cdktf';
import { defineSchema, Engine, type EnvironmentStack, HaCluster, type IDatabaseNetwork, type IHaCluster } from '../../lib';
import type { Manifest } from '../../lib/manifest';
import { manifestOf } from '../bootstrap/support/platform-data';
import { shopInput } from '../bootstrap/support/shop';
import { importedNetwork, testApp, testStack } from './synth';

/** What the samples of the READMEs take for granted. Each is made when a sample asks for it. */
export class Given {
  /** An id of an order. */
  readonly id = '00000000-0000-4000-8000-000000000001';
  /** Certificate authorities, in PEM. */
  readonly ca = '-----BEGIN CERTIFICATE-----';
  readonly engine = Engine.auroraPostgresql('17');
  readonly shop = defineSchema(shopInput);
  #app?: App;
  #stack?: EnvironmentStack;
  #network?: IDatabaseNetwork;

  get app(): App {
    return (this.#app ??= testApp());
  }

  get stack(): EnvironmentStack {
    return (this.#stack ??= testStack());
  }

  get network(): IDatabaseNetwork {
    return (this.#network ??= importedNetwork(this.stack));
  }

  get cluster(): IHaCluster {
    return new HaCluster(this.stack, 'Cluster', { network: this.network, engine: this.engine });
  }

  get manifest(): Manifest {
    return manifestOf(shopInput).manifest;
  }
}

export const given = new Given();
