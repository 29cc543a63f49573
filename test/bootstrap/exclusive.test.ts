import { beforeAll, describe, expect, it } from 'vitest';
import { EXCLUSIVE_KINDS } from '../../lib/declaration/exclusive';
import type { SchemaInput } from '../../lib/declaration';
import { startTestServer, type TestServer } from '../support/postgres';
import { applyTo, linesOf, manifestOf, planOf } from './support/platform';

const declaration = {
  name: 'desk',
  tables: {
    kinds: { tenancy: 'reference', columns: { name: { type: 'text' } }, primaryKey: ['name'] },
    notes: {
      tenancy: 'tenant', columns: { id: { type: 'bigint' }, kind: { type: 'text', references: 'kinds.name' }, total: { type: 'integer', check: 'total >= 0' }, body: { type: 'text' } }, primaryKey: ['id'], unique: [['body']], indexes: [['total']],
      triggers: { stamp: { timing: 'before', events: ['insert'], function: 'stamp' } },
    },
  },
  roles: { app: { login: 'iam', tables: { notes: 'write', kinds: 'read' } } },
  functions: { stamp: { returns: 'trigger', body: 'begin return new; end' } }, views: { bodies: { query: 'select body from notes', read: ['app'] } }, sequences: { numbers: { use: ['app'] } },
} as const satisfies SchemaInput;
const TENANTS = { acme: { isolation: 'row' }, globex: { isolation: 'schema' }, initech: { isolation: 'database' } } as const;
const PLACES = [['desk', 'desk'], ['desk', 'desk__globex'], ['desk__initech', 'desk']] as const;
const open = manifestOf(declaration, { tenants: TENANTS });
const closed = (...exclusive: readonly (typeof EXCLUSIVE_KINDS)[number][]) => manifestOf({ ...declaration, exclusive }, { tenants: TENANTS });

/** One or two of each kind that nobody declared, in a schema. */
const STRANGE = `
  create index by_kind on notes (kind);
  alter table notes add constraint short check (length(body) < 1000), add constraint twice unique (id);
  create function touched() returns trigger language plpgsql as 'begin return new; end';
  create trigger touch before update on notes for each row execute function touched();
  create rule quiet as on delete to notes where old.total < 0 do instead nothing;
  create view first_strange as select id from notes; create view second_strange as select id from first_strange;
  create procedure tidy() language sql as 'select 1';
  create sequence counter;`;
/** What stays whatever is declared: it holds rows, belongs to a column, or is nobody's of ours. */
const STAYING = `
  create table own (id serial primary key, n integer generated always as identity check (n > 0)); create index own_n on own (n);
  create materialized view copied as select 1 as one; create type mood as enum ('good');
  alter table notes add column extra text;
  create function used() returns integer immutable language sql as 'select 1'; alter table own alter n drop identity, alter n set default used();`;

