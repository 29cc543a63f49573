import { groupRole, homeDatabase, homeSchema, LIBRARY_SCHEMA, loginRole, maintainerRole, ownerRole, tenantLogin, tenantPlace, tenantRole } from '../../declaration/names';
import type { Declaration, RoleDeclaration } from '../../declaration/schema';
import { contextOf, hasOwnLogins, tenantLoginsRole } from '../../declaration/tenant-context';
import type { ExclusiveKind } from '../../declaration/exclusive';
import type { Isolation, TenantIsolation } from '../../declaration/types';
import type { Identity } from '../../manifest/format';
import type { PasswordPlace } from '../connect/password-store';
import { type BlueprintObjects, withObjects } from './database-objects';
import type { WantedExtension } from './extension';
import { definitionsOf, NO_DEFINITIONS, type PlaceDefinitions } from './definitions';
import { enterFunctions } from './enter-functions';
import { libraryFunctions, type LibraryFunction, type TenantState } from './library';
import type { ShapeDomain, ShapePublication } from './objects';
import { passwordLogins, type WantedPassword } from './password-login';
import { isClient, kindOf, libraryRoles, readingAll, rolesWithPrivileges } from './role-kinds';
import { openAccess, type SupportState, type WantedAccess, wantedAccess } from './support';
import { supportFunctions } from './support-functions';
import { ownTenantOnly } from './tenant-lock';
import type { PlaceContent } from './place-content';
import { seatsOf } from './seats';
import type { Span } from './partitions';
import type { ShapeTable } from './shape';
import { contextFunctions, type WantedContextKeys } from './tenant-context';
import { limitsTransactions, type TierRow, tiersOf } from './tier';

/** A tenant and where it is: as the registry says, or as declared where the registry does not know it yet. */
export interface Placement {
  readonly key: string;
  /** Where its rows are; the registry's word counts once it knows the tenant. Of one with a cluster of its own it knows no more than that. */
  readonly isolation: TenantIsolation;
  /** What the declaration says, where that is something else. */
  readonly wantedIsolation?: TenantIsolation;
  /** While it is moved: the isolation of its other place. @default - it has one place */
  readonly secondIsolation?: Isolation;
  /** Whether that other place is being removed: what is gone of it stays so. @default false */
  readonly leaving?: boolean;
  readonly displayName: string;
  readonly tier: string;
  /** Whether it stands in code; else it signed up at run time. */
  readonly declared: boolean;
  /** Whether another server's registry has its id: it has this server for itself. @default false */
  readonly idIsGiven?: boolean;
  /** What the home registry says besides. @default - it does not know the tenant yet */
  readonly registered?: { readonly state: TenantState; readonly version: number; readonly tier: string };
}

/** What the tenant's tier is: the registry's word counts once it knows the tenant. */
export const tierOf = ({ tier, registered }: Pick<Placement, 'tier' | 'registered'>): string => registered?.tier ?? tier;

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
  /** Declared functions, views, sequences and triggers. */
  readonly definitions: PlaceDefinitions;
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
  /** In the library's schema: roles that policies of the database name and that somebody acts as, but for those of tenants beside one another. @default - none */
  readonly policyHolders?: readonly string[];
  /** Grantees whose privileges are left alone. */
  readonly externalGrants: readonly string[];
  /** @default - none: they are declared, and lie in the home schema alone */
  readonly domains?: readonly ShapeDomain[];
  /** What is dropped where nobody declared it. @default - nothing */
  readonly exclusive?: readonly ExclusiveKind[];
  /** The clock of the server, by which partitions are made. @default - no table is partitioned by time */
  readonly asOf?: string;
  /** Times, by table, that must have partitions besides: of rows that are being moved here. @default - none */
  readonly periods?: ReadonlyMap<string, readonly Span[]>;
  /** What is written down that it was made with. @default - nothing is */
  readonly recorded?: PlaceContent;
  /** What of that held rows and is not made anew. @default - nothing: it is new, or comes and goes with a move */
  readonly kept?: PlaceContent;
  /** Whether it is being removed: nothing of it is made anew. @default false */
  readonly leaving?: boolean;
}

