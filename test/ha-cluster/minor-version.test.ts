import { describe, expect, it } from 'vitest';
import { OsMetrics } from '../../lib/alerting';
import { Engine } from '../../lib/engine';
import { HaCluster } from '../../lib/ha-cluster';
import { expectRefusal, importedNetwork, synthesizeStack, testStack } from '../support/synth';

function made(version: string): HaCluster {
  const stack = testStack();
  return new HaCluster(stack, 'Cluster', { network: importedNetwork(stack), osMetrics: OsMetrics.fromOsMetricsAttributes(stack, 'OsMetrics'), engine: Engine.auroraPostgresql(version) });
}
const warnings = (version: string): unknown[] => {
  const { node } = made(version);
  synthesizeStack(node.scope as ReturnType<typeof testStack>);
  return node.metadata.filter(({ type }) => type === '@cdktf/warn').map(({ data }) => data);
};

describe('the minor version of a cluster', () => {
  it('[DBAAS-5.4] is refused where a flaw breaks the isolation of tenants', () => {
    expectRefusal(() => made('16.4'), 'ha-cluster/isolation-flaw', `ha-cluster/isolation-flaw  at staging-data/Cluster

  aurora-postgresql 16.4 does not keep tenants apart: CVE-2024-10976 (plans with policies of another role below a subquery), CVE-2024-10978 (SET ROLE reset to another role).

  Give "16.5" or later, or "16" to have AWS choose the minor version and raise it.

  Source: PostgreSQL 17.1, 16.5 and 15.9, release notes · tenantry explain ha-cluster/isolation-flaw`);
  });

  it('is warned about where it is pinned behind the latest', () => {
    expect(warnings('17.10')).toEqual(['aurora-postgresql is pinned to 17.10, behind 17.11, the latest that is known until 2027-02-11: fixes in between are missing. Raise it, or give "17" to have AWS choose the minor version.']);
  });

  it.each(['17', '17.11', '17.12'])('has no warning as %s', (version) => {
    expect(warnings(version)).toEqual([]);
  });
});
