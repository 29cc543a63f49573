import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CredentialRequest, fromEnvironment, fromFile, fromIam, fromSecretsManager, fromUrls, trust } from '../../lib/client';
import { TenantryError } from '../../lib/core';
import { freshFolder } from '../support/fresh-folder';

const request = (server: Partial<CredentialRequest['server']> = {}): CredentialRequest => ({
  name: 'main', user: 'shop_app_login',
  server: { host: 'db.example.com', port: 5432, engine: 'aurora-postgresql', engineVersion: '17', region: 'eu-central-1', masterUsername: 'postgres', ...server },
});

async function messageOf(work: () => Promise<unknown>): Promise<string> {
  try {
    await work();
  } catch (error) {
    if (TenantryError.is(error)) return error.message;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('credentials', () => {
  const aws = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
  const before = { ...process.env };
  beforeEach(() => void Object.assign(process.env, aws));
  afterEach(() => {
    for (const key of Object.keys(aws)) delete process.env[key];
    Object.assign(process.env, before);
  });

  it('[DBAAS-5.1] of IAM are a token of its own for each connection, signed for the host, the port and the login', async () => {
    const access = await fromIam({ ca: 'PEM' })(request());
    expect(access).toMatchObject({ host: 'db.example.com', port: 5432, user: 'shop_app_login', method: 'iam', ca: 'PEM' });
    const token = new URL(`https://${await access.password?.()}`);
    expect(token.host).toBe('db.example.com:5432');
    expect(Object.fromEntries(token.searchParams)).toMatchObject({ Action: 'connect', DBUser: 'shop_app_login', 'X-Amz-Expires': '900' });
    expect(token.searchParams.get('X-Amz-Signature')).toMatch(/^[0-9a-f]{64}$/);
  });

  it('of URLs are chosen by server, and else the one without a name', async () => {
    const credentials = fromUrls(['postgresql://me:one@localhost:5001', 'other=postgresql://you:two@[::1]:5002']);
    expect(await credentials(request())).toMatchObject({ host: 'localhost', port: 5001, user: 'me', method: 'password' });
    const other = await credentials({ ...request(), name: 'other' });
    expect({ host: other.host, port: other.port, user: other.user, password: await other.password?.() }).toEqual({ host: '::1', port: 5002, user: 'you', password: 'two' });
    expect(await messageOf(() => fromUrls(['other=postgresql://you@localhost'])(request()))).toBe(
      'connect/no-url  at --database-url\n\n  There is no URL for server "main".\n\n  Add --database-url main=postgresql://user@host:5432.');
  });

  it('of the environment are by user, and else PGPASSWORD', async () => {
    const of = async (environment: NodeJS.ProcessEnv) => (await fromEnvironment(environment)(request())).password?.();
    expect(await of({ TENANTRY_PASSWORD_SHOP_APP_LOGIN: 'own', PGPASSWORD: 'any' })).toBe('own');
    expect(await of({ PGPASSWORD: 'any' })).toBe('any');
    expect(await messageOf(() => of({}))).toBe('connect/no-password  at shop_app_login\n\n  Neither TENANTRY_PASSWORD_SHOP_APP_LOGIN nor PGPASSWORD is set.\n\n  Set one of them.');
  });

  it('of a file are read for each connection, so that a rotation is noticed', async () => {
    const file = join(freshFolder('credentials'), 'passwords.json');
    writeFileSync(file, JSON.stringify({ shop_app_login: 'first' }));
    const access = await fromFile(file)(request());
    expect(await access.password?.()).toBe('first');
    writeFileSync(file, JSON.stringify({ shop_app_login: 'second' }));
    expect(await access.password?.()).toBe('second');
    for (const content of ['{}', 's3cret, and no JSON']) {
      writeFileSync(file, content);
      expect(await messageOf(() => access.password?.() ?? Promise.resolve())).toBe(`connect/no-password  at ${file}\n\n  The file has no password for shop_app_login.\n\n  Add it as {"shop_app_login": "…"}.`);
    }
  });

  it('of Secrets Manager need a secret in the manifest', async () => {
    const refused = async (user: string, server = {}) => messageOf(async () => (await fromSecretsManager()({ ...request(server), user })).password?.());
    expect(await refused('postgres', { loginSecrets: { shop_app_login: 'arn' } })).toBe('connect/no-secret  at main\n\n  The manifest names no secret for the master login of this server.\n\n  Give --database-url.');
    const login = "connect/no-secret  at main\n\n  The manifest names no secret for the login shop_app_login.\n\n  Those of roles with login: 'password' are in the manifest of the last deployment. For an IAM login: fromIam; for a password in a file: fromFile.";
    expect(await refused('shop_app_login', { masterSecretArn: 'arn:of:the:master' }), 'never the password of the master').toBe(login);
    expect(await refused('shop_app_login', { loginSecrets: { other: 'arn' } })).toBe(login);
  });

  it('by trust go to the address that is given', async () => {
    expect(await trust({ host: '/socket', port: 1 })(request())).toEqual({ host: '/socket', port: 1, user: 'shop_app_login', method: 'trust' });
  });
});
