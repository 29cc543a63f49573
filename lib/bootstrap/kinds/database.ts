import { ident, literal } from '../sql/quote';
import type { DatabasePlan } from '../model/place';
import type { Change, Difference } from '../plan/difference';
import { compareAcl } from './compare-acl';
import { change, kind, refusal, serverKey } from './kind';
import { lostDatabase } from './lost';

export interface LiveDatabase {
  readonly owner: string;
  readonly comment: string | null;
  readonly acl: string | null;
  /** -1 for none; 0 lets in superusers alone. */
  readonly connectionLimit: number;
  readonly allowsConnections: boolean;
}

/** What DROP DATABASE writes into the connection limit before it removes files. */
const BEING_DROPPED = -2;

/** What lets logins in again. Only behind that can be seen what is in a database that let nobody in. */
export function reopening(name: string, { allowsConnections, connectionLimit }: LiveDatabase): Change[] {
  const step = (summary: string, reason: string, option: string): Change =>
    change({ kind: 'database', target: 'server', action: 'alter', stage: 'after', summary, reason, sql: `alter database ${ident(name)} ${option}` });
  return [
    ...(allowsConnections ? [] : [step(`allow connections to database ${name}`, 'nobody may connect to it', 'allow_connections true')]),
    ...(connectionLimit < 0 ? [] : [step(`database ${name} has no connection limit`, `its limit is ${connectionLimit}`, 'connection limit -1')]),
  ];
}

/** Databases and who may connect to them: PUBLIC may not. */
export const database = kind<'server', DatabasePlan, LiveDatabase>({
  name: 'database',
  level: 'server',
  compares: ['presence', 'owner', 'comment', 'validity', 'connection limit', 'allow connections', 'privileges'],
  query: {
    text: `select datname as name, r.rolname as owner, s.description as comment, datacl::text as acl, datconnlimit as "connectionLimit", datallowconn as "allowsConnections"
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
    if (have === undefined && want.leaving === true) return [];
    if (have === undefined && want.wasMade === true) return [lostDatabase(want)];
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
    if (have.connectionLimit === BEING_DROPPED) {
      return [refusal({
        ...where, code: 'database/invalid', blocking: true, summary: `database ${name} is invalid: a DROP DATABASE of it was interrupted, and some of its files may be gone`,
        fix: `Restore it from a backup. Where nobody needs what was in it, drop it as its owner: drop database ${ident(name)}`,
      })];
    }
    const unmarked = have.comment === null ? [change({ ...where, action: 'alter', stage: 'after', summary: `mark database ${name} as ours`, reason: 'it was created, but not yet marked', sql: mark })] : [];
    return [...reopening(name, have), ...unmarked, ...acl.map((difference) => ({ ...difference, stage: 'after' as const }))];
  },
});
