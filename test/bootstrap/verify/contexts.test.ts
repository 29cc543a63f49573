import { beforeAll, describe, expect, it } from 'vitest';
import type { Evidence } from '../../../lib/bootstrap/verify';
import type { TenantContext } from '../../../lib/declaration';
import { startTestServer, type TestServer } from '../../support/postgres';
import { applyTo, manifestOf } from '../support/platform';
import { shopInput } from '../support/shop';
import { breachesOf, expectIsolated, lineOf, verified } from './support/verified';

const TENANTS = { acme: { isolation: 'row' }, globex: { isolation: 'schema' }, hooli: { isolation: 'schema' }, initech: { isolation: 'database' } } as const;
const CONTEXTS = ['signed', 'role'] as const satisfies readonly TenantContext[];
const loaded = Object.fromEntries(CONTEXTS.map((context) => [context, manifestOf({ ...shopInput, name: context, tenantContext: context }, { tenants: TENANTS })])) as Record<(typeof CONTEXTS)[number], ReturnType<typeof manifestOf>>;

interface Break {
  readonly title: string;
  readonly context: (typeof CONTEXTS)[number];
  readonly by: string;
  readonly undo?: string;
  /** Attacks that must have got through in the shared tables. */
  readonly attacks: readonly string[];
}

const current = (body: string): string => `create or replace function tenantry.current_tenant() returns uuid stable security definer set search_path = pg_catalog, pg_temp language plpgsql as $$declare c text := nullif(current_setting('tenantry.context', true), ''); begin ${body} end$$`;

/** Each takes one defence away, and is put right by the next apply. */
const BREAKS: readonly Break[] = [
  { title: 'a floor that takes the tenant from a setting', context: 'signed', attacks: ['switch-context'], by: "alter policy tenantry_floor on signed.customers using (tenant_id = nullif(current_setting('tenantry.tenant_id', true), '')::uuid)" },
  { title: 'signatures that nobody looks at', context: 'signed', attacks: ['forge-context', 'prolong-context', 'replay-context'], by: current("return split_part(c, '|', 1)::uuid;") },
  { title: 'an expiry that nobody looks at', context: 'signed', attacks: ['replay-context'], by: "do $do$ declare body text := pg_get_functiondef('tenantry.current_tenant()'::regprocedure); begin assert body like '%> transaction_timestamp() then%'; execute replace(body, '> transaction_timestamp() then', '> ''-infinity'' then'); end $do$" },
  { title: 'a key that the application may read', context: 'signed', attacks: ['context-key'], by: 'grant usage on schema tenantry to signed_app; grant select on tenantry.context_keys to signed_app' },
  { title: 'a function that says whose context it is', context: 'signed', attacks: ['context-function'], by: 'grant usage on schema tenantry to signed_app' },
  { title: 'another tenant’s tables without a floor', context: 'signed', attacks: ['other-tenant-role'], by: 'drop policy tenantry_floor on signed__globex.customers' },
  { title: 'a floor that takes the tenant from a setting', context: 'role', attacks: ['switch-context', 'role-without-tenant'], by: "alter policy tenantry_floor on role.customers using (tenant_id = nullif(current_setting('tenantry.tenant_id', true), '')::uuid)" },
  { title: 'a function that says which tenant a role is of', context: 'role', attacks: ['context-function'], by: 'grant usage on schema tenantry to role_app' },
];

describe('[DBAAS-5.4] the declared tenant context is attacked', () => {
  let server: TestServer;
  const evidence = {} as Record<(typeof CONTEXTS)[number], Evidence>;
  const verdicts = (of: Evidence, attack: string): string[] => [...new Set(of.results.filter((result) => result.attack === attack && result.verdict !== 'not applicable').map(({ mode, verdict, observed }) => `${mode} ${verdict} ${observed}`))].sort();

  beforeAll(async () => {
    server = await startTestServer();
    for (const context of CONTEXTS) {
      await applyTo(server, loaded[context]);
      evidence[context] = await verified(server, loaded[context]);
    }
  }, 60_000);

  it.each(CONTEXTS)('and holds (%s), without anything accepted that comes from a plain one', (context) => {
    expectIsolated(evidence[context]);
    expect(evidence[context].tenantContext).toBe(context);
    expect(evidence[context].accepted.map(({ attack }) => attack).filter((attack) => attack === 'switch-context' || attack === 'shared-login')).toEqual([]);
    expect(evidence[context].summary).toMatchObject({ modes: 3, breached: 0, unknown: 0 });
    expect(verdicts(evidence[context], 'switch-context')).toEqual(['database denied 0 rows', 'row denied 0 rows', 'schema denied 0 rows']);
  });

  it('signed: forged, prolonged and used again, as another tenant’s role, and by its key', () => {
    const modes = ['database', 'row', 'schema'];
    const expected = { 'forge-context': 'TN011', 'prolong-context': 'TN011', 'replay-context': 'TN012', 'context-key': '42501', 'context-function': '42501' };
    for (const [attack, sqlstate] of Object.entries(expected)) expect(verdicts(evidence.signed, attack), attack).toEqual(modes.map((mode) => `${mode} denied ${sqlstate}`));
    expect(verdicts(evidence.signed, 'other-tenant-role')).toEqual(['row denied 0 rows', 'schema denied 0 rows']);
  });

  it('role: no login becomes two roles, and a group is no tenant', () => {
    expect(verdicts(evidence.role, 'shared-login')).toEqual(['server denied 1 role']);
    expect(verdicts(evidence.role, 'role-without-tenant')).toEqual(['database denied 0 rows', 'row denied 0 rows', 'schema denied 0 rows']);
  });

  it('two runs say the same, no key or context is in the evidence, and nothing remains', async () => {
    for (const context of CONTEXTS) {
      const again = await verified(server, loaded[context]);
      expect({ ...again, startedAt: '', milliseconds: 0 }).toEqual({ ...evidence[context], startedAt: '', milliseconds: 0 });
      expect(JSON.stringify(again)).not.toMatch(/[0-9a-f]{32}|[0-9a-f]{8}-[0-9a-f]{4}-|__p[0-9a-f]{16}/);
      expect(await server.runAsSuperuser("select 1 from tenantry.tenants where display_name = 'probe' union all select 1 from pg_roles where rolname ~ '__p[0-9a-f]{16}'", context)).toEqual([]);
    }
  });

  it.each(BREAKS)('$context: notices $title', async ({ context, by, attacks, undo }) => {
    await server.runAsSuperuser(by, context);
    try {
      const breaches = breachesOf(await verified(server, loaded[context]));
      for (const attack of attacks) expect(breaches.filter((result) => result.attack === attack).map(lineOf), breaches.map(lineOf).join('\n')).not.toEqual([]);
    } finally {
      if (undo !== undefined) await server.runAsSuperuser(undo, context);
      await applyTo(server, loaded[context]);
    }
  });
});
