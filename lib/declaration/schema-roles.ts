import { z } from 'zod';
import { problemOfReason } from './access-reason';
import { kilobytesOf, millisecondsOf } from './units';

/** The largest number of milliseconds or kilobytes that PostgreSQL keeps in a setting. */
const MOST = 2_147_483_647;

export const time = z.string().regex(/^\d{1,10}(ms|s|min|h|d)$/, { error: "is not a time; write a whole number with ms, s, min, h or d, for instance '30s'" })
  .refine((text) => (millisecondsOf(text) ?? 0) <= MOST, { error: 'is more than PostgreSQL keeps in a setting; 24 days are allowed' });
export const size = z.string().regex(/^\d{1,10}(kB|MB|GB|TB)$/, { error: "is not a size; write a whole number with kB, MB, GB or TB, for instance '16MB'" })
  .refine((text) => (kilobytesOf(text) ?? 0) <= MOST, { error: 'is more than PostgreSQL keeps in a setting; 1TB is allowed' });

const settings = z.strictObject({
  statementTimeout: time.optional(),
  lockTimeout: time.optional(),
  idleInTransactionSessionTimeout: time.optional(),
  idleSessionTimeout: time.optional(),
  transactionTimeout: time.optional(),
  workMem: size.refine((text) => (kilobytesOf(text) ?? 64) >= 64, { error: 'is less than PostgreSQL allows; 64kB are the least' }).optional(),
  tempFileLimit: size.optional(),
  defaultTransactionIsolation: z.enum(['read committed', 'repeatable read', 'serializable']).optional(),
  logMinDurationStatement: time.optional(),
});

/** What the kinds of roles add to the properties of a role. */
export const ROLE_PROPERTIES = {
  kind: z.enum(['application', 'migrator', 'backup', 'support']).optional(),
  settings: settings.optional(),
  maxDuration: time.optional(),
};

export const supportAccess = z.array(z.strictObject({
  member: z.string().min(1),
  role: z.string(),
  until: z.iso.datetime({ offset: true, error: 'is not a point in time; write it with its offset, for instance 2026-05-31T18:00:00Z' }),
  reason: z.string().refine((text) => problemOfReason(text) === undefined, { error: ({ input }) => problemOfReason(String(input)) }),
}));

/** Roles that are not an application's see all tenants or none; those that are told no tables need none. */
export function roleWithDefaults(role: unknown): unknown {
  if (typeof role !== 'object' || role === null || Array.isArray(role)) return role;
  const { kind } = role as { kind?: unknown };
  if (kind !== 'migrator' && kind !== 'backup' && kind !== 'support') return role;
  return { scope: 'all', ...(kind === 'support' ? {} : { tables: {} }), ...role };
}

/** Names of the properties of `roles.<name>.settings`, and of an entry of `supportAccess`. */
export const SETTING_PROPERTIES = Object.keys(settings.shape);
export const SUPPORT_ACCESS_PROPERTIES = Object.keys(supportAccess.element.shape);
