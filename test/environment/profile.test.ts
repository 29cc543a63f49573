import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AlertChannel, OsMetrics } from '../../lib/alerting';
import { Duration } from '../../lib/core/duration';
import { Size } from '../../lib/core/size';
import { Engine, InstanceSize } from '../../lib/engine';
import { EnvironmentStack, type EnvironmentInput, type ProfileKey, PROFILES, type Stage, STAGES } from '../../lib/environment';
import { HaCluster, Topology } from '../../lib/ha-cluster';
import { DatabaseNetwork } from '../../lib/network';
import { defineSchema } from '../../lib/declaration';
import { TenantDatabase } from '../../lib/tenant-database';
import { type Json, type SynthesizedStack, synthesize, testApp, testEnvironment } from '../support/synth';

const shop = defineSchema({ name: 'shop', tables: { t: { tenancy: 'tenant', columns: { id: { type: 'uuid' } }, primaryKey: ['id'] } }, roles: { app: { login: 'iam', tables: { t: 'write' } }, batch: { login: 'password', tables: { t: 'write' } } } });

/** The same platform, with everything that this library makes; nothing but the stage or the profile is another. */
function platform(data: Partial<EnvironmentInput>): SynthesizedStack {
  const app = testApp();
  const stack = new EnvironmentStack(app, 'all', { environment: testEnvironment({ name: 'env', ...data }) });
  const network = new DatabaseNetwork(stack, 'Network');
  const alerts = new AlertChannel(stack, 'Alerts');
  const common = { network, alerts, osMetrics: new OsMetrics(stack, 'OsMetrics', { alerts }) };
  const cluster = new HaCluster(stack, 'Cluster', { ...common, engine: Engine.auroraPostgresql('17') });
  const storage = { size: Size.gibibytes(100) };
  const withoutObjectives = { failoverWithin: Duration.hours(1), notifyWithin: Duration.hours(1) };
  new HaCluster(stack, 'Three', { ...common, engine: Engine.postgresql('17'), topology: Topology.multiAzCluster({ instance: InstanceSize.of('db.r6gd.large'), storage }), objectives: withoutObjectives });
  new HaCluster(stack, 'Two', { ...common, engine: Engine.postgresql('17'), topology: Topology.multiAzInstance({ instance: InstanceSize.of('db.r8g.large'), storage }), objectives: withoutObjectives });
  new TenantDatabase(stack, 'Shop', { cluster, schema: shop, tenants: { acme: { isolation: 'row' }, initech: { isolation: 'database' } } });
  return synthesize(app)['env-all'] as SynthesizedStack;
}

/** `type` for resources that come or go, `type.argument` for arguments that differ, other paths for the rest. */
function differences(a: SynthesizedStack, b: SynthesizedStack): string[] {
  const found = new Set<string>();
  const [left, right] = [byAddress(a), byAddress(b)];
  for (const address of new Set([...left.keys(), ...right.keys()])) {
    const [type] = address.split('.') as [string];
    const [x, y] = [left.get(address), right.get(address)];
    if (x === undefined || y === undefined) found.add(type);
    else for (const argument of new Set([...Object.keys(x), ...Object.keys(y)])) if (JSON.stringify(x[argument]) !== JSON.stringify(y[argument])) found.add(`${type}.${argument}`);
  }
  for (const part of ['terraform', 'output', 'data']) if (JSON.stringify(a.json[part]) !== JSON.stringify(b.json[part])) found.add(part);
  if (withoutStage(a) !== withoutStage(b)) found.add('provider');
  return [...found].sort();
}

const byAddress = (stack: SynthesizedStack): Map<string, Json> => new Map(stack.all().map(({ address, arguments: args }) => [address, args]));
/** The tag `stage` is how a stack says which of them it is. */
const withoutStage = (stack: SynthesizedStack): string => JSON.stringify(stack.json.provider).replaceAll(/"stage":"[a-z]+"/g, '');
const affectedBy = (keys: readonly ProfileKey[]): string[] => [...new Set(keys.flatMap((key) => [...PROFILES[key].affects]))].sort();
const KEYS = Object.keys(PROFILES) as ProfileKey[];

describe('[ARC-9.6] what differs between the stages stands in one table', () => {
  const stacks = Object.fromEntries(STAGES.map((stage) => [stage, platform({ stage })])) as Record<Stage, SynthesizedStack>;

  it.each([['development', 'staging'], ['staging', 'production'], ['development', 'production']] as const)('%s and %s differ in what the table says, and in nothing else', (a, b) => {
    const rows = KEYS.filter((key) => PROFILES[key][a] !== PROFILES[key][b]);
    const affected = affectedBy(rows);
    expect(differences(stacks[a], stacks[b]).filter((difference) => !affected.includes(difference))).toEqual([]);
  });

  it('a stage does not differ from itself', () => {
    expect(differences(stacks.staging, platform({ stage: 'staging' }))).toEqual([]);
  });

  const OTHER: Record<ProfileKey, number | boolean> = {
    readers: 0, failoverSeconds: 600, notifySeconds: 3600, monitoringSeconds: 30, minimumCapacity: 0, maximumCapacity: 16, deletionProtection: false, finalSnapshot: false, keepAutomatedBackups: true, backupRetentionDays: 21,
    logRetentionDays: 180, keyDeletionDays: 14, secretRecoveryDays: 14, insightsDays: 465, changesWait: true, endpointZones: 2,
  };
  /** What no objective of the environment refuses. */
  const UNPROMISED = { failoverSeconds: 3600, notifySeconds: 0 };
  const reference = platform({ stage: 'staging', profile: UNPROMISED });
  it.each(KEYS)('the row %s decides exactly what it names', (key) => {
    expect(OTHER[key]).not.toBe(PROFILES[key].staging);
    expect(differences(reference, platform({ stage: 'staging', profile: { ...UNPROMISED, [key]: OTHER[key] } }))).toEqual(affectedBy([key]));
  });

  it('the README prints the table', () => {
    const show = (value: number | boolean): string => (typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value));
    const table = ['| | development | staging | production | |', '|---|---|---|---|---|', ...KEYS.map((key) => {
      const { development, staging, production, meaning } = PROFILES[key];
      return `| \`${key}\` | ${show(development)} | ${show(staging)} | ${show(production)} | ${meaning} |`;
    })].join('\n');
    expect(readFileSync(join(__dirname, '../../lib/environment/README.md'), 'utf8')).toContain(table);
  });
});
