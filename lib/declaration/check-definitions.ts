import type { Complaint } from '../core/errors';
import { listOf, nearest } from '../core/text';
import { checkIdentifier } from './check-identifier';
import { relationNames } from './relations';
import type { Declaration, TableDeclaration } from './schema';
import type { FunctionDeclaration, SequenceDeclaration, TriggerDeclaration } from './schema-definitions';
import type { Tenancy } from './types';

/** Names that begin so are the library's own. */
const OWN_PREFIX = 'tenantry_';
/** What lies in every place serves tables of each tenancy; what lies in the home schema alone serves shared tables only. */
const SERVES: Readonly<Record<Tenancy, readonly Tenancy[]>> = { tenant: ['tenant', 'reference', 'shared'], reference: ['reference', 'shared'], shared: ['shared'] };
const LARGEST = { smallint: 32_767, integer: 2_147_483_647, bigint: Number.MAX_SAFE_INTEGER } as const;

/** The rules of functions, triggers, views and sequences. */
export function checkDefinitions(declaration: Declaration): Complaint[] {
  const { functions = {}, views = {}, sequences = {}, tables } = declaration;
  const roles = Object.keys(declaration.roles);
  return [
    ...checkNames(declaration),
    ...Object.entries(functions).flatMap(([name, declared]) => [...checkFunction(name, declared), ...checkRoles(roles, declared.execute, `functions.${name}.execute`)]),
    ...Object.entries(views).flatMap(([name, { columns = [], read }]) => [...checkDistinct(columns, `views.${name}.columns`, 'the name of a column'), ...checkRoles(roles, read, `views.${name}.read`)]),
    ...Object.entries(sequences).flatMap(([name, declared]) => [...checkSequence(name, declared), ...checkRoles(roles, declared.use, `sequences.${name}.use`)]),
    ...Object.entries(tables).flatMap(([table, declared]) => Object.entries(declared.triggers ?? {}).flatMap(([name, trigger]) => checkTrigger(functions, declared, trigger, name, `tables.${table}.triggers.${name}`))),
  ];
}

function checkNames(declaration: Declaration): Complaint[] {
  const { functions = {}, views = {}, sequences = {}, domains = {}, tables } = declaration;
  const relations = new Map(relationNames(declaration).map(({ name, what }) => [name, what]));
  for (const name of Object.keys(domains)) relations.set(name, `the domain ${name}`);
  const collision = (name: string, at: string, what: string | undefined): Complaint[] => (what === undefined ? [] : [{ code: 'declaration/name-collision', at, problem: `${JSON.stringify(name)} is also the name of ${what}.`, fix: 'Rename one of the two.' }]);
  const named = (part: string, names: readonly string[], what: string): Complaint[] => names.flatMap((name) => [
    ...checkIdentifier(name, `${part}.${name}`, { what: `the name of a ${what}` }),
    ...(name.startsWith(OWN_PREFIX) ? [reserved(name, `${part}.${name}`)] : []),
  ]);
  return [
    ...named('functions', Object.keys(functions), 'function'), ...named('views', Object.keys(views), 'view'), ...named('sequences', Object.keys(sequences), 'sequence'),
    ...Object.keys(views).flatMap((name) => collision(name, `views.${name}`, relations.get(name))),
    ...Object.keys(sequences).flatMap((name) => collision(name, `sequences.${name}`, relations.get(name) ?? (Object.hasOwn(views, name) ? `the view ${name}` : undefined))),
    ...Object.keys(functions).flatMap((name) => collision(name, `functions.${name}`, Object.hasOwn(tables, name) ? `the table ${name}` : Object.hasOwn(views, name) ? `the view ${name}` : undefined)),
  ];
}

const reserved = (name: string, at: string): Complaint => ({ code: 'declaration/reserved-name', at, problem: `${JSON.stringify(name)} begins as the library's own names do.`, fix: 'Choose another name.' });

function checkFunction(name: string, { arguments: args = [], returns, language, security = 'invoker', reason, execute = [] }: FunctionDeclaration): Complaint[] {
  const at = `functions.${name}`;
  const columns = typeof returns === 'object' && 'table' in returns ? Object.keys(returns.table) : [];
  const complaints = checkDistinct([...args.map((argument) => argument.name), ...columns], `${at}.arguments`, 'the name of an argument');
  if (typeof returns === 'object' && 'table' in returns && columns.length === 0) complaints.push({ code: 'declaration/no-columns', at: `${at}.returns.table`, problem: 'A function that returns a table needs at least one column.' });
  const firstDefault = args.findIndex((argument) => argument.default !== undefined);
  args.forEach((argument, i) => {
    if (firstDefault >= 0 && i > firstDefault && argument.default === undefined) {
      complaints.push({ code: 'declaration/argument-default', at: `${at}.arguments.${i}`, problem: `${argument.name} has no default, but stands behind ${args[firstDefault]?.name}, which has one.`, fix: 'Give it a default, or put it in front.' });
    }
  });
  if (returns === 'trigger') {
    if (args.length > 0) complaints.push({ code: 'declaration/trigger-function', at: `${at}.arguments`, problem: 'A function that returns a trigger has no arguments.', fix: 'Remove them.' });
    if (language === 'sql') complaints.push({ code: 'declaration/trigger-function', at: `${at}.language`, problem: 'A function that returns a trigger cannot be written in SQL.', fix: "Give 'plpgsql', or leave it out." });
    if (execute.length > 0) complaints.push({ code: 'declaration/trigger-function', at: `${at}.execute`, problem: 'Nobody calls a function that returns a trigger; its trigger fires whoever changes the table.', fix: 'Remove it.' });
  }
  if (security === 'definer' && reason === undefined) {
    complaints.push({
      code: 'declaration/definer-without-reason', at: `${at}.security`,
      problem: 'A definer function runs as the owner of the tables: it sees no row of any tenant, because row-level security is forced, and whoever calls it acts with the rights to change what guards those rows.',
      fix: "Leave security out, so that it runs with the rights of its caller; or say in `reason` why it must not, for instance that it reads a shared table whose columns its callers must not see.",
    });
  }
  if (security === 'invoker' && reason !== undefined) complaints.push({ code: 'declaration/reason', at: `${at}.reason`, problem: "A reason is for security: 'definer'.", fix: 'Remove it.' });
  return complaints;
}

