import type { PoolSecret } from './connection-pool-ref';

/** How programs log in to a pool, and the pool to the databases. */
export type PoolAuth =
  | { readonly method: 'iam'; readonly logins: readonly string[] }
  | { readonly method: 'secrets'; readonly secrets: readonly PoolSecret[] };

export interface IamPoolAuthProps {
  /**
   * Logins that the pool may use, `*` for any ending: `shop_*`. Which of them a program may use is decided by the program's own policy, as without a pool.
   *
   * @default - every login that has no password
   */
  readonly logins?: readonly string[];
}

export const PoolAuth = {
  /** IAM tokens from the program to the pool, and from the pool to the databases: there is no password anywhere. */
  iam: ({ logins = ['*'] }: IamPoolAuthProps = {}): PoolAuth => ({ method: 'iam', logins }),

  /**
   * Passwords: programs give them to the pool, which compares them with the secrets and logs in with them.
   *
   * @param secrets - those that are known here; a `TenantDatabase` adds those of its logins. At most 200 in all
   */
  secrets: (secrets: readonly PoolSecret[] = []): PoolAuth => ({ method: 'secrets', secrets }),
};
