import { each, finding, pass, type Rule, unknown } from '../rule';

export const iamAuthentication: Rule = {
  id: 'iam-authentication',
  requires: 'Databases take IAM tokens.',
  why: 'A token lives 15 minutes and names who asked for it; a password lives as long as nobody changes it.',
  check: (stack) => each(stack, ['aws_rds_cluster', 'aws_db_instance'], (resource) => {
    const enabled = stack.known<boolean>(resource.arguments.iam_database_authentication_enabled);
    if (enabled.is === 'unknown') return unknown(resource, `iam_database_authentication_enabled is ${enabled.expression}.`);
    return enabled.is === 'known' && enabled.value === true ? pass(resource) : finding(resource, 'off', 'iam_database_authentication_enabled is not true.', 'Set it to true.');
  }),
};
