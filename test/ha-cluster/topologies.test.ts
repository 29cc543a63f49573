import type { App } from 'cdktf';
import { expect, it } from 'vitest';
import { Size } from '../../lib/core/size';
import { Engine, InstanceSize } from '../../lib/engine';
import { HaCluster, type HaClusterProps, Topology } from '../../lib/ha-cluster';
import { rehearse } from '../../lib/rehearsal';
import { importedNetwork, testStack } from '../support/synth';
import { describeTerraform } from '../support/terraform';

const storage = { size: Size.gibibytes(400) };
const instance = InstanceSize.of('db.r8g.large');
/** With disks of its own, which a Multi-AZ DB cluster needs. */
const withDisks = InstanceSize.of('db.r6gd.large');

/** Every topology with every engine that takes it. */
const COMBINATIONS: Readonly<Record<string, Pick<HaClusterProps, 'engine' | 'topology' | 'scaling'>>> = {
  'serverless Aurora PostgreSQL': { engine: Engine.auroraPostgresql('17'), topology: Topology.aurora({ readers: 1, serverless: { minimum: 0.5, maximum: 8 } }) },
  'Aurora PostgreSQL with everything': {
    engine: Engine.auroraPostgresql('16'),
    topology: Topology.aurora({ readers: 2, instance, furtherReaders: InstanceSize.of('db.r8g.xlarge'), promotionOrder: ['b', 'a'], storage: 'io-optimized', endpoints: { reports: { members: ['c'] }, rest: { except: ['c'] } } }),
    scaling: { readers: { minimum: 2, maximum: 6, schedule: [{ name: 'day', at: 'cron(0 7 * * ? *)', minimum: 4, maximum: 6 }, { name: 'night', at: 'cron(0 19 * * ? *)', minimum: 2, maximum: 6 }] } },
  },
  'serverless Aurora MySQL': { engine: Engine.auroraMysql('8.4'), topology: Topology.aurora({ readers: 1, serverless: { minimum: 0.5, maximum: 8 } }) },
  'Aurora MySQL': { engine: Engine.auroraMysql('8.4'), topology: Topology.aurora({ readers: 1, instance }) },
  'a Multi-AZ DB cluster of PostgreSQL': { engine: Engine.postgresql('17'), topology: Topology.multiAzCluster({ instance: withDisks, storage }) },
  'a Multi-AZ DB cluster of MySQL': { engine: Engine.mysql('8.4'), topology: Topology.multiAzCluster({ instance: withDisks, storage: { size: Size.gibibytes(400), type: 'io1', iops: 3000 } }) },
  'a Multi-AZ DB instance of PostgreSQL': { engine: Engine.postgresql('17'), topology: Topology.multiAzInstance({ instance, storage: { ...storage, maximum: Size.gibibytes(800), iops: 13_000, throughput: 600 } }) },
  'a Multi-AZ DB instance of MySQL': { engine: Engine.mysql('8.4'), topology: Topology.multiAzInstance({ instance, storage }) },
  'a single instance of PostgreSQL': { engine: Engine.postgresql('17'), topology: Topology.single({ instance: InstanceSize.of('db.t4g.medium'), storage: { size: Size.gibibytes(20) } }) },
  'a single instance of MySQL': { engine: Engine.mysql('8.4'), topology: Topology.single({ instance: InstanceSize.of('db.t4g.medium'), storage: { size: Size.gibibytes(20) } }) },
};

describeTerraform('every topology with every engine that takes it', () => {
  it.each(Object.entries(COMBINATIONS))('[DBAAS-1.1] [DBAAS-1.2] %s closes, comes to rest and is destroyed', { timeout: 120_000 }, async (_name, props) => {
    const stack = testStack({ stage: 'development', state: { backend: 'local' } });
    new HaCluster(stack, 'Cluster', { network: importedNetwork(stack), ...props });
    const app = stack.node.root as App;
    app.synth();
    const { stacks: [report], schemaOnly, warnings } = await rehearse({ from: process.cwd(), dir: app.outdir });
    expect(report?.steps.map(({ step }) => step).join(', ')).toBe('validate, plan, apply, second plan, destroy');
    expect({ unsettled: report?.differs, schemaOnly, warnings }).toEqual({ unsettled: [], schemaOnly: [], warnings: [] });
    expect(report?.changes.filter(({ address }) => /^aws_(rds_cluster|db_instance)\./.test(address)).map(({ action }) => action)).toEqual(['create']);
  });
});

