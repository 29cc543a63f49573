import { each, finding, pass, type Rule, unknown } from '../rule';

export const masterPasswordManaged: Rule = {
  id: 'master-password-managed',
  requires: 'The master password is made and kept by AWS, or written without being stored in the state.',
  why: 'Whoever reads the state reads every password in it.',
  check: (stack) => each(stack, ['aws_rds_cluster', 'aws_db_instance'], (resource) => {
    const { manage_master_user_password: managed, replication_source_identifier: source, replicate_source_db: replica, global_cluster_identifier: global } = resource.arguments;
    const [stored, written] = resource.type === 'aws_rds_cluster' ? ['master_password', 'master_password_wo'] : ['password', 'password_wo'];
    if (resource.arguments[stored] !== undefined) return finding(resource, 'in-state', `${stored} is given, which Terraform stores in its state.`, `Use manage_master_user_password, or ${written}.`);
    const by = stack.known<boolean>(managed);
    if (by.is === 'unknown') return unknown(resource, `manage_master_user_password is ${by.expression}.`);
    if ((by.is === 'known' && by.value === true) || resource.arguments[written] !== undefined) return pass(resource);
    if (source !== undefined || replica !== undefined || global !== undefined) return pass(resource);
    return finding(resource, 'none', 'No managed and no write-only master password is given.', 'Set manage_master_user_password to true.');
  }),
};
