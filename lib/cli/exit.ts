import { TenantryError } from '../core/errors';

/** What the exit code of the command says. It is a contract. */
export const EXIT = { done: 0, failed: 1, differences: 2, refused: 3, usage: 64 } as const;

/** The exit code for an error, and the text that the user reads: never a stack trace for a mistake of the user's. */
export function explain(error: unknown): { code: number; text: string } {
  if (TenantryError.is(error)) {
    return { code: error.kind === 'input' ? EXIT.usage : error.kind === 'refused' ? EXIT.refused : EXIT.failed, text: error.message };
  }
  const { code, message, stack } = error as Error & { code?: string };
  if (code !== undefined && /^[0-9A-Z]{5}$/.test(code)) return { code: EXIT.failed, text: `The server answered: ${message} (SQLSTATE ${code}).` };
  return { code: EXIT.failed, text: `This should not have happened, and is a defect of tenantry:\n${stack ?? message}` };
}
