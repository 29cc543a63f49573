import { TENANT_ID } from '../../../declaration/names';
import { ident, literal } from '../../sql/quote';
import type { Attack, TableTarget } from '../attack';
import { attack, DENIED } from '../attack';
import { mayUse } from '../columns';
import { judge, pastPrivileges } from '../judge';
import { conclude, NEVER, NOTHING, REFUSED, statement, type Statement } from './table-attack';

const forbidden = (id: string, title: string, why: string, sql: (t: TableTarget) => string, remedy: string, inapplicable?: Statement['inapplicable']): Attack<'table'> =>
  statement({ id, title, why, needs: NEVER, across: false, denial: REFUSED, sql, remedy: () => remedy, ...(inapplicable === undefined ? {} : { inapplicable }) });

const isGenerated = ({ table }: TableTarget, column: string): boolean => table.columns.some(({ name, generated }) => name === column && generated !== undefined);
const policyOf = ({ facts, place, table }: TableTarget): string | undefined => facts.table(place.schema, table.name)?.policies[0]?.name;

const OWNER = 'The role must not own the table: alter table … owner to the declared owner.';
const REVOKE = 'tenantry bootstrap apply takes back privileges that are not declared.';

/** Changing the table so that row-level security no longer holds, or using what it does not cover. PostgreSQL refuses these before it locks the table. */
export const definitionAttacks: readonly Attack<'table'>[] = [
  forbidden('truncate', 'TRUNCATE the table', 'TRUNCATE removes every tenant’s rows and asks no policy', ({ name }) => `truncate ${name} cascade`, REVOKE),
  forbidden('disable-row-security', 'Disable row-level security', 'Without it every row is everybody’s', ({ name }) => `alter table ${name} disable row level security`, OWNER),
  forbidden('drop-policy', 'Drop a policy', 'A policy is what holds roles to one tenant', (t) => `drop policy ${ident(policyOf(t) ?? '')} on ${t.name}`, OWNER, (t) => (policyOf(t) === undefined ? 'the table has no policy' : undefined)),
  forbidden('create-policy', 'Create a policy', 'A policy of one’s own could open the table', ({ name }) => `create policy tenantry_probe on ${name} using (true)`, OWNER),
  forbidden('drop-table', 'Drop the table', 'All tenants’ rows would be lost', ({ name }) => `drop table ${name} cascade`, OWNER),
  forbidden('alter-default', 'Change the default of tenant_id', 'Rows would be born with another tenant', ({ name }) => `alter table ${name} alter ${ident(TENANT_ID)} drop default`, OWNER),
  forbidden('own-table', 'Become the owner of the table', 'An owner changes everything about a table', (t) => `alter table ${t.name} owner to ${ident(t.role.grantee)}`, OWNER),
  statement({
    id: 'pass-on-privilege', title: 'Grant the table to everybody', why: 'A privilege that can be passed on leaves the declaration', needs: '', across: false, denial: { empty: true, sqlstates: ['42501'] }, remedy: () => REVOKE,
    sql: (t) => `grant select, insert, update, delete on ${t.name} to public; select 1 from pg_class c, aclexplode(c.relacl) a where c.oid = ${literal(t.name)}::regclass and a.grantor = current_user::regrole`,
  }),
  statement({
    id: 'never-granted', title: 'Hold TRUNCATE, REFERENCES, TRIGGER or MAINTAIN', why: 'A trigger runs as the next writer; a reference and TRUNCATE ask no policy', needs: '', across: false, denial: NOTHING, remedy: () => REVOKE,
    // By the catalog: to try a trigger would lock the table before the privilege is looked at. MAINTAIN is known since version 17.
    sql: (t) => `select 1 where has_table_privilege(${literal(t.name)}, 'truncate, references, trigger') or has_any_column_privilege(${literal(t.name)}, 'references')
      or exists (select from pg_class c, aclexplode(c.relacl) a where c.oid = ${literal(t.name)}::regclass and a.privilege_type = 'MAINTAIN' and (a.grantee = 0 or pg_has_role(a.grantee, 'usage')) and a.grantee <> c.relowner)`,
  }),
  attack<'table'>({
    id: 'masked-column', title: 'Read a masked column', why: 'A masked column holds what the role need not know', level: 'table', expected: DENIED,
    inapplicable: ({ masked }) => (masked.length === 0 ? 'no column is masked for the role' : undefined),
    async run(session, t) {
      const tries = t.masked.flatMap((column) => [`select 1 from ${t.name} where ${ident(column)} is not null`, `select count(${ident(column)}) from ${t.name}`, ...(isGenerated(t, column) ? [] : [`update ${t.name} set ${ident(column)} = ${ident(column)}`])])
        .concat(`select t is null from ${t.name} t`);
      const outcomes = await Promise.all(tries.map((sql) => session.attempt({ as: t.role.grantee, context: t.own, sql })));
      const through = outcomes.find(({ sqlstate }) => sqlstate !== '42501');
      const found = await conclude(session, t, through ?? { sqlstate: '42501', rows: null }, { denial: REFUSED, needs: 'r', across: false });
      return [found.verdict !== 'breached' ? found : {
        ...found, reason: `The role ${t.role.grantee} reads or writes ${t.masked.map((column) => `${t.table.name}.${column}`).join(', ')}, which is masked for it.`, remedy: REVOKE,
      }];
    },
  }),
  statement({
    id: 'beyond-columns', title: 'Give a value to a column that is not declared', why: 'Columns that a role may not write, the tenant of a row among them, decide about more than the row', needs: '', across: false, denial: NOTHING, remedy: () => REVOKE,
    inapplicable: ({ access }) => ([access.get('a'), access.get('w')].some(Array.isArray) ? undefined : 'every privilege is about all columns'),
    // By the catalog: the policies are asked with the same SQLSTATE.
    sql: (t) => (['a', 'w'] as const).flatMap((letter) => t.table.columns.filter(({ name }) => t.access.has(letter) && !mayUse(t, letter, name))
      .map(({ name }) => `select 1 where has_column_privilege(${literal(t.name)}, ${literal(name)}, '${letter === 'a' ? 'insert' : 'update'}')`)).join(' union all ') || 'select 1 where false',
  }),
  attack<'table'>({
    id: 'beyond-declared', title: 'Do with a table what is not declared', why: 'A role holds exactly the privileges that the declaration gives it', level: 'table', expected: DENIED,
    async run(session, t) {
      const where = t.table.tenancy === 'tenant' ? ` where ${TENANT_ID} = ${literal(t.own)}` : ` where ${t.row.own.at}`;
      const column = ident(t.table.columns.find(({ generated, name }) => generated === undefined && name !== TENANT_ID)?.name ?? TENANT_ID);
      const all: [string, string][] = [
        ['r', `select 1 from ${t.name}${where} limit 1`], ['a', `insert into ${t.name} default values`], ['w', `update ${t.name} set ${column} = default${where}`], ['d', `delete from ${t.name}${where}`],
      ];
      const tries = all.filter(([letter]) => !t.letters.includes(letter));
      const outcomes = await Promise.all(tries.map(async ([letter, sql]) => ({ letter, outcome: await session.attempt({ as: t.role.grantee, context: t.own, sql }) })));
      return Promise.all(outcomes.map(({ letter, outcome }) => conclude(session, t, pastPrivileges(outcome), { denial: REFUSED, needs: letter, across: false })));
    },
    inapplicable: ({ letters }) => ([...'rawd'].every((letter) => letters.includes(letter)) ? 'everything is declared' : undefined),
  }),
];

