import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { keyBlocks, signContext, signWithBlocks } from '../../lib/bootstrap/sql/hmac';
import { type Credentials, fromEnvironment, fromFile, fromUrls, trust } from '../../lib/client';
import { Signer } from '../../lib/client/signing';
import { TenantryError } from '../../lib/core';
import { parseDeclaration } from '../../lib/declaration';
import { manifestOf } from '../bootstrap/support/platform';
import { freshFolder } from '../support/fresh-folder';

const TENANT = '11111111-1111-4111-8111-111111111111';
const KEY = 'k'.repeat(43);
const declaration = { name: 'desk', tables: {}, roles: { app: { login: 'iam', tables: {} } } } as const;
const { manifest } = manifestOf({ ...declaration, tenantContext: 'signed' });
const signer = (credentials: Credentials, contextKey?: string | Credentials): Signer => new Signer(manifest, { credentials, contextKey, lifetime: 60_000 });
const signed = async (from: Signer): Promise<string> => (await from.ready())(TENANT);
const refused = async (from: Signer): Promise<string> => {
  const error: unknown = await from.ready().then(() => undefined, (thrown: unknown) => thrown);
  if (!TenantryError.is(error)) throw new Error('nothing was refused', { cause: error });
  return error.message;
};

describe('the signature of a context', () => {
  it('is HMAC-SHA-256, also from the two blocks of a key', () => {
    // What another implementation (Python's hmac) makes of the same.
    const expected = `${TENANT}|1800000000|fe644e929ca0539b3c88072607ac41bcb18a750a61454473a6578deafad7861c`;
    expect(signContext('Jefe', 'desk', TENANT, 1_800_000_000)).toBe(expected);
    expect(signWithBlocks(keyBlocks('Jefe'), 'desk', TENANT, 1_800_000_000)).toBe(expected);
    const long = 'longer than the block of the hash function, which is of sixty-four bytes';
    expect(signWithBlocks(keyBlocks(long), 'desk', TENANT, 1)).toBe(signContext(long, 'desk', TENANT, 1));
  });
});

describe('the key that a client signs with', () => {
  it('comes from where passwords come from, under its own name', async () => {
    const file = join(freshFolder('signing'), 'passwords.json');
    writeFileSync(file, JSON.stringify({ desk_context_key: KEY }));
    const expected = new RegExp(`^${TENANT}\\|\\d{10}\\|[0-9a-f]{64}$`);
    expect(await signed(signer(fromFile(file)))).toMatch(expected);
    expect(await signed(signer(fromEnvironment({ TENANTRY_PASSWORD_DESK_CONTEXT_KEY: KEY })))).toMatch(expected);
    expect(await signed(signer(trust({ host: 'x', port: 1 }), KEY))).toMatch(expected);
    const [, expiry = ''] = (await signed(signer(trust({ host: 'x', port: 1 }), fromFile(file)))).split('|');
    expect(Number(expiry) - Date.now() / 1000).toBeGreaterThan(58);
    expect(Number(expiry) - Date.now() / 1000).toBeLessThan(62);
  });

  it('is nothing that was made for something else', async () => {
    const fix = '\n\n  Give it: connectTenants(manifest, { contextKey: fromSecretsManager() | fromFile(path) | \'…\' }). The bootstrap keeps it as desk_context_key, beside the passwords of logins.';
    const none = `client/context-key  at desk_context_key\n\n  Contexts of this declaration are signed, and the credentials of this client have no key.${fix}`;
    expect(await refused(signer(trust({ host: 'x', port: 1 })))).toBe(none);
    expect(await refused(signer(fromUrls(['postgresql://app:secret-password@localhost:5432'])))).toBe(none);
    const other = none.replace('the credentials of this client have no key', 'what was given is no key that the bootstrap made');
    expect(await refused(signer(fromEnvironment({ PGPASSWORD: 'hunter2' })))).toBe(other);
  });
});

describe('tenantContext of a declaration', () => {
  it('is plain where it is not said, and then stands in no manifest', () => {
    expect('tenantContext' in parseDeclaration(declaration)).toBe(false);
    expect(parseDeclaration({ ...declaration, tenantContext: 'role' }).tenantContext).toBe('role');
    expect(() => parseDeclaration({ ...declaration, tenantContext: 'sealed' })).toThrow(/tenantContext/);
  });

  it('takes one more name where roles are tenants’', () => {
    const roles = { app_logins: { login: 'iam', tables: {} } };
    expect(parseDeclaration({ ...declaration, roles }).name).toBe('desk');
    expect(() => parseDeclaration({ ...declaration, roles, tenantContext: 'role' })).toThrow('declaration/reserved-name  at roles.app_logins\n\n  With tenantContext \'role\' the library makes a role "desk_app_logins" itself.\n\n  Choose another name.');
  });
});
