import { refuse, TenantryError } from '../core/errors';
import { complaintsOf } from '../core/zod-complaints';
import { checkDeclaration } from './check';
import { type Declaration, declarationSchema, propertiesAt } from './schema';

/**
 * Checks plain data (from JSON, YAML or code) and fills in the defaults.
 *
 * @throws TenantryError (`input`) with every complaint, each with the path of the value
 */
export function parseDeclaration(data: unknown): Declaration {
  const parsed = declarationSchema.safeParse(data);
  if (!parsed.success) throw new TenantryError('input', complaintsOf(parsed.error, data, { module: 'declaration', properties: propertiesAt }));
  const complaints = checkDeclaration(parsed.data);
  refuse(complaints);
  return parsed.data;
}