function checkTrigger(functions: Readonly<Record<string, FunctionDeclaration>>, table: TableDeclaration, trigger: TriggerDeclaration, name: string, at: string): Complaint[] {
  const complaints = checkIdentifier(name, at, { what: 'the name of a trigger' });
  if (name.startsWith(OWN_PREFIX)) complaints.push(reserved(name, at));
  const called = functions[trigger.function];
  if (called === undefined) {
    const near = nearest(trigger.function, Object.keys(functions));
    complaints.push({ code: 'declaration/unknown-function', at: `${at}.function`, problem: `There is no function ${JSON.stringify(trigger.function)}; the functions are ${listOf(Object.keys(functions))}.`, ...(near === undefined ? {} : { fix: `Did you mean ${JSON.stringify(near)}?` }) });
  } else if (called.returns !== 'trigger') {
    complaints.push({ code: 'declaration/trigger-function', at: `${at}.function`, problem: `${trigger.function} does not return a trigger.`, fix: `Give functions.${trigger.function}.returns 'trigger'.` });
  } else if (!SERVES[called.tenancy ?? 'tenant'].includes(table.tenancy)) {
    complaints.push({ code: 'declaration/tenancy-of-function', at: `${at}.function`, problem: `The table is a ${table.tenancy} table, and ${trigger.function} is declared for ${called.tenancy} tables: it is not in every place where the table is.`, fix: `Give functions.${trigger.function}.tenancy ${JSON.stringify(table.tenancy)}.` });
  }
  const { events } = trigger;
  if (Array.isArray(events)) {
    if (new Set(events).size < events.length) complaints.push({ code: 'declaration/repeated', at: `${at}.events`, problem: 'An event stands here twice.', fix: 'Remove one.' });
    if (events.includes('truncate') && trigger.level !== 'statement') complaints.push({ code: 'declaration/trigger-level', at: `${at}.level`, problem: 'TRUNCATE removes no single rows.', fix: "Give level 'statement'." });
  } else {
    const columns = Object.keys(table.columns);
    for (const [i, column] of events.update.entries()) {
      if (columns.includes(column)) continue;
      const near = nearest(column, columns);
      complaints.push({ code: 'declaration/unknown-column', at: `${at}.events.update.${i}`, problem: `There is no column ${JSON.stringify(column)}; the table has ${listOf(columns)}.`, ...(near === undefined ? {} : { fix: `Did you mean ${JSON.stringify(near)}?` }) });
    }
  }
  return complaints;
}

function checkSequence(name: string, { type = 'bigint', increment = 1, start }: SequenceDeclaration): Complaint[] {
  const at = `sequences.${name}`;
  const largest = LARGEST[type];
  const outOfRange = (value: number | undefined, field: string): Complaint[] => (value === undefined || Math.abs(value) <= largest ? [] : [{ code: 'declaration/sequence-range', at: `${at}.${field}`, problem: `${value} is no ${type}.`, fix: 'Choose a smaller number or a larger type.' }]);
  return [...(increment === 0 ? [{ code: 'declaration/sequence-range', at: `${at}.increment`, problem: 'A sequence that adds 0 never has another value.', fix: 'Give another number.' }] : []), ...outOfRange(increment, 'increment'), ...outOfRange(start, 'start')];
}

function checkRoles(known: readonly string[], given: readonly string[] = [], at: string): Complaint[] {
  return given.flatMap((role, i): Complaint[] => {
    if (given.indexOf(role) !== i) return [{ code: 'declaration/repeated', at: `${at}.${i}`, problem: `${JSON.stringify(role)} stands here twice.`, fix: 'Remove one.' }];
    if (known.includes(role)) return [];
    const near = nearest(role, known);
    return [{ code: 'declaration/unknown-role', at: `${at}.${i}`, problem: `There is no role ${JSON.stringify(role)}; the roles are ${listOf(known)}.`, ...(near === undefined ? {} : { fix: `Did you mean ${JSON.stringify(near)}?` }) }];
  });
}

function checkDistinct(names: readonly string[], at: string, what: string): Complaint[] {
  return names.flatMap((name, i) => [
    ...checkIdentifier(name, `${at}.${i}`, { what }),
    ...(names.indexOf(name) === i ? [] : [{ code: 'declaration/repeated-column', at: `${at}.${i}`, problem: `${JSON.stringify(name)} stands here twice.`, fix: 'Rename one.' }]),
  ]);
}
