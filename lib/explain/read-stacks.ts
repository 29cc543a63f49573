import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TenantryError } from '../core/errors';
import { listOf } from '../core/text';
import type { ClusterMember, ExplainedCluster } from './cluster';

type Arguments = Readonly<Record<string, unknown>>;
interface Resource {
  readonly address: string;
  readonly path: string | undefined;
  readonly args: Arguments;
}
/** As CDKTF lists it. */
interface SynthesizedStack {
  readonly name: string;
  readonly workingDirectory: string;
  readonly synthesizedStackPath: string;
}

/**
 * The databases of stacks that were synthesized into a folder.
 *
 * @param glob - only stacks of this name; `*` stands for any characters
 */
export function clustersOfStacks(folder: string, glob = '*'): ExplainedCluster[] {
  const file = join(folder, 'manifest.json');
  if (!existsSync(file)) throw new TenantryError('input', { code: 'explain/no-stacks', at: folder, problem: 'The folder holds no manifest.json, so nothing was synthesized into it.', fix: 'Run cdktf synth first, or name the folder: --dir cdktf.out' });
  const { stacks } = readJson(file) as { readonly stacks: Readonly<Record<string, SynthesizedStack>> };
  const all = Object.values(stacks).sort((a, b) => (a.name < b.name ? -1 : 1));
  const pattern = patternOf(glob);
  const chosen = all.filter(({ name }) => pattern.test(name));
  if (chosen.length === 0) throw new TenantryError('input', { code: 'explain/no-stack', at: folder, problem: `No stack is called ${JSON.stringify(glob)}; there are ${listOf(all.map(({ name }) => name))}.`, fix: 'Give --stack one of them, or leave it out.' });
  return chosen.flatMap(({ name, workingDirectory, synthesizedStackPath }) => clustersIn(readJson(join(folder, synthesizedStackPath)), { stack: name, folder: join(folder, workingDirectory) }));
}

const patternOf = (glob: string): RegExp => new RegExp(`^${glob.split('*').map((text) => text.replace(/[.+?^${}()|[\]\\]/g, '\\$&')).join('.*')}$`);

/** @throws TenantryError (`input`) where the file is not there, or no JSON */
export function readJson(file: string): unknown {
  if (!existsSync(file)) throw new TenantryError('input', { code: 'explain/no-file', at: file, problem: 'There is no such file.' });
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new TenantryError('input', { code: 'explain/not-json', at: file, problem: 'The file is no JSON.', fix: 'A plan becomes JSON by: terraform show -json plan.bin > plan.json' }, { cause: error });
  }
}

function clustersIn(configuration: unknown, place: { readonly stack: string; readonly folder: string }): ExplainedCluster[] {
  const of = resourcesOf(configuration);
  const proxied = of('aws_db_proxy_target').flatMap(({ args }) => [textOf(args, 'db_cluster_identifier'), textOf(args, 'db_instance_identifier')]);
  const pooled = ({ address }: Resource, identifier: string): boolean => proxied.some((named) => named === identifier || named.startsWith(`\${${address}.`));
  const scaled = of('aws_appautoscaling_target').map(({ args }) => textOf(args, 'resource_id'));
  const clusters = of('aws_rds_cluster').map((cluster): ExplainedCluster => {
    const identifier = textOf(cluster.args, 'cluster_identifier');
    const instanceClass = textOf(cluster.args, 'db_cluster_instance_class');
    const instances = of('aws_rds_cluster_instance').filter(({ args }) => textOf(args, 'cluster_identifier').startsWith(`\${${cluster.address}.`));
    const autoscaled = scaled.some((id) => id === `cluster:${identifier}` || id.startsWith(`cluster:\${${cluster.address}.`));
    const common = { ...place, identifier, name: cluster.path ?? identifier, pooled: pooled(cluster, identifier), autoscaled };
    if (instanceClass !== '') {
      const member = { address: cluster.address, identifier, instanceClass, promotionTier: 0 };
      return { ...common, kind: 'multi-az-cluster', chained: false, atOnce: isAtOnce(cluster.args), ...windowOf(cluster.args), members: [member] };
    }
    return {
      ...common, kind: 'aurora', chained: instances.some(({ args }) => dependsOnInstances(args['depends_on'])), atOnce: instances.every(({ args }) => isAtOnce(args)),
      ...windowOf(instances[0]?.args ?? {}), members: instances.map(memberOf),
    };
  });
  const instances = of('aws_db_instance').map((instance): ExplainedCluster => {
    const member = memberOf(instance);
    const { identifier } = member;
    return {
      ...place, identifier, name: instance.path ?? identifier, pooled: pooled(instance, identifier), autoscaled: false, chained: false,
      kind: instance.args['multi_az'] === true ? 'multi-az-instance' : 'single', atOnce: isAtOnce(instance.args), ...windowOf(instance.args), members: [member],
    };
  });
  return [...clusters.filter(({ members }) => members.length > 0), ...instances];
}

const resourcesOf = (configuration: unknown) => (type: string): Resource[] => {
  const { resource = {} } = configuration as { readonly resource?: Readonly<Record<string, Readonly<Record<string, Arguments>>>> };
  return Object.entries(resource[type] ?? {}).map(([name, args]) => ({ address: `${type}.${name}`, path: constructPath(args), args }));
};

/** The path of the construct that made it: CDKTF's own note, less what is the same in each. */
const constructPath = (args: Arguments): string | undefined => (args['//'] as { readonly metadata?: { readonly path?: string } } | undefined)?.metadata?.path?.replace(/\/Resource$/, '');

const memberOf = ({ address, args }: Resource): ClusterMember => ({
  address, identifier: textOf(args, 'identifier'), instanceClass: textOf(args, 'instance_class'), promotionTier: typeof args['promotion_tier'] === 'number' ? args['promotion_tier'] : 0,
});

export const textOf = (args: Arguments, name: string): string => (typeof args[name] === 'string' ? args[name] : '');
export const dependsOnInstances = (dependencies: unknown): boolean => Array.isArray(dependencies) && dependencies.some((address) => String(address).startsWith('aws_rds_cluster_instance.'));
/** Left out, AWS waits. */
export const isAtOnce = (args: Arguments): boolean => args['apply_immediately'] === true;
export const windowOf = (args: Arguments): { readonly maintenanceWindow?: string } => {
  const window = textOf(args, 'preferred_maintenance_window') || textOf(args, 'maintenance_window');
  return window === '' ? {} : { maintenanceWindow: window };
};
