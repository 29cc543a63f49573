import { TenantryError } from '../../core/errors';
import type { Isolation } from '../../declaration/types';
import type { Work } from './engine';

/**
 * What was begun is still what is under way.
 *
 * @throws TenantryError (`refused`) where another process has ended it, or takes it back
 */
export function same(work: Work, id: string, back: boolean): Work {
  const { operation, tenant: { key } } = work;
  if (operation?.id === id && (operation.detail['back'] === true) === back) return work;
  throw new TenantryError('refused', {
    code: 'move/ended', at: key, problem: `The move of tenant ${JSON.stringify(key)} was ended, or is taken back, by another process meanwhile.`, fix: `tenantry tenant history ${key} shows how it ended. Where it goes on, that process ends it, or the same command does.`,
  });
}

/** Messages of data exceptions repeat values of rows, and so do details. */
export function failedCopy(key: string, isolation: Isolation, error: unknown, isServed: boolean): TenantryError {
  const now = isServed ? `It is served again where it was (${isolation}).` : 'It is not served until the command is run again, or the move is taken back.';
  const fix = `Mend the cause and run the command again: it goes on from here. Or take the move back: tenantry tenant move ${key} --to ${isolation}`;
  if (TenantryError.is(error)) return new TenantryError(error.kind, error.complaints.map((complaint) => ({ ...complaint, problem: `${complaint.problem} ${now}` })), { cause: error.cause });
  const { code, message, table, constraint } = error as Error & { code?: string; table?: string; constraint?: string };
  const what = code?.startsWith('22') === true ? '' : `: ${message}`;
  return new TenantryError('failed', {
    code: 'move/copy', at: table === undefined ? key : `${key}.${table}`,
    problem: `The rows of tenant ${JSON.stringify(key)} could not be copied${what}${code === undefined ? '' : ` (SQLSTATE ${code}${constraint === undefined ? '' : `, ${constraint}`})`}. ${now}`, fix,
  }, { cause: error });
}