describe('kinds that are declared exclusive', () => {
  let server: TestServer;
  const inPlaces = async (sql: string): Promise<void> => {
    for (const [database, schema] of PLACES) {
      const admin = await server.admin(database);
      await admin.query(`set role desk_owner; set search_path to ${schema}; ${sql}`);
      await admin.end();
    }
  };
  const inHome = (lines: readonly string[]) => lines.flatMap((line) => (line.includes('desk.desk:') ? [line.replace(/^(refused \S+ |finding \S+ )?desk\.desk: /, '$1')] : []));
  const plan = async (loaded: typeof open) => linesOf((await planOf(server, loaded)).differences);

  beforeAll(async () => {
    server = await startTestServer();
    await applyTo(server, open);
    await inPlaces(STRANGE);
  });

  const DROPS: Readonly<Record<(typeof EXCLUSIVE_KINDS)[number], readonly string[]>> = {
    index: ['drop index by_kind on notes'], constraint: ['drop constraint short on notes', 'drop constraint twice on notes'], trigger: ['drop trigger touch on notes'], rule: ['drop rule quiet on notes'],
    view: ['drop view second_strange', 'drop view first_strange'], function: ['drop function tidy()'], sequence: ['drop sequence counter'],
  };

  it('are findings, and none of them is dropped, until their kind is declared exclusive', async () => {
    expect((await plan(open)).filter((line) => !line.startsWith('finding'))).toEqual([]);
    expect(inHome(await plan(open))).toHaveLength(10);
  });

  it.each(EXCLUSIVE_KINDS)('plan to drop what nobody declared, and nothing else: %s', async (what) => {
    const lines = await plan(closed(what));
    expect(lines.filter((line) => line.includes(': drop'))).toEqual(PLACES.flatMap(([database, schema]) => DROPS[what].map((line) => `${database}.${schema}: ${line}`)));
    const found = (all: readonly string[]) => inHome(all).filter((line) => line.startsWith('finding')).length;
    // The function of the trigger is kept as long as that may stay.
    expect(found(lines)).toBe(10 - DROPS[what].length - (what === 'function' ? 1 : 0));
    expect(lines.filter((line) => line.startsWith('refused'))).toEqual(what !== 'function' ? [] : PLACES.map(([database, schema]) => `refused function/exclusive-in-use ${database}.${schema}: function touched() is not declared, and functions are declared exclusive, but trigger touch on table ${schema}.notes would be lost with it`));
  });

  it('are dropped in the order in which they use each other, with lock and reason; what is declared and what holds rows stays', async () => {
    await inPlaces(STAYING);
    const all = closed(...EXCLUSIVE_KINDS);
    const { changes, refusals, findings } = await applyTo(server, all);
    expect(inHome(linesOf(changes))).toEqual(expect.arrayContaining([...Object.values(DROPS).flat(), 'drop function touched()']));
    expect(changes).toHaveLength(PLACES.length * 10);
    expect(changes.find(({ summary }) => summary === 'drop view first_strange')).toMatchObject({ kind: 'view', lock: 'AccessExclusive', reason: 'not declared, and views are declared exclusive', stage: 'transaction', actor: 'owner' });
    expect(inHome(linesOf(refusals))).toEqual(['refused function/exclusive-in-use function used() is not declared, and functions are declared exclusive, but default value for column n of table desk.own would be lost with it']);
    expect(inHome(linesOf(findings)).map((line) => line.replace(/^finding \S+ /, '')).sort()).toEqual([
      'column notes.extra is not declared', 'materialized view copied is not declared; it reads with the rights of desk_owner', 'sequence own_id_seq is not declared', 'table own is not declared', 'type desk.mood is not declared',
    ]);
    expect(linesOf((await applyTo(server, all)).changes)).toEqual([]);
    const admin = await server.admin('desk');
    expect((await admin.query("select count(*)::int as n from pg_class where relnamespace = 'desk'::regnamespace and relname in ('own', 'own_n', 'own_pkey', 'own_id_seq', 'copied', 'notes', 'bodies', 'numbers')")).rows).toEqual([{ n: 8 }]);
    await admin.end();
  });

  it('are refused where a view that stays reads one, at any distance, and where somebody else owns it', async () => {
    const admin = await server.admin('desk');
    await admin.query('set search_path to desk; create view near as select id from notes; create view far as select id from near; create materialized view kept as select id from far; alter view near owner to desk_owner; alter view far owner to desk_owner');
    await admin.query('create view theirs as select 1 as one');
    expect((await plan(closed('view'))).filter((line) => line.startsWith('refused'))).toEqual([
      'refused view/exclusive-in-use desk.desk: view far is not declared, and views are declared exclusive, but materialized view desk.kept would be lost with it',
      'refused view/other-owner desk.desk: view theirs is not declared, and views are declared exclusive, but it belongs to postgres',
      'refused view/exclusive-in-use desk.desk: view near is not declared, and views are declared exclusive, but view desk.far would be lost with it',
    ]);
    await admin.end();
  });
});
