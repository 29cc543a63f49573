import { z } from 'zod';
import { type Complaint, refuse, TenantryError } from '../core/errors';
import { complaintsOf } from '../core/zod-complaints';
import { TENANT_KEY } from './names';
import type { Declaration } from './schema';
import { checkTenantTiers } from './schema-tiers';

const tenant = z.strictObject({
  isolation: z.enum(['row', 'schema', 'database', 'cluster']),
  displayName: z.string().min(1).max(200)
    .refine((text) => !text.includes('\0'), { error: 'holds a NUL character, which PostgreSQL cannot store' }).optional(),
  tier: z.string().regex(/^[a-z][a-z0-9-]{0,30}$/, { error: 'is not the name of a tier: lower-case letters, digits and hyphens, at most 31, with a letter in front' }).default('standard'),
});

export const tenantsSchema = z.record(z.string(), tenant);

/** Tenants declared in code, by key, with every default filled in. */
export type Tenants = Readonly<z.output<typeof tenantsSchema>>;
export type TenantDeclaration = Tenants[string];

/**
 * Checks declared tenants and fills in the defaults.
 *
 * @param declaration - where it declares tiers, those of the tenants must be among them
 * @throws TenantryError (`input`) with every complaint
 */
export function parseTenants(data: unknown, declaration: Pick<Declaration, 'tiers'> = {}): Tenants {
  const parsed = tenantsSchema.safeParse(data);
  if (!parsed.success) throw new TenantryError('input', complaintsOf(parsed.error, data, { module: 'tenants', at: (path) => (path === '' ? 'tenants' : `tenants.${path}`) }));
  const complaints = [...checkTenantKeys(Object.keys(parsed.data)), ...checkTenantTiers(declaration, parsed.data)];
  refuse(complaints);
  return parsed.data;
}

/** A key is a name of its own, and never becomes the name of something else in the database. */
export function checkTenantKeys(keys: readonly string[]): Complaint[] {
  const complaints: Complaint[] = [];
  for (const key of keys) {
    if (!TENANT_KEY.test(key)) {
      const suggestion = key.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^[^a-z]+|-+$/g, '').slice(0, 31);
      complaints.push({
        code: 'tenants/key', at: `tenants.${key}`,
        problem: `${JSON.stringify(key)} cannot be a tenant's key: lower-case letters, digits and hyphens are allowed, at most 31, with a letter in front.`,
        fix: `The display name is free text: ${TENANT_KEY.test(suggestion) ? `${JSON.stringify(suggestion)}: { displayName: ${JSON.stringify(key)}, … }` : 'put the name there and choose a short key'}.`,
      });
    } else if (key.endsWith(LOGIN_ENDING)) {
      complaints.push({
        code: 'tenants/key-collision', at: `tenants.${key}`,
        problem: `The roles of ${JSON.stringify(key)} would have the same names as the logins of a tenant ${JSON.stringify(key.slice(0, -LOGIN_ENDING.length))}.`,
        fix: 'Choose a key that does not end with -login.',
      });
    }
  }
  return complaints;
}

/** `<role>__<key>_login` is the login of a tenant with a database of its own. */
const LOGIN_ENDING = '-login';
