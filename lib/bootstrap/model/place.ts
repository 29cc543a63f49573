import { groupRole, homeDatabase, homeSchema, LIBRARY_SCHEMA, loginRole, maintainerRole, ownerRole, tenantLogin, tenantPlace, tenantRole } from '../../declaration/names';
import type { Declaration, RoleDeclaration } from '../../declaration/schema';
import type { Isolation } from '../../declaration/types';
import type { Identity } from '../../manifest/format';
import type { PasswordPlace } from '../connect/password-store';
import { libraryFunctions, type LibraryFunction, type TenantState } from './library';
import { passwordLogins, type WantedPassword } from './password-login';
import type { ShapeTable } from './shape';

/** A tenant and where it is: as the registry says, or as declared where the registry does not know it yet. */
export interface Placement {
  readonly key: string;
  /** Where its rows are; the registry's word counts once it knows the tenant. */
  readonly isolation: Isolation;
  /** What the declaration says, where that is something else. */
  readonly wantedIsolation?: Isolation;
  readonly displayName: string;
  readonly tier: string;
  /** Whether it stands in code; else it signed up at run time. */
  readonly declared: boolean;
  /** What the home registry says besides. @default - it does not know the tenant yet */
  readonly registered?: { readonly state: TenantState; readonly version: number };
}

/** A declared role as it appears in one place: the database role that holds its privileges there. */
export interface PlaceRole {
  readonly name: string;
  readonly grantee: string;
  readonly declaration: RoleDeclaration;
}

/**
 * A schema that holds tables of ours. `row`: the home schema, shared by all `row` tenants; `schema` and `database`: of one tenant;
 * `library`: the registry and the ledger.
 */
export interface Place {
  readonly kind: 'row' | 'schema' | 'database' | 'library';
  readonly database: string;
  readonly schema: string;
  /** The tenant of a `schema` or `database` place. */
  readonly tenant?: string;
  readonly tables: readonly ShapeTable[];
  /** The floor's condition as the server deparses it. */
  readonly floor: string;
  readonly functions: readonly LibraryFunction[];
  readonly roles: readonly PlaceRole[];
  /** Roles that read the reference tables here on behalf of tenants with a schema of their own. */
  readonly referenceReaders: readonly PlaceRole[];
  /** Schema of the reference tables that foreign keys of this place point to. */
  readonly referenceSchema: string;
  /** Roles that may use the schema besides those above. */
  readonly schemaUsers: readonly string[];
  readonly owner: string;
  readonly identity: Identity;
  readonly maintainer: string;
  /** Grantees whose privileges are left alone. */
  readonly externalGrants: readonly string[];
}

/** A database of ours and the places in it. */
export interface DatabasePlan {
  readonly name: string;
  readonly isHome: boolean;
  /** The tenants that this database's registry lists: all in the home database, one in a tenant's own. */
  readonly tenants: readonly Placement[];
  readonly places: readonly Place[];
  /** Roles that may connect. */
  readonly connectors: readonly string[];
  /** Logins with a password: all of the declaration in the home database, where it is written down that one was set. */
  readonly passwords: readonly WantedPassword[];
}

/** Holds the reference tables' privileges for tenants with a schema of their own. */
export const referenceRole = (declaration: string, role: string): string => `${groupRole(declaration, role)}_reference`;

export const isTenantScoped = (role: RoleDeclaration): boolean => role.scope === 'tenant';

export const readsReference = (declaration: Declaration, role: RoleDeclaration): boolean =>
  Object.keys(role.tables).some((table) => declaration.tables[table]?.tenancy === 'reference');

/** What all places of a declaration are made of. */
export interface Blueprint {
  readonly declaration: Declaration;
  readonly identity: Identity;
  readonly tables: readonly ShapeTable[];
  readonly libraryTables: readonly ShapeTable[];
  readonly floor: string;
  /** Where the passwords of logins are kept, by login. */
  readonly passwordPlaces: ReadonlyMap<string, PasswordPlace>;
}

/** Every database of the declaration with its places: the home database first, then those of tenants, by key. */
export function databasesOf(blueprint: Blueprint, placements: readonly Placement[]): DatabasePlan[] {
  const { declaration, identity, tables, libraryTables, floor, passwordPlaces } = blueprint;
  const { name } = declaration;
  const roles = Object.entries(declaration.roles);
  const logins = roles.filter(([, role]) => role.login !== 'none');
  const sharedLogins = logins.map(([role]) => loginRole(name, role));
  const allScopeLogins = logins.filter(([, role]) => !isTenantScoped(role)).map(([role]) => loginRole(name, role));
  const common = {
    identity, floor, owner: ownerRole(name), maintainer: maintainerRole(name), externalGrants: declaration.externalGrants,
    referenceSchema: homeSchema(name), functions: [], referenceReaders: [], schemaUsers: [],
  };
  const group = ([role, declared]: [string, RoleDeclaration]): PlaceRole => ({ name: role, grantee: groupRole(name, role), declaration: declared });
  const inTenant = (tenant: string) => ([role, declared]: [string, RoleDeclaration]): PlaceRole =>
    (isTenantScoped(declared) ? { name: role, grantee: tenantRole(name, role, tenant), declaration: declared } : group([role, declared]));
  const libraryPlace = (database: string, users: readonly string[]): Place => ({
    ...common, kind: 'library', database, schema: LIBRARY_SCHEMA, tables: libraryTables, functions: libraryFunctions(users), roles: [], schemaUsers: users,
  });
  const sorted = [...placements].sort((a, b) => (a.key < b.key ? -1 : 1));
  const tenantTables = tables.filter((table) => table.tenancy === 'tenant');
  const ownTables = tables.filter((table) => table.tenancy !== 'shared');

  const home: DatabasePlan = {
    name: homeDatabase(name),
    isHome: true,
    tenants: sorted,
    connectors: sharedLogins,
    passwords: passwordLogins(declaration, sorted).map((wanted) => ({ ...wanted, place: passwordPlaces.get(wanted.login) })),
    places: [
      libraryPlace(homeDatabase(name), sharedLogins),
      {
        ...common, kind: 'row', database: homeDatabase(name), schema: homeSchema(name), tables, roles: roles.map(group),
        referenceReaders: roles.filter(([, role]) => isTenantScoped(role) && readsReference(declaration, role))
          .map(([role, declared]) => ({ name: role, grantee: referenceRole(name, role), declaration: declared })),
      },
      ...sorted.filter(({ isolation }) => isolation === 'schema').map(({ key }): Place => ({
        ...common, kind: 'schema', tenant: key, database: homeDatabase(name), schema: tenantPlace(name, key), tables: tenantTables, roles: roles.map(inTenant(key)),
      })),
    ],
  };
  const own = sorted.filter(({ isolation }) => isolation === 'database').map((placement): DatabasePlan => {
    const { key } = placement;
    const database = tenantPlace(name, key);
    const users = [...logins.filter(([, role]) => isTenantScoped(role)).map(([role]) => tenantLogin(name, role, key)), ...allScopeLogins];
    return {
      name: database,
      isHome: false,
      tenants: [placement],
      connectors: users,
      passwords: [],
      places: [
        libraryPlace(database, users),
        { ...common, kind: 'database', tenant: key, database, schema: homeSchema(name), tables: ownTables, roles: roles.map(inTenant(key)) },
      ],
    };
  });
  return [home, ...own];
}
