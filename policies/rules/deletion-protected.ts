import { each, finding, type Judgement, pass, type Rule, unknown } from '../rule';
import type { StackResource, SynthesizedStack } from '../stack';
import { stageOf } from '../stage';

export const deletionProtected: Rule = {
  id: 'deletion-protected',
  requires: 'Outside development a database cannot be deleted by a plan, and leaves a snapshot when it is deleted on purpose.',
  why: 'The worst accident of a database is a plan that replaces it.',
  check: (stack) => each(stack, ['aws_rds_cluster', 'aws_db_instance'], (resource) => judge(stack, resource)),
};

function judge(stack: SynthesizedStack, resource: StackResource): readonly Judgement[] {
  const stage = stageOf(stack);
  if (stage === undefined) return [unknown(resource, 'The stack does not say which environment it belongs to (default tag "stage" of its provider).')];
  if (stage === 'development') return [];
  const protection = stack.known<boolean>(resource.arguments.deletion_protection);
  const skip = stack.known<boolean>(resource.arguments.skip_final_snapshot);
  const name = stack.known<string>(resource.arguments.final_snapshot_identifier);
  for (const value of [protection, skip]) if (value.is === 'unknown') return [unknown(resource, `Protection is ${value.expression}.`)];
  const judgements: Judgement[] = [];
  if (protection.is !== 'known' || !protection.value) judgements.push(finding(resource, 'not-protected', 'deletion_protection is not true.', 'Set it to true.'));
  if (skip.is === 'known' && skip.value === true) judgements.push(finding(resource, 'no-final-snapshot', 'skip_final_snapshot is true.', 'Set it to false, and give final_snapshot_identifier.'));
  else if (name.is === 'absent') judgements.push(finding(resource, 'no-snapshot-name', 'final_snapshot_identifier is not given, so that deleting fails half-way.', 'Give it a name that does not change.'));
  return judgements.length === 0 ? [pass(resource)] : judgements;
}
