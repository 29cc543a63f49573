import type { Client } from 'pg';
import type { PasswordStore } from '../connect/password-store';
import { NEW_PASSWORD_SETTING } from '../kinds/password';
import type { Change } from '../plan/difference';
import { randomPassword, scramVerifier } from '../sql/scram';

/**
 * Makes the password that a step sets. First the step is tried: a password that cannot be set must not take the place of the one that is in force.
 * Then it is kept, and only then is it set. Whatever is interrupted in between leaves a password that is kept and not in force, and the
 * next apply makes another one.
 *
 * @param tryOut - runs the step and rolls it back
 */
export async function makePassword(client: Client, { password: wanted }: Change, store: PasswordStore | undefined, tryOut: () => Promise<void>): Promise<void> {
  if (wanted === undefined) return;
  const place = await store?.place(wanted.login);
  if (store === undefined || place === undefined) throw new Error(`a password of ${wanted.login} was planned without a store`);
  const password = randomPassword();
  const entry = { verifier: scramVerifier(password), location: place.location };
  const tell = (version?: string) => client.query('select set_config($1, $2, false)', [NEW_PASSWORD_SETTING, JSON.stringify({ ...entry, version })]);
  await tell();
  await tryOut();
  await tell(await store.keep({ ...wanted, password }));
}
