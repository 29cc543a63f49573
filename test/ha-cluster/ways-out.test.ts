import { describe, expect, it } from 'vitest';
import { Duration } from '../../lib/core/duration';
import { Size } from '../../lib/core/size';
import { Engine, InstanceSize } from '../../lib/engine';
import { HaCluster, type HaClusterProps, Topology } from '../../lib/ha-cluster';
import { complaintsOf } from '../support/refused';
import { importedNetwork, testStack } from '../support/synth';

const R8G = InstanceSize.of('db.r8g.large');
const storage = { size: Size.gibibytes(500), throughput: 600, type: 'gp3' } as const;
const RDS = Engine.postgresql('17.5');

type Given = Partial<HaClusterProps>;

const make = (given: Given): HaCluster => {
  const stack = testStack({ stage: 'production' });
  return new HaCluster(stack, 'Cluster', { network: importedNetwork(stack), engine: Engine.auroraPostgresql('17'), ...given });
};
/** The lines with code, without what they are called. */
const ways = (given: Given): string[] => complaintsOf(() => make(given)).message.split('\n').flatMap((line) => /^ {2}(?:\S.*?): {3,}(\S.*)$/.exec(line)?.[1] ?? []);

/** What a way out says, as it would be typed. */
const typed = (code: string): Given => new Function('Topology', 'InstanceSize', 'Size', 'Duration', 'Engine', `return { ${code} }`)(Topology, InstanceSize, Size, Duration, Engine) as Given;

const CASES: readonly (readonly [title: string, given: Given, ways: readonly string[]])[] = [
  ['a single instance: the topology that keeps the failover, once, with a class that it takes and without what it has not', { engine: RDS, topology: Topology.single({ instance: R8G, storage }) }, [
    "topology: Topology.multiAzCluster({ instance: InstanceSize.of('db.r8gd.large'), storage: { size: Size.gibibytes(500), type: 'gp3' } }), with engine: Engine.postgresql('17')",
    "topology: Topology.multiAzCluster({ instance: InstanceSize.of('db.r8gd.large'), storage: { size: Size.gibibytes(500), type: 'gp3' } }), with engine: Engine.postgresql('17')",
  ]],
  ['a single instance that may be down for longer: the cheaper one, with its size and storage', { engine: RDS, topology: Topology.single({ instance: R8G, storage }), objectives: { failoverWithin: Duration.minutes(5) } }, [
    "topology: Topology.multiAzInstance({ instance: InstanceSize.of('db.r8g.large'), storage: { size: Size.gibibytes(500), type: 'gp3', throughput: 600 } })",
    "topology: Topology.multiAzInstance({ instance: InstanceSize.of('db.r8g.large'), storage: { size: Size.gibibytes(500), type: 'gp3', throughput: 600 } })",
  ]],
  ['no reader beside a writer of a size: a reader of that size', { topology: Topology.aurora({ readers: 0, instance: R8G, storage: 'io-optimized' }) }, [
    "topology: Topology.aurora({ readers: 1, instance: InstanceSize.of('db.r8g.large'), storage: 'io-optimized' })", 'objectives: { failoverWithin: Duration.minutes(10) }',
  ]],
  ['no reader beside a serverless writer: one in its range', { topology: Topology.aurora({ readers: 0, serverless: { minimum: 2, maximum: 16 } }) }, [
    'topology: Topology.aurora({ readers: 1, serverless: { minimum: 2, maximum: 16 } })', 'objectives: { failoverWithin: Duration.minutes(10) }',
  ]],
  ['a failover that Aurora does not describe: the engine that does', { topology: Topology.aurora({ readers: 1, instance: InstanceSize.of('db.r8g.2xlarge') }), objectives: { failoverWithin: Duration.seconds(40) } }, [
    'objectives: { failoverWithin: Duration.seconds(60) }', "engine: Engine.postgresql('17'), topology: Topology.multiAzCluster({ instance: InstanceSize.of('db.r8gd.2xlarge'), storage: { size: Size.gibibytes(100) } })",
  ]],
  ['a change of size that Aurora does not describe: its readers stay', { topology: Topology.aurora({ readers: 3, instance: R8G, furtherReaders: InstanceSize.of('db.r8g.xlarge'), promotionOrder: ['b'] }), objectives: { scalingInterruption: Duration.seconds(5) } }, [
    "topology: Topology.aurora({ readers: 3, promotionOrder: ['b'], serverless: { minimum: 1, maximum: 32 } })", 'objectives: { scalingInterruption: Duration.seconds(30) }',
  ]],
  ['fewer readers than declared: as many, or the topology with fewer', { topology: Topology.aurora({ readers: 2, instance: R8G, furtherReaders: InstanceSize.of('db.r8g.xlarge') }), scaling: { readers: { minimum: 1, maximum: 4 } } }, [
    "topology: Topology.aurora({ readers: 1, instance: InstanceSize.of('db.r8g.large') })",
  ]],
];

describe('a way out is written with what was given', () => {
  it.each(CASES)('%s', (_title, given, expected) => expect(ways(given)).toEqual(expected));

  it.each(CASES.flatMap(([title, given, codes]) => [...new Set(codes)].map((code, i) => [title, i, given, code] as const)))('%s, and it leads out (%d)', (_title, _i, given, code) => {
    const way = typed(code.replace(', with engine:', ', engine:'));
    expect(complaintsOf(() => make({ ...given, ...way, objectives: { ...given.objectives, ...way.objectives } }))).toEqual({ codes: [], message: '' });
  });

  it('one topology, where several objectives are missed and a cheaper one would keep some of them', () => {
    const given = { engine: RDS, topology: Topology.single({ instance: R8G, storage }), objectives: { zoneLossRpo: Duration.seconds(0) } };
    expect(ways(given).filter((way) => way.startsWith('topology:')).map((way) => way.split('(')[0])).toEqual(['topology: Topology.multiAzCluster', 'topology: Topology.multiAzCluster', 'topology: Topology.multiAzCluster']);
  });

  it('where nothing keeps it, it is to be left out or accepted, and a pool is made where the message is read', () => {
    expect(complaintsOf(() => make({ topology: Topology.aurora({ readers: 1, instance: R8G }), objectives: { failoverWithin: Duration.seconds(5) } }))).toEqual({ codes: ['ha-cluster/failover-not-kept'], message: `ha-cluster/failover-not-kept  at production-data/Cluster

  objectives.failoverWithin is 5 seconds, but promoting a reader of Aurora
  takes less than 60 seconds "typically", in the words of AWS, and less than 30 only "often".

  Accept it here:   objectives: { failoverWithin: Duration.seconds(60) }

  Source: AWS, Aurora fault tolerance · tenantry explain ha-cluster/failover-not-kept` });
  });
});
