import { each, finding, type Judgement, pass, type Rule, unknown } from '../rule';
import type { StackResource, SynthesizedStack } from '../stack';
import { stageOf } from '../stage';

/** Days that backups reach back at least. */
const LEAST = { development: 1, staging: 7, production: 35 };

export const backupsRetained: Rule = {
  id: 'backups-retained',
  requires: 'Automated backups reach back at least 1 day in development, 7 in staging and 35 in production, where they outlive their database.',
  why: 'A mistake is often found weeks later, and deleting a cluster deletes its automated backups unless told otherwise.',
  check: (stack) => each(stack, ['aws_rds_cluster', 'aws_db_instance'], (resource) => judge(stack, resource)),
};

function judge(stack: SynthesizedStack, resource: StackResource): readonly Judgement[] {
  const stage = stageOf(stack);
  if (stage === undefined) return [unknown(resource, 'The stack does not say which environment it belongs to (default tag "stage" of its provider).')];
  const days = stack.known<number>(resource.arguments.backup_retention_period);
  const deleted = stack.known<boolean>(resource.arguments.delete_automated_backups);
  for (const value of [days, deleted]) if (value.is === 'unknown') return [unknown(resource, `The retention of backups is ${value.expression}.`)];
  const judgements: Judgement[] = [];
  const least = LEAST[stage];
  // RDS keeps one day when nothing is given.
  const kept = days.is === 'known' ? days.value : 1;
  if (kept < least) judgements.push(finding(resource, 'too-short', `Automated backups reach back ${kept} days; ${stage} needs ${least}.`, `Set backup_retention_period to ${least}.`));
  if (stage === 'production' && !(deleted.is === 'known' && deleted.value === false)) judgements.push(finding(resource, 'deleted-with-database', 'delete_automated_backups is not false.', 'Set it to false.'));
  return judgements.length === 0 ? [pass(resource)] : judgements;
}
