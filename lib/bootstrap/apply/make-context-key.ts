import type { Client } from 'pg';
import { LIBRARY_SCHEMA } from '../../declaration/names';
import type { PasswordStore } from '../connect/password-store';
import { CONTEXT_KEYS_SETTING, contextKey, NEW_CONTEXT_KEY_SETTING } from '../kinds/context-key';
import { CONTEXT_KEYS } from '../model/tenant-context';
import type { Change } from '../plan/difference';
import { keyBlocks } from '../sql/hmac';
import { randomPassword } from '../sql/scram';

/**
 * Makes the key that a step sets, in the order of `makePassword`: it is tried whether it may be set, then it is kept, and then its blocks are
 * set. They stand in no statement.
 *
 * @param tryOut - runs the step and rolls it back
 */
export async function makeContextKey(client: Client, { contextKey: wanted }: Change, store: PasswordStore | undefined, tryOut: () => Promise<void>): Promise<void> {
  if (wanted === undefined) return;
  const place = await store?.place(wanted.login);
  if (store === undefined || place === undefined) throw new Error('a context key was planned without a store');
  const key = randomPassword();
  const { inner, outer } = keyBlocks(key);
  const entry = { inner: inner.toString('hex'), outer: outer.toString('hex'), location: place.location };
  const tell = (version?: string) => client.query('select set_config($1, $2, false)', [NEW_CONTEXT_KEY_SETTING, JSON.stringify({ ...entry, version })]);
  await tell();
  await tryOut();
  await tell(await store.keep({ ...wanted, password: key }));
}

/** The keys of a tenant's own database are those of the home database. */
export async function carryContextKeys(home: Client, client: Client, changes: readonly Change[]): Promise<void> {
  if (!changes.some(({ kind }) => kind === contextKey.name)) return;
  const { rows: [row] } = await home.query<{ keys: string }>(`select coalesce(json_agg(k), '[]')::text as keys from ${LIBRARY_SCHEMA}.${CONTEXT_KEYS} k`);
  await client.query('select set_config($1, $2, false)', [CONTEXT_KEYS_SETTING, row?.keys ?? '[]']);
}
