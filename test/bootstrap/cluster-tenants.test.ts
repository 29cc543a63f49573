import { beforeAll, expect, it } from 'vitest';
import {
  addTenant, apply, type ApplyResult, type CellOutcome, type Evidence, forEachCell, forgetTenant, listAccess, listTenants, moveTenant, offboardTenant, plan, type ReachedCell, refuseUnlessRegistered, suspendTenant, tenantHistory, verify,
} from '../../lib/bootstrap';
import { cellsOf, type LoadedManifest, parseManifest } from '../../lib/manifest';
import { describeNewest, startTestServer, type TestServer } from '../support/postgres';
import { accessTo, applyTo, expectNothingToDo, forgetful, linesOf, manifestOf, planOf, refusalOf } from './support/platform';
import { shopInput, tenants as others } from './support/shop';

const loaded = manifestOf(shopInput, { tenants: { ...others, umbrella: { isolation: 'cluster', displayName: 'Umbrella', tier: 'enterprise' } } });
const [home, cell] = cellsOf(loaded) as [ReturnType<typeof cellsOf>[number], ReturnType<typeof cellsOf>[number]];
const resultsOf = <T>(outcomes: readonly CellOutcome<T>[]): (T | undefined)[] => outcomes.map((outcome) => ('result' in outcome ? outcome.result : undefined));

