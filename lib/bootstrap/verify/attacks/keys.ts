import { TENANT_ID } from '../../../declaration/names';
import { identList, literal, qualified } from '../../sql/quote';
import { type Attack, attack, DENIED, type TableTarget } from '../attack';
import { assignment, mayUse } from '../columns';
import { insertable } from '../controls';
import { judgeCatalog } from '../judge';
import { constant, tuple, type Values } from '../probe/rows';
import type { Outcome, ProbeSession } from '../session';
import { keyReadable } from './read';
import { conclude, tenantTablesOnly } from './table-attack';

const mayInsert = (t: TableTarget): string | undefined => tenantTablesOnly(t) ?? (t.letters.includes('a') ? undefined : 'the role may not insert');

/** An own row that has, in every unique key, the values of the other tenant's row; references stay with the own tenant. */
function twinOfForeign(t: TableTarget): Values {
  const references = new Set(t.table.foreignKeys.flatMap(({ columns }) => columns));
  const keyed = new Set([...t.table.keys, ...t.table.indexes.filter(({ unique }) => unique)].flatMap(({ columns }) => columns));
  for (const unique of t.facts.table(t.place.schema, t.table.name)?.uniques ?? []) for (const column of unique.columns) if (column !== null) keyed.add(column);
  const values = new Map(t.row.next);
  for (const column of keyed) {
    if (column === TENANT_ID || references.has(column)) continue;
    const theirs = t.row.foreign.values.get(column);
    if (theirs !== undefined) values.set(column, theirs);
  }
  return values;
}

const insert = (t: TableTarget, values: Values): string => {
  const columns = insertable({ ...t, row: { ...t.row, next: values } });
  return `insert into ${t.name} (${identList(columns)}) values ${tuple(t.table, columns, values)}`;
};

const tenantKey = (t: TableTarget, name: string | undefined): boolean =>
  t.facts.table(t.place.schema, t.table.name)?.uniques.find((unique) => unique.name === name)?.columns.includes(TENANT_ID) ?? false;

/** A key of one's own that is taken already says nothing about anybody else. */
const ownKey = (t: TableTarget, outcome: Outcome): Outcome => (outcome.sqlstate === '23505' && tenantKey(t, outcome.constraint) ? { rows: 1 } : outcome);

const keyRemedy = (t: TableTarget, outcome: Outcome): string =>
  `Make the key${outcome.constraint === undefined ? '' : ` ${outcome.constraint}`} of ${t.name} begin with ${TENANT_ID}; declare it in tables.${t.table.name}.unique, and drop the one that was made by hand.`;

