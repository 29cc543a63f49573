import { join } from 'node:path';
import { IamPolicy } from '@cdktf/provider-aws/lib/iam-policy';
import { RdsCluster } from '@cdktf/provider-aws/lib/rds-cluster';
import { RdsClusterInstance } from '@cdktf/provider-aws/lib/rds-cluster-instance';
import { describe, expect, it } from 'vitest';
import { readManifests } from '../../lib/manifest';
import { judge, standard, SynthesizedStack as JudgedStack } from '../../policies';
import { type SynthesizedStack, synthesizeProgram } from '../support/synth';

describe('examples/bookings.ts', () => {
  const stacks = synthesizeProgram(join(__dirname, '../../examples/bookings.ts'));
  const stack = stacks['development-all'] as SynthesizedStack;

  it('is one stack with one small cluster', () => {
    expect(Object.keys(stacks)).toEqual(['development-all']);
    expect(stack.resource(RdsCluster)).toMatchObject({ cluster_identifier: 'bookings-development-all-cluster', serverlessv2_scaling_configuration: { min_capacity: 0, max_capacity: 4 } });
    expect(stack.resources(RdsClusterInstance)).toHaveLength(1);
  });

  it('has two tenants in shared tables, and one login for both', () => {
    const [read] = readManifests(stack.text, 'cdk.tf.json');
    expect(read?.manifest.tenants).toEqual({ seaside: { isolation: 'row', tier: 'standard' }, alpine: { isolation: 'row', tier: 'standard' } });
    expect(Object.keys(read?.manifest.declaration.tables ?? {})).toEqual(['rooms', 'stays']);
    expect(stack.resources(IamPolicy).map(({ arguments: { description } }) => description)).toEqual(['Log in as bookings_app_login']);
  });

  it('keeps every policy', () => {
    expect(judge([new JudgedStack('development-all', stack.json)], standard, [], new Date()).reported).toEqual([]);
  });
});
