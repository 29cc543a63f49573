import { z } from 'zod';
import { type Complaint, TenantryError } from '../core/errors';
import { nearest } from '../core/text';
import { checkDeclaration } from './check';

const scalar = /^(uuid|text|boolean|smallint|integer|bigint|real|double precision|numeric(\(\d{1,4}(,\d{1,4})?\))?|varchar\(\d+\)|char\(\d+\)|date|time|timestamp|timestamptz|interval|json|jsonb|bytea|inet|cidr)(\[\])?$/;

const columnType = z.string().regex(scalar, {
  error: 'is not a supported type; use uuid, text, varchar(n), char(n), boolean, smallint, integer, bigint, numeric, numeric(p,s), real, double precision, date, time, timestamp, timestamptz, interval, json, jsonb, bytea, inet or cidr, with [] behind it for an array',
});
const expression = z.string().min(1).refine((text) => !text.includes('\0'), { error: 'holds a NUL character, which PostgreSQL cannot store' });
const onDelete = z.enum(['noAction', 'restrict', 'cascade', 'setNull']);
const literal = z.union([z.string(), z.number(), z.boolean(), z.null()]);

const column = z.strictObject({
  type: columnType,
  nullable: z.boolean().default(false),
  default: expression.optional(),
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
  comment: expression.optional(),
});

const role = z.strictObject({
  scope: z.enum(['tenant', 'all']).default('tenant'),
  login: z.enum(['iam', 'password', 'none']).default('none'),
  tables: z.record(z.string(), z.enum(['read', 'append', 'write'])),
  masked: z.array(z.string()).default([]),
  connectionLimit: z.int().min(1).max(10_000).optional(),
});

export const declarationSchema = z.strictObject({
  name: z.string(),
  tables: z.record(z.string(), table),
  roles: z.record(z.string(), role).default({}),
  externalGrants: z.array(z.string()).default([]),
});

/** A declaration with every default filled in: what a manifest carries. */
export type Declaration = Readonly<z.output<typeof declarationSchema>>;
export type TableDeclaration = Readonly<z.output<typeof table>>;
export type ColumnDeclaration = Readonly<z.output<typeof column>>;
export type RoleDeclaration = Readonly<z.output<typeof role>>;

/**
 * Checks plain data (from JSON, YAML or code) and fills in the defaults.
 *
 * @throws TenantryError (`input`) with every complaint, each with the path of the value
 */
export function parseDeclaration(data: unknown): Declaration {
  const parsed = declarationSchema.safeParse(data);
  if (!parsed.success) throw new TenantryError('input', complaintsOf(parsed.error, data, 'declaration'));
  const complaints = checkDeclaration(parsed.data);
  if (complaints.length > 0) throw new TenantryError('input', complaints);
  return parsed.data;
}

/** Turns zod's issues into complaints: path, what was given, what is allowed. */
export function complaintsOf(error: z.ZodError, data: unknown, module: string): Complaint[] {
  return error.issues.flatMap((issue) => issueComplaints(issue, data, module));
}

function issueComplaints(issue: z.core.$ZodIssue, data: unknown, module: string): Complaint[] {
  const at = issue.path.length === 0 ? module : issue.path.join('.');
  const given = valueAt(data, issue.path);
  if (issue.code === 'unrecognized_keys') {
    const allowed = allowedKeys(issue.path);
    return issue.keys.map((key) => {
      const near = nearest(key, allowed);
      return {
        code: `${module}/unknown-key`,
        at: [...issue.path, key].join('.'),
        problem: `${JSON.stringify(key)} is not a property here.`,
        fix: near === undefined ? 'Remove it, or look for its name in the documentation.' : `Did you mean ${JSON.stringify(near)}?`,
      };
    });
  }
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    const deepest = issue.errors.reduce((best, errors) => (errors.length > 0 && errors.length <= best.length ? errors : best));
    return deepest.flatMap((inner) => issueComplaints({ ...inner, path: [...issue.path, ...inner.path] }, data, module));
  }
  if (given === undefined) {
    return [{ code: `${module}/missing`, at, problem: `Nothing is given here. ${sentence(issue.message.replace(/^Invalid (input|option): |, received undefined$/g, ''))}` }];
  }
  return [{ code: `${module}/invalid-value`, at, problem: `${preview(given)} ${issue.message.startsWith('is ') || issue.message.startsWith('holds ') ? '' : 'is not allowed: '}${lower(issue.message.replace(/^Invalid (input|option): /, ''))}.` }];
}

function allowedKeys(path: readonly PropertyKey[]): string[] {
  if (path.length === 0) return Object.keys(declarationSchema.shape);
  if (path[0] === 'tables') return Object.keys(path.includes('columns') ? column.shape : table.shape);
  return Object.keys(role.shape);
}

function valueAt(data: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => (typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[key] : undefined), data);
}

function preview(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}

const lower = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);
const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
