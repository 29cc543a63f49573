import { splitReference } from '../../declaration/relations';
import type { Declaration } from '../../declaration/schema';
import { at, type LiveCatalog, refusal, tableKey } from '../kinds/kind';
import type { DatabasePlan } from '../model/place';
import type { Refusal } from '../plan/difference';

/**
 * A column that is masked for a role and is taken out of the declaration stays with its values. Privileges of a role without masked columns are on the whole
 * table, so that it would begin to read what it was never to see.
 *
 * @param before - what was applied last. @default - not known
 */
export function refuseUnmasked(declaration: Declaration, before: Declaration | undefined, databases: readonly DatabasePlan[], live: ReadonlyMap<string, LiveCatalog>): Refusal[] {
  if (before === undefined) return [];
  return Object.entries(before.roles).flatMap(([role, { masked }]) => masked.map(splitReference).flatMap(({ table, column }): Refusal[] => {
    const now = declaration.tables[table];
    if (now === undefined || Object.hasOwn(now.columns, column) || declaration.roles[role]?.tables[table] === undefined) return [];
    const place = databases.flatMap(({ places }) => places).find((each) => each.kind !== 'library' && live.get(each.database)?.get('column')?.get(tableKey(each.schema, table))?.has(column) === true);
    if (place === undefined) return [];
    return [refusal({
      ...at(place), code: 'grant/unmasked', kind: 'grant', blocking: true,
      summary: `column ${table}.${column} was masked for role ${role} and is not declared any more, but it is still there: the role would read it with the rest of the table`,
      fix: `Drop the column by a migration first, where nobody needs it. Or keep tables.${table}.columns.${column} and roles.${role}.masked, or take ${table} from roles.${role}.tables.`,
    })];
  }));
}
