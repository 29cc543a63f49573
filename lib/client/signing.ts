import { TenantryError } from '../core/errors';
import { contextKeyName } from '../declaration/tenant-context';
import { type CredentialRequest, type Credentials, fromSecretsManager } from '../bootstrap/connect/credentials';
import { signContext } from '../bootstrap/sql/hmac';
import type { Manifest } from '../manifest/format';

/** How long a key is used before it is asked for again, so that a new one is heard of while the one before is still valid. */
const KEY_AGE = 300_000;
/** What the bootstrap makes: 256 random bits in 43 letters. Something else, a password for instance, is never used in place of it. */
const KEY = /^[A-Za-z0-9_-]{43}$/;

export interface SigningOptions {
  readonly credentials: Credentials;
  /** @default - the credentials */
  readonly contextKey: string | Credentials | undefined;
  /** Milliseconds. */
  readonly lifetime: number;
}

/** Signs contexts with the key of the declaration. */
export class Signer {
  readonly #request: CredentialRequest;
  readonly #declaration: string;
  readonly #options: SigningOptions;
  #key: { readonly value: Promise<string>; readonly until: number } | undefined;

  constructor({ declaration, servers, home }: Manifest, options: SigningOptions) {
    const server = servers[home];
    if (server === undefined) throw new Error(`manifest without server ${home}`);
    this.#declaration = declaration.name;
    this.#request = { name: home, server, user: contextKeyName(declaration.name) };
    this.#options = options;
  }

  /** What signs a context for one transaction. It is called when there is a connection, since the transaction must begin before the context expires. */
  async ready(): Promise<(tenantId: string) => string> {
    const now = Date.now();
    if (this.#key === undefined || this.#key.until <= now) {
      const value = this.#read();
      this.#key = { value, until: now + KEY_AGE };
      value.catch(() => this.forget());
    }
    const key = await this.#key.value;
    return (tenantId) => signContext(key, this.#declaration, tenantId, Math.ceil((Date.now() + this.#options.lifetime) / 1000));
  }

  /** The next context is signed with a key that is asked for anew. */
  forget(): void {
    this.#key = undefined;
  }

  async #read(): Promise<string> {
    const { contextKey, credentials } = this.#options;
    if (typeof contextKey === 'string') return this.#checked(contextKey);
    const { user, server: { loginSecrets = {} } } = this.#request;
    const access = await (contextKey ?? credentials)(this.#request);
    if (access.method === 'password' && access.password !== undefined && access.user === user) return this.#checked(await access.password());
    // Tokens and URLs let logins in, and hold no key; where the stack made a secret for it, that does.
    if (contextKey === undefined && Object.hasOwn(loginSecrets, user)) {
      const kept = await fromSecretsManager()(this.#request);
      return this.#checked(await kept.password?.());
    }
    throw this.#noKey('the credentials of this client have no key');
  }

  #checked(key: string | undefined): string {
    if (key !== undefined && KEY.test(key)) return key;
    throw this.#noKey('what was given is no key that the bootstrap made');
  }

  #noKey(why: string): TenantryError {
    return new TenantryError('input', {
      code: 'client/context-key', at: this.#request.user, problem: `Contexts of this declaration are signed, and ${why}.`,
      fix: `Give it: connectTenants(manifest, { contextKey: fromSecretsManager() | fromFile(path) | '…' }). The bootstrap keeps it as ${this.#request.user}, beside the passwords of logins.`,
    });
  }
}
