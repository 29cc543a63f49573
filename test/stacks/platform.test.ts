import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RdsCluster } from '@cdktf/provider-aws/lib/rds-cluster';
import { RdsClusterInstance } from '@cdktf/provider-aws/lib/rds-cluster-instance';
import { describe, expect, it } from 'vitest';
import { readManifests } from '../../lib/manifest';
import { judge, standard, synthesizedStacks } from '../../policies';
import { orders } from '../../stacks/orders.schema';
import { environments, platform } from '../../stacks/platform';
import { type SynthesizedStack, synthesize } from '../support/synth';

const build = (): ReturnType<typeof platform> => platform({ outdir: mkdtempSync(join(tmpdir(), 'tenantry-synth-')), stackTraces: false });
const stacks = synthesize(build());
const names = Object.keys(stacks).sort();
const stackOf = (name: string): SynthesizedStack => stacks[name] as SynthesizedStack;

describe('the reference platform', () => {
  it('has a foundation and a data stack in each of three environments', () => {
    expect(environments.map(({ name }) => name)).toEqual(['development', 'production', 'staging']);
    expect(names).toEqual(['development-data', 'development-foundation', 'production-data', 'production-foundation', 'staging-data', 'staging-foundation']);
  });

  it('is synthesized to the same bytes twice', () => {
    const again = synthesize(build());
    for (const name of names) expect(again[name]?.text, name).toBe(stackOf(name).text);
  });

  it('holds nothing of the machine that synthesized it', () => {
    for (const name of names) expect(stackOf(name).text).not.toMatch(new RegExp([process.cwd(), tmpdir(), process.env.HOME ?? '-'].map((path) => `"${path}`).join('|')));
  });

  it('reaches the foundation through its state, and nothing of another environment', () => {
    for (const { name } of environments) {
      expect(Object.keys(stackOf(`${name}-data`).json.data.terraform_remote_state)).toEqual([`cross-stack-reference-input-${name}-foundation`]);
      for (const other of environments) if (other.name !== name) expect(stackOf(`${name}-data`).text).not.toContain(other.name);
    }
  });

  it.each([['development', 1], ['staging', 2], ['production', 2]])('%s has %d instances', (name, count) => {
    expect(stackOf(`${name}-data`).resources(RdsClusterInstance)).toHaveLength(count);
    expect(stackOf(`${name}-data`).resource(RdsCluster).deletion_protection).toBe(name !== 'development');
  });

  it('declares at least eight tables, each tenancy and isolation, and a role that sees all tenants', () => {
    const [read] = readManifests(stackOf('staging-data').text, 'cdk.tf.json');
    const tables = Object.values(read?.manifest.declaration.tables ?? {});
    expect(tables.filter(({ tenancy }) => tenancy === 'tenant')).toHaveLength(8);
    expect(tables.filter(({ tenancy, rows }) => tenancy === 'reference' && rows.length > 0)).toHaveLength(2);
    expect(Object.entries(read?.manifest.tenants ?? {}).map(([key, { isolation }]) => `${key} ${isolation}`)).toEqual(['acme row', 'globex schema', 'initech database']);
    expect(Object.entries(orders.roles).map(([name, { scope }]) => `${name} ${scope}`)).toEqual(['app tenant', 'reporting tenant', 'support tenant', 'auditor all']);
  });

  it('keeps every policy, without a waiver', () => {
    const app = build();
    synthesize(app);
    const { reported, verdicts } = judge(synthesizedStacks(app), standard, [], new Date());
    expect(reported).toEqual([]);
    const passed = new Set(verdicts.filter(({ verdict }) => verdict.verdict === 'pass').map(({ rule }) => rule));
    expect([...passed].sort()).toEqual(standard.map(({ id }) => id));
  });
});

/**
 * An address is state: one that changes destroys what it named. A change here needs a `moved` block and a line in the release notes;
 * then the files are written again by TENANTRY_WRITE_ADDRESSES=1.
 */
describe('addresses of the reference platform', () => {
  it.each(names)('%s', (name) => {
    const file = join(__dirname, 'addresses', `${name}.txt`);
    const addresses = `${stackOf(name).addresses().join('\n')}\n`;
    if (process.env.TENANTRY_WRITE_ADDRESSES === '1' && process.env.CI === undefined) writeFileSync(file, addresses);
    expect(existsSync(file), `${file} is missing`).toBe(true);
    expect(addresses).toBe(readFileSync(file, 'utf8'));
  });
});
