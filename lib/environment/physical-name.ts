import { createHash } from 'node:crypto';
import type { IConstruct } from 'constructs';
import { EnvironmentStack } from './environment-stack';

export interface PhysicalNameOptions {
  /** Longest name that AWS takes. */
  readonly max: number;
  /** Put behind the name. @default - nothing */
  readonly suffix?: string;
}

/**
 * A name in AWS, made of platform, environment, layer and the ids of the constructs: the same in every run, and different for ids that differ in more than
 * case and punctuation. One that is too long is cut, with a hash of the whole.
 */
export function physicalName(construct: IConstruct, { max, suffix }: PhysicalNameOptions): string {
  const stack = EnvironmentStack.of(construct);
  const ids = construct.node.scopes.slice(construct.node.scopes.indexOf(stack) + 1).map((scope) => scope.node.id).filter((id) => id !== 'Resource');
  const whole = [stack.environment.platform, stack.environment.name, stack.layer, ...ids, ...(suffix === undefined ? [] : [suffix])].map(kebab).join('-');
  if (whole.length <= max) return whole;
  const hash = createHash('sha256').update(whole).digest('hex').slice(0, 8);
  return `${whole.slice(0, max - hash.length - 1).replace(/-$/, '')}-${hash}`;
}

const kebab = (text: string): string => text.replace(/([a-z0-9])([A-Z])/g, '$1-$2').toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '');
