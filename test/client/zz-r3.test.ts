import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { expect, it } from 'vitest';
import { connectTenants, trust } from '../../lib/client';
import { TenantryError } from '../../lib/core';
import { applyTo, manifestOf } from '../bootstrap/support/platform';
import { describeNewest, startTestServer } from '../support/postgres';

const loaded = manifestOf({
  name: 'desk', tables: { notes: { tenancy: 'tenant', columns: { id: { type: 'integer' }, run: { type: 'uuid', default: 'gen_random_uuid()' }, who: { type: 'text' } }, primaryKey: ['id', 'run'] } }, roles: { app: { login: 'iam', tables: { notes: 'write' } } },
}, { tenants: { acme: { isolation: 'row' }, globex: { isolation: 'schema' } } });

describeNewest('fuzz', (major) => {
  it('cuts', async () => {
    const server = await startTestServer({ major });
    await applyTo(server, loaded);
    const open = new Set<() => void>();
    const listener = createServer((c) => {
      const u = connect(`${server.host}/.s.PGSQL.${server.port}`);
      let cut = false;
      // up to a byte budget, then cut abruptly on one of several ways
      let budget = 2000 + Math.random() * 6000; const mode = Math.floor(Math.random() * 4);
      const end = () => { if (cut) return; cut = true; if (mode === 0) { (c as any).resetAndDestroy(); u.destroy(); } else if (mode === 1) { c.destroy(); setTimeout(() => u.destroy(), 20); } else if (mode === 2) { u.destroy(); setTimeout(() => c.destroy(), 10); } else { c.end(); u.destroy(); } };
      const pass = (from: Socket, to: Socket, toServer: boolean) => from.on('data', (b) => { budget -= b.length; if (budget < 0) { if (toServer && mode % 2 === 1) to.write(b); end(); return; } if (!cut) to.write(b); }).on('close', end).on('error', () => 0);
      pass(c, u, true); pass(u, c, false);
    }).listen(0, '127.0.0.1');
    await new Promise((r) => listener.once('listening', r));
    const tenants = connectTenants(loaded.manifest, { credentials: trust({ host: '127.0.0.1', port: (listener.address() as AddressInfo).port }), maxConnections: 3, connectionTimeout: 5_000 });
    const outcomes = new Map<number, string>(); const ran = new Map<number, number>();
    const until = Date.now() + 12_000;
    let id = 0;
    await Promise.all(Array.from({ length: 6 }, async () => {
      while (Date.now() < until) {
        const mine = ++id; const tenant = mine % 2 ? 'acme' : 'globex';
        const e = await tenants.with(tenant, async (db) => {
          ran.set(mine, (ran.get(mine) ?? 0) + 1);
          if (mine % 5 === 0) db.query('select 1').catch(() => 0);
          const p = db.query('insert into notes (id, who) values ($1, $2)', [mine, tenant]);
          if (mine % 3 === 0) p.catch(() => 0); else await p;
          if (mine % 7 === 0) throw new Error('mine');
        }).then(() => 'ok', (x: any) => (TenantryError.is(x) ? x.code : `raw ${x.code ?? ''} ${x.message}`));
        outcomes.set(mine, e);
      }
    }));
    const counts: Record<string, number> = {};
    for (const o of outcomes.values()) counts[o] = (counts[o] ?? 0) + 1;
    await tenants.end(); listener.close();
    const stored = [...await server.runAsSuperuser<any>('select id, who, tenant_id from desk.notes', 'desk'), ...await server.runAsSuperuser<any>('select id, who, tenant_id from desk__globex.notes', 'desk')];
    const ids = stored.map((r) => r.id); const set = new Set(ids);
    console.log(counts, 'stored', ids.length, 'distinct', set.size, 'ran twice', [...ran.values()].filter((n) => n > 1).length, 'tenants', new Set(stored.map((r) => `${r.who} ${r.tenant_id}`)));
    const bad = [...outcomes].filter(([n, o]) => (o === 'ok' && !set.has(n)) || (o !== 'ok' && o !== 'client/commit-unknown' && set.has(n)));
    console.log('RAW', [...outcomes].filter(([, o]) => o.startsWith('raw') && !o.endsWith('mine')).map(([n, o]) => [n % 5, n % 3, n % 7, ran.get(n), o.slice(0, 20)].join(' ')));
    console.log('BAD', bad.slice(0, 10));
    console.log('unknown stored', [...outcomes].filter(([n, o]) => o === 'client/commit-unknown' && set.has(n)).length);
    expect(bad).toEqual([]);
  }, 60_000);
});
