import { deepStrictEqual } from 'node:assert';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AwsProvider } from '@cdktf/provider-aws/lib/provider';
import { App, LocalBackend, TerraformOutput, TerraformResource, TerraformStack, Token } from 'cdktf';
import type { Construct } from 'constructs';
import { Engine } from '../../lib/engine';
import { EnvironmentStack, STAGES } from '../../lib/environment';
import { HaCluster } from '../../lib/ha-cluster';
import { DatabaseNetwork } from '../../lib/network';
import { TenantDatabase } from '../../lib/tenant-database';
import { orders } from '../../stacks/orders.schema';
import { type Json, synthesize, testEnvironment } from '../support/synth';
import { compare, type Figure, time } from './measure';

const RUNS = 30;
const WARM_UP = 6;
const newApp = (outdir = mkdtempSync(join(tmpdir(), 'tenantry-bench-'))): App => new App({ outdir, stackTraces: false });

/** Synthesis of a platform of three environments with these constructs, against plain CDKTF that makes the same resources with the same arguments. */
export async function synthesisBenchmark(): Promise<Figure> {
  const recipe = recipeOf(constructs());
  deepStrictEqual(resources(plain(recipe)), resources(constructs()), 'both must make the same resources');
  const ours = (): Promise<number> => timed(constructs);
  const baseline = (): Promise<number> => timed((outdir) => plain(recipe, outdir));
  await compare('', 0, WARM_UP, ours, baseline);
  return compare('synthesis with the constructs, against plain CDKTF making the same resources', 1.15, RUNS, ours, baseline);
}

/** From an empty app to the files. */
async function timed(build: (outdir?: string) => App): Promise<number> {
  const outdir = mkdtempSync(join(tmpdir(), 'tenantry-bench-'));
  try {
    return await time(async () => build(outdir).synth());
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

const resources = (app: App): Json => Object.fromEntries(Object.entries(synthesize(app)).map(([name, { json }]) => [name, { resource: json.resource, output: json.output }]));

function constructs(outdir?: string): App {
  const app = newApp(outdir);
  for (const stage of STAGES) {
    const stack = new EnvironmentStack(app, 'all', { environment: testEnvironment({ stage }) });
    const cluster = new HaCluster(stack, 'Cluster', { network: new DatabaseNetwork(stack, 'Network'), engine: Engine.auroraPostgresql('17') });
    new TenantDatabase(stack, 'Orders', { cluster, schema: orders, tenants: { acme: { isolation: 'row' }, globex: { isolation: 'schema' }, initech: { isolation: 'database' } } });
  }
  return app;
}

interface Ingredient {
  readonly type: new (scope: Construct, id: string, config: Json) => TerraformResource;
  readonly address: string;
  readonly config: Json;
}
interface Recipe {
  readonly stack: string;
  readonly ingredients: readonly Ingredient[];
  readonly outputs: readonly (readonly [id: string, config: Json])[];
}

/** What somebody would have typed who writes the same resources by hand, in the same order. */
function recipeOf(app: App): Recipe[] {
  const nodes = app.node.findAll();
  const stacks = synthesize(app);
  return Object.entries(stacks).map(([stack, { json }]) => ({
    stack,
    ingredients: inOrder(nodes.filter((node): node is TerraformResource => TerraformResource.isTerraformResource(node) && TerraformStack.of(node).node.id === stack).map((resource) => ({
      type: resource.constructor as Ingredient['type'],
      address: `${resource.terraformResourceType}.${resource.friendlyUniqueId}`,
      config: camelCased(json.resource[resource.terraformResourceType][resource.friendlyUniqueId]),
    }))),
    outputs: Object.entries(json.output ?? {}),
  }));
}

/** What others refer to comes first, as in code that somebody types. */
function inOrder(ingredients: readonly Ingredient[]): Ingredient[] {
  const ordered: Ingredient[] = [];
  const visit = (ingredient: Ingredient): void => {
    if (ordered.includes(ingredient)) return;
    const text = JSON.stringify(ingredient.config);
    for (const other of ingredients) if (other !== ingredient && text.includes(other.address)) visit(other);
    ordered.push(ingredient);
  };
  ingredients.forEach(visit);
  return ordered;
}

function plain(recipes: readonly Recipe[], outdir?: string): App {
  const app = newApp(outdir);
  for (const { stack: name, ingredients, outputs } of recipes) {
    const stack = new TerraformStack(app, name);
    new LocalBackend(stack, { path: 'x' });
    new AwsProvider(stack, 'Aws', { region: 'eu-central-1' });
    const recovery = new AwsProvider(stack, 'AwsRecovery', { region: 'eu-west-1', alias: 'recovery' });
    const made = new Map<string, TerraformResource>();
    // References are those of the resources, as a user of CDKTF writes them.
    const refer = (value: Json): Json => mapTexts(value, (text) => text.replace(/\$\{([a-z0-9_]+\.[A-Za-z0-9_-]+)\.([a-z0-9_]+)\}/g, (whole, address: string, attribute: string) => {
      const resource = made.get(address);
      return resource === undefined ? whole : Token.asString(resource.interpolationForAttribute(attribute));
    }));
    for (const { type: Type, address, config } of ingredients) {
      const { dependsOn, provider, ...rest } = config;
      made.set(address, new Type(stack, address.split('.')[1] as string, {
        ...refer(rest),
        ...(dependsOn === undefined ? {} : { dependsOn: dependsOn.map((other: string) => made.get(other)) }),
        ...(provider === undefined ? {} : { provider: recovery }),
      }));
    }
    for (const [id, config] of outputs) new TerraformOutput(stack, id, { staticId: true, ...refer(config) });
  }
  return app;
}

function camelCased(value: Json): Json {
  if (Array.isArray(value)) return value.map(camelCased);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries<Json>(value).map(([key, inner]) => [key.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()), key === 'tags' ? inner : camelCased(inner)]));
}

function mapTexts(value: Json, change: (text: string) => string): Json {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((one) => mapTexts(one, change));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, mapTexts(inner, change)]));
}
