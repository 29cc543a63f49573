import { beforeAll, expect, it } from 'vitest';
import { describeServers, type Major, startTestServer, type TestServer } from '../../support/postgres';
import { applyTo, expectNothingToDo, linesOf, manifestOf, planOf, refusalOf } from './platform';
import { shop, tenants } from './shop';

/** A change that somebody made by hand, what the plan says of it, and what an apply does. */
export interface Drift {
  readonly title: string;
  /** The database in which it is made. @default 'shop' */
  readonly in?: string;
  /** What the superuser runs. */
  readonly by: string | ((server: { readonly major: Major }) => string);
  /** Exactly what the plan lists. */
  readonly plan: readonly string[];
  /**
   * What cannot be mended without losing data or without more rights: it is refused, and this is how a superuser takes the change back.
   * With `blocking` the apply as a whole is refused, with this message.
   */
  readonly refused?: { readonly undo: string; readonly blocking?: string };
  /** A row on which nothing is done, because nobody's access or data hangs on it: a finding stays a finding. */
  readonly finding?: { readonly undo: string };
  /** Versions that know the feature. @default - all */
  readonly since?: Major;
  /** Versions that behave in this way. @default - all */
  readonly until?: Major;
}

/** Each on a database to which the declaration was applied: the plan names exactly that object, and the apply mends it or says why not. */
export function driftTests(subject: string, drifts: readonly Drift[]): void {
  describeServers(subject, (major) => {
    let server: TestServer;
    const loaded = manifestOf(shop, { tenants });

    beforeAll(async () => {
      server = await startTestServer({ major });
      const admin = await server.admin();
      await admin.query('create role stranger; create role "odd ""name" login');
      await applyTo(server, loaded);
      await expectNothingToDo(server, loaded);
    });

    const run = async (sql: string, database: string): Promise<void> => {
      const admin = await server.admin(database);
      try {
        await admin.query(sql);
      } finally {
        await admin.end();
      }
    };

    for (const { title, in: database = 'shop', by, plan, refused, finding, since = 15, until = 18 } of drifts) {
      if (major < since || major > until) continue;
      it(title, async () => {
        await run(typeof by === 'string' ? by : by({ major }), database);
        expect(linesOf((await planOf(server, loaded)).differences)).toEqual(plan);
        if (refused?.blocking !== undefined) {
          expect((await refusalOf(applyTo(server, loaded))).message).toBe(refused.blocking);
        } else {
          await applyTo(server, loaded);
        }
        const undo = refused?.undo ?? finding?.undo;
        if (undo !== undefined) {
          expect(linesOf((await planOf(server, loaded)).differences), 'nothing that is refused was done').toEqual(plan.filter((line) => /^(refused|finding) /.test(line) || refused?.blocking !== undefined));
          await run(undo, database);
        }
        await expectNothingToDo(server, loaded);
      });
    }
  });
}
