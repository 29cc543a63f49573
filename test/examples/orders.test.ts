import { join } from 'node:path';
import { DbProxy } from '@cdktf/provider-aws/lib/db-proxy';
import { RdsCluster } from '@cdktf/provider-aws/lib/rds-cluster';
import { RdsClusterInstance } from '@cdktf/provider-aws/lib/rds-cluster-instance';
import { SfnStateMachine } from '@cdktf/provider-aws/lib/sfn-state-machine';
import { describe, expect, it } from 'vitest';
import { readManifests } from '../../lib/manifest';
import { judge, standard, SynthesizedStack as JudgedStack } from '../../policies';
import { type SynthesizedStack, synthesizeProgram } from '../support/synth';

const byText = (a: string, b: string): number => (a < b ? -1 : 1);

describe('examples/orders.ts', () => {
  const stack = synthesizeProgram(join(__dirname, '../../examples/orders.ts'))['production-all'] as SynthesizedStack;

  it('has a cluster of classes with a pool and escalation, and one of its own for a tenant', () => {
    expect(stack.resources(RdsCluster).map(({ arguments: { cluster_identifier } }) => cluster_identifier as string).sort(byText)).toEqual(['orders-production-all-cluster', 'orders-production-all-orders-tenants-umbrella-cluster']);
    expect(stack.resources(RdsClusterInstance).map(({ arguments: { instance_class } }) => instance_class as string).sort(byText)).toEqual(['db.r8g.xlarge', 'db.r8g.xlarge', 'db.r8g.xlarge', 'db.serverless', 'db.serverless']);
    expect([stack.resources(DbProxy).length, stack.resources(SfnStateMachine).length]).toEqual([1, 1]);
  });

  it('tells programs where the pool is, and the bootstrap where both servers are', () => {
    const [read] = readManifests(stack.text, 'cdk.tf.json');
    const manifest = read?.manifest;
    expect([Object.keys(manifest?.servers ?? {}).sort(), manifest?.home]).toEqual([['main', 'umbrella'], 'main']);
    expect(manifest?.servers['main']?.pool?.host).toMatch(/aws_db_proxy/);
    expect(manifest?.tenants['umbrella']?.isolation).toBe('cluster');
  });

  it('keeps every policy', () => {
    expect(judge([new JudgedStack('production-all', stack.json)], standard, [], new Date()).reported).toEqual([]);
  });
});
