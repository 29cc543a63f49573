import { literal, qualified } from '../sql/quote';
import type { TableTarget } from './kind';

/** Fails when the name is that of an index of somebody else's table, which the next statement would drop. */
export function notOfAnotherTable({ place, table }: Pick<TableTarget, 'place' | 'table'>, index: string): string {
  const name = literal(qualified(place.schema, index));
  return `do $tenantry$ begin if exists (select from pg_catalog.pg_index where indexrelid = to_regclass(${name}) and indrelid <> ${literal(qualified(place.schema, table.name))}::regclass) then `
    + `raise exception 'index % belongs to another table; rename it', ${name} using errcode = '42P07'; end if; end $tenantry$`;
}