/** Keys and references that tell about, or reach, another tenant's rows. */
export const keyAttacks: readonly Attack<'table'>[] = [
  attack<'table'>({
    id: 'unique-oracle', title: 'Ask with an insert whether another tenant has a value', why: 'A unique violation (23505) tells that somebody else has the value', level: 'table', inapplicable: mayInsert, expected: DENIED,
    async run(session, t) {
      const outcome = ownKey(t, await session.attempt({ as: t.role.grantee, context: t.own, sql: insert(t, twinOfForeign(t)) }));
      return [await conclude(session, t, outcome, { denial: { done: true, telling: ['23505', '23P01'] }, needs: 'a', across: true, remedy: keyRemedy(t, outcome) })];
    },
  }),
  attack<'table'>({
    id: 'on-conflict-oracle', title: 'Upsert a value that another tenant has', why: 'ON CONFLICT DO UPDATE fails on a row that is hidden, and so tells that it is there', level: 'table',
    inapplicable: (t) => mayInsert(t) ?? (t.letters.includes('w') ? keyReadable(t) : 'the role may not update'), expected: DENIED,
    async run(session, t) {
      const key = t.table.keys.find(({ primary }) => primary)?.columns ?? [];
      const sql = `${insert(t, twinOfForeign(t))} on conflict (${identList(key)}) do update set ${assignment(t, 'excluded')}`;
      const outcome = ownKey(t, await session.attempt({ as: t.role.grantee, context: t.own, sql }));
      return [await conclude(session, t, outcome, { denial: { done: true, telling: ['23505', '23P01', '42501'] }, needs: 'raw', across: true, remedy: keyRemedy(t, outcome) })];
    },
  }),
  attack<'table'>({
    id: 'foreign-key-to-foreign-row', title: 'Reference another tenant’s row', why: 'A reference across tenants links their rows and lets a delete reach over', level: 'table',
    inapplicable: (t) => mayInsert(t) ?? (tenantReferences(t).length === 0 ? 'it references no tenant table, or none whose rows of two tenants have two keys' : undefined), expected: DENIED,
    async run(session, t) {
      return Promise.all(tenantReferences(t).map(async (key) => {
        const outcome = await refer(session, t, key, t.rows.rows.get(key.target)?.foreign.values);
        return conclude(session, t, outcome, { denial: { sqlstates: ['23503'] }, needs: 'a', across: true, remedy: referenceRemedy(t, key.name) });
      }));
    },
  }),
  attack<'table'>({
    id: 'foreign-key-oracle', title: 'Ask with a reference whether another tenant’s row exists', why: 'Different answers for a row that is hidden and one that is not there tell them apart', level: 'table',
    inapplicable: (t) => mayInsert(t) ?? (tenantReferences(t).length === 0 ? 'it references no tenant table, or none whose rows of two tenants have two keys' : undefined), expected: DENIED,
    async run(session, t) {
      return Promise.all(tenantReferences(t).map(async (key) => {
        const target = t.rows.rows.get(key.target);
        const hidden = await refer(session, t, key, target?.foreign.values);
        // Where the referenced key is itself a reference, the row that is not there would have the key of one that is.
        const nowhere = [target?.own, target?.foreign].every((row) => !samePlace(key, row?.values, target?.next));
        const same = nowhere ? hidden.sqlstate === (await refer(session, t, key, target?.next)).sqlstate : hidden.sqlstate === '23503';
        return conclude(session, t, same ? hidden : { rows: null }, { denial: { sqlstates: ['23503'] }, needs: 'a', across: true, remedy: referenceRemedy(t, key.name) });
      }));
    },
  }),
  attack<'table'>({
    id: 'cascade', title: 'Delete a parent to change another tenant’s children', why: 'ON DELETE CASCADE and SET NULL work without asking a policy', level: 'table',
    inapplicable: (t) => tenantTablesOnly(t) ?? (tenantReferences(t).length === 0 ? 'it references no tenant table, or none whose rows of two tenants have two keys' : undefined), expected: DENIED,
    async run(session, t) {
      return Promise.all(tenantReferences(t).map(async (key) => {
        // A child of the other tenant under an own parent: made by the maintainer, whom no policy stops. Only the key itself can refuse it.
        const outcome = await session.attempt({ as: t.place.maintainer, sql: redirect(t, key, t.rows.rows.get(key.target)?.own.values, t.foreign) });
        return conclude(session, t, outcome, { denial: { sqlstates: ['23503'] }, needs: '', across: true, remedy: referenceRemedy(t, key.name) });
      }));
    },
  }),
];

const isTenantTable = (t: { place: TableTarget['place'] }, name: string): boolean => t.place.tables.some((table) => table.name === name && table.tenancy === 'tenant');

type Reference = NonNullable<ReturnType<TableTarget['facts']['table']>>['foreignKeys'][number];

/** Foreign keys as they are, declared or not, to other tenant tables that have probe rows, of two tenants with two keys: one that both have says nothing. */
const tenantReferences = (t: TableTarget) => (t.facts.table(t.place.schema, t.table.name)?.foreignKeys ?? [])
  .filter((key) => key.targetSchema === t.place.schema && key.target !== t.table.name && isTenantTable(t, key.target) && t.rows.rows.has(key.target)
    && !samePlace(key, t.rows.rows.get(key.target)?.own.values, t.rows.rows.get(key.target)?.foreign.values) && key.columns.some((column) => column !== TENANT_ID && (t.access.has('a') ? mayUse(t, 'a', column) : !t.masked.includes(column))) && key.columns.every((column) => column === TENANT_ID || t.row.own.values.get(column) !== null));

