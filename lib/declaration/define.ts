import type { Checked, Schema } from './infer';
import { parseDeclaration } from './parse';
import type { SchemaInput } from './types';

/**
 * Declares tables and roles. The compiler refuses a name that is not declared; everything else is checked at once when it runs.
 *
 * @throws TenantryError (`input`) with every complaint, each with the path of the value
 */
export function defineSchema<const S extends SchemaInput>(schema: S & Checked<S>): Schema<S> {
  return parseDeclaration(schema);
}
