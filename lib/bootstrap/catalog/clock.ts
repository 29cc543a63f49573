import type { Client } from 'pg';
import type { ShapeTable } from '../model/shape';

/** The clock of the server, by which rows and partitions get their times; nothing where no table is partitioned by time. @param asOf - another time to plan for */
export async function clockOf(client: Client, tables: readonly ShapeTable[], asOf?: Date): Promise<{ asOf?: string }> {
  if (tables.every(({ partitionBy }) => partitionBy?.strategy !== 'range')) return {};
  if (asOf !== undefined) return { asOf: asOf.toISOString() };
  const { rows: [row] } = await client.query<{ now: Date }>('select now() as now');
  return { asOf: (row?.now ?? new Date()).toISOString() };
}
