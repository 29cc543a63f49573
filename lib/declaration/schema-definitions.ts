import { z } from 'zod';

const text = z.string().min(1).refine((given) => !given.includes('\0'), { error: 'holds a NUL character, which PostgreSQL cannot store' });
const tenancy = z.enum(['tenant', 'reference', 'shared']).optional();
const roles = z.array(z.string()).optional();
const safeInt = z.int();

/** @param columnType - the built-in types */
export const functionOf = (columnType: z.ZodString) => z.strictObject({
  tenancy,
  arguments: z.array(z.strictObject({ name: z.string(), type: columnType, default: text.optional() })).optional(),
  returns: z.union([z.literal('void'), z.literal('trigger'), columnType, z.strictObject({ setOf: columnType }), z.strictObject({ table: z.record(z.string(), columnType) })]),
  language: z.enum(['sql', 'plpgsql']).optional(),
  volatility: z.enum(['volatile', 'stable', 'immutable']).optional(),
  security: z.enum(['invoker', 'definer']).optional(),
  reason: text.optional(),
  body: text,
  execute: roles,
});

export const trigger = z.strictObject({
  timing: z.enum(['before', 'after']),
  events: z.union([z.array(z.enum(['insert', 'update', 'delete', 'truncate'])).min(1), z.strictObject({ update: z.array(z.string()).min(1) })]),
  level: z.enum(['row', 'statement']).optional(),
  when: text.optional(),
  function: z.string(),
});

export const view = z.strictObject({ tenancy, query: text, columns: z.array(z.string()).min(1).optional(), securityBarrier: z.boolean().optional(), read: roles });

export const sequence = z.strictObject({
  tenancy, type: z.enum(['smallint', 'integer', 'bigint']).optional(), start: safeInt.optional(), increment: safeInt.optional(), cache: safeInt.min(1).optional(), cycle: z.boolean().optional(), use: roles,
});

export type FunctionDeclaration = Readonly<z.output<ReturnType<typeof functionOf>>>;
export type TriggerDeclaration = Readonly<z.output<typeof trigger>>;
export type ViewDeclaration = Readonly<z.output<typeof view>>;
export type SequenceDeclaration = Readonly<z.output<typeof sequence>>;

/** The properties of each, by the part of the declaration. */
export const DEFINITION_PROPERTIES: Readonly<Record<string, readonly string[]>> = {
  functions: ['tenancy', 'arguments', 'returns', 'language', 'volatility', 'security', 'reason', 'body', 'execute'], views: Object.keys(view.shape), sequences: Object.keys(sequence.shape),
};
