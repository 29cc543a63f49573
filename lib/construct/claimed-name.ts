import type { IConstruct } from 'constructs';
import { TenantryError } from '../core/errors';
import { EnvironmentStack } from '../environment/environment-stack';
import { isKnown } from './known';

export interface Claim {
  /** Namespace of AWS that the name is in, for instance `database`. */
  readonly kind: string;
  readonly name: string;
  readonly code: string;
  readonly fix: string;
}

const claims = new WeakMap<IConstruct, Map<string, string>>();

/**
 * Of what an account has once in a region, an application makes one: a plan sees each stack alone, so that only the apply would fail, half-way.
 *
 * @throws TenantryError (`input`) where another construct of the application has the name
 */
export function claimName(construct: IConstruct, { kind, name, code, fix }: Claim): void {
  if (!isKnown(name)) return;
  const { account, region } = EnvironmentStack.of(construct).environment;
  const taken = claims.get(construct.node.root) ?? new Map<string, string>();
  claims.set(construct.node.root, taken);
  const key = [kind, account, region, name].join('/');
  const owner = taken.get(key);
  if (owner !== undefined) {
    throw new TenantryError('input', { code, at: construct.node.path, problem: `The ${kind} would be called ${JSON.stringify(name)}, as that of ${owner} is already, in the same account and region.`, fix });
  }
  taken.set(key, construct.node.path);
}
