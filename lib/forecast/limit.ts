import { Complaints, TenantryError } from '../core/errors';
import { Size } from '../core/size';
import type { Series } from './series';

export interface Limit {
  /** What grows reaches a ceiling, what runs out a floor. */
  readonly is: 'ceiling' | 'floor';
  readonly value: number;
  /** @default - that of the metric */
  readonly unit?: 'Bytes' | 'Percent';
}

const SIZES = { MiB: Size.mebibytes, GiB: Size.gibibytes, TiB: Size.tebibytes } as const;
const FORM = /^(\d+(?:\.\d+)?) ?(?:(MiB|GiB|TiB)|(%))?$/;

/** As the options give it. */
export interface GivenLimit {
  /** A ceiling. */
  readonly limit?: string;
  readonly floor?: string;
}

/** @throws TenantryError (`input`) where there is none, or two, or it is no amount */
export function limitOf({ limit, floor }: GivenLimit): Limit {
  if ((limit === undefined) === (floor === undefined)) {
    throw new TenantryError('input', {
      code: 'forecast/one-limit', problem: limit === undefined ? 'Neither a ceiling nor a floor is given.' : 'A ceiling and a floor are given; a metric runs towards one of them.',
      fix: 'For what grows --limit 10TiB, for what runs out --floor 0GiB',
    });
  }
  return floor === undefined ? { is: 'ceiling', ...amountOf(limit as string, '--limit') } : { is: 'floor', ...amountOf(floor, '--floor') };
}

function amountOf(given: string, at: string): Omit<Limit, 'is'> {
  const [, amount, size, percent] = FORM.exec(given.trim()) ?? [];
  if (amount === undefined) {
    const decimal = /^([\d.]+) ?([MGT])B?$/i.exec(given.trim());
    throw new TenantryError('input', {
      code: 'forecast/limit', at, problem: `${JSON.stringify(given)} is neither a number, nor a size, nor a share.`,
      fix: decimal === null ? `For instance ${at} 1800, ${at} 10TiB, ${at} 90%` : `AWS counts storage in powers of 1024:   ${at} ${decimal[1]}${decimal[2]?.toUpperCase()}iB`,
    });
  }
  if (size !== undefined) return { value: SIZES[size as keyof typeof SIZES](Number(amount)).toBytes(), unit: 'Bytes' };
  return { value: Number(amount), ...(percent === undefined ? {} : { unit: 'Percent' }) };
}

/** @throws TenantryError (`input`) where the limit is of another kind than a metric */
export function refuseOtherUnit(series: readonly Series[], limit: Limit): void {
  const complaints = new Complaints();
  for (const { name, unit = 'None' } of series) {
    if (limit.unit === undefined || unit === 'None' || unit === limit.unit) continue;
    complaints.add({
      code: 'forecast/unit', at: limit.is === 'ceiling' ? '--limit' : '--floor', problem: `${name} is in ${unit}, and the limit in ${limit.unit}.`, fix: `Give the limit as a number of ${unit}, without a unit behind it.`,
    });
  }
  complaints.throwIfAny();
}
