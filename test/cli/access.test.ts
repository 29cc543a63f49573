import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { deskInput } from '../bootstrap/support/desk';
import { manifestOf } from '../bootstrap/support/platform';
import { freshFolder } from '../support/fresh-folder';
import { startTestServer, type TestServer } from '../support/postgres';
import { tenantry } from './support';

/** One story, told in order. */
describe('the command line, access of people', () => {
  let server: TestServer;
  let target: string[];
  const access = (...args: string[]) => tenantry(['access', ...args, ...target]);

  beforeAll(async () => {
    server = await startTestServer();
    const manifest = join(freshFolder('cli'), 'manifest.json');
    writeFileSync(manifest, JSON.stringify(manifestOf(deskInput, { tenants: { acme: { isolation: 'row' } } }).manifest));
    target = ['--manifest', manifest, '--database-url', server.url()];
    const admin = await server.admin();
    await admin.query('create role anna login');
  });

  it('is neither granted nor listed before the first apply: 3', async () => {
    for (const command of [['grant', 'anna', '--role', 'helpdesk', '--for', '2h', '--reason', 'x'], ['revoke', 'anna'], ['list']]) {
      const { code, err } = await access(...command);
      expect({ code, err: err.split('\n')[0] }).toEqual({ code: 3, err: 'tenant/apply-first  at desk' });
    }
    expect((await tenantry(['bootstrap', 'apply', '--skip-verify', ...target])).code).toBe(0);
    expect(await access('list')).toEqual({ code: 0, out: '\n  Nobody has access to the rows of tenants as a support role.\n', err: '' });
  });

  it('needs a role, a time and a reason, and says what is wrong with them', async () => {
    expect((await access('grant', 'anna', '--role', 'helpdesk', '--for', '2h')).code).toBe(64);
    expect(await access('grant', 'anna', '--role', 'helpdesc', '--for', '2h', '--reason', 'x')).toEqual({
      code: 64, out: '', err: 'access/role  at helpdesc\n\n  "helpdesc" is not a role of kind support; there are helpdesk and breakglass.\n\n  Did you mean helpdesk?\n',
    });
    expect(await access('grant', 'anna', '--role', 'helpdesk', '--for', '2h', '--reason', 'Ticket\n4711')).toEqual({
      code: 64, out: '', err: 'access/reason  at reason\n\n  The reason of an access is kept with it, and what is given holds a line break or another control character, which would look like something else where it is shown.\n\n  Give one line of 1 to 1,000 characters, for instance the number of a ticket.\n',
    });
    expect(await access('grant', 'anna', '--role', 'breakglass', '--for', '2h', '--reason', 'x')).toEqual({
      code: 3, out: '', err: 'access/too-long  at 2h\n\n  Access as breakglass is granted for 1h at most, and 2h is asked for.\n\n  Ask for less, or set roles.breakglass.maxDuration.\n',
    });
  });

  it('is granted, listed and revoked', async () => {
    const granted = await access('grant', 'anna', '--role', 'helpdesk', '--for', '2h', '--reason', 'Ticket 4711');
    // As an older version took it.
    await server.runAsSuperuser("update tenantry.access_grants set reason = E'Ticket\\n\\x1b[2J4711'", 'desk');
    expect({ ...granted, out: granted.out.replace(/\d{4}-\S+Z {3}[\d.]+ s/, 'TIME') }).toEqual({
      code: 0, err: '', out: "\n  anna has access as helpdesk until TIME\n  in a transaction: set local role desk_helpdesk; call tenantry.enter_support('TENANT', 'REASON')\n",
    });
    const { out } = await access('list');
    expect(out.replace(/\d{4}-\d\d-\d\d \d\d:\d\d/g, '2026-01-02 03:04').replace(/ +granted by +reason/, ' …').replace(/tenantry_bootstrap.*Ticket/, '… Ticket').split('\n')).toEqual([
      '', '  member   role       state   from (UTC)         until (UTC) …', '  anna     helpdesk   open    2026-01-02 03:04   2026-01-02 03:04   … Ticket ?[2J4711', '',
    ]);
    const revoked = await access('revoke', 'anna', '--role', 'helpdesk', '--format', 'json');
    expect({ code: revoked.code, document: JSON.parse(revoked.out) }).toMatchObject({ code: 0, document: { format: 'tenantry/access@1', outcome: 'revoked', member: 'anna', grants: [{ role: 'helpdesk', reason: 'Ticket\n\u001b[2J4711' }] } });
    expect(JSON.parse((await access('list', '--all', '--format', 'json')).out)).toMatchObject({ format: 'tenantry/access-list@1', declaration: 'desk', grants: [{ member: 'anna', state: 'revoked' }] });
    expect((await access('revoke', 'anna')).code).toBe(3);
  });
});
