import { each, finding, type Judgement, pass, type Rule, unknown } from '../rule';
import type { Known, StackResource, SynthesizedStack } from '../stack';

interface Requirement { readonly force: string; readonly on: readonly string[]; readonly minimum: string; readonly version: RegExp }

/** By the beginning of the parameter group's family. */
const REQUIREMENTS: Readonly<Record<string, Requirement>> = {
  postgres: { force: 'rds.force_ssl', on: ['1'], minimum: 'ssl_min_protocol_version', version: /^TLSv1\.3$/ },
  mysql: { force: 'require_secure_transport', on: ['1', 'ON'], minimum: 'tls_version', version: /^TLSv1\.3$/ },
};

export const tlsRequired: Rule = {
  id: 'tls-required',
  requires: 'Databases refuse connections without TLS 1.3.',
  why: 'A client that may connect without TLS sooner or later does, with its password and the tenants\' data.',
  check: (stack) => each(stack, ['aws_rds_cluster', 'aws_db_instance'], (resource) => judge(stack, resource)),
};

function judge(stack: SynthesizedStack, resource: StackResource): Judgement {
  const argument = resource.type === 'aws_rds_cluster' ? 'db_cluster_parameter_group_name' : 'parameter_group_name';
  const name = stack.known<string>(resource.arguments[argument]);
  if (name.is === 'absent') return finding(resource, 'no-parameter-group', `${argument} is not given; the default group cannot require TLS.`, 'Give a parameter group of your own.');
  if (name.is === 'known') return unknown(resource, `${argument} is ${JSON.stringify(name.value)}, a group that is not made here.`);
  const group = stack.referenced(name.expression);
  if (group === undefined) return unknown(resource, `${argument} is ${name.expression}, and the group cannot be found.`);
  const family = stack.known<string>(group.arguments.family);
  const requirement = family.is === 'known' ? Object.entries(REQUIREMENTS).find(([engine]) => family.value.includes(engine))?.[1] : undefined;
  if (requirement === undefined) return unknown(resource, `How ${String(group.arguments.family)} requires TLS is not known here.`);
  return judgeParameters(stack, resource, group, requirement);
}

function judgeParameters(stack: SynthesizedStack, resource: StackResource, group: StackResource, { force, on, minimum, version }: Requirement): Judgement {
  const parameters = (group.arguments.parameter ?? []) as readonly { name: string; value: string }[];
  const values = (name: string): Known<string>[] => parameters.filter((parameter) => parameter.name === name).map(({ value }) => stack.known<string>(value));
  // One that is given twice must be right twice: which of them wins is not known here.
  const is = (name: string, right: (value: string) => boolean): boolean => values(name).length > 0 && values(name).every((value) => value.is === 'known' && right(value.value));
  for (const value of [...values(force), ...values(minimum)]) if (value.is === 'unknown') return unknown(resource, `A parameter of ${group.address} is ${value.expression}.`);
  if (!is(force, (value) => on.includes(value))) return finding(resource, 'not-forced', `${group.address} does not set ${force}, so that clients may connect without TLS.`, `Set ${force} to ${on[0]}.`);
  if (!is(minimum, (value) => version.test(value))) return finding(resource, 'below-1.3', `${group.address} admits TLS below 1.3.`, `Set ${minimum} to TLSv1.3, or waive it for the clients that cannot.`);
  return pass(resource);
}