/** What a reference holds when it points at a row. */
const pointing = (key: Reference, target: Values | undefined): [string, string | null][] =>
  key.columns.map((column, i): [string, string | null] => [column, target?.get(key.targetColumns[i] ?? '') ?? null]).filter(([column]) => column !== TENANT_ID);

const samePlace = (key: Reference, one: Values | undefined, other: Values | undefined): boolean => JSON.stringify(pointing(key, one)) === JSON.stringify(pointing(key, other));

/** Points a tenant's row at another one. */
const redirect = (t: TableTarget, key: Reference, target: Values | undefined, tenant: string): string =>
  `update ${t.name} set ${pointing(key, target).map(([column, value]) => `${identList([column])} = ${constant(t.table, column, value)}`).join(', ')} where ${TENANT_ID} = ${literal(tenant)}`;

/** Inserts a row that references another; where a key of one's own is in the way, the maintainer changes the row that is there: the reference is checked alike. */
async function refer(session: ProbeSession, t: TableTarget, key: Reference, target: Values | undefined): Promise<Outcome> {
  const outcome = await session.attempt({ as: t.role.grantee, context: t.own, sql: insert(t, new Map([...t.row.next, ...pointing(key, target)])) });
  return outcome.sqlstate === '23505' && tenantKey(t, outcome.constraint) ? session.attempt({ as: t.place.maintainer, sql: redirect(t, key, target, t.own) }) : outcome;
}

const referenceRemedy = (t: TableTarget, key: string): string => `Drop the foreign key ${key} of ${t.name} and reference (${TENANT_ID}, …): tenantry bootstrap apply makes the declared one.`;

/** What the catalog says about keys: every one of a tenant table holds within a tenant. */
export const keyCatalogAttacks: readonly Attack<'place'>[] = [
  attack<'place'>({
    id: 'key-across-tenants', title: 'Find a unique key that holds across tenants', why: 'A unique violation (23505) tells that somebody else has the value', level: 'place', expected: DENIED,
    run: (_session, { place, facts }) => Promise.resolve(place.tables.filter(({ tenancy }) => tenancy === 'tenant').map((table) => {
      const uniques = facts.table(place.schema, table.name)?.uniques ?? [];
      return judgeCatalog({
        table: table.name, bad: uniques.filter(({ columns }) => !columns.includes(TENANT_ID)).map(({ name }) => name), expected: `every unique key has ${TENANT_ID}`,
        control: { text: 'the catalog lists unique keys of the table', held: uniques.length > 0 },
        breach: { reason: `A unique key of ${qualified(place.schema, table.name)} holds across tenants: an insert tells whether another tenant has a value.`, remedy: `Drop it, and declare the key in tables.${table.name}.unique, where ${TENANT_ID} is put in front.` },
      });
    })),
  }),
  attack<'place'>({
    id: 'reference-across-tenants', title: 'Find a foreign key that reaches across tenants', why: 'References are checked, and cascades carried out, without asking a policy', level: 'place', expected: DENIED,
    run: (_session, { place, facts, declaration }) => Promise.resolve(place.tables.filter(({ tenancy }) => tenancy === 'tenant').map((table) => {
      const there = facts.table(place.schema, table.name);
      const keys = (there?.foreignKeys ?? []).filter(({ target, targetSchema }) => targetSchema !== place.referenceSchema || declaration.tables[target]?.tenancy !== 'reference');
      const across = keys.filter(({ columns, targetColumns, targetSchema }) => targetSchema !== place.schema || columns.indexOf(TENANT_ID) < 0 || columns.indexOf(TENANT_ID) !== targetColumns.indexOf(TENANT_ID));
      return judgeCatalog({
        table: table.name, bad: across.map(({ name }) => name), expected: `every foreign key to a tenant table has ${TENANT_ID}`, control: { text: 'the catalog lists the table', held: there !== undefined },
        breach: { reason: `A foreign key of ${qualified(place.schema, table.name)} reaches another tenant’s rows.`, remedy: `Drop it: tenantry bootstrap apply makes the declared ones, with ${TENANT_ID}.` },
      });
    })),
  }),
];

