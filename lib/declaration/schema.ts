import { z } from 'zod';
import { access, COLUMN_ACCESS_PROPERTIES, policy, POLICY_PROPERTIES } from './schema-access';
import { ROLE_PROPERTIES, roleWithDefaults, SETTING_PROPERTIES, SUPPORT_ACCESS_PROPERTIES, supportAccess } from './schema-roles';
import { tier, TIER_PROPERTIES } from './schema-tiers';
import { PARTITION_PROPERTIES, partitionBy } from './schema-partitions';
import { DEFINITION_PROPERTIES, functionOf, sequence, trigger, view } from './schema-definitions';
import { domainOf, extension, OBJECT_PROPERTIES, publication } from './schema-objects';
import { exclusive } from './exclusive';
import { IDENTIFIER } from './names';
import { tenantContext } from './tenant-context';

const scalar = /^(uuid|text|boolean|smallint|integer|bigint|real|double precision|numeric(\(\d{1,4}(,\d{1,4})?\))?|varchar\(\d+\)|char\(\d+\)|date|time|timestamp|timestamptz|interval|json|jsonb|bytea|inet|cidr)(\[\])?$/;

/** Whether a type is PostgreSQL's own; else it must be a declared domain. */
export const isBuiltInType = (type: string): boolean => scalar.test(type);
export const UNSUPPORTED_TYPE = 'is not a supported type; use uuid, text, varchar(n), char(n), boolean, smallint, integer, bigint, numeric, numeric(p,s), real, double precision, date, time, timestamp, timestamptz, interval, json, jsonb, bytea, inet or cidr, with [] behind it for an array';
const builtInType = z.string().regex(scalar, { error: UNSUPPORTED_TYPE });
const columnType = z.string().refine((type) => isBuiltInType(type) || IDENTIFIER.test(type), { error: UNSUPPORTED_TYPE });
const expression = z.string().min(1).refine((text) => !text.includes('\0'), { error: 'holds a NUL character, which PostgreSQL cannot store' });
const onDelete = z.enum(['noAction', 'restrict', 'cascade', 'setNull']);
const literal = z.union([z.string(), z.number(), z.boolean(), z.null()]);

const column = z.strictObject({
  type: columnType,
  nullable: z.boolean().default(false),
  default: expression.optional(),
  backfill: expression.optional(),
  generated: expression.optional(),
  check: expression.optional(),
  unique: z.boolean().default(false),
  references: z.string().optional(),
  onDelete: onDelete.optional(),
  comment: expression.optional(),
  data: z.enum(['public', 'internal', 'personal', 'sensitive']).default('internal'),
  example: expression.optional(),
});

const columns = z.array(z.string()).min(1);
const index = z.strictObject({ columns, unique: z.boolean().default(false), where: expression.optional() });

const table = z.strictObject({
  tenancy: z.enum(['tenant', 'reference', 'shared']),
  columns: z.record(z.string(), column),
  primaryKey: columns,
  unique: z.array(columns).default([]),
  foreignKeys: z.array(z.strictObject({
    columns,
    references: z.strictObject({ table: z.string(), columns }),
    onDelete: onDelete.default('noAction'),
  })).default([]),
  indexes: z.array(z.union([columns.transform((list) => ({ columns: list, unique: false, where: undefined })), index])).default([]),
  checks: z.record(z.string(), expression).default({}),
  rows: z.array(z.record(z.string(), literal)).default([]),
  triggers: z.record(z.string(), trigger).optional(),
  policies: z.record(z.string(), policy).optional(),
  partitionBy: partitionBy.optional(),
  comment: expression.optional(),
});

const role = z.strictObject({
  scope: z.enum(['tenant', 'all']).default('tenant'),
  login: z.enum(['iam', 'password', 'none']).default('none'),
  tables: z.record(z.string(), access),
  masked: z.array(z.string()).default([]),
  connectionLimit: z.int().min(1).max(10_000).optional(),
  ...ROLE_PROPERTIES,
});

export const declarationSchema = z.strictObject({
  name: z.string(),
  tables: z.record(z.string(), table),
  roles: z.record(z.string(), z.preprocess(roleWithDefaults, role)).default({}),
  supportAccess: supportAccess.optional(),
  tenantContext: tenantContext.optional(),
  tiers: z.record(z.string(), tier).optional(),
  externalGrants: z.array(z.string()).default([]),
  extensions: z.record(z.string(), extension).optional(),
  domains: z.record(z.string(), domainOf(builtInType)).optional(),
  publications: z.record(z.string(), publication).optional(),
  functions: z.record(z.string(), functionOf(builtInType)).optional(),
  views: z.record(z.string(), view).optional(),
  sequences: z.record(z.string(), sequence).optional(),
  exclusive: exclusive.optional(),
});

/** A declaration with every default filled in: what a manifest carries. */
export type Declaration = Readonly<z.output<typeof declarationSchema>>;
export type TableDeclaration = Readonly<z.output<typeof table>>;
export type ColumnDeclaration = Readonly<z.output<typeof column>>;
export type RoleDeclaration = Readonly<z.output<typeof role>>;

/** The properties that a declaration may have at a path, to suggest one for a mistyped one. */
export function propertiesAt(path: readonly PropertyKey[]): string[] {
  if (path.length === 0) return Object.keys(declarationSchema.shape);
  if (path[0] === 'tables' && path[2] === 'policies') return [...POLICY_PROPERTIES];
  if (path[0] === 'tables' && path[2] === 'partitionBy') return PARTITION_PROPERTIES;
  if (path[0] === 'roles' && path[2] === 'tables') return [...COLUMN_ACCESS_PROPERTIES];
  if (path[0] === 'tables') return Object.keys(path.includes('columns') ? column.shape : table.shape);
  if (path[0] === 'tiers') return TIER_PROPERTIES;
  if (path[0] === 'supportAccess') return SUPPORT_ACCESS_PROPERTIES;
  if (path[0] === 'roles' && path[2] === 'settings') return SETTING_PROPERTIES;
  return [...OBJECT_PROPERTIES[String(path[0])] ?? DEFINITION_PROPERTIES[String(path[0])] ?? Object.keys(role.shape)];
}
