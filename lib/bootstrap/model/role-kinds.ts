import { groupRole } from '../../declaration/names';
import type { Declaration, RoleDeclaration } from '../../declaration/schema';
import type { RoleKind } from '../../declaration/types-roles';
import type { Place, PlaceRole } from './place';
import type { ShapeTable } from './shape';

export const kindOf = ({ kind = 'application' }: RoleDeclaration): RoleKind => kind;

/** Tables that hold secrets: nobody but the owner reads them, and a backup leaves them out. */
export const SECRET_TABLES: ReadonlySet<string> = new Set(['context_keys']);

/** Roles that have privileges in places. A migrator has none: it takes on the owner and the maintainer. */
export const rolesWithPrivileges = ({ roles }: Pick<Declaration, 'roles'>): [string, RoleDeclaration][] => Object.entries(roles).filter(([, role]) => kindOf(role) !== 'migrator');

/** Roles whose logins call the library's functions to enter a tenant. */
export const isClient = (role: RoleDeclaration): boolean => kindOf(role) === 'application';

/** A backup role reads every table of the place, whatever is in it. */
export function readingAll(role: PlaceRole, tables: readonly ShapeTable[]): PlaceRole {
  if (kindOf(role.declaration) !== 'backup') return role;
  return { ...role, declaration: { ...role.declaration, tables: Object.fromEntries(tables.map(({ name }) => [name, 'read' as const])) } };
}

/** What the kinds of roles may do in the library's own schema. */
export function libraryRoles({ name, roles }: Declaration, libraryTables: readonly ShapeTable[]): { readonly readers: PlaceRole[]; readonly supporters: string[] } {
  const ofKind = (kind: RoleKind): [string, RoleDeclaration][] => Object.entries(roles).filter(([, role]) => kindOf(role) === kind);
  const tables = libraryTables.filter((table) => !SECRET_TABLES.has(table.name));
  return {
    readers: ofKind('backup').map(([role, declaration]) => readingAll({ name: role, grantee: groupRole(name, role), declaration }, tables)),
    supporters: ofKind('support').map(([role]) => groupRole(name, role)),
  };
}

/** The database roles of one kind in a place. */
export const granteesOf = (place: Place, kind: RoleKind): string[] => place.roles.filter(({ declaration }) => kindOf(declaration) === kind).map(({ grantee }) => grantee).sort();
