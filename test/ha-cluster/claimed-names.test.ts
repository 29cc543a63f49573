import { App } from 'cdktf';
import { describe, expect, it } from 'vitest';
import { OsMetrics } from '../../lib/alerting';
import { Engine } from '../../lib/engine';
import { Environment, EnvironmentStack } from '../../lib/environment';
import { HaCluster } from '../../lib/ha-cluster';
import { importedChannel } from '../alerting/fixture';
import { expectRefusal, importedNetwork, testStack } from '../support/synth';

const clusterIn = (stack: EnvironmentStack, id: string, clusterIdentifier?: string): HaCluster => new HaCluster(stack, id, {
  network: importedNetwork(stack, `Network of ${id}`), engine: Engine.auroraPostgresql('17'), alerts: importedChannel(stack, `Alerts of ${id}`), ...(clusterIdentifier === undefined ? {} : { clusterIdentifier }),
});

const taken = (at: string, name: string, owner: string): string => `ha-cluster/identifier-taken  at ${at}

  The database would be called "${name}", as that of ${owner} is already, in the same account and region.

  Give one of them another clusterIdentifier before it is made, or ids that differ in more than case and punctuation.`;

describe('what an account has once in a region', () => {
  it('is made once: two databases of one name, of which only the apply would fail', () => {
    const stack = testStack();
    clusterIn(stack, 'Orders');
    expectRefusal(() => clusterIn(stack, 'orders'), 'ha-cluster/identifier-taken', taken('staging-data/orders', 'shop-staging-data-orders', 'staging-data/Orders'));
    expectRefusal(() => clusterIn(stack, 'Third', 'shop-staging-data-orders'), 'ha-cluster/identifier-taken', taken('staging-data/Third', 'shop-staging-data-orders', 'staging-data/Orders'));
    expect(() => clusterIn(stack, 'Fourth')).not.toThrow();
  });

  it('may be there again in another account, another region or another application', () => {
    const data = { stage: 'staging', platform: 'shop', region: 'eu-central-1', account: '123456789012', owner: 'shop-team', costCentre: '4711', state: { backend: 'local' } } as const;
    const app = new App();
    const stacks = [{}, { account: '210987654321' }, { region: 'eu-west-1' }].map((more, i) => new EnvironmentStack(app, `data${i}`, { environment: Environment.of({ ...data, ...more, recoveryRegion: 'eu-north-1', name: `staging${i}` }) }));
    for (const stack of [...stacks, testStack()]) expect(() => clusterIn(stack, 'Orders', 'orders')).not.toThrow();
    const fourth = new EnvironmentStack(app, 'more', { environment: Environment.of({ ...data, recoveryRegion: 'eu-north-1', name: 'staging3' }) });
    expectRefusal(() => clusterIn(fourth, 'Orders', 'orders'), 'ha-cluster/identifier-taken', taken('staging3-more/Orders', 'orders', 'staging0-data0/Orders'));
  });

  it('are the metrics of the operating system: all databases share a log group', () => {
    const stack = testStack();
    new OsMetrics(stack, 'OsMetrics', { alerts: importedChannel(stack) });
    expectRefusal(() => new OsMetrics(stack, 'Another', { alerts: importedChannel(stack, 'More') }), 'alerting/os-metrics-twice', `alerting/os-metrics-twice  at staging-data/Another

  The log group would be called "RDSOSMetrics", as that of staging-data/OsMetrics is already, in the same account and region.

  Make one for each account and region, and give it to every cluster there:   osMetrics`);
  });
});