/** A database of ours and the places in it. */
export interface DatabasePlan {
  readonly name: string;
  readonly isHome: boolean;
  /** The tenants that this database's registry lists: all in the home database, one in a tenant's own. */
  readonly tenants: readonly Placement[];
  readonly places: readonly Place[];
  /** The declared tiers, by name: all of them in each database. */
  readonly tiers: ReadonlyMap<string, TierRow>;
  /** Roles that may connect. */
  readonly connectors: readonly string[];
  /** Logins with a password: all of the declaration in the home database, where it is written down that one was set. */
  readonly passwords: readonly WantedPassword[];
  /** Access of people to the rows of tenants, the same in every database. */
  readonly access: readonly WantedAccess[];
  /** The keys that contexts are signed with. @default - they are not signed */
  readonly contextKeys?: WantedContextKeys;
  /** @default - none is declared */
  readonly extensions?: readonly WantedExtension[];
  /** @default - none is declared */
  readonly publications?: readonly ShapePublication[];
  /** What the server writes ahead; logical replication needs `logical`. @default - nothing depends on it */
  readonly walLevel?: string;
  /** Whether it held the rows of a tenant, so that it is not made anew. @default false */
  readonly wasMade?: boolean;
  /** Whether it is being removed, because its tenant has left it. @default false */
  readonly leaving?: boolean;
}

/** Holds the reference tables' privileges for tenants with a schema of their own. */
export const referenceRole = (declaration: string, role: string): string => `${groupRole(declaration, role)}_reference`;

export const isTenantScoped = (role: RoleDeclaration): boolean => role.scope === 'tenant';

export const readsReference = (declaration: Declaration, role: RoleDeclaration): boolean =>
  Object.keys(role.tables).some((table) => declaration.tables[table]?.tenancy === 'reference');

/** What all places of a declaration are made of. */
export interface Blueprint extends BlueprintObjects {
  readonly identity: Identity;
  readonly tables: readonly ShapeTable[];
  readonly libraryTables: readonly ShapeTable[];
  readonly floor: string;
  /** Where the passwords of logins are kept, by login. */
  readonly passwordPlaces: ReadonlyMap<string, PasswordPlace>;
  /** @default - contexts are not signed */
  readonly contextKeys?: WantedContextKeys;
  readonly support: SupportState;
  /** Tiers that tenants have and that the library keeps, declared or not. */
  readonly tiersInUse: readonly string[];
  /** The clock of the server. @default - no table is partitioned by time */
  readonly asOf?: string;
}

