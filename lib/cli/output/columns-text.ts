import type { Colors } from '../streams';

/** A table for people: each column as wide as its widest cell. Rows that are `marked` need somebody's attention. */
export function columnsText(head: readonly string[], rows: readonly { readonly cells: readonly string[]; readonly marked: boolean }[], colors: Colors): string {
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map(({ cells }) => cells[i]?.length ?? 0)));
  const line = (cells: readonly string[]): string => `  ${cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('   ').trimEnd()}`;
  return `\n${[colors.dim(line(head)), ...rows.map(({ cells, marked }) => (marked ? colors.yellow(line(cells)) : line(cells)))].join('\n')}\n`;
}
