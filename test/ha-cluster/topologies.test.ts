import { expect, it } from 'vitest';
import { Size } from '../../lib/core/size';
import { Engine, InstanceSize } from '../../lib/engine';
import { EnvironmentStack } from '../../lib/environment';
import { HaCluster, type HaClusterProps, Topology } from '../../lib/ha-cluster';
import { rehearse, SYNTHESIS_WARNING } from '../../lib/rehearsal';
import { importedNetwork, testApp, testEnvironment, testStack } from '../support/synth';
import { describeTerraform } from '../support/terraform';

const storage = { size: Size.gibibytes(400) };
const instance = InstanceSize.of('db.r8g.large');
/** With disks of its own, which a Multi-AZ DB cluster needs. */
const withDisks = InstanceSize.of('db.r6gd.large');

/** Every topology with every engine that takes it, by stack. */
const COMBINATIONS: Readonly<Record<string, Readonly<Record<string, Pick<HaClusterProps, 'engine' | 'topology' | 'scaling'>>>>> = {
  aurora: {
    PostgresqlServerless: { engine: Engine.auroraPostgresql('17'), topology: Topology.aurora({ readers: 1, serverless: { minimum: 0.5, maximum: 8 } }) },
    PostgresqlWithEverything: {
      engine: Engine.auroraPostgresql('16'),
      topology: Topology.aurora({ readers: 2, instance, furtherReaders: InstanceSize.of('db.r8g.xlarge'), promotionOrder: ['b', 'a'], storage: 'io-optimized', endpoints: { reports: { members: ['c'] }, rest: { except: ['c'] } } }),
      scaling: { readers: { minimum: 2, maximum: 6, schedule: [{ name: 'day', at: 'cron(0 7 * * ? *)', minimum: 4, maximum: 6 }, { name: 'night', at: 'cron(0 19 * * ? *)', minimum: 2, maximum: 6 }] } },
    },
    MysqlServerless: { engine: Engine.auroraMysql('8.4'), topology: Topology.aurora({ readers: 1, serverless: { minimum: 0.5, maximum: 8 } }) },
    Mysql: { engine: Engine.auroraMysql('8.4'), topology: Topology.aurora({ readers: 1, instance }) },
  },
  clusters: {
    Postgresql: { engine: Engine.postgresql('17'), topology: Topology.multiAzCluster({ instance: withDisks, storage }) },
    Mysql: { engine: Engine.mysql('8.4'), topology: Topology.multiAzCluster({ instance: withDisks, storage: { size: Size.gibibytes(400), type: 'io1', iops: 3000 } }) },
  },
  instances: {
    Postgresql: { engine: Engine.postgresql('17'), topology: Topology.multiAzInstance({ instance, storage: { ...storage, maximum: Size.gibibytes(800), iops: 13_000, throughput: 600 } }) },
    Mysql: { engine: Engine.mysql('8.4'), topology: Topology.multiAzInstance({ instance, storage }) },
    PostgresqlAlone: { engine: Engine.postgresql('17'), topology: Topology.single({ instance: InstanceSize.of('db.t4g.medium'), storage: { size: Size.gibibytes(20) } }) },
    MysqlAlone: { engine: Engine.mysql('8.4'), topology: Topology.single({ instance: InstanceSize.of('db.t4g.medium'), storage: { size: Size.gibibytes(20) } }) },
  },
};

/** All switched off: the first cluster of each stack shows them, and each costs Terraform its time. */
function withoutAlarms(props: (typeof COMBINATIONS)[string][string]): NonNullable<HaClusterProps['alarms']> {
  const stack = testStack({ stage: 'development' });
  const { monitoring } = new HaCluster(stack, 'Cluster', { network: importedNetwork(stack), ...props });
  return Object.fromEntries(monitoring.alarms.resolved.map(({ definition: { id } }) => [id, { disabled: 'shown by another cluster' }]));
}

describeTerraform('every topology with every engine that takes it', () => {
  it('[DBAAS-1.1] [DBAAS-1.2] closes, comes to rest and is destroyed', { timeout: 240_000 }, async () => {
    const app = testApp();
    const environment = testEnvironment({ stage: 'development', state: { backend: 'local' } });
    for (const [layer, clusters] of Object.entries(COMBINATIONS)) {
      const stack = new EnvironmentStack(app, layer, { environment });
      const network = importedNetwork(stack);
      for (const [i, [id, props]] of Object.entries(clusters).entries()) new HaCluster(stack, id, { network, ...props, ...(i === 0 ? {} : { alarms: withoutAlarms(props) }) });
    }
    app.synth();
    const { stacks, schemaOnly, warnings } = await rehearse({ from: process.cwd(), dir: app.outdir });
    expect(stacks.map(({ name, steps, differs }) => ({ name, steps: steps.map(({ step }) => step).join(', '), differs }))).toEqual(Object.keys(COMBINATIONS).map((layer) => (
      { name: `development-${layer}`, steps: 'validate, plan, apply, second plan, destroy', differs: [] })));
    // What the constructs warn of at synthesis is no matter of the rehearsal.
    expect({ schemaOnly, warnings: warnings.filter(({ code }) => code !== SYNTHESIS_WARNING) }).toEqual({ schemaOnly: [], warnings: [] });
    const databases = stacks.flatMap(({ changes }) => changes.filter(({ address }) => /^aws_(rds_cluster|db_instance)\./.test(address)).map(({ action }) => action));
    expect(databases).toEqual(Array.from({ length: 10 }, () => 'create'));
  });
});