/** One story, told in order. */
describeNewest('a tenant with a cluster of its own', (major) => {
  let main: TestServer;
  let umbrella: TestServer;
  let cells: readonly [ReachedCell, ReachedCell];
  const ofHome = (whole: LoadedManifest = loaded) => ({ access: accessTo(main), loaded: whole, passwords: forgetful });
  const ofCell = () => ({ access: accessTo(umbrella), loaded: cell.loaded, passwords: forgetful });
  const applyAll = (): Promise<CellOutcome<ApplyResult>[]> => forEachCell(cells, async (one) => apply(await refuseUnlessRegistered(cells[0], one)));
  const idOn = async (server: TestServer): Promise<unknown> => (await server.runAsSuperuser("select id from tenantry.tenants where key = 'umbrella'", 'shop'))[0]?.['id'];

  beforeAll(async () => {
    main = await startTestServer({ major });
    umbrella = await startTestServer({ major });
    cells = [{ ...home, access: accessTo(main), passwords: forgetful }, { ...cell, access: accessTo(umbrella), passwords: forgetful }];
  });

  it('is alone on its server, where it has a database of its own; the home has all of them', () => {
    expect(cellsOf(loaded).map(({ server, tenant, loaded: { manifest, digest, cell: name } }) => [server, tenant, name, manifest.home, Object.keys(manifest.servers), Object.entries(manifest.tenants).map(([key, { isolation }]) => `${key} ${isolation}`), digest === loaded.digest])).toEqual([
      ['main', undefined, undefined, 'main', ['main', 'umbrella'], ['acme row', 'globex schema', 'initech database', 'umbrella cluster'], true],
      ['umbrella', 'umbrella', 'umbrella', 'umbrella', ['umbrella'], ['umbrella database'], true],
    ]);
    expect(cellsOf(manifestOf(shopInput, { tenants: others }))).toHaveLength(1);
  });

  it('is refused in a manifest that has no server for it, or one of somebody else', async () => {
    const { umbrella: own, ...servers } = loaded.manifest.servers;
    expect(await refusalOf(Promise.resolve().then(() => parseManifest({ ...loaded.manifest, servers }, 'm.json')))).toEqual({
      kind: 'input', codes: ['manifest/server-of-tenant'], message: 'manifest/server-of-tenant  at m.json\n\n  The tenant "umbrella" has a cluster of its own, and none of the servers main is named after it.\n\n  Deploy the stack again, and give what that wrote.',
    });
    expect(await refusalOf(Promise.resolve().then(() => parseManifest({ ...loaded.manifest, servers: { ...servers, umbrella: { ...own, host: 'db.invalid' } } }, 'm.json')))).toEqual({
      kind: 'input', codes: ['manifest/one-server-twice'], message: 'manifest/one-server-twice  at m.json\n\n  The servers main and umbrella are the same one, db.invalid:5432. A tenant with a cluster of its own shares it with nobody.\n\n  Give the tenant a cluster of its own.',
    });
  });

  it('gets nothing on its server before the home registry knows that it is there', async () => {
    await refuseUnlessRegistered(cells[0], cells[1], true);
    expect(await refusalOf(refuseUnlessRegistered(cells[0], cells[1]))).toEqual({
      kind: 'refused', codes: ['cells/unregistered'], message: 'cells/unregistered  at umbrella\n\n  The registry of main does not know yet that tenant "umbrella" has this server for itself. Nothing was changed here.\n\n  Apply main first, or with it: tenantry bootstrap apply. Where that was refused, its reasons stand above.',
    });
  });

  it('gets nothing where nobody asked which id it has', async () => {
    expect(await refusalOf(apply(cells[1]))).toEqual({
      kind: 'refused', codes: ['cells/unregistered'], message: 'cells/unregistered  at umbrella\n\n  It is not said which id the home registry has for tenant "umbrella", which has this server for itself. Nothing was changed here.\n\n  Ask it first: apply(await refuseUnlessRegistered(home, cell)).',
    });
  });

  it('is refused where two servers are one', async () => {
    const same = [cells[0], { ...cells[1], access: accessTo(main) }];
    expect(await refusalOf(forEachCell(same, apply))).toEqual({
      kind: 'refused', codes: ['cells/one-server-twice'], message: `cells/one-server-twice  at main, umbrella\n\n  main and umbrella are reached at the same address, ${main.host}:${main.port}. A tenant with a cluster of its own shares it with nobody. Nothing was done.\n\n`
        + '  Give each its own: --database-url main=postgresql://… --database-url umbrella=postgresql://…',
    });
    expect(linesOf((await planOf(main, loaded)).differences).length).toBeGreaterThan(100);
  });

  it('[DBS-2.3] is kept apart like tenants of each other isolation: every attack on each server is denied, and both are as declared', async () => {
    expect(resultsOf(await applyAll()).map((result) => [result?.tenants, result?.refusals])).toEqual([[4, []], [1, []]]);
    for (const [server, whole] of [[main, loaded], [umbrella, cell.loaded]] as const) await expectNothingToDo(server, whole);
    const evidence = resultsOf(await forEachCell(cells, verify)) as Evidence[];
    expect(evidence.map(({ cell: server, outcome, results }) => [server, outcome, [...new Set(results.map(({ mode }) => mode))].sort()])).toEqual([
      [undefined, 'isolated', ['database', 'row', 'schema', 'server']], ['umbrella', 'isolated', ['database', 'row', 'server']],
    ]);
    expect(await main.runAsSuperuser("select datname from pg_database where datname like 'shop%' order by 1")).toEqual([{ datname: 'shop' }, { datname: 'shop__initech' }]);
    expect(await main.runAsSuperuser("select rolname from pg_roles where rolname like '%umbrella%'")).toEqual([]);
  });

  it('stands in the home registry with its server, and in that of its server with its state', async () => {
    const of = ({ key, isolation, server, state, displayName, tier }: Awaited<ReturnType<typeof listTenants>>[number]) => [key, isolation, server, state, displayName, tier];
    expect((await listTenants(ofHome())).map(of)).toEqual([
      ['acme', 'row', null, 'active', 'acme', 'standard'], ['globex', 'schema', null, 'active', 'globex', 'standard'], ['initech', 'database', null, 'active', 'initech', 'standard'], ['umbrella', 'cluster', 'umbrella', 'active', 'Umbrella', 'enterprise'],
    ]);
    expect((await listTenants(ofCell())).map(of)).toEqual([['umbrella', 'database', null, 'active', 'Umbrella', 'enterprise']]);
  });

  it('has one id, at home and on its server', async () => {
    expect(await idOn(umbrella)).toBe(await idOn(main));
  });

  it('is refused where the addresses of two servers are mixed up, or one comes from the backup of another', async () => {
    const there = (one: typeof home, server: TestServer) => ({ ...one, access: accessTo(server), passwords: forgetful });
    expect((await refusalOf(plan(there(cell, main)))).message).toBe('cells/other-server  at umbrella\n\n  The registry on this server knows "acme", "globex" and "initech", and "umbrella" has its server for itself. Nothing was changed.\n\n'
      + '  Check the address: --database-url umbrella=URL. Where the server was made from a backup of another one, make it anew, empty.');
    expect((await refusalOf(apply(there(home, umbrella)))).message).toBe('cells/other-server  at main\n\n  The registry on this server knows "umbrella" alone, with a database of its own: it is the server that this tenant has for itself, and not that of the others. Nothing was changed.\n\n'
      + "  Check the addresses: --database-url main=URL --database-url umbrella=URL. Where the tenant was the only one here until now, set tenants.umbrella.isolation to 'database'.");
    for (const read of [() => listTenants(there(cell, main)), () => listAccess(there(cell, main), false), () => tenantHistory(there(home, umbrella), 'umbrella')]) expect((await refusalOf(read())).codes).toEqual(['cells/other-server']);
    await umbrella.runAsSuperuser("update tenantry.tenants set isolation = 'cluster'", 'shop');
    expect((await refusalOf(verify(there(cell, umbrella)))).message).toContain('The registry on this server has tenant "umbrella" on another one: it is the server of the others.');
    await umbrella.runAsSuperuser("update tenantry.tenants set isolation = 'database'", 'shop');
  });

  it('is led to its server again where somebody changed the registry', async () => {
    await main.runAsSuperuser("update tenantry.tenants set server = null where key = 'umbrella'", 'shop');
    expect(linesOf((await planOf(main, loaded)).differences)).toEqual(['shop: tenant umbrella is on server umbrella']);
    await applyTo(main, loaded);
    await expectNothingToDo(main, loaded);
  });

  it('is put back with its server where its row was lost', async () => {
    await main.runAsSuperuser("delete from tenantry.tenants where key = 'umbrella'", 'shop');
    const lost = (await planOf(main, loaded)).differences.filter((difference) => difference.type === 'refusal');
    expect(lost.map(({ code }) => code)).toEqual(['tenant/unregistered']);
    await main.runAsSuperuser(/^Put it back: (.*)\. Where/.exec(lost[0]?.fix ?? '')?.[1] ?? '', 'shop');
    await expectNothingToDo(main, loaded);
  });

  it('has its place in a registry that an older version made', async () => {
    await main.runAsSuperuser(`
      set role shop_owner; delete from tenantry.tenants where key = 'umbrella'; delete from tenantry.tenant_ids where key = 'umbrella';
      alter table tenantry.tenants drop column server, drop constraint tenants_isolation_check, add constraint tenants_isolation_check check (isolation in ('row', 'schema', 'database'));
      drop function tenantry.placement(text); create function tenantry.placement(tenant_key text) returns table(id uuid) language sql as 'select null::uuid'`, 'shop');
    await applyTo(main, loaded);
    await expectNothingToDo(main, loaded);
    expect(await main.runAsSuperuser("select isolation, server from tenantry.placement('umbrella')", 'shop')).toEqual([{ isolation: 'cluster', server: 'umbrella' }]);
  });

  it('keeps its key: nobody signs up with it, and at home nothing is done with it', async () => {
    expect((await refusalOf(addTenant(ofHome(), { key: 'umbrella', isolation: 'row' }))).message).toBe('tenant/exists  at umbrella\n\n  There is a tenant "umbrella" already, with isolation cluster.\n\n  Choose another key.');
    const elsewhere = 'tenant/own-cluster  at umbrella\n\n  The tenant "umbrella" has a cluster of its own, and nothing of it is on this server but its row in the registry.\n\n'
      + '  Give the command the manifest that declares the tenant, and the way to its server (--database-url umbrella=URL). In a program: cellsOf(loaded) has the manifest of each server.\n  Where it is not declared any more: tenantry tenant forget umbrella --confirm umbrella frees its key.';
    expect((await refusalOf(suspendTenant(ofHome(), 'umbrella'))).message).toBe(elsewhere);
    expect((await refusalOf(moveTenant(ofHome(), 'umbrella', 'row'))).message).toBe(elsewhere);
    expect((await refusalOf(forgetTenant({ ...ofHome(), confirm: 'umbrella' }, 'umbrella'))).message).toBe('tenant/own-cluster  at tenants.umbrella\n\n  The tenant "umbrella" is declared, with a cluster of its own that holds its rows.\n\n'
      + '  Remove it from the code and deploy that, which removes the cluster; apply (tenantry bootstrap apply), and then run this command with the new manifest.');
  });

  it('stays on its server, alone: nobody is added there, and it is neither moved nor off-boarded', async () => {
    const on = 'umbrella is the server that tenant "umbrella" has for itself: ';
    expect((await refusalOf(addTenant(ofCell(), { key: 'wayne', isolation: 'row' }))).message).toBe(`tenant/own-cluster  at wayne\n\n  ${on}no other tenant is added there.\n\n  Leave the server out: the tenant is added at home.`);
    expect((await refusalOf(moveTenant(ofCell(), 'umbrella', 'schema'))).message).toBe(`tenant/own-cluster  at umbrella\n\n  ${on}it is moved neither there nor away from there.\n\n  No command moves a tenant between servers yet. To carry its rows over: tenantry tenant archive umbrella --out FOLDER, and declare it under another key.`);
    expect((await refusalOf(offboardTenant({ ...ofCell(), confirm: 'umbrella', archive: false }, 'umbrella'))).message).toBe(`tenant/own-cluster  at umbrella\n\n  ${on}its cluster goes with the deployment that removes it from the code, and its rows with that.\n\n`
      + '  Keep its rows, where they are wanted: tenantry tenant archive umbrella --out FOLDER\n  Then remove it from the code and deploy. tenantry tenant forget umbrella --confirm umbrella frees its key.');
  });

  it('is not made anew elsewhere by a declaration: a tenant stays where the registry has it', async () => {
    const changed = manifestOf(shopInput, { tenants: { ...others, globex: { isolation: 'cluster' }, umbrella: { isolation: 'row', displayName: 'Umbrella', tier: 'enterprise' } } });
    const refusals = (await plan({ ...ofHome(changed) })).differences.filter((difference) => difference.type === 'refusal');
    expect(refusals.map(({ code, summary, fix }) => [code, summary, fix])).toEqual([
      ['tenant/isolation', 'tenant globex has isolation schema, and cluster is declared; a tenant is moved by copying its rows, never by changing the declaration', "Set tenants.globex.isolation to 'schema'. No command moves a tenant between servers yet: declare it under another key there, and carry its rows over from an archive (tenantry tenant archive globex --out FOLDER)."],
      ['tenant/isolation', 'tenant umbrella has isolation cluster, and row is declared; a tenant is moved by copying its rows, never by changing the declaration', "Set tenants.umbrella.isolation to 'cluster'. No command moves a tenant between servers yet: declare it under another key there, and carry its rows over from an archive (tenantry tenant archive umbrella --out FOLDER)."],
    ]);
    for (const planned of [true, false]) {
      expect((await refusalOf(refuseUnlessRegistered(cells[0], { ...cells[1], server: 'globex', tenant: 'globex' }, planned))).message).toBe("cells/elsewhere  at globex\n\n  The rows of tenant \"globex\" are on main (schema), as its registry says. Nothing was changed here.\n\n  Set tenants.globex.isolation to 'schema': no command moves a tenant between servers yet.");
    }
  });

  it('lets no server that fails hide the others', async () => {
    await umbrella.runAsSuperuser('alter role tenantry_bootstrap nocreaterole');
    const outcomes = await forEachCell([cells[1], cells[0]], plan);
    await umbrella.runAsSuperuser('alter role tenantry_bootstrap createrole');
    expect(outcomes.map((outcome) => [outcome.server, 'error' in outcome])).toEqual([['umbrella', true], ['main', false]]);
  });

  it('frees its key when no code declares it any more, and keeps what was done with it', async () => {
    const without = manifestOf(shopInput, { tenants: others });
    expect(linesOf((await planOf(main, without)).differences)).toEqual(['finding tenant/vanished shop: tenant umbrella was declared and is not any more; it stays as it is']);
    await applyTo(main, without);
    await forgetTenant({ ...ofHome(without), confirm: 'umbrella' }, 'umbrella');
    expect((await tenantHistory(ofHome(without), 'umbrella')).map(({ operation, step }) => [operation, step]).slice(-2)).toEqual([['add', null], ['offboard', 'forget']]);
    const before = await idOn(umbrella);
    await applyTo(main, home.loaded, { allowOlder: true });
    const mine = await idOn(main);
    expect((await refusalOf(applyAll().then(([, second]) => (second !== undefined && 'error' in second ? Promise.reject(second.error as Error) : undefined)))).message).toBe(`cells/other-tenant  at umbrella\n\n  The registry on this server has tenant "umbrella" under the id ${String(before)}, and the home registry under ${String(mine)}: what is here is that of another tenant, which had the key before. Nothing was changed.\n\n`
      + '  Make the server anew, empty. Where it is the same tenant, and its row at home was lost, put that back with the id that is here.');
    await applyTo(main, without, { allowOlder: true });
    await forgetTenant({ ...ofHome(without), confirm: 'umbrella' }, 'umbrella');
    await addTenant(ofHome(without), { key: 'umbrella', isolation: 'row' });
    await expectNothingToDo(main, without);
  });
});
