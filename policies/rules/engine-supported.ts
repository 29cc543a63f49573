import { TenantryError } from '../../lib/core/errors';
import { type DatabaseEngine, Engine } from '../../lib/engine/engine';
import { describeSupport, supportOf } from '../../lib/engine/support';
import { each, finding, type Judgement, pass, type Rule, unknown } from '../rule';
import type { StackResource } from '../stack';

export const engineSupported: Rule = {
  id: 'engine-supported',
  requires: 'Databases run a major version whose standard support ends in more than 180 days.',
  why: 'AWS upgrades a version past its end by itself, at a time that nobody chose.',
  check: (stack, today) => each(stack, ['aws_rds_cluster', 'aws_db_instance'], (resource) => {
    const [engine, version] = [stack.known<string>(resource.arguments.engine), stack.known<string>(resource.arguments.engine_version)];
    if (engine.is !== 'known' || version.is !== 'known') return unknown(resource, `engine and engine_version are ${shown(engine)} and ${shown(version)}.`);
    const registered = engineOf(engine.value, version.value);
    return registered === undefined ? unknown(resource, `${engine.value} ${version.value} is not registered, so that nobody knows how long it is supported.`) : judge(resource, registered, today);
  }),
};

function judge(resource: StackResource, engine: DatabaseEngine, today: Date): Judgement {
  const day = today.toISOString().slice(0, 10);
  const { state } = supportOf(engine, day);
  const complaint = describeSupport(engine, day);
  if (state === 'unknown') return unknown(resource, `Nothing is known of the end of support of ${engine.label} ${engine.major}.`);
  return complaint === undefined ? pass(resource) : finding(resource, state === 'past' ? 'ended' : 'ends-soon', complaint.problem, complaint.fix ?? '');
}

function engineOf(name: string, version: string): DatabaseEngine | undefined {
  try {
    return Engine.of(name, version);
  } catch (error) {
    if (TenantryError.is(error)) return undefined;
    throw error;
  }
}

const shown = (value: { readonly is: string; readonly value?: string; readonly expression?: string }): string => value.value ?? value.expression ?? 'not given';
