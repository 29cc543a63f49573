import type { ListedTenant } from '../../bootstrap';
import type { Colors } from '../streams';

const HEAD = ['key', 'mode', 'state', 'since (UTC)', 'tier', 'from', 'place'] as const;

/** The registry of the server that the tenant has for itself says what state it is in. */
const ELSEWHERE = 'see there';

/** The tenants for people, one a line. */
export function tenantsText(tenants: readonly ListedTenant[], colors: Colors): string {
  if (tenants.length === 0) return '\n  No tenants yet. Declare some, or add one: tenantry tenant add KEY --mode row\n';
  const rows = tenants.map(({ key, isolation, state, since, tier, declared, database, schema, server }) =>
    [key, isolation, server === null ? state : ELSEWHERE, since.toISOString().slice(0, 16).replace('T', ' '), tier, declared ? 'code' : 'run time', state === 'offboarded' ? '–' : server === null ? `${database}.${schema}` : `server ${server}`]);
  const widths = HEAD.map((head, i) => Math.max(head.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const line = (cells: readonly string[]): string => `  ${cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('   ').trimEnd()}`;
  return `\n${[colors.dim(line(HEAD)), ...rows.map((row) => (row[2] === 'active' || row[2] === ELSEWHERE ? line(row) : colors.yellow(line(row))))].join('\n')}\n`;
}
