import { z } from 'zod';
import type { Complaint } from '../core/errors';
import { listOf, nearest } from '../core/text';
import type { Declaration } from './schema';
import { size, time } from './schema-roles';
import type { Tenants } from './tenants';
import { kilobytesOf } from './units';

const TIER_NAME = /^[a-z][a-z0-9-]{0,30}$/;

const storage = z.string().regex(/^\d{1,7}(kB|MB|GB|TB)$/, { error: "is not a size; write a whole number of at most 7 digits with kB, MB, GB or TB, for instance '20GB'" })
  .refine((text) => (kilobytesOf(text) ?? 0) * 1024 <= Number.MAX_SAFE_INTEGER, { error: 'is more than can be counted; 8191TB are allowed' });

export const tier = z.strictObject({
  connectionLimit: z.int().min(1).max(10_000).optional(),
  poolSize: z.int().min(1).max(10_000).optional(),
  statementTimeout: time.optional(),
  lockTimeout: time.optional(),
  idleInTransactionSessionTimeout: time.optional(),
  transactionTimeout: time.optional(),
  workMem: size.refine((text) => (kilobytesOf(text) ?? 0) >= 64, { error: 'is less than PostgreSQL allows; 64kB are the least' }).optional(),
  tempFileLimit: size.optional(),
  storageQuota: storage.optional(),
});

export type TierDeclaration = Readonly<z.output<typeof tier>>;

export const TIER_PROPERTIES = Object.keys(tier.shape);

export function checkTiers({ tiers }: Declaration): Complaint[] {
  return Object.keys(tiers ?? {}).filter((name) => !TIER_NAME.test(name)).map((name) => ({
    code: 'declaration/tier-name', at: `tiers.${name}`, problem: `${JSON.stringify(name)} cannot be the name of a tier: lower-case letters, digits and hyphens are allowed, at most 31, with a letter in front.`, fix: "For instance 'standard'.",
  }));
}

/** A tenant's tier is a declared one, where any are declared. */
export const checkTenantTiers = (declaration: Pick<Declaration, 'tiers'>, tenants: Tenants): Complaint[] =>
  Object.entries(tenants).flatMap(([key, { tier: name }]) => complaintOfTier(declaration, name, `tenants.${key}.tier`) ?? []);

export function complaintOfTier({ tiers }: Pick<Declaration, 'tiers'>, name: string, at: string): Complaint | undefined {
  if (tiers === undefined || Object.hasOwn(tiers, name)) return undefined;
  const names = Object.keys(tiers);
  const near = nearest(name, names);
  return {
    code: 'tenants/unknown-tier', at, problem: `There is no tier ${JSON.stringify(name)}; ${names.length === 0 ? 'none is declared' : `the tiers are ${listOf(names)}`}.`,
    fix: near === undefined ? 'Name one of them, or declare it under tiers.' : `Did you mean ${JSON.stringify(near)}?`,
  };
}
