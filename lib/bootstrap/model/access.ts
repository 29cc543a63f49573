import { TENANT_ID } from '../../declaration/names';
import { type AccessLetter, privilegesOf } from '../../declaration/column-access';
import { splitReference } from '../../declaration/relations';
import type { Place, PlaceRole } from './place';
import { holding, POLICY_HOLDERS_TABLE } from './policy-holders';
import type { ShapeTable } from './shape';

/** Privilege letters by grantee, of a table as a whole and of single columns. */
export interface TableAccess {
  readonly table: ReadonlyMap<string, string>;
  readonly columns: ReadonlyMap<string, ReadonlyMap<string, string>>;
}

const byPlace = new WeakMap<Place, Map<ShapeTable, TableAccess>>();

/** What is declared for a table in a place. Where a role has no privilege on all columns, it gets those that it has one by one. */
export function accessOf(place: Place, table: ShapeTable): TableAccess {
  let tables = byPlace.get(place);
  if (tables === undefined) byPlace.set(place, tables = new Map());
  let access = tables.get(table);
  if (access === undefined) tables.set(table, access = compute(place, table));
  return access;
}

/** What one role may do with a table, by letter: everything, or these columns. TRUNCATE, REFERENCES, TRIGGER and MAINTAIN are never granted: none of them is held back by row-level security. */
export type RoleAccess = ReadonlyMap<AccessLetter, readonly string[] | true>;

const NONE: RoleAccess = new Map();

/**
 * The columns of each privilege. With masked columns all privileges but DELETE are given by columns. No role moves rows between tenants: one
 * of scope `tenant` is held back by the floor, and one that reaches all tenants may not change `tenant_id`.
 */
export function roleAccess({ declaration }: Pick<PlaceRole, 'declaration'>, table: ShapeTable): RoleAccess {
  const given = declaration.tables[table.name];
  if (given === undefined) return NONE;
  const masked = declaration.masked.map(splitReference).filter((column) => column.table === table.name).map(({ column }) => column);
  const isTenant = table.tenancy === 'tenant';
  const access = new Map<AccessLetter, readonly string[] | true>();
  for (const [letter, columns] of Object.entries(privilegesOf(given)) as [AccessLetter, readonly string[] | true][]) {
    const keepsTenant = letter === 'w' && isTenant && (declaration.scope === 'all' || columns !== true);
    if (letter === 'd' || (columns === true && masked.length === 0 && !keepsTenant)) {
      access.set(letter, true);
      continue;
    }
    const wanted = table.columns.filter(({ name }) => (name === TENANT_ID && isTenant ? !keepsTenant : !masked.includes(name) && (columns === true || columns.includes(name)))).map(({ name }) => name);
    if (wanted.length > 0) access.set(letter, wanted);
  }
  return access;
}

function compute(place: Place, table: ShapeTable): TableAccess {
  const whole = new Map<string, string>();
  const columns = new Map<string, Map<string, string>>();
  const roles: readonly PlaceRole[] = table.tenancy === 'reference' ? [...place.roles, ...place.referenceReaders] : place.roles;
  for (const role of roles) {
    const access = roleAccess(role, table);
    const letters = [...access].filter(([, of]) => of === true).map(([letter]) => letter).join('');
    if (letters !== '') whole.set(role.grantee, letters);
    for (const { name } of table.columns) {
      const own = [...access].filter(([, of]) => of !== true && of.includes(name)).map(([letter]) => letter).join('');
      if (own === '') continue;
      const of = columns.get(name) ?? new Map<string, string>();
      of.set(role.grantee, own);
      columns.set(name, of);
    }
  }
  if (table.name === POLICY_HOLDERS_TABLE.name && place.kind === 'library') return { table: whole, columns: new Map(holding(place.policyHolders ?? [])) };
  return { table: whole, columns };
}
