import { homeDatabase, loginRole, tenantLogin, tenantPlace } from '../../declaration/names';
import type { Declaration } from '../../declaration/schema';
import { hasOwnLogins } from '../../declaration/tenant-context';
import type { PasswordPlace, PasswordStore } from '../connect/password-store';
import type { Placement } from './place';
import { seatsOf } from './seats';

/** A login that proves with a password who it is. */
export interface WantedPassword {
  readonly login: string;
  /** The database that it is for. */
  readonly database: string;
  /** Where its password is kept. @default - nobody knows: no store has a place for it */
  readonly place?: PasswordPlace;
}

/** The shared logins, and those that tenants have of their own. */
export function passwordLogins(declaration: Declaration, placements: readonly Placement[]): WantedPassword[] {
  const { name, roles } = declaration;
  const withPassword = Object.entries(roles).filter(([, { login }]) => login === 'password');
  return withPassword.flatMap(([role, declared]) => {
    const own = hasOwnLogins(declaration, declared);
    return [
      ...(own ? [] : [{ login: loginRole(name, role), database: homeDatabase(name) }]),
      ...seatsOf(placements).filter(({ isolation }) => own || (isolation === 'database' && declared.scope === 'tenant'))
        .map(({ key, isolation }) => ({ login: tenantLogin(name, role, key), database: isolation === 'database' ? tenantPlace(name, key) : homeDatabase(name) })),
    ];
  });
}

export async function placesOfPasswords(declaration: Declaration, placements: readonly Placement[], store: PasswordStore | undefined): Promise<Map<string, PasswordPlace>> {
  const places = new Map<string, PasswordPlace>();
  for (const { login } of passwordLogins(declaration, placements)) {
    const place = await store?.place(login);
    if (place !== undefined) places.set(login, place);
  }
  return places;
}
