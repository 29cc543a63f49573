import { TenantryError } from '../core/errors';
import type { ClusterKind, ClusterMember, ExplainedCluster } from './cluster';
import { dependsOnInstances, isAtOnce, readJson, textOf, windowOf } from './read-stacks';

type Attributes = Readonly<Record<string, unknown>>;
interface Changed {
  readonly address: string;
  readonly type: string;
  readonly change: { readonly actions: readonly string[]; readonly before: Attributes | null; readonly after: Attributes | null };
}

/** The databases of which a plan changes the class of an instance. What it makes or deletes beside that is no matter of an order. */
export function clustersOfPlan(file: string): ExplainedCluster[] {
  const plan = readJson(file) as { readonly format_version?: unknown; readonly resource_changes?: readonly Changed[]; readonly configuration?: Configuration } | null;
  if (typeof plan?.format_version !== 'string' || (plan.resource_changes !== undefined && !Array.isArray(plan.resource_changes))) {
    throw new TenantryError('input', { code: 'explain/not-a-plan', at: file, problem: 'The file is not a plan of Terraform as JSON.', fix: 'terraform plan -out plan.bin && terraform show -json plan.bin > plan.json' });
  }
  const changes = (plan.resource_changes ?? []).filter(({ change: { before, after } }) => before !== null && after !== null);
  const of = (type: string): Changed[] => changes.filter((one) => one.type === type);
  const proxied = of('aws_db_proxy_target').flatMap(({ change: { after } }) => [textOf(after ?? {}, 'db_cluster_identifier'), textOf(after ?? {}, 'db_instance_identifier')]);
  const scaled = of('aws_appautoscaling_target').map(({ change: { after } }) => textOf(after ?? {}, 'resource_id'));
  const found = [
    ...auroraIn(of('aws_rds_cluster_instance'), plan.configuration),
    ...aloneIn(of('aws_rds_cluster'), 'cluster_identifier', 'db_cluster_instance_class', () => 'multi-az-cluster'),
    ...aloneIn(of('aws_db_instance'), 'identifier', 'instance_class', ({ multi_az }) => (multi_az === true ? 'multi-az-instance' : 'single')),
  ];
  return found
    .filter(({ members }) => members.some(({ instanceClass, becomes }) => becomes !== instanceClass))
    .map((cluster) => ({ ...cluster, pooled: proxied.includes(cluster.identifier), autoscaled: scaled.includes(`cluster:${cluster.identifier}`) }));
}

interface Configuration {
  readonly root_module?: { readonly resources?: readonly { readonly address: string; readonly depends_on?: unknown }[] };
}

function auroraIn(instances: readonly Changed[], configuration: Configuration | undefined): ExplainedCluster[] {
  const chained = (address: string): boolean => dependsOnInstances(configuration?.root_module?.resources?.find((one) => one.address === address)?.depends_on);
  const identifiers = [...new Set(instances.map(({ change }) => textOf(change.before ?? {}, 'cluster_identifier')))].sort();
  return identifiers.map((identifier) => {
    const own = instances.filter(({ change }) => textOf(change.before ?? {}, 'cluster_identifier') === identifier);
    const [first] = own;
    return {
      name: identifier, identifier, kind: 'aurora', pooled: false, autoscaled: false,
      chained: own.some(({ address }) => chained(address)), atOnce: own.every(({ change }) => isAtOnce(change.after ?? {})), ...windowOf(first?.change.after ?? {}),
      members: own.map((one) => ({ ...memberOf(one, 'identifier', 'instance_class'), writer: one.change.before?.['writer'] === true })),
    };
  });
}

function aloneIn(all: readonly Changed[], idArgument: string, classArgument: string, kindOf: (attributes: Attributes) => ClusterKind): ExplainedCluster[] {
  return all.filter(({ change }) => textOf(change.before ?? {}, classArgument) !== '').map((one) => {
    const { after, before } = one.change;
    const member = memberOf(one, idArgument, classArgument);
    const { identifier } = member;
    return {
      name: identifier, identifier, kind: kindOf(before ?? {}), pooled: false, autoscaled: false, chained: false, atOnce: isAtOnce(after ?? {}), ...windowOf(after ?? {}), members: [member],
    };
  });
}

/** What is replaced is another instance, and none that gets another class. */
function memberOf({ address, change: { actions, before, after } }: Changed, idArgument: string, classArgument: string): ClusterMember {
  const tier = before?.['promotion_tier'];
  const instanceClass = textOf(before ?? {}, classArgument);
  const becomes = actions.includes('update') ? textOf(after ?? {}, classArgument) : instanceClass;
  return { address, identifier: textOf(before ?? {}, idArgument), instanceClass, becomes, promotionTier: typeof tier === 'number' ? tier : 0 };
}
