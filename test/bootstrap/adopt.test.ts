import { readFileSync } from 'node:fs';
import { beforeAll, expect, it } from 'vitest';
import { adopt, type Adoption, type AdoptOptions, type AdoptStep } from '../../lib/bootstrap';
import { verify } from '../../lib/bootstrap/verify';
import { parseDeclaration } from '../../lib/declaration';
import { describeNewest, startTestServer, type TestServer } from '../support/postgres';
import { accessTo, applyTo, expectNothingToDo, manifestOf } from './support/platform';

const WORKS = ['humanresources', 'person', 'production', 'purchasing', 'sales'];
/** What stands at the root of each company's data in a copy of AdventureWorks that serves several. */
const ROOTS = ['person.businessentity', 'sales.store', 'sales.customer', 'sales.salesorderheader', 'production.workorder', 'purchasing.purchaseorderheader', 'purchasing.vendor'];

/** What an ORM, and some years, leave behind. */
const CRM = `
  create type mood as enum ('sad', 'happy'); create domain email as text check (value ~ '@'); create function one() returns integer language sql as 'select 1';
  create table countries (code char(2) primary key);
  create table accounts (id serial primary key, name text not null, country char(2) references countries);
  create table projects (id bigint generated always as identity primary key, account_id integer not null references accounts, state mood not null default 'sad', title varchar unique, contact email, period tstzrange,
    priority integer default one(), check (state <> 'happy'), check (title <> ''), exclude using gist (period with &&));
  create table invoices (number text, account_id integer references accounts (id) on update cascade deferrable);
  create table "OrderLines" ("LineNo" integer primary key, account_id integer not null, check ("LineNo" > 0));
  create table tasks (id integer primary key, project_id bigint references projects on delete set null, parent integer references tasks, doubled integer generated always as (id * 2) stored, notes xml);
  create unlogged table scratch (id integer primary key);
  create table events (at date, id integer, primary key (at, id)) partition by range (at); create table events_2024 partition of events for values from ('2024-01-01') to ('2025-01-01');
  create table marks (at timestamptz, id integer, primary key (at, id)) partition by range (at); create table marks_old partition of marks for values from ('2024-01-01 00:00+00') to ('2024-06-01 00:00+00');
  create index on projects using gin (to_tsvector('simple', title)); create unique index on projects (lower(title)); create index on tasks (project_id) where parent is null; create index on tasks (project_id desc);
  create view sad as select * from projects where state = 'sad'; create materialized view sums as select count(*) from projects;
  create function leak() returns setof projects language sql security definer as 'select * from projects'; create function touch() returns trigger language plpgsql as 'begin return new; end';
  create trigger touch before insert on projects for each row execute function touch(); create rule no_delete as on delete to scratch do instead nothing;
  alter table projects enable row level security; create policy mine on projects using (true);
  grant select on projects to public; grant select on sequence accounts_id_seq to reader; grant select, insert on tasks to reader; grant create on schema public to public;
  alter default privileges grant select on tables to reader; create publication feed for table projects; select lo_create(0);
  insert into accounts (name) values ('one'), ('two'); insert into projects (account_id, title) values (1, 'a'), (2, 'b')`;

const [A, B] = ['a', 'b'].map((letter) => `00000000-0000-0000-0000-00000000000${letter}`);
const NOTES = `
  create table accounts (id uuid primary key, name text not null unique); create table notes (id uuid primary key default gen_random_uuid(), account_id uuid not null references accounts, note text not null);
  create table lines (id uuid primary key, note_id uuid not null references notes on delete cascade);
  insert into accounts values ('${A}', 'a'), ('${B}', 'b'); insert into notes select id, id, name from accounts; insert into lines select id, id from notes`;

/** Tables that know their tenant by the library's own name already, and two that reference each other. */
const POOL = `
  create schema pool; set search_path = pool; create table tenants (id uuid primary key); create table settings (tenant_id uuid primary key references tenants, v text);
  create table orders (tenant_id uuid not null references tenants, id integer, parent integer, primary key (tenant_id, id), foreign key (tenant_id, parent) references orders);
  create table lines (tenant_id uuid not null, order_id integer not null, n integer, primary key (tenant_id, order_id, n), foreign key (tenant_id, order_id) references orders);
  create schema circle; set search_path = circle; create table a (id integer primary key, b integer); create table b (id integer primary key, a integer not null references a); alter table a add foreign key (b) references b`;

