import { ident, literal } from '../sql/quote';
import type { DatabasePlan } from '../model/place';
import type { Difference } from '../plan/difference';
import { compareAcl } from './compare-acl';
import { change, kind, refusal, serverKey } from './kind';

interface LiveDatabase {
  readonly owner: string;
  readonly comment: string | null;
  readonly acl: string | null;
}

/** Databases and who may connect to them: PUBLIC may not. */
export const database = kind<'server', DatabasePlan, LiveDatabase>({
  name: 'database',
  level: 'server',
  query: {
    text: `select datname as name, r.rolname as owner, s.description as comment, datacl::text as acl
             from pg_catalog.pg_database d join pg_catalog.pg_roles r on r.oid = d.datdba
             left join pg_catalog.pg_shdescription s on s.objoid = d.oid and s.classoid = 'pg_catalog.pg_database'::regclass
            where datname = any($1)`,
    values: (server) => [server.databases.map(({ name }) => name)],
  },
  read: ({ name, ...have }) => ({ container: serverKey, key: name, have: have as LiveDatabase }),
  wants: (server) => new Map(server.databases.map((plan) => [plan.name, plan])),
  compare(server, name, want, have): Difference[] {
    if (want === undefined) return [];
    const where = { kind: 'database', target: 'server' };
    const mark = `comment on database ${ident(name)} is ${literal(server.marker)}`;
    const acl = compareAcl(
      { ...where, object: `database ${ident(name)}`, label: `database ${name}`, owner: server.owner, externalGrants: server.externalGrants, builtIn: 'Tc' },
      new Map(want.connectors.map((connector) => [connector, 'c'])), have?.acl,
    );
    if (have === undefined) {
      return [
        change({ ...where, action: 'create', actor: 'login', stage: 'outside', summary: `create database ${name}`, reason: 'declared, not there', sql: `create database ${ident(name)} owner ${ident(server.owner)} template template0 encoding 'UTF8'` }),
        change({ ...where, action: 'alter', stage: 'after', summary: `mark database ${name} as ours`, reason: 'declared, not there', sql: mark }),
        ...acl.map((difference) => ({ ...difference, stage: 'after' as const })),
      ];
    }
    if (have.owner !== server.owner || (have.comment !== null && have.comment !== server.marker)) {
      return [refusal({
        ...where, code: 'database/foreign', blocking: true, summary: `database ${name} exists and is not ours: it belongs to ${have.owner}${have.comment === null ? '' : `, and its comment is ${have.comment}`}`,
        fix: 'Give the declaration another name. To take an existing database over, let its owner hand it to the owner role first.',
      })];
    }
    const unmarked = have.comment === null ? [change({ ...where, action: 'alter', stage: 'after', summary: `mark database ${name} as ours`, reason: 'it was created, but not yet marked', sql: mark })] : [];
    return [...unmarked, ...acl.map((difference) => ({ ...difference, stage: 'after' as const }))];
  },
});
