import { count } from '../../core/text';
import { type Forecast, runbookOf } from '../../forecast';
import type { Colors } from '../streams';

/** Each metric for people, the soonest first. */
export const forecastText = (forecasts: readonly Forecast[], colors: Colors): string => `${forecasts.map((one) => metricText(one, colors)).join('')}\n`;

function metricText(one: Forecast, colors: Colors): string {
  const { name, unit, history: { from, to, days }, current, trend, limit, limitIs, outcome, within, notes } = one;
  const line = (title: string, text: string): string => `    ${title.padEnd(9)}${text}`;
  return [
    '', `  ${colors.bold(name)}`, '',
    line('history', `${from} to ${to}, ${count(days, 'day')}`),
    line('now', amountText(current, unit)),
    ...(trend === undefined ? [] : [line('trend', trendText(trend, unit))]),
    line('limit', `${amountText(limit, unit)}, a ${limitIs}`),
    line('reached', within ? colors.yellow(reachedText(one)) : reachedText(one)),
    ...(outcome === 'reached' || outcome === 'expected' ? [line('do', colors.cyan(`npx tenantry explain ${runbookOf(name)}`))] : []),
    ...notes.map((note) => `    – ${note}`), '',
  ].join('\n');
}

function trendText({ perDay, slower, faster }: NonNullable<Forecast['trend']>, unit: string | undefined): string {
  const [middle, low, high] = [perDay, slower, faster].map((value) => `${value > 0 ? '+' : ''}${amountText(value, unit)}`);
  return `${middle} a day${low === high ? '' : `; the middle half of the rates: ${low} to ${high}`}`;
}

function reachedText({ outcome, date, inDays = 0, earliest, latest, trend, limitIs }: Forecast): string {
  if (outcome === 'reached') return 'already';
  if (outcome === 'too-short') return 'not known yet';
  if (date === undefined) {
    const grows = trend !== undefined && (limitIs === 'ceiling' ? trend.perDay > 0 : trend.perDay < 0);
    return `${grows ? 'not in ten years, at this trend' : 'not at this trend'}${earliest === undefined ? '' : `; at the faster quarter of the rates ${earliest}`}`;
  }
  const when = inDays < 0 ? `${count(-inDays, 'day')} ago` : inDays === 0 ? 'today' : `in ${count(inDays, 'day')}`;
  const range = latest === undefined ? ` (from ${earliest ?? date} on)` : earliest === latest ? '' : ` (${earliest ?? date} to ${latest})`;
  return `${date}, ${when}${range}`;
}

const SIZES = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'] as const;
/** Units that say nothing behind a number. */
const BARE = ['Count', 'None'];

function amountText(value: number, unit = 'None'): string {
  if (unit !== 'Bytes') return `${numberText(value)}${BARE.includes(unit) ? '' : ` ${unit === 'Percent' ? '%' : unit}`}`;
  const power = Math.min(SIZES.length - 1, Math.max(0, Math.floor(Math.log2(Math.abs(value)) / 10)));
  return `${numberText(value / 1024 ** power)} ${SIZES[power]}`;
}

function numberText(value: number): string {
  const size = Math.abs(value);
  const precision: Intl.NumberFormatOptions = size >= 1 ? { maximumFractionDigits: size < 10 ? 2 : size < 100 ? 1 : 0 } : { maximumSignificantDigits: 2 };
  return value.toLocaleString('en-US', precision);
}
