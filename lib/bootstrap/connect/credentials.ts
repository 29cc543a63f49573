import { readFile } from 'node:fs/promises';
import { TenantryError } from '../../core/errors';
import type { ManifestServer } from '../../manifest/format';
import { isUnresolved } from '../../manifest/template';
import { parseDatabaseUrl } from './database-url';
import type { ServerAccess } from './server-access';

/** Which server is to be reached, and as whom. */
export interface CredentialRequest {
  /** Its name in the manifest. */
  readonly name: string;
  readonly server: ManifestServer;
  readonly user: string;
}

/** Where passwords and tokens come from. A provider is asked for each server and user, and its password for each connection. */
export type Credentials = (request: CredentialRequest) => Promise<ServerAccess>;

/** The address of the request's server and nothing to prove who one is: for a server that trusts its socket, as the embedded one does. */
export const trust = (address: { readonly host: string; readonly port: number }): Credentials =>
  ({ user }) => Promise.resolve({ ...address, user, method: 'trust' });

/**
 * One URL for all servers, or one for each: `[server=]postgresql://user:password@host:port`. The user is that of the URL.
 *
 * @throws TenantryError (`input`) when there is none for a server
 */
export function fromUrls(urls: readonly string[], options: { readonly ca?: string } = {}): Credentials {
  const parsed = urls.map((url) => parseDatabaseUrl(url, options));
  return ({ name }) => {
    const found = parsed.find(({ server }) => server === name) ?? parsed.find(({ server }) => server === undefined);
    if (found === undefined) {
      throw new TenantryError('input', { code: 'connect/no-url', at: '--database-url', problem: `There is no URL for server ${JSON.stringify(name)}.`, fix: `Add --database-url ${name}=postgresql://user@host:5432.` });
    }
    return Promise.resolve(found.access);
  };
}

/** A password by user from environment variables: `TENANTRY_PASSWORD_<USER>` in upper case, else `PGPASSWORD`. */
export const fromEnvironment = (environment: NodeJS.ProcessEnv = process.env, options: { readonly ca?: string } = {}): Credentials => (request) => {
  const variable = `TENANTRY_PASSWORD_${request.user.toUpperCase().replace(/[^A-Z0-9]/g, '_')}`;
  return Promise.resolve(withPassword(request, () => {
    const password = environment[variable] ?? environment['PGPASSWORD'];
    if (password === undefined) throw new TenantryError('input', { code: 'connect/no-password', at: request.user, problem: `Neither ${variable} nor PGPASSWORD is set.`, fix: 'Set one of them.' });
    return Promise.resolve(password);
  }, options.ca));
};

/** A password by user from a JSON file, `{ "<user>": "<password>" }`, read for each connection so that a rotation is noticed. */
export const fromFile = (path: string, options: { readonly ca?: string } = {}): Credentials => (request) => Promise.resolve(withPassword(request, async () => {
  const password = fieldOf(await readPasswords(path), request.user);
  if (password === undefined) throw new TenantryError('input', { code: 'connect/no-password', at: path, problem: `The file has no password for ${request.user}.`, fix: `Add it as {"${request.user}": "…"}.` });
  return password;
}, options.ca));

/** The master password that RDS keeps in Secrets Manager. Needs the package `@aws-sdk/client-secrets-manager`. */
export const fromSecretsManager = (options: { readonly ca?: string } = {}): Credentials => (request) => Promise.resolve(withPassword(request, async () => {
  const { masterSecretArn, region } = request.server;
  if (masterSecretArn === undefined) throw new TenantryError('input', { code: 'connect/no-secret', at: request.name, problem: 'The manifest names no secret for the master login of this server.', fix: 'Give --database-url.' });
  const { SecretsManagerClient, GetSecretValueCommand } = await optional<typeof import('@aws-sdk/client-secrets-manager')>('@aws-sdk/client-secrets-manager');
  const { SecretString } = await new SecretsManagerClient({ region }).send(new GetSecretValueCommand({ SecretId: masterSecretArn }));
  const password = fieldOf(SecretString ?? '', 'password');
  if (password === undefined) throw new TenantryError('failed', { code: 'connect/no-secret', at: masterSecretArn, problem: 'The secret has no field "password".', fix: 'Check that it is the secret that RDS manages.' });
  return password;
}, options.ca));

/** An IAM token for each connection. Needs the package `@aws-sdk/rds-signer`. */
export const fromIam = (options: { readonly ca?: string } = {}): Credentials => (request) => {
  const access = withPassword(request, async () => {
    const { Signer } = await optional<typeof import('@aws-sdk/rds-signer')>('@aws-sdk/rds-signer');
    return new Signer({ hostname: access.host, port: access.port, username: request.user, region: request.server.region }).getAuthToken();
  }, options.ca);
  return Promise.resolve({ ...access, method: 'iam' });
};

function withPassword({ name, server, user }: CredentialRequest, password: () => Promise<string>, ca: string | undefined): ServerAccess {
  if (isUnresolved(server.host)) {
    throw new TenantryError('input', {
      code: 'connect/unresolved', at: name, problem: `The address of the server is ${server.host}, which only Terraform knows: the stack was synthesized, but not deployed.`,
      fix: 'Give the file that cdktf deploy --outputs-file wrote, or name a server: --embedded, or --database-url.',
    });
  }
  return { host: server.host, port: Number(server.port), user, method: 'password', password, ...(ca === undefined ? {} : { ca }) };
}

async function readPasswords(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new TenantryError('input', { code: 'connect/password-file', at: path, problem: `The file cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'no reason given'}.`, fix: 'Check the path and who may read it.' }, { cause: error });
  }
}

/** A text field of a JSON object. What the parser says about text that is none would repeat a part of it, so it is not passed on. */
function fieldOf(json: string, field: string): string | undefined {
  try {
    const value = (JSON.parse(json) as Record<string, unknown> | null)?.[field];
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}

async function optional<Module>(name: string): Promise<Module> {
  try {
    return (await import(name)) as Module;
  } catch (error) {
    throw new TenantryError('input', { code: 'connect/package', problem: `The package ${name} is needed to ask AWS, and it is not installed.`, fix: `npm install ${name}` }, { cause: error });
  }
}