/** The owner defines the table, and sees no row of it. */
export const ownerAttacks: readonly Attack<'place'>[] = [
  attack<'place'>({
    id: 'owner-reads', title: 'Read as the owner of the tables', why: 'Without FORCE the owner, and every view and function of the owner, sees all tenants', level: 'place', expected: DENIED,
    run: (session, target) => Promise.all(target.place.tables.filter((table) => table.tenancy === 'tenant' && target.rows.rows.has(table.name)).map(async (table) => {
      const { place, foreign } = target;
      const name = `${ident(place.schema)}.${ident(table.name)}`;
      const [seen, exists] = await Promise.all([
        session.attempt({ as: place.owner, context: foreign, sql: `select 1 from ${name} where ${TENANT_ID} = ${literal(foreign)} limit 1` }),
        session.attempt({ as: place.maintainer, sql: `select 1 from ${name} where ${TENANT_ID} = ${literal(foreign)} limit 1` }),
      ]);
      return judge({
        denial: NOTHING, outcome: seen, controls: [{ text: 'the maintainer sees the row', held: exists.rows === 1 }], table: table.name, role: place.owner,
        breach: { reason: `Row-level security of ${name} is not forced, or a policy lets the owner ${place.owner} see rows of tenants.`, remedy: 'tenantry bootstrap apply forces row-level security and drops policies that are not declared.' },
      });
    })),
  }),
  attack<'place'>({
    id: 'row-security-switches', title: 'Find a table whose row-level security is off or not forced', why: 'A policy without the switch says nothing', level: 'place', expected: DENIED,
    run: (_session, { place, facts }) => Promise.resolve(place.tables.filter(({ tenancy }) => tenancy === 'tenant').map((table) => {
      const there = facts.table(place.schema, table.name);
      const bad = there === undefined ? [] : [...(there.enabled ? [] : ['not enabled']), ...(there.forced ? [] : ['not forced']), ...(there.owner === place.owner ? [] : [`owned by ${there.owner}`])];
      const name = `${ident(place.schema)}.${ident(table.name)}`;
      return {
        ...(bad.length > 0
          ? { verdict: 'breached' as const, observed: bad.join(', '), reason: `Row-level security of ${name} does not hold: the table is ${bad.join(', ')}.`,
            remedy: there?.owner === place.owner ? 'tenantry bootstrap apply enables and forces it.' : `As ${there?.owner ?? ''} or a superuser: alter table ${name} owner to ${ident(place.owner)}; then tenantry bootstrap apply.` }
          : there === undefined ? { verdict: 'unknown' as const, observed: 'no table', reason: 'The table is not there.', remedy: 'Apply first: tenantry bootstrap apply.' } : { verdict: 'denied' as const, observed: 'enabled and forced' }),
        table: table.name, expected: 'enabled and forced', control: 'the catalog lists the table',
      };
    })),
  }),
];

