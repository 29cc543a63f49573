const TIME: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1_000, min: 60_000, h: 3_600_000, d: 86_400_000 };
const SIZE: Readonly<Record<string, number>> = { B: 1 / 1024, kB: 1, MB: 1024, GB: 1024 ** 2, TB: 1024 ** 3 };

/** Milliseconds of `'30s'`; a number alone is milliseconds, as PostgreSQL reads it. Undefined for what is no time. */
export const millisecondsOf = (text: string): number | undefined => amountOf(text, TIME);

/** Kilobytes of `'16MB'`; a number alone is kilobytes, as PostgreSQL reads it. Undefined for what is no size. */
export const kilobytesOf = (text: string): number | undefined => amountOf(text, SIZE);

function amountOf(text: string, units: Readonly<Record<string, number>>): number | undefined {
  const [, amount, unit = ''] = /^\s*(-?\d+(?:\.\d+)?)\s*([A-Za-z]*)\s*$/.exec(text) ?? [];
  const factor = unit === '' ? 1 : units[unit];
  return amount === undefined || factor === undefined ? undefined : Number(amount) * factor;
}
