import { createHash } from 'node:crypto';
import { ident, identList, qualified } from '../sql/quote';
import type { WantedFunction, WantedSequence, WantedTrigger, WantedView } from './definitions';
import type { Place } from './place';

export type Where = Pick<Place, 'schema' | 'referenceSchema'>;

export const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Where names without a schema are looked up: the place, then the home schema for its reference tables, and never first a temporary table. */
export const searchPath = ({ schema, referenceSchema }: Where): string[] => [...new Set([schema, referenceSchema]), 'pg_temp'];

/** Runs statements that name objects of the place without its schema. What the server prints is printed with schemas again behind it. */
export const inPlace = (where: Where, ...statements: readonly string[]): string[] => [`set local search_path = ${identList(searchPath(where))}`, ...statements, 'set local search_path = pg_catalog'];

// A line break ends a comment that the declared text leaves open.
const body = (text: string): string => `(\n${text}\n)`;

const PRINTED: Readonly<Record<string, string>> = { timestamptz: 'timestamp with time zone', timestamp: 'timestamp without time zone', time: 'time without time zone', varchar: 'character varying', char: 'character' };

/** A type as the server prints that of an argument: without its length. */
export function printedType(type: string): string {
  const [, name = '', array = ''] = /^([a-z0-9 ]+)(?:\([^)]*\))?(\[\])?$/.exec(type) ?? [];
  return `${PRINTED[name] ?? name}${array}`;
}

export const argumentTypes = ({ arguments: args = [] }: WantedFunction): string[] => args.map(({ type }) => printedType(type));

/** As `pg_get_function_result` prints it, but for quotes. */
export function printedResult({ returns }: WantedFunction): string {
  if (typeof returns === 'string') return printedType(returns);
  if ('setOf' in returns) return `SETOF ${printedType(returns.setOf)}`;
  return `TABLE(${Object.entries(returns.table).map(([name, type]) => `${name} ${printedType(type)}`).join(', ')})`;
}

export const languageOf = ({ language, returns }: WantedFunction): string => language ?? (returns === 'trigger' ? 'plpgsql' : 'sql');
export const volatilityOf = ({ volatility = 'volatile' }: WantedFunction): string => volatility;
export const isDefiner = ({ security }: WantedFunction): boolean => security === 'definer';

/** The statement that makes a function; `create function` takes nobody's place. */
export function functionSql(where: Where, wanted: WantedFunction, create: 'create' | 'create or replace' = 'create'): string {
  const { name, arguments: args = [], returns } = wanted;
  const result = typeof returns === 'string' ? returns : 'setOf' in returns ? `setof ${returns.setOf}` : `table (${Object.entries(returns.table).map(([column, type]) => `${ident(column)} ${type}`).join(', ')})`;
  const given = args.map((argument) => `${ident(argument.name)} ${argument.type}${argument.default === undefined ? '' : ` default ${body(argument.default)}`}`);
  let quote = '$tenantry$';
  for (let i = 1; wanted.body.includes(quote); i++) quote = `$tenantry_${i}$`;
  return `${create} function ${qualified(where.schema, name)}(${given.join(', ')}) returns ${result} language ${languageOf(wanted)} ${volatilityOf(wanted)} not leakproof security ${isDefiner(wanted) ? 'definer' : 'invoker'} set search_path = ${identList(searchPath(where))} as ${quote}${wanted.body}${quote}`;
}

export const functionName = (where: Where, wanted: WantedFunction): string => `${qualified(where.schema, wanted.name)}(${argumentTypes(wanted).join(', ')})`;

export function viewSql(where: Where, { name, query, columns, securityBarrier = false }: WantedView, create: 'create' | 'create or replace' = 'create'): string {
  return `${create} view ${qualified(where.schema, name)}${columns === undefined ? '' : ` (${identList(columns)})`} with (security_invoker = true, security_barrier = ${securityBarrier}) as\n${query}\n`;
}

export function triggerSql(where: Where, table: string, { name, timing, events, level = 'row', when, function: called }: WantedTrigger, create: 'create' | 'create or replace' = 'create'): string {
  const on = 'update' in events ? `update of ${identList(events.update)}` : events.join(' or ');
  return `${create} trigger ${ident(name)} ${timing} ${on} on ${qualified(where.schema, table)} for each ${level}${when === undefined ? '' : ` when ${body(when)}`} execute function ${qualified(where.schema, called)}()`;
}

export interface SequenceShape {
  readonly type: string;
  readonly start: string;
  readonly increment: string;
  readonly min: string;
  readonly max: string;
  readonly cache: string;
  readonly cycle: boolean;
}

const BITS: Readonly<Record<string, bigint>> = { smallint: 15n, integer: 31n, bigint: 63n };

/** Every property of a sequence, as the catalog lists it. */
export function sequenceShape({ type = 'bigint', start, increment = 1, cache = 1, cycle = false }: WantedSequence): SequenceShape {
  const limit = 1n << (BITS[type] ?? 63n);
  const first = BigInt(start ?? (increment > 0 ? 1 : -1));
  const [min, max] = increment > 0 ? [first < 1n ? first : 1n, limit - 1n] : [-limit, first > -1n ? first : -1n];
  return { type, start: String(first), increment: String(increment), min: String(min), max: String(max), cache: String(cache), cycle };
}

export const sequenceOptions = ({ type, start, increment, min, max, cache, cycle }: SequenceShape): string =>
  `as ${type} increment by ${increment} minvalue ${min} maxvalue ${max} start with ${start} cache ${cache} ${cycle ? 'cycle' : 'no cycle'}`;
