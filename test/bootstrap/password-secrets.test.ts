import { inspect } from 'node:util';
import { CreateSecretCommand, DeleteSecretCommand, GetSecretValueCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { beforeAll, describe, expect, it } from 'vitest';
import { firstStore, passwordFile, secretsManagerStore } from '../../lib/bootstrap';
import { connectTenants, fromSecretsManager } from '../../lib/client';
import { parseManifest } from '../../lib/manifest';
import { freshFolder } from '../support/fresh-folder';
import { motoMissing, startMoto } from '../support/moto';
import { describeNewest, startTestServer, type TestServer } from '../support/postgres';
import { requirePasswords } from '../support/scram';
import { applyTo, linesOf, manifestOf, planOf, refusalOf, sqlstateOf } from './support/platform';

const REGION = 'eu-central-1';
const declared = manifestOf({
  name: 'vault',
  tables: { notes: { tenancy: 'tenant', columns: { id: { type: 'uuid' } }, primaryKey: ['id'] } },
  roles: { app: { login: 'password', tables: { notes: 'write' } } },
}, { tenants: { acme: { isolation: 'row' }, initech: { isolation: 'database' } } });

describe.skipIf(motoMissing !== undefined)(`passwords in Secrets Manager${motoMissing === undefined ? '' : ` (skipped: ${motoMissing})`}`, () => {
  beforeAll(startMoto);

  describeNewest('written by the bootstrap', (major) => {
    let server: TestServer;
    let aws: SecretsManagerClient;
    let loaded = declared;
    const arns: Record<string, string> = {};
    const secretOf = async (login: string) => {
      const { SecretString, VersionId } = await aws.send(new GetSecretValueCommand({ SecretId: arns[login] }));
      return { value: JSON.parse(SecretString ?? 'null'), version: VersionId };
    };
    const make = async (name: string): Promise<string> => (await aws.send(new CreateSecretCommand({ Name: name }))).ARN!;
    const withSecrets = (loginSecrets: Record<string, string>) => {
      const main = { ...declared.manifest.servers.main!, host: server.host, port: server.port, masterUsername: 'root', masterSecretArn: arns.root, loginSecrets };
      return { digest: declared.digest, manifest: parseManifest(JSON.parse(JSON.stringify({ ...declared.manifest, servers: { main } })), 'test') };
    };
    const store = () => secretsManagerStore(loaded.manifest.servers.main!);
    const superuser = (sql: string) => server.runAsSuperuser(sql, 'vault');

    beforeAll(async () => {
      server = await startTestServer({ major });
      await requirePasswords(server);
      aws = new SecretsManagerClient({ region: REGION });
      for (const login of ['root', 'vault_app_login', 'vault_app__initech_login']) arns[login] = await make(`shop/${major}/data/vault/${login}`);
      await aws.send(new PutSecretValueCommand({ SecretId: arns.root, SecretString: '{"username":"root","password":"of-the-master"}' }));
      loaded = withSecrets({ vault_app_login: arns.vault_app_login!, vault_app__initech_login: arns.vault_app__initech_login! });
    });

    it('cannot be read before the bootstrap has written them, and the error says so', async () => {
      const access = await fromSecretsManager()({ name: 'main', server: loaded.manifest.servers.main!, user: 'vault_app_login' });
      const { message } = await refusalOf(access.password!());
      expect(message).toMatch(/^connect\/secret {2}at arn:aws:secretsmanager:.*vault_app_login-\w{6}\n\n {2}The secret cannot be read: ResourceNotFoundException: /);
      expect(message).toContain('deploy the stack, then run tenantry bootstrap apply with its manifest.');
    });

    it('[DBAAS-5.1] are written as rotation functions of AWS expect them, each into its own secret, and noted with their version', async () => {
      const result = await applyTo(server, loaded, { passwords: store() });
      const shared = await secretOf('vault_app_login');
      const own = await secretOf('vault_app__initech_login');
      const common = { engine: 'postgres', host: server.host, port: server.port, password: expect.stringMatching(/^[\w-]{43}$/) };
      expect([shared.value, own.value]).toEqual([{ ...common, username: 'vault_app_login', dbname: 'vault' }, { ...common, username: 'vault_app__initech_login', dbname: 'vault__initech' }]);
      expect(shared.value.password).not.toBe(own.value.password);
      expect(JSON.stringify(result).includes(shared.value.password)).toBe(false);
      expect(await superuser('select login, location, version from tenantry.passwords order by 1')).toEqual([
        { login: 'vault_app__initech_login', location: arns.vault_app__initech_login, version: own.version }, { login: 'vault_app_login', location: arns.vault_app_login, version: shared.version },
      ]);
      expect(linesOf((await applyTo(server, loaded, { passwords: store() })).changes)).toEqual([]);
      expect((await secretOf('vault_app_login')).version).toBe(shared.version);
    });

    it('let the tenants’ client in, also after a rotation, and the master login has its own', async () => {
      const credentials = fromSecretsManager();
      const tenants = connectTenants(loaded.manifest, { credentials, maxConnections: 2 });
      const user = async (tenant: string) => (await tenants.with(tenant, (db) => db.query<{ u: string }>('select session_user as u'))).rows[0]?.u;
      try {
        expect([await user('acme'), await user('initech')]).toEqual(['vault_app_login', 'vault_app__initech_login']);
        await superuser(`alter role vault_app_login password 'rotated'`);
        expect(await tenants.with('acme', () => sqlstateOf(user('acme')))).toBe('28P01');
        const { value } = await secretOf('vault_app_login');
        await aws.send(new PutSecretValueCommand({ SecretId: arns.vault_app_login, SecretString: JSON.stringify({ ...value, password: 'rotated' }) }));
        expect(await tenants.with('acme', () => user('acme'))).toBe('vault_app_login');
      } finally {
        await tenants.end();
      }
      const main = loaded.manifest.servers.main!;
      expect(await (await credentials({ name: 'main', server: main, user: 'root' })).password!()).toBe('of-the-master');
      expect((await refusalOf((await credentials({ name: 'main', server: main, user: 'vault_owner' })).password!())).message).toContain('The manifest names no secret for the login vault_owner.');
    });

    it('are made anew where the manifest names another secret, and stay where a file is given as well', async () => {
      const file = passwordFile(`${freshFolder('secrets')}/passwords.json`);
      expect(linesOf((await planOf(server, loaded, { passwords: firstStore([store(), file]) })).differences)).toEqual([]);
      expect(linesOf((await planOf(server, loaded, { passwords: file })).differences), 'a file does not take over').toEqual([]);
      const old = await secretOf('vault_app__initech_login');
      arns.vault_app__initech_login = await make(`shop/${major}/data/vault/made-again`);
      loaded = withSecrets({ vault_app_login: arns.vault_app_login!, vault_app__initech_login: arns.vault_app__initech_login });
      expect(linesOf((await applyTo(server, loaded, { passwords: store() })).changes)).toEqual(['vault.tenantry: set a new password of vault_app__initech_login']);
      expect((await secretOf('vault_app__initech_login')).value.password).not.toBe(old.value.password);
      const tenants = connectTenants(loaded.manifest, { credentials: fromSecretsManager() });
      expect((await tenants.with('initech', (db) => db.query('select 1 as one'))).rows).toEqual([{ one: 1 }]);
      await tenants.end();
    });

    it('are not set where they cannot be kept', async () => {
      await aws.send(new DeleteSecretCommand({ SecretId: arns.vault_app_login, ForceDeleteWithoutRecovery: true }));
      await superuser(`delete from tenantry.passwords where login = 'vault_app_login'`);
      const before = await superuser(`select rolpassword from pg_authid where rolname = 'vault_app_login'`);
      const error: unknown = await applyTo(server, loaded, { passwords: store() }).then(() => undefined, (thrown: unknown) => thrown);
      expect((error as Error).message).toMatch(/^password\/not-kept {2}at arn:.*\n\n {2}The secret of vault_app_login cannot be written, and no password was set: ResourceNotFoundException: /);
      expect(inspect(error, { depth: 12, showHidden: true })).not.toMatch(/"password"|SCRAM-SHA-256/);
      expect(await superuser(`select rolpassword from pg_authid where rolname = 'vault_app_login'`)).toEqual(before);
    });

    it('of a stack that was only synthesized have no place', async () => {
      loaded = withSecrets({ vault_app_login: '${aws_secretsmanager_secret.x.arn}' });
      expect(linesOf((await planOf(server, loaded, { passwords: store() })).differences)).toEqual(['refused password/no-store vault.tenantry: vault_app_login has no password: none was set yet, and nobody says where a new one would be kept']);
    });
  });
});