/** Every database of the declaration with its places: the home database first, then those of tenants, by key. */
export function databasesOf(blueprint: Blueprint, placements: readonly Placement[]): DatabasePlan[] {
  const { declaration, identity, tables, libraryTables, floor, passwordPlaces, contextKeys, support, tiersInUse } = blueprint;
  const { name } = declaration;
  const tiers = tiersOf(declaration);
  const limited = limitsTransactions(tiers, tiersInUse);
  const roles = rolesWithPrivileges(declaration);
  const allLogins = Object.entries(declaration.roles).filter(([, role]) => role.login !== 'none');
  const logins = allLogins.filter(([, role]) => isClient(role));
  // What connects to the home database: logins, or what the tenants' own ones have in common.
  const sharedLogins = logins.map(([role, declared]) => (hasOwnLogins(declaration, declared) ? tenantLoginsRole(name, role) : loginRole(name, role)));
  const otherConnectors = [...allLogins.filter(([, role]) => !isClient(role)).map(([role]) => loginRole(name, role)), ...new Set(openAccess(declaration, support).map(({ member }) => member))];
  const access = wantedAccess(declaration, support);
  const allScopeLogins = logins.filter(([, role]) => !isTenantScoped(role)).map(([role]) => loginRole(name, role));
  const common = {
    identity, floor, owner: ownerRole(name), maintainer: maintainerRole(name), externalGrants: declaration.externalGrants,
    referenceSchema: homeSchema(name), functions: [], definitions: NO_DEFINITIONS, referenceReaders: [], schemaUsers: [], ...(blueprint.asOf === undefined ? {} : { asOf: blueprint.asOf }),
  };
  const exclusive = declaration.exclusive === undefined || declaration.exclusive.length === 0 ? {} : { exclusive: declaration.exclusive };
  const group = ([role, declared]: [string, RoleDeclaration]): PlaceRole => readingAll({ name: role, grantee: groupRole(name, role), declaration: declared }, tables);
  const inTenant = (tenant: string) => ([role, declared]: [string, RoleDeclaration]): PlaceRole =>
    (isTenantScoped(declared) ? { name: role, grantee: tenantRole(name, role, tenant), declaration: declared } : group([role, declared]));
  const { readers, supporters } = libraryRoles(declaration, libraryTables);
  const libraryPlace = (database: string, users: readonly string[], acting: readonly PlaceRole[]): Place => ({
    ...common, kind: 'library', database, schema: LIBRARY_SCHEMA, tables: libraryTables, functions: [...enterFunctions(users, ownTenantOnly(declaration), limited), ...libraryFunctions(users, ownTenantOnly(declaration)), ...contextFunctions(contextOf(declaration), name), ...supportFunctions(supporters)], roles: readers, schemaUsers: [...users, ...supporters],
    // A dump locks every table, for which it takes the privilege on the table.
    policyHolders: acting.filter((role) => kindOf(role.declaration) !== 'backup').map(({ grantee }) => grantee),
  });
  const sorted = [...placements].sort((a, b) => (a.key < b.key ? -1 : 1));
  const seats = seatsOf(sorted);
  const tenantTables = tables.filter((table) => table.tenancy === 'tenant');
  const ownTables = tables.filter((table) => table.tenancy !== 'shared');

  const home: DatabasePlan = {
    name: homeDatabase(name),
    isHome: true,
    tenants: sorted,
    tiers,
    connectors: [...sharedLogins, ...otherConnectors],
    ...(contextKeys === undefined ? {} : { contextKeys }),
    access,
    passwords: passwordLogins(declaration, sorted).map((wanted) => ({ ...wanted, place: passwordPlaces.get(wanted.login) })),
    places: [
      libraryPlace(homeDatabase(name), sharedLogins, roles.map(group)),
      {
        ...common, ...exclusive, kind: 'row', definitions: definitionsOf(declaration, 'row'), database: homeDatabase(name), schema: homeSchema(name), tables, roles: roles.map(group),
        referenceReaders: roles.filter(([, role]) => isTenantScoped(role) && readsReference(declaration, role))
          .map(([role, declared]) => ({ name: role, grantee: referenceRole(name, role), declaration: declared })),
      },
      ...seats.filter(({ isolation }) => isolation === 'schema').map(({ key }): Place => ({
        ...common, ...exclusive, kind: 'schema', definitions: definitionsOf(declaration, 'schema'), tenant: key, database: homeDatabase(name), schema: tenantPlace(name, key), tables: tenantTables, roles: roles.map(inTenant(key)),
      })),
    ],
  };
  const own = seats.filter(({ isolation }) => isolation === 'database').map((placement): DatabasePlan => {
    const { key } = placement;
    const database = tenantPlace(name, key);
    const users = [...logins.filter(([, role]) => isTenantScoped(role)).map(([role]) => tenantLogin(name, role, key)), ...allScopeLogins];
    return {
      name: database,
      isHome: false,
      tenants: [placement],
      tiers,
      connectors: [...users, ...otherConnectors],
      ...(contextKeys === undefined ? {} : { contextKeys }),
      access,
      passwords: [],
      places: [
        libraryPlace(database, users, roles.map(inTenant(key))),
        { ...common, ...exclusive, kind: 'database', definitions: definitionsOf(declaration, 'database'), tenant: key, database, schema: homeSchema(name), tables: ownTables, roles: roles.map(inTenant(key)) },
      ],
    };
  });
  return withObjects([home, ...own], blueprint);
}
