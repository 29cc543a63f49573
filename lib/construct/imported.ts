import type { IConstruct } from 'constructs';
import { TenantryError } from '../core/errors';

/** The attribute of an imported object, or an error that names the missing one: never a made-up value. */
export function required<A extends object, K extends keyof A & string>(construct: IConstruct, type: string, attributes: A, name: K): NonNullable<A[K]> {
  const value = attributes[name];
  if (value !== undefined && value !== null) return value;
  const code = type.replace(/([a-z])([A-Z])/g, '$1-$2').toLowerCase();
  throw new TenantryError('input', {
    code: `${code}/missing-attribute`,
    at: construct.node.path,
    problem: `${name} of this imported ${type} is needed, and it was not given.`,
    fix: `Give it: ${type}.from${type}Attributes(…, { ${name}: … })`,
  });
}
