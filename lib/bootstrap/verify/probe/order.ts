import type { ShapeForeignKey, ShapeTable } from '../../model/shape';

export interface OrderedTable {
  readonly table: ShapeTable;
  /** Foreign keys that stay null, since the rows that they would reference come later. */
  readonly open: ReadonlySet<ShapeForeignKey>;
}

/** Tables behind those that they reference. Where they reference one another in a circle, a key that may be null is left open. */
export function insertOrder(tables: readonly ShapeTable[]): OrderedTable[] {
  const ordered: OrderedTable[] = [];
  const names = new Set(tables.map(({ name }) => name));
  const placed = new Set<string>();
  let waiting = [...tables];
  const blocked = (table: ShapeTable): ShapeForeignKey[] => table.foreignKeys.filter((key) => names.has(key.target) && key.target !== table.name && !placed.has(key.target));
  const mayBeOpen = (table: ShapeTable, key: ShapeForeignKey): boolean => key.columns.some((column) => table.columns.some(({ name, notNull }) => name === column && !notNull));
  const place = (table: ShapeTable, open: readonly ShapeForeignKey[]): void => {
    const own = table.foreignKeys.filter((key) => key.target === table.name && mayBeOpen(table, key));
    ordered.push({ table, open: new Set([...open, ...own]) });
    placed.add(table.name);
    waiting = waiting.filter((other) => other !== table);
  };
  while (waiting.length > 0) {
    const free = waiting.filter((table) => blocked(table).length === 0);
    for (const table of free) place(table, []);
    if (free.length > 0) continue;
    // In a circle of required keys the first one is tried nevertheless; it fails, and says so.
    const next = waiting.find((table) => blocked(table).every((key) => mayBeOpen(table, key))) ?? waiting[0];
    if (next === undefined) break;
    place(next, blocked(next));
  }
  return ordered;
}
