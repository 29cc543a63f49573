import { TenantryError } from '../../lib/core';

/** What a call refuses on purpose, or undefined where it refuses nothing. Any other error is thrown on. */
export function refused(run: () => unknown): TenantryError | undefined {
  try {
    run();
  } catch (error) {
    if (TenantryError.is(error)) return error;
    throw error;
  }
  return undefined;
}

/** The same as its codes and its whole message. */
export function complaintsOf(run: () => unknown): { codes: string[]; message: string } {
  const error = refused(run);
  return { codes: error?.complaints.map(({ code }) => code) ?? [], message: error?.message ?? '' };
}
