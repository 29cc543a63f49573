import { App, TerraformResource } from 'cdktf';
import { defineSchema } from '../../lib/declaration';
import { Engine } from '../../lib/engine';
import { EnvironmentStack } from '../../lib/environment';
import { HaCluster } from '../../lib/ha-cluster';
import { DatabaseNetwork } from '../../lib/network';
import { TenantDatabase } from '../../lib/tenant-database';
import { judge, type Report, type Rule, standard, SynthesizedStack, synthesizedStacks, type Verdict, verdictOf, type Waiver } from '../../policies';
import { type Json, synthesize, synthesizeStack, testApp, testEnvironment } from '../support/synth';

const shop = defineSchema({ name: 'shop', tables: { t: { tenancy: 'tenant', columns: { id: { type: 'uuid' } }, primaryKey: ['id'] } }, roles: { app: { login: 'iam', tables: { t: 'write' } } } });

/** A platform that keeps every rule, in one stack. */
export function goodStack(stage: 'development' | 'staging' | 'production' = 'production'): EnvironmentStack {
  const stack = new EnvironmentStack(testApp(), 'all', { environment: testEnvironment({ stage }) });
  const cluster = new HaCluster(stack, 'Cluster', { network: new DatabaseNetwork(stack, 'Network'), engine: Engine.auroraPostgresql('17') });
  new TenantDatabase(stack, 'Shop', { cluster, schema: shop });
  return stack;
}

/** Breaks a stack on purpose: sets an argument of the first resource of a type. (An override of a list would be put behind the list.) */
export function set(stack: EnvironmentStack, type: string, argument: string, value: unknown): string {
  const resource = stack.node.findAll().filter((node): node is TerraformResource => TerraformResource.isTerraformResource(node)).find(({ terraformResourceType }) => terraformResourceType === type);
  if (resource === undefined) throw new Error(`There is no ${type} to break.`);
  resource.addOverride(argument, value);
  return `${type}.${resource.friendlyUniqueId}`;
}

export function reportOn(stack: EnvironmentStack, waivers: readonly Waiver[] = [], pack: readonly Rule[] = standard, today = new Date('2026-11-21')): Report {
  const app = App.of(stack);
  synthesize(app);
  return judge(synthesizedStacks(app), pack, waivers, today);
}

const synthesized = new Map<string, Json>();

/** The JSON of a platform that keeps every rule. */
export function goodJson(stage: 'development' | 'staging' | 'production' = 'production'): Json {
  if (!synthesized.has(stage)) synthesized.set(stage, synthesizeStack(goodStack(stage)).json);
  return structuredClone(synthesized.get(stage));
}

/** Sets an argument of the first resource of a type in such JSON; undefined removes it. */
export function change(json: Json, type: string, argument: string, value: unknown): string {
  const [name] = Object.keys(json.resource[type] ?? {});
  if (name === undefined) throw new Error(`There is no ${type} to break.`);
  json.resource[type][name][argument] = value;
  return `${type}.${name}`;
}

export const verdictOn = (json: Json, rule: Rule): Verdict => verdictOf(rule.check(new SynthesizedStack('production-all', json), new Date('2026-11-21')));
