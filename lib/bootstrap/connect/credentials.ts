import { TenantryError } from '../../core/errors';
import { optional } from '../../core/optional';
import type { ManifestServer } from '../../manifest/format';
import { isUnresolved } from '../../manifest/template';
import { parseDatabaseUrl } from './database-url';
import { loginOnServer, readPasswords } from './password-file';
import { fieldOf } from './secret-field';
import { secretReader } from './secrets-manager';
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

/** A password by user from environment variables: `TENANTRY_PASSWORD_<SERVER>_<USER>` in upper case, else `TENANTRY_PASSWORD_<USER>`, else `PGPASSWORD`. */
export const fromEnvironment = (environment: NodeJS.ProcessEnv = process.env, options: { readonly ca?: string } = {}): Credentials => (request) => {
  const [ofServer, variable] = [`${request.name}_${request.user}`, request.user].map((name) => `TENANTRY_PASSWORD_${name.toUpperCase().replace(/[^A-Z0-9]/g, '_')}`) as [string, string];
  return Promise.resolve(withPassword(request, () => {
    const password = environment[ofServer] ?? environment[variable] ?? environment['PGPASSWORD'];
    if (password === undefined) throw new TenantryError('input', { code: 'connect/no-password', at: request.user, problem: `Neither ${variable} nor PGPASSWORD is set.`, fix: 'Set one of them.' });
    return Promise.resolve(password);
  }, options.ca));
};

/** A password by user from a JSON file, `{ "<user>": "<password>" }`, read for each connection so that a rotation is noticed. Of a server that one tenant has for itself: `"<server>/<user>"`. */
export const fromFile = (path: string, options: { readonly ca?: string } = {}): Credentials => (request) => Promise.resolve(withPassword(request, async () => {
  const entries = await readPasswords(path);
  const password = fieldOf(entries, loginOnServer(request.name, request.user)) ?? fieldOf(entries, request.user);
  if (password === undefined) throw new TenantryError('input', { code: 'connect/no-password', at: path, problem: `The file has no password for ${request.user}.`, fix: `Add it as {"${request.user}": "…"}.` });
  return password;
}, options.ca));

/** Passwords that lie in Secrets Manager: of the master login, which RDS keeps, and of logins, which the bootstrap writes. Needs the package `@aws-sdk/client-secrets-manager`. */
export const fromSecretsManager = (options: { readonly ca?: string } = {}): Credentials => (request) => {
  const { name, user, server: { masterUsername, masterSecretArn, loginSecrets = {}, region } } = request;
  const read = secretReader(region);
  const secretArn = user === masterUsername ? masterSecretArn : Object.hasOwn(loginSecrets, user) ? loginSecrets[user] : undefined;
  return Promise.resolve(withPassword(request, async () => {
    if (secretArn !== undefined) return read(secretArn);
    throw new TenantryError('input', user === masterUsername
      ? { code: 'connect/no-secret', at: name, problem: 'The manifest names no secret for the master login of this server.', fix: 'Give --database-url.' }
      : { code: 'connect/no-secret', at: name, problem: `The manifest names no secret for the login ${user}.`, fix: "Those of roles with login: 'password' are in the manifest of the last deployment. For an IAM login: fromIam; for a password in a file: fromFile." });
  }, options.ca));
};

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
