import type { IConstruct } from 'constructs';
import { TenantryError } from '../core/errors';
import { AccountWide } from './account-wide';

export interface Claim {
  /** Namespace of AWS that the name is in, for instance `database`. */
  readonly kind: string;
  readonly name: string;
  readonly code: string;
  /** @default - whose name it is already */
  readonly problem?: (owner: string) => string;
  readonly fix: string;
}

const claims = new AccountWide<string>();

/**
 * Of what an account has once in a region, an application makes one: a plan sees each stack alone, so that only the apply would fail, half-way.
 *
 * @throws TenantryError (`input`) where another construct of the application has the name
 */
export function claimName(construct: IConstruct, { kind, name, code, problem, fix }: Claim): void {
  const taken = claims.of(construct);
  const key = `${kind}/${name}`;
  const owner = taken.get(key);
  if (owner !== undefined) {
    const usual = `The ${kind} would be called ${JSON.stringify(name)}, as that of ${owner} is already, in the same account and region.`;
    throw new TenantryError('input', { code, at: construct.node.path, problem: problem?.(owner) ?? usual, fix });
  }
  taken.set(key, construct.node.path);
}
