import { beforeAll, expect, it } from 'vitest';
import { describeNewest, startTestServer, type TestServer } from '../../../support/postgres';
import { applyTo, manifestOf } from '../../support/platform';
import { shop } from '../../support/shop';
import { breachesOf, expectIsolated, lineOf, verified } from './verified';

/** A defence that the superuser breaks, and what the verification must say of it. */
export interface Break {
  readonly title: string;
  /** @default shop */
  readonly database?: string;
  readonly by: string;
  /** Takes it back, beyond what an apply mends. */
  readonly undo?: string;
  /** An attack that must have got through, where, and as whom. */
  readonly attack: string;
  readonly place: string;
  readonly table?: string;
  readonly role?: string;
  readonly reason: RegExp;
  readonly remedy: RegExp;
  /** More attacks that get through for the same reason. */
  readonly also?: readonly string[];
  /** Objects that breaks reach besides: `table` or `role`, as they stand in results. @default - the table and the role of the attack */
  readonly within?: readonly string[];
  readonly since?: number;
}

export const tenants = { acme: { isolation: 'row' }, globex: { isolation: 'schema' }, hooli: { isolation: 'schema' }, initech: { isolation: 'database' } } as const;

/** Each on an isolated database: the attack is noticed, with the object and the remedy, and nothing else is said to be broken. */
export function breakTests(subject: string, breaks: readonly Break[]): void {
  describeNewest(`[DBAAS-5.4] [DBS-2.3] [ASM-3.2] ${subject}`, (major) => {
    let server: TestServer;
    const loaded = manifestOf(shop, { tenants });

    beforeAll(async () => {
      server = await startTestServer({ major });
      await applyTo(server, loaded);
      expectIsolated(await verified(server, loaded));
    }, 120_000);

    for (const { title, database = 'shop', by, undo, attack, place, table, role, reason, remedy, also = [], within, since = 15 } of breaks) {
      if (major < since) continue;
      it(title, async () => {
        await server.runAsSuperuser(by, database);
        try {
          const evidence = await verified(server, loaded);
          const breaches = breachesOf(evidence);
          const found = breaches.find((result) => result.attack === attack && result.place === place && result.table === table && (role === undefined || result.role === role));
          expect(found, breaches.map(lineOf).join('\n')).toBeDefined();
          expect(found?.reason).toMatch(reason);
          expect(found?.remedy).toMatch(remedy);
          expect(evidence.outcome).toBe('breached');
          const objects = new Set(within ?? [table, role].filter((name) => name !== undefined));
          const elsewhere = breaches.filter((result) => !([attack, ...also].includes(result.attack) && [result.table, result.role].some((name) => name !== undefined && objects.has(name))) && result !== found);
          expect(elsewhere.map(lineOf)).toEqual([]);
        } finally {
          if (undo !== undefined) await server.runAsSuperuser(undo, database);
          await applyTo(server, loaded);
        }
      });
    }

    it('is isolated again when everything is mended', async () => {
      expectIsolated(await verified(server, loaded));
    });
  });
}
