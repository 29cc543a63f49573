/** Where a store keeps the password of a login. */
export interface PasswordPlace {
  /** ARN of a secret, or the absolute path of a file. */
  readonly location: string;
  /** Whether the manifest names it. A password that is kept elsewhere is then made anew, so that programs find it where they look. */
  readonly declared: boolean;
  /** Whether it is known to hold no password of the login. */
  readonly empty: boolean;
}

export interface NewPassword {
  readonly login: string;
  readonly password: string;
  /** The database that the login is for. */
  readonly database: string;
}

/** Where the bootstrap puts the passwords that it makes, and programs read them: the counterpart of `Credentials`. */
export interface PasswordStore {
  /** Undefined where the store has no place for the login. */
  place(login: string): Promise<PasswordPlace | undefined>;
  /**
   * Keeps a password, and only then is it set in the database. Gives the version of the secret, where there is such a thing.
   *
   * @throws TenantryError (`failed`) when it could not be kept; the text never holds the password
   */
  keep(entry: NewPassword): Promise<string | undefined>;
}

/** The first of the stores that has a place for a login keeps its password. */
export function firstStore(stores: readonly PasswordStore[]): PasswordStore {
  const find = async (login: string): Promise<[PasswordStore, PasswordPlace] | undefined> => {
    for (const store of stores) {
      const place = await store.place(login);
      if (place !== undefined) return [store, place];
    }
    return undefined;
  };
  return {
    place: async (login) => (await find(login))?.[1],
    keep: async (entry) => (await find(entry.login))?.[0].keep(entry),
  };
}
