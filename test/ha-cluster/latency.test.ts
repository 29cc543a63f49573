import { RdsClusterParameterGroup } from '@cdktf/provider-aws/lib/rds-cluster-parameter-group';
import { describe, expect, it } from 'vitest';
import { Duration } from '../../lib/core/duration';
import { Engine, InstanceSize } from '../../lib/engine';
import { HaCluster, type HaClusterProps, Topology } from '../../lib/ha-cluster';
import { checkLatency } from '../../lib/ha-cluster/latency';
import { expectRefusal, importedNetwork, type Json, synthesizeStack, testStack } from '../support/synth';

const SOURCE = 'PostgreSQL, Error Reporting and Logging, Run-time Statistics, auto_explain and pg_stat_statements; AWS, DescribeDBClusterParameters';

function make(latencyWithin: Duration, given: Partial<HaClusterProps> = {}) {
  const stack = testStack({ stage: 'development' });
  const cluster = new HaCluster(stack, 'Cluster', { network: importedNetwork(stack), engine: Engine.auroraPostgresql('17'), topology: Topology.aurora({ readers: 0, instance: InstanceSize.of('db.r8g.large') }), objectives: { latencyWithin }, ...given });
  return { stack, cluster };
}

describe('an objective of latency', () => {
  it.each([
    [Duration.seconds(0), '0 seconds'], [Duration.milliseconds(0.5), '0.5 milliseconds'], [Duration.milliseconds(1.5), '1.5 milliseconds'], [Duration.days(40), '40 days'],
  ])('is refused where the server could not keep to it: %s', (latencyWithin, shown) => {
    expectRefusal(() => make(latencyWithin, { port: 80 }), ['ha-cluster/latency', 'ha-cluster/port'], `ha-cluster/latency  at development-data/Cluster

  objectives.latencyWithin is ${shown}; whole milliseconds are allowed, 1 millisecond to 24 days: it becomes log_min_duration_statement, from which on statements are logged, and 0 there logs every statement, with the values in it.

  For instance objectives: { latencyWithin: Duration.milliseconds(250) }

  Source: ${SOURCE}

ha-cluster/port  at development-data/Cluster

  port is 80; RDS takes 1150 to 65535.

  Leave it out for the port of the network.

  Source: AWS, CreateDBCluster`);
  });

  it('is taken in whole milliseconds, whatever they are written in', () => {
    for (const latencyWithin of [Duration.milliseconds(1), Duration.seconds(1.005), Duration.days(24)]) expect(checkLatency(Engine.auroraPostgresql('17'), latencyWithin), latencyWithin.toString()).toEqual([]);
    const { stack } = make(Duration.seconds(1.005));
    const parameters = synthesizeStack(stack).resource(RdsClusterParameterGroup).parameter as Json[];
    expect(parameters.filter(({ name }) => name === 'log_min_duration_statement')).toEqual([{ name: 'log_min_duration_statement', value: '1005', apply_method: 'immediate' }]);
  });

  it('has the longest time that the engine logs from: a year in MySQL', () => {
    const engine = Engine.auroraMysql('8.4');
    expect([Duration.days(365), Duration.days(366)].map((latency) => checkLatency(engine, latency).map(({ problem }) => problem.split(':')[0]))).toEqual([[], ['objectives.latencyWithin is 366 days; whole milliseconds are allowed, 1 millisecond to 365 days']]);
  });
});

describe('what brings tenants\' data into the log', () => {
  it('is warned of where the cluster is made, and a latency is not', () => {
    const warnings = (given: Partial<HaClusterProps>): string[] => make(Duration.milliseconds(250), given).cluster.node.metadata.filter(({ type }) => type === '@cdktf/warn').map(({ data }) => String(data));
    const [quiet, loud] = [{}, { parameters: { log_statement: 'all', log_parameter_max_length: -1 } }].map(warnings) as [string[], string[]];
    expect(loud.filter((warning) => !quiet.includes(warning)).map((warning) => warning.split(',')[0])).toEqual(['parameters.log_statement is "all"', 'parameters.log_parameter_max_length is -1']);
  });
});
