import { z } from 'zod';

/** PostgreSQL stores no NUL, and the library marks with the others where the names of schemas come. */
const RESERVED = ['\0', '\u0001', '\u0002'];
const expression = z.string().min(1).refine((text) => !RESERVED.some((character) => text.includes(character)), { error: 'holds a control character' });
const columns = z.union([z.array(z.string()).min(1), z.literal(true)]);

export const POLICY_RULES = ['policy/volatile', 'policy/cast-on-column', 'policy/or', 'policy/in-select', 'policy/correlated'] as const;

export const policy = z.strictObject({
  for: z.enum(['all', 'select', 'insert', 'update', 'delete']).default('all'),
  to: z.array(z.string()).min(1),
  using: expression.optional(),
  check: expression.optional(),
  settings: z.record(z.string(), z.string().refine((text) => !text.includes('\0'), { error: 'holds a NUL character, which PostgreSQL cannot store' })).optional(),
  lint: z.strictObject({ allow: z.array(z.enum(POLICY_RULES)).min(1), reason: z.string().min(1) }).optional(),
});

const word = z.enum(['read', 'append', 'write']);
const columnAccess = z.strictObject({ select: columns.optional(), insert: columns.optional(), update: columns.optional(), delete: z.literal(true).optional() });

export type PolicyDeclaration = Readonly<z.output<typeof policy>>;
export type ColumnAccessDeclaration = Readonly<z.output<typeof columnAccess>>;
export type AccessDeclaration = z.output<typeof word> | ColumnAccessDeclaration;

/** A word or an object. A union would complain about both of them. */
export const access = z.unknown().transform((given, context): AccessDeclaration => {
  const parsed = (typeof given === 'object' ? columnAccess : word).safeParse(given);
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues) context.issues.push({ ...issue, input: given } as z.core.$ZodRawIssue);
  return z.NEVER;
});

export const POLICY_PROPERTIES: readonly string[] = Object.keys(policy.shape);
export const COLUMN_ACCESS_PROPERTIES: readonly string[] = Object.keys(columnAccess.shape);
