import { type Command, InvalidArgumentError } from 'commander';
import { MOST_CONCURRENCY } from '../bootstrap/apply/fleet';
import { listOfNames } from './list-option';

/** How an apply goes through the places of tenants. */
export interface FleetCommandOptions {
  readonly concurrency?: number;
  readonly canary?: readonly string[];
  readonly maxFailures?: number;
}

export const withFleet = (subcommand: Command): Command => subcommand
  .option('--concurrency <n>', `how many connections change places of tenants side by side, 1 to ${MOST_CONCURRENCY} (default: 2)`, (text) => whole(text, 1, MOST_CONCURRENCY))
  .option('--canary <keys>', 'tenants that come first, separated by commas; when one fails, no other is tried', listOfNames('tenant keys'))
  .option('--max-failures <n>', 'how many tenants may fail before no other is tried (default: 0)', (text) => whole(text, 0, Number.MAX_SAFE_INTEGER));

export const fleetOf = ({ concurrency, canary, maxFailures }: FleetCommandOptions): FleetCommandOptions =>
  ({ ...(concurrency === undefined ? {} : { concurrency }), ...(canary === undefined ? {} : { canary }), ...(maxFailures === undefined ? {} : { maxFailures }) });

function whole(text: string, from: number, to: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < from || value > to) throw new InvalidArgumentError(`It is a whole number, ${to === Number.MAX_SAFE_INTEGER ? `${from} or more` : `${from} to ${to}`}.`);
  return value;
}
