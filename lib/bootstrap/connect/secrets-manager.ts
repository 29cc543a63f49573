import { TenantryError } from '../../core/errors';
import { optional } from '../../core/optional';
import type { ManifestServer } from '../../manifest/format';
import { isUnresolved } from '../../manifest/template';
import type { PasswordStore } from './password-store';
import { fieldOf } from './secret-field';

type Sdk = typeof import('@aws-sdk/client-secrets-manager');
const PACKAGE = '@aws-sdk/client-secrets-manager';

/** Reads passwords of one region's secrets, each time anew, so that a rotation is noticed. Needs the package `@aws-sdk/client-secrets-manager`. */
export function secretReader(region: string): (secretArn: string) => Promise<string> {
  const client = clientOf(region);
  return async (secretArn) => {
    const { sdk, client: secrets } = await client();
    const { SecretString } = await secrets.send(new sdk.GetSecretValueCommand({ SecretId: secretArn })).catch((error: Error) => {
      throw new TenantryError('failed', { code: 'connect/secret', at: secretArn, problem: `The secret cannot be read: ${error.name}: ${error.message}`, fix: FIXES[error.name] ?? 'Check the network path to Secrets Manager and the credentials of AWS.' }, { cause: error });
    });
    const password = fieldOf(SecretString ?? '', 'password');
    if (password === undefined) throw new TenantryError('failed', { code: 'connect/no-secret', at: secretArn, problem: 'The secret has no field "password".', fix: 'Check that it is the secret that RDS or the bootstrap writes.' });
    return password;
  };
}

/** Keeps the passwords of logins in the secrets that the manifest names. Needs the package `@aws-sdk/client-secrets-manager`. */
export function secretsManagerStore({ host, port, region, loginSecrets = {} }: Pick<ManifestServer, 'host' | 'port' | 'region' | 'loginSecrets'>): PasswordStore {
  const client = clientOf(region);
  const secretOf = (login: string): string | undefined => {
    const arn = Object.hasOwn(loginSecrets, login) ? loginSecrets[login] : undefined;
    return arn === undefined || isUnresolved(arn) ? undefined : arn;
  };
  return {
    place: (login) => {
      const location = secretOf(login);
      return Promise.resolve(location === undefined ? undefined : { location, declared: true, empty: false });
    },
    async keep({ login, password, database }) {
      const { sdk, client: secrets } = await client();
      const SecretId = secretOf(login);
      // The form that rotation functions of AWS expect, for Aurora as well.
      const SecretString = JSON.stringify({ engine: 'postgres', host, port: Number(port), dbname: database, username: login, password });
      try {
        return (await secrets.send(new sdk.PutSecretValueCommand({ SecretId, SecretString }))).VersionId;
      } catch (error) {
        const { name, message } = error as Error;
        throw new TenantryError('failed', {
          code: 'password/not-kept', at: SecretId, problem: `The secret of ${login} cannot be written, and no password was set: ${name}: ${message.replaceAll(password, '…')}`,
          fix: name === 'AccessDeniedException' ? 'The bootstrap needs secretsmanager:PutSecretValue on the secret, and kms:GenerateDataKey and kms:Decrypt on its key.' : FIXES[name] ?? 'Check the network path to Secrets Manager and the credentials of AWS, and apply again.',
        }, { cause: error });
      }
    },
  };
}

const FIXES: Readonly<Record<string, string>> = {
  ResourceNotFoundException: 'The secret, or its first version, is not there: deploy the stack, then run tenantry bootstrap apply with its manifest.',
  AccessDeniedException: 'The program needs secretsmanager:GetSecretValue on the secret and kms:Decrypt on its key; the policy TenantDatabase.loginPolicyArn(role) allows both for a login.',
};

/** One client for all requests, made with the first one. */
function clientOf(region: string) {
  const make = async () => {
    const sdk = await optional<Sdk>(PACKAGE);
    return { sdk, client: new sdk.SecretsManagerClient({ region }) };
  };
  let made: ReturnType<typeof make> | undefined;
  return () => (made ??= make());
}
