import { splitReference } from '../../declaration/relations';
import type { Access } from '../../declaration/types';
import type { Place, PlaceRole } from './place';
import type { ShapeTable } from './shape';

/** Privilege letters by grantee, of a table as a whole and of single columns. */
export interface TableAccess {
  readonly table: ReadonlyMap<string, string>;
  readonly columns: ReadonlyMap<string, ReadonlyMap<string, string>>;
}

/** TRUNCATE, REFERENCES, TRIGGER and MAINTAIN are never granted: none of them is held back by row-level security. */
const LETTERS: Readonly<Record<Access, string>> = { read: 'r', append: 'ra', write: 'rawd' };

const byPlace = new WeakMap<Place, Map<ShapeTable, TableAccess>>();

/** What is declared for a table in a place. A role with masked columns gets the other columns one by one. */
export function accessOf(place: Place, table: ShapeTable): TableAccess {
  let tables = byPlace.get(place);
  if (tables === undefined) byPlace.set(place, tables = new Map());
  let access = tables.get(table);
  if (access === undefined) tables.set(table, access = compute(place, table));
  return access;
}

function compute(place: Place, table: ShapeTable): TableAccess {
  const whole = new Map<string, string>();
  const columns = new Map<string, Map<string, string>>();
  const roles: readonly PlaceRole[] = table.tenancy === 'reference' ? [...place.roles, ...place.referenceReaders] : place.roles;
  for (const { grantee, declaration } of roles) {
    const given = declaration.tables[table.name];
    if (given === undefined) continue;
    const masked = declaration.masked.map(splitReference).filter((column) => column.table === table.name).map(({ column }) => column);
    const letters = LETTERS[given];
    if (masked.length === 0) {
      whole.set(grantee, letters);
      continue;
    }
    if (letters.includes('d')) whole.set(grantee, 'd');
    for (const { name } of table.columns) {
      if (masked.includes(name)) continue;
      const of = columns.get(name) ?? new Map<string, string>();
      of.set(grantee, letters.replace('d', ''));
      columns.set(name, of);
    }
  }
  return { table: whole, columns };
}
