import { judgeKey } from '../customer-key';
import { each, finding, type Judgement, type Rule, unknown } from '../rule';
import type { StackResource, SynthesizedStack } from '../stack';

export const logsKept: Rule = {
  id: 'logs-kept',
  requires: 'Databases export their logs to log groups that are made here, kept for a stated time, and encrypted with a customer-managed key.',
  why: 'RDS makes missing groups itself: without encryption, and for ever.',
  check: (stack) => [
    ...each(stack, ['aws_cloudwatch_log_group'], (resource) => judgeGroup(stack, resource)),
    ...each(stack, ['aws_rds_cluster', 'aws_db_instance'], (resource) => judgeExports(stack, resource)),
  ],
};

function judgeGroup(stack: SynthesizedStack, group: StackResource): Judgement {
  const days = stack.known<number>(group.arguments.retention_in_days);
  if (days.is === 'unknown') return unknown(group, `retention_in_days is ${days.expression}.`);
  if (days.is === 'absent' || days.value === 0) return finding(group, 'no-retention', 'retention_in_days is not given, so that logs are kept for ever.', 'Say how long they are needed.');
  return judgeKey(stack, group, 'kms_key_id');
}

function judgeExports(stack: SynthesizedStack, cluster: StackResource): readonly Judgement[] {
  const [argument, kind] = cluster.type === 'aws_rds_cluster' ? ['cluster_identifier', 'cluster'] : ['identifier', 'instance'];
  const identifier = stack.known<string>(cluster.arguments[argument]);
  if (identifier.is !== 'known') return [unknown(cluster, `${argument} is not known, so that its log groups cannot be told.`)];
  const exported = (cluster.arguments.enabled_cloudwatch_logs_exports ?? []) as readonly string[];
  if (exported.length === 0) return [finding(cluster, 'no-export', 'enabled_cloudwatch_logs_exports is empty, so that logs are lost with their instance.', 'Export at least the log of the engine.')];
  const first = (cluster.arguments.depends_on ?? []) as readonly string[];
  return exported.flatMap((log): Judgement[] => {
    const name = `/aws/rds/${kind}/${identifier.value}/${log}`;
    const group = stack.resources('aws_cloudwatch_log_group').find((one) => one.arguments.name === name);
    if (group === undefined) return [finding(cluster, 'group-missing', `There is no log group ${name}.`, 'Make it, with a retention and a key.')];
    return first.includes(group.address) ? [{ address: cluster.address, verdict: 'pass' }] : [finding(cluster, 'group-later', `${group.address} is not made before the database.`, 'Add it to depends_on.')];
  });
}
