import { homeDatabase, loginRole, tenantLogin, tenantPlace } from '../../declaration/names';
import type { Declaration } from '../../declaration/schema';
import type { PasswordPlace, PasswordStore } from '../connect/password-store';
import type { Placement } from './place';

/** A login that proves with a password who it is. */
export interface WantedPassword {
  readonly login: string;
  /** The database that it is for. */
  readonly database: string;
  /** Where its password is kept. @default - nobody knows: no store has a place for it */
  readonly place?: PasswordPlace;
}

/** The shared logins, and those of tenants with a database of their own. */
export function passwordLogins({ name, roles }: Declaration, placements: readonly Placement[]): WantedPassword[] {
  const withPassword = Object.entries(roles).filter(([, { login }]) => login === 'password');
  return withPassword.flatMap(([role, { scope }]) => [
    { login: loginRole(name, role), database: homeDatabase(name) },
    ...placements.filter(({ isolation }) => isolation === 'database' && scope === 'tenant').map(({ key }) => ({ login: tenantLogin(name, role, key), database: tenantPlace(name, key) })),
  ]);
}

export async function placesOfPasswords(declaration: Declaration, placements: readonly Placement[], store: PasswordStore | undefined): Promise<Map<string, PasswordPlace>> {
  const places = new Map<string, PasswordPlace>();
  for (const { login } of passwordLogins(declaration, placements)) {
    const place = await store?.place(login);
    if (place !== undefined) places.set(login, place);
  }
  return places;
}
