import { DatabaseError } from 'pg';
import { TenantryError } from '../core/errors';

/** What the exit code of the command says. It is a contract. */
export const EXIT = { done: 0, failed: 1, differences: 2, refused: 3, usage: 64 } as const;

/** The exit code for an error, and the text that the user reads: never a stack trace for a mistake of the user's. */
export function explain(error: unknown): { code: number; text: string } {
  if (TenantryError.is(error)) {
    return { code: error.kind === 'input' ? EXIT.usage : error.kind === 'refused' ? EXIT.refused : EXIT.failed, text: error.message };
  }
  const { code = '', message, stack, syscall } = error as Error & { code?: string; syscall?: string };
  if (error instanceof DatabaseError) return { code: EXIT.failed, text: `The server answered: ${message} (SQLSTATE ${code}).` };
  if (/^Connection terminated|ECONNRESET|EPIPE/.test(`${message} ${code}`) && syscall !== 'open') return { code: EXIT.failed, text: `The connection to the server was lost: ${message}. What was done before stays; run the command again.` };
  if (syscall === 'open' || syscall === 'mkdir' || syscall === 'write') return { code: EXIT.usage, text: `A file cannot be written or read: ${message}.` };
  return { code: EXIT.failed, text: `This should not have happened, and is a defect of tenantry:\n${stack ?? message}` };
}
