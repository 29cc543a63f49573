import { TENANT_ID } from '../../../declaration/names';
import { ident, literal, qualified } from '../../sql/quote';
import { type Attack, attack, DENIED, type Finding } from '../attack';
import { kindOf } from '../../model/role-kinds';
import { isDenied, judge, pastPrivileges } from '../judge';
import { byDeclaration, seesAll } from './table-attack';

const APPLY = 'tenantry bootstrap apply takes back privileges that are not declared.';

/** From one place into another of the same database, with the other tenant's context. */
export const neighbourAttacks: readonly Attack<'role'>[] = [
  attack<'role'>({
    id: 'neighbour-tables', title: 'Read and write the tables of another place', why: 'Places share a database, and only privileges part them', level: 'role', expected: DENIED,
    inapplicable: ({ neighbours }) => (neighbours.length === 0 ? 'the database has no other place' : undefined),
    async run(session, t) {
      const found: Promise<Finding>[] = [];
      for (const { place, rows } of t.neighbours) {
        for (const table of place.tables) {
          if (table.tenancy !== 'tenant' || !rows.rows.has(table.name)) continue;
          const name = qualified(place.schema, table.name);
          const theirs = `${TENANT_ID} = ${literal(t.foreign)}`;
          const tries = [`select 1 from ${name} where ${theirs} limit 1`, `update ${name} set ${TENANT_ID} = ${TENANT_ID} where ${theirs}`, `delete from ${name} where ${theirs}`, `insert into ${name} default values`];
          found.push((async () => {
            const [exists, own, ...outcomes] = await Promise.all([
              session.attempt({ as: place.maintainer, sql: tries[0] as string }), session.attempt({ as: t.role.grantee, sql: `select 1 where current_user = ${literal(t.role.grantee)}` }),
              ...tries.map((sql) => session.attempt({ as: t.role.grantee, context: t.foreign, sql })),
            ]);
            // Support roles may ask everywhere, and find nothing of a tenant that they have not entered.
            const isSupport = kindOf(t.role.declaration) === 'support';
            const denial = { sqlstates: ['42501'], ...(isSupport ? { empty: true } : {}) };
            const through = outcomes.find((outcome) => !isDenied(denial, outcome));
            return {
              ...judge({
                denial, outcome: pastPrivileges(through ?? { sqlstate: '42501', rows: null }), table: table.name, role: t.role.grantee,
                controls: [{ text: 'the maintainer sees the other tenant’s row there', held: exists?.rows === 1 }, { text: 'the statement ran as the role', held: own?.rows === 1 }],
                ...(seesAll(t) ? { accepted: byDeclaration(t) } : {}),
                breach: { reason: `The role ${t.role.grantee} of ${t.place.schema} reaches ${name}.`, remedy: `revoke all on ${name} from ${ident(t.role.grantee)}; revoke usage on schema ${ident(place.schema)} from ${ident(t.role.grantee)}. ${APPLY}` },
              }),
              place: `${place.database}.${place.schema}`,
            };
          })());
        }
      }
      return Promise.all(found);
    },
  }),
  attack<'role'>({
    id: 'neighbour-schema', title: 'Use the schema of another place', why: 'USAGE on a schema is the first of two locks', level: 'role', expected: DENIED,
    inapplicable: ({ neighbours, role }) => (neighbours.length === 0 ? 'the database has no other place' : role.declaration.scope === 'all' ? 'the role sees all tenants by declaration' : undefined),
    run: (session, t) => Promise.all(t.neighbours.filter(({ place }) => place.kind !== 'row').map(async ({ place }) => {
      const [through, control] = await Promise.all([
        session.attempt({ as: t.role.grantee, sql: `select 1 where has_schema_privilege(${literal(place.schema)}, 'usage, create')` }), session.attempt({ as: t.role.grantee, sql: `select 1 where has_schema_privilege(${literal(t.place.schema)}, 'usage')` }),
      ]);
      return {
        ...judge({
          denial: { empty: true }, outcome: through, role: t.role.grantee, controls: [{ text: 'the role may use its own schema', held: control.rows === 1 }],
          breach: { reason: `The role ${t.role.grantee} may use the schema ${place.schema}.`, remedy: `revoke all on schema ${ident(place.schema)} from ${ident(t.role.grantee)}. ${APPLY}` },
        }),
        place: `${place.database}.${place.schema}`,
      };
    })),
  }),
];
