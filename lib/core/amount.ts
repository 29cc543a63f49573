import { TenantryError } from './errors';
import { shown } from './shown';
import { holdsToken } from './tokens';

/**
 * What an amount with a unit cannot be.
 *
 * @param factory - for instance `Duration.seconds`
 * @throws TenantryError (`input`)
 */
export function checkAmount(code: string, factory: string, amount: unknown): void {
  const unknown = holdsToken(amount);
  if (!unknown && typeof amount === 'number' && Number.isFinite(amount) && amount >= 0) return;
  throw new TenantryError('input', {
    code, problem: `${factory} is given ${shown(amount)}; a number from 0 is needed${unknown ? ', and it is needed at synthesis' : ''}.`,
    fix: unknown ? 'Give the number itself, from the data of the environment for instance.' : isNumeral(amount) ? `Without quotes:   ${factory}(${Number(amount)})` : `For instance ${factory}(1).`,
  });
}

/** Whether a text is a number that somebody put into quotes. */
export const isNumeral = (value: unknown): value is string => typeof value === 'string' && /^\d+(\.\d+)?$/.test(value.trim());
