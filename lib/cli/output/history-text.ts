import type { TenantOperation } from '../../bootstrap';
import type { Colors } from '../streams';
import { columnsText } from './columns-text';

/** What was done with a tenant, for people, one operation a line. */
export function historyText(key: string, operations: readonly TenantOperation[], colors: Colors): string {
  if (operations.length === 0) return `\n  Nothing is written down of tenant ${key}: it was made before that was done.\n`;
  return columnsText(['operation', 'state', 'step', 'began (UTC)', 'took', 'by', 'detail'], operations.map(({ operation, state, step, startedAt, finishedAt, actor, detail }) => ({
    cells: [operation, state, step ?? '', startedAt.toISOString().slice(0, 19).replace('T', ' '), finishedAt === null ? '' : `${((finishedAt.getTime() - startedAt.getTime()) / 1000).toFixed(1)} s`, actor, detailText(detail)],
    marked: state !== 'done',
  })), colors);
}

const detailText = (detail: Readonly<Record<string, unknown>>): string =>
  Object.entries(detail).map(([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`).join(', ');