describeNewest('adopt: AdventureWorks, 68 tables', (major) => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startTestServer({ major });
    await server.createDatabase('works');
    const client = await server.connect({ database: 'works' });
    await client.query(readFileSync('test/fixtures/adventureworks/schema.sql', 'utf8'));
    await (await server.admin()).query('create role looker login; create role reader; create role escape login bypassrls');
    await server.createDatabase('crm');
    await server.createDatabase('notes');
    await (await server.admin('notes')).query('grant create on schema public to tenantry_bootstrap');
    const notes = await server.connect({ database: 'notes' });
    await notes.query(NOTES);
    await server.createDatabase('pool');
    await (await server.connect({ database: 'pool' })).query(POOL);
    await (await server.admin('crm')).query(`alter database crm set work_mem = '8MB'; alter schema public owner to tenantry_bootstrap; set role tenantry_bootstrap; ${CRM}${major < 18 ? '' : '; alter table tasks add tripled integer generated always as (id * 3) virtual'}`);
  });

  const look = (options: Partial<AdoptOptions> = {}): Promise<Adoption> => adopt({ access: { ...accessTo(server), user: 'looker' }, database: 'works', schemas: WORKS, ...options });
  const crm = (options: Partial<AdoptOptions> = {}): Promise<Adoption> => look({ database: 'crm', schemas: ['public'], ...options });
  const counts = ({ findings }: Adoption): Record<string, number> => findings.reduce<Record<string, number>>((all, { code }) => ({ ...all, [code]: (all[code] ?? 0) + 1 }), {});

  it('a login without any privilege gets the report: each object by code, and a draft that is accepted', async () => {
    const found = await look();
    expect({ tables: found.tables, name: found.name, column: found.tenantColumn }).toEqual({ tables: 68, name: 'works_tenants', column: undefined });
    expect(counts(found)).toEqual({
      'adopt/no-tenant-column': 1, 'adopt/tenancy': 68, 'adopt/key-without-tenant': 68, 'adopt/foreign-key-without-tenant': 90, 'adopt/unique-without-tenant': 1, 'adopt/serial': 36, 'adopt/domain': 43, 'adopt/default': 29,
      'adopt/type-replaced': 7, 'adopt/type-widened': 5, 'adopt/row-security': 1, 'adopt/view': 10, 'adopt/materialized-view': 2, 'adopt/owner': 1, 'adopt/grant-public': 1, 'adopt/extension': 2, 'adopt/role-powers': 2,
    });
    const said = (object: string): string[] => found.findings.filter((finding) => finding.object === object).map(({ severity, code, there }) => `${severity} ${code}: ${there}`);
    expect(said('sales.store.demographics')).toEqual(['difference adopt/type-replaced: type xml']);
    expect(said('sales.customer.customerid')).toEqual(["difference adopt/serial: default nextval('sales.customer_customerid_seq'::regclass)"]);
    expect(said('person.vstateprovincecountryregion')).toEqual(['blocker adopt/materialized-view: a materialized view: no policy holds for it']);
    expect(said('sales.vsalesperson')).toEqual(['blocker adopt/view: a view that reads with the rights of tenantry_bootstrap']);
    expect(said('sales.specialofferproduct.PK_SpecialOfferProduct_SpecialOfferID_ProductID')).toEqual(['difference adopt/key-without-tenant: (specialofferid, productid): it holds across tenants, and its errors tell what others have']);
    const draft = parseDeclaration(JSON.parse(JSON.stringify(found.draft)));
    expect(Object.keys(draft.tables)).toHaveLength(68);
    expect(draft.domains?.['flag']).toEqual({ type: 'boolean', nullable: false });
    expect(draft.tables['salesorderdetail']).toMatchObject({
      tenancy: 'tenant', primaryKey: ['salesorderid', 'salesorderdetailid'], comment: 'Individual products associated with a specific sales order. See SalesOrderHeader.',
      columns: { salesorderid: { type: 'integer', references: 'salesorderheader.salesorderid', onDelete: 'cascade' }, unitpricediscount: { type: 'numeric', default: '0.0' }, carriertrackingnumber: { type: 'varchar(25)', nullable: true } },
      foreignKeys: [{ columns: ['specialofferid', 'productid'], references: { table: 'specialofferproduct', columns: ['specialofferid', 'productid'] } }],
      checks: { ck_sales_order_detail_order_qty: '(orderqty > 0)' },
    });
  });

  it('whatever else is in a database is named, with what becomes of it, and no table is read for that', async () => {
    const found = await crm();
    const objects = (severity: string): Record<string, string[]> => found.findings.filter((finding) => finding.severity === severity)
      .reduce<Record<string, string[]>>((all, { code, object }) => ({ ...all, [code.slice('adopt/'.length)]: [...all[code.slice('adopt/'.length)] ?? [], object] }), {});
    expect(objects('blocker')).toEqual({
      'column-type': ['public.projects.period'],
      'definer-function': ['public.leak()'],
      'grant-public': ['PUBLIC on 1 table'],
      'large-object': ['large object tenantry_bootstrap'],
      'materialized-view': ['public.sums'],
      'public-create': ['schema public'],
      'publication': ['publication feed'],
      'role-powers': ['role escape'],
      'view': ['public.sad'],
    });
    expect(objects('decision')).toEqual({
      'index': ['public.projects.projects_lower_idx'],
      'no-tenant-row': ['public.invoices', 'public.tasks'],
      'partitioned': ['public.marks'],
      'primary-key': ['public.invoices'],
      'tenancy': ['public.countries', 'public.events', 'public.marks', 'public.scratch', 'public.tasks'],
      'tenant-column': ['database crm'],
    });
    const { generated, ...differences } = objects('difference');
    expect(generated).toEqual(major < 18 ? undefined : ['public.tasks.tripled']);
    expect(differences).toEqual({
      'check': ['public.projects.projects_state_check'],
      'default': ['public.projects.priority'],
      'default-privilege': ['default privilege tenantry_bootstrap on tables'],
      'deferrable': ['public.invoices.invoices_account_id_fkey'],
      'exclusion': ['public.projects.projects_period_excl'],
      'foreign-key-without-tenant': ['public.tasks.tasks_parent_fkey', 'public.tasks.tasks_project_id_fkey'],
      'function': ['public.one()', 'public.touch()'],
      'grant': ['reader on 1 table'],
      'grant-public': ['PUBLIC on database crm', 'PUBLIC on schema public'],
      'index': ['public.projects.projects_to_tsvector_idx', 'public.tasks (project_id)', 'public.tasks.tasks_project_id_idx1'],
      'key-without-tenant': ['public.OrderLines.OrderLines_pkey', 'public.accounts.accounts_pkey', 'public.projects.projects_pkey', 'public.tasks.tasks_pkey'],
      'name': ['public.OrderLines', 'public.OrderLines.LineNo'],
      'on-update': ['public.invoices.invoices_account_id_fkey'],
      'owner': ['role tenantry_bootstrap'],
      'partition': ['public.events_2024', 'public.marks_old'],
      'policy': ['public.projects.mine'],
      'public-schema': ['schema public'],
      'row-security': ['9 tables'],
      'rule': ['public.scratch.no_delete'],
      'sequence-select': ['reader on 1 sequence'],
      'serial': ['public.accounts.id', 'public.projects.id'],
      'setting': ['setting every role'],
      'trigger': ['public.projects.touch'],
      'type-replaced': ['public.projects.state', 'public.tasks.notes'],
      'unique-without-tenant': ['public.projects.projects_lower_idx', 'public.projects.projects_title_key'],
      'unlogged': ['public.scratch'],
    });
    const draft = parseDeclaration(JSON.parse(JSON.stringify(found.draft)));
    expect([draft.tables['events']?.partitionBy, draft.tables['marks']?.partitionBy]).toEqual([{ range: 'at', every: 'year', from: '2024-01-01' }, undefined]);
    expect(draft.tables['projects']).toMatchObject({
      columns: { state: { type: 'text', check: `"state" in ('sad', 'happy')`, default: "'sad'" }, contact: { type: 'email', nullable: true }, account_id: { references: 'accounts.id' }, title: { type: 'text' } }, unique: [['title']], checks: { title: "((title)::text <> ''::text)" },
    });
    expect(draft.tables['order_lines']).toMatchObject({ primaryKey: ['line_no'], checks: { order_lines_line_no: '("line_no" > 0)' } });
    expect(Object.keys(draft.tables['projects']?.columns ?? {})).not.toContain('period');
    const { rows } = await (await server.admin('crm')).query("select sum(seq_scan + coalesce(idx_scan, 0))::int as scans, bool_or(relname = 'projects') as known from pg_stat_user_tables where relname in ('projects', 'invoices', 'tasks', 'OrderLines')");
    expect(rows).toEqual([{ scans: 0, known: true }]);
  });

  it('a column tenant_id gives way to the library’s own, in every key', async () => {
    const found = await look({ database: 'pool', schemas: ['pool'] });
    expect(found.draft.tables).toEqual({
      tenants: { tenancy: 'tenant', columns: { id: { type: 'uuid' } }, primaryKey: ['id'] },
      settings: { tenancy: 'tenant', columns: { former_tenant_id: { type: 'uuid', references: 'tenants.id' }, v: { type: 'text', nullable: true } }, primaryKey: ['former_tenant_id'] },
      orders: { tenancy: 'tenant', columns: { id: { type: 'integer' }, parent: { type: 'integer', nullable: true, references: 'orders.id' } }, primaryKey: ['id'] },
      lines: { tenancy: 'tenant', columns: { order_id: { type: 'integer', references: 'orders.id' }, n: { type: 'integer' } }, primaryKey: ['order_id', 'n'] },
    });
    const copies = (ways: typeof found.ways): string[] => ways[0]?.steps.filter(({ object }) => object !== undefined).map(({ summary }) => summary) ?? [];
    expect(copies((await look({ database: 'pool', schemas: ['circle'] })).ways)).toEqual(['copy circle.a to pool_tenants.a', 'copy circle.b to pool_tenants.b', 'fill b of a']);
  });

  it('tables that are as the draft has them are taken over where they are, and keep their rows', async () => {
    const client = await server.connect({ database: 'notes' });
    const found = await look({ database: 'notes', schemas: ['public'], name: 'notes', tenantColumn: 'account_id' });
    const tenants = { a: { isolation: 'row' }, b: { isolation: 'row' } };
    const as = (declaration: object) => manifestOf(declaration as typeof found.draft, { platform: '<platform>', environment: '<environment>', tenants });
    const [beside, inPlace] = found.ways;
    const steps = beside?.steps ?? [];
    for (const step of steps.slice(0, steps.findIndex(({ summary }) => summary.startsWith('let the maintainer')))) {
      if (step.summary === 'make the new place') await applyTo(server, as({ name: 'notes', tables: {} }));
      else if (step.summary.startsWith('give each')) await client.query('update adopt.tenants set key = right(old, 1)');
      else if (step.kind === 'sql') await runStep(client, step);
    }
    for (const step of inPlace?.steps ?? []) if (step.kind === 'sql') await runStep(client, step);
    const loaded = as(JSON.parse(JSON.stringify(found.draft)) as object);
    const result = await applyTo(server, loaded);
    expect({ refusals: result.refusals, tables: result.changes.filter(({ summary }) => /^(create table|drop|add|validate)/.test(summary)).map(({ summary }) => summary) }).toEqual({ refusals: [], tables: [] });
    const { rows } = await (await server.admin('notes')).query("select t.key, a.name, n.note, l.id::text as line from tenantry.tenants t join notes.accounts a on a.tenant_id = t.id join notes.notes n on n.tenant_id = t.id join notes.lines l on l.tenant_id = t.id order by 1");
    expect(rows).toEqual([{ key: 'a', name: 'a', note: 'a', line: A }, { key: 'b', name: 'b', note: 'b', line: B }]);
    await expectNothingToDo(server, loaded);
  });

  it('the draft is applied, the steps bring the rows over, each to its tenant, and the verification finds every tenant isolated', async () => {
    const client = await server.connect({ database: 'works' });
    await client.query(ROOTS.map((table) => `alter table ${table} add account_id integer`).join(';'));
    await client.query(`
      insert into person.countryregion values ('DE', 'Germany');
      insert into sales.salesterritory (name, countryregioncode, "group") values ('Central', 'DE', 'Europe');
      insert into person.businessentity (account_id) values (7), (8), (null);
      insert into person.person (businessentityid, persontype, firstname, lastname) values (1, 'SC', 'Ann', 'A'), (2, 'SC', 'Ben', 'B');
      insert into sales.store (businessentityid, name, account_id) values (1, 'One', 7), (2, 'Two', 8);
      insert into sales.customer (personid, storeid, territoryid, account_id) values (1, 1, 1, 7), (2, 2, 1, 8), (2, 2, 1, 8);
      insert into person.emailaddress (businessentityid, emailaddress) values (1, 'ann@example.invalid'), (2, 'ben@example.invalid')`);
    const found = await look({ name: 'works', tenantColumn: 'account_id' });
    const draft = parseDeclaration(JSON.parse(JSON.stringify(found.draft)));
    const tenancies = (tenancy: string): string[] => Object.keys(draft.tables).filter((table) => draft.tables[table]?.tenancy === tenancy);
    expect({ tenant: tenancies('tenant').length, reference: tenancies('reference').length, shared: tenancies('shared').length }).toEqual({ tenant: 28, reference: 23, shared: 17 });
    // Both of its keys reference the one probe row of a table, which this check forbids.
    delete (draft.tables['billofmaterials'] as { checks: Record<string, string> }).checks['ck_bill_of_materials_product_assembly_id'];
    const loaded = manifestOf(draft, { platform: '<platform>', environment: '<environment>', tenants: { t7: { isolation: 'row' }, t8: { isolation: 'row' }, globex: { isolation: 'schema' } } });

    const [beside] = found.ways;
    const run: string[] = [];
    for (const step of beside?.steps ?? []) {
      run.push(step.summary);
      if (step.sql.some((line) => line.startsWith('tenantry bootstrap apply'))) await applyTo(server, loaded);
      else if (step.kind === 'sql') await runStep(client, step);
    }
    expect(run.filter((summary) => !summary.startsWith('copy '))).toEqual([
      'settle whose rows 61 tables hold, and what the report says about the draft', 'stop what writes to the old tables, from here to the end', 'hand database works to the declaration', 'make the new place', 'make the mapping of tenants',
      'give each tenant its key', 'add the tenants, one by one', 'take the ids over', 'let the maintainer read the old tables', 'let the sequences go on behind the highest number', 'compare the numbers of rows', 'give the planner its statistics',
      'prove that the tenants are kept apart', 'point the programs to the new place, then clean up',
    ]);
    expect(run.filter((summary) => summary.startsWith('copy '))).toHaveLength(68);
    const admin = await server.admin('works');
    const { rows } = await admin.query(`
      select t.key, (select count(*)::int from works.customer c where c.tenant_id = t.id) as customers, (select string_agg(firstname, ',') from works.person c where c.tenant_id = t.id) as people,
             (select count(*)::int from works.businessentity c where c.tenant_id = t.id) as entities, (select string_agg(emailaddress, ',') from works.emailaddress c where c.tenant_id = t.id) as mails
        from tenantry.tenants t order by 1`);
    expect(rows).toEqual([
      { key: 'globex', customers: 0, people: null, entities: 0, mails: null },
      { key: 't7', customers: 1, people: 'Ann', entities: 1, mails: 'ann@example.invalid' },
      { key: 't8', customers: 2, people: 'Ben', entities: 1, mails: 'ben@example.invalid' },
    ]);
    expect((await admin.query("select nextval('works.customer_customerid_seq') as next, (select count(*)::int from pg_class where relnamespace = 'works'::regnamespace and relkind = 'r') as tables")).rows).toEqual([{ next: '4', tables: 68 }]);
    await expectNothingToDo(server, loaded);
    const evidence = await verify({ access: accessTo(server), loaded });
    expect(evidence.results.filter(({ verdict }) => verdict === 'breached' || verdict === 'unknown')).toEqual([]);
    expect(evidence.outcome).toBe('isolated');
  });
});

async function runStep(client: Awaited<ReturnType<TestServer['connect']>>, { summary, sql }: AdoptStep): Promise<void> {
  for (const statement of sql) {
    const { rows } = await client.query(statement);
    if (summary.startsWith('compare ') && statement.startsWith('select')) expect(rows).toEqual([{ table: 'person.businessentity', old: '3', new: '2' }]);
  }
}
