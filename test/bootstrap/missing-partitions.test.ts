import { describe, expect, it } from 'vitest';
import { onPartition } from '../../lib/bootstrap/kinds/partitioned';
import { boundsOf, missingPartitions, periodOf, type ShapePartitions } from '../../lib/bootstrap/model/partitions';
import { OWN } from '../../lib/bootstrap/model/policy';

describe('partitions that are missing', () => {
  const by = (every: 'day' | 'week' | 'month' | 'year', more: object = {}): ShapePartitions => ({ strategy: 'range', column: 'at', type: 'timestamptz', every, ahead: 1, ...more });
  const names = (of: ShapePartitions, asOf: string, there: readonly string[] = []): string[] => missingPartitions('t', of, there.map(boundsOf), asOf).map(({ name, times = [] }) => [name, ...times].join(' '));
  const day = (text: string): string => `'${text} 00:00:00+00'`;

  it.each<[string, ShapePartitions, string, string[]]>([
    ['days, over the end of a year', by('day'), '2026-12-31T23:59:59.999Z', [`t_p20261231 ${day('2026-12-31')} ${day('2027-01-01')}`, `t_p20270101 ${day('2027-01-01')} ${day('2027-01-02')}`]],
    ['weeks from Monday, on a Sunday', by('week', { ahead: 0 }), '2026-11-22T12:00:00Z', [`t_p20261116 ${day('2026-11-16')} ${day('2026-11-23')}`]],
    ['weeks from Monday, on a Monday', by('week', { ahead: 0 }), '2026-11-23T00:00:00Z', [`t_p20261123 ${day('2026-11-23')} ${day('2026-11-30')}`]],
    ['months, on the last day of one that is longer than the next', by('month'), '2028-01-31T00:00:00Z', [`t_p2028_01 ${day('2028-01-01')} ${day('2028-02-01')}`, `t_p2028_02 ${day('2028-02-01')} ${day('2028-03-01')}`]],
    ['years of dates', by('year', { type: 'date' }), '2026-06-01T00:00:00Z', ["t_p2026 '2026-01-01' '2027-01-01'", "t_p2027 '2027-01-01' '2028-01-01'"]],
    ['from an earlier day on', by('month', { ahead: 0, from: '2026-09-15' }), '2026-11-02T00:00:00Z', ['09', '10', '11'].map((month, i) => `t_p2026_${month} ${day(`2026-${month}-01`)} ${day(`2026-${['10', '11', '12'][i]}-01`)}`)],
    ['from a day to come on: from now on', by('day', { ahead: 0, from: '2027-01-01' }), '2026-11-02T00:00:00Z', [`t_p20261102 ${day('2026-11-02')} ${day('2026-11-03')}`]],
  ])('are %s', (_title, of, asOf, expected) => {
    expect(names(of, asOf, ['DEFAULT'])).toEqual(expected);
    expect(names(of, asOf)).toEqual(['t_default', ...expected]);
  });

  const range = (from: string, to: string): string => `FOR VALUES FROM (${from}) TO (${to})`;
  it.each<[string, string[], string[]]>([
    ['none of a time that another partition holds', ['DEFAULT', range('MINVALUE', "'2027-01-01 00:00:00+00'")], []],
    ['the rest of a time', ['DEFAULT', range("'2026-11-10 00:00:00+00'", "'2026-11-20 06:30:00+00'"), range("'2026-12-01 00:00:00+00'", 'MAXVALUE')], [`t_p20261101 ${day('2026-11-01')} ${day('2026-11-10')}`, `t_p20261120t063000 '2026-11-20 06:30:00+00' ${day('2026-12-01')}`]],
    ['all of them where others are far away', ['DEFAULT', range("'4713-01-01 00:00:00+00 BC'", "'2026-11-01 00:00:00+00'"), range("'12026-01-01 00:00:00+00'", "'infinity'")], [`t_p2026_11 ${day('2026-11-01')} ${day('2026-12-01')}`, `t_p2026_12 ${day('2026-12-01')} ${day('2027-01-01')}`]],
  ])('are %s', (_title, there, expected) => expect(names(by('month'), '2026-11-21T00:00:00Z', there)).toEqual(expected));

  it('are one for each time of another place, however long', () => {
    const span = (from: string, to: string) => ({ from: Date.parse(from), to: Date.parse(to) });
    const also = [span('2006-01-01', '2026-11-22'), span('2020-01-01', '2021-01-01'), span('2030-01-01', '2030-02-01')];
    expect(missingPartitions('t', by('day'), [{ type: 'default' }], '2026-11-21T00:00:00Z', also).map(({ name, times = [] }) => [name, ...times].join(' '))).toEqual([
      `t_p20060101 ${day('2006-01-01')} ${day('2026-11-22')}`, `t_p20261122 ${day('2026-11-22')} ${day('2026-11-23')}`, `t_p20300101 ${day('2030-01-01')} ${day('2030-02-01')}`,
    ]);
  });

  it('are found at once where there are thousands', { timeout: 1_000 }, () => {
    const from = by('day', { from: '2010-01-01' });
    const now = '2026-11-21T00:00:00Z';
    const days = missingPartitions('t', from, [{ type: 'default' }], now);
    expect(days).toHaveLength(6_170);
    expect(missingPartitions('t', from, [{ type: 'default' }, ...days.toReversed().filter(({ name }) => name !== 't_p20260814').map(({ bounds }) => bounds)], now).map(({ name }) => name)).toEqual(['t_p20260814']);
  });
});

it('the time of a partition is told where it is of one length', () => {
  const length = (from: string, to: string) => {
    const bounds = boundsOf(`FOR VALUES FROM (${from}) TO (${to})`);
    return bounds.type === 'range' ? periodOf(bounds) : bounds.type;
  };
  expect([["'2026-11-21'", "'2026-11-22'"], ["'2026-11-16'", "'2026-11-23'"], ["'2026-11-01'", "'2026-12-01'"], ["'2026-01-01'", "'2027-01-01'"], ["'2026-01-01'", "'2026-04-01'"], ['MINVALUE', "'2026-04-01'"], ['1', '2']].map(([from = '', to = '']) => length(from, to)))
    .toEqual(['day', 'week', 'month', 'year', undefined, undefined, 'other']);
});

it('a condition that names its table names the partition, and nothing else is changed', () => {
  expect(onPartition(`(EXISTS ( SELECT 1 FROM ${OWN}events_2 events_2, ${OWN}events e WHERE (events.id = e.id) AND ("events".a <> 'events.x ''events.y') AND (other_events.id = events_p.id)))`, 'events', { quoted: 'events_p' }))
    .toBe(`(EXISTS ( SELECT 1 FROM ${OWN}events_2 events_2, ${OWN}events e WHERE (events_p.id = e.id) AND (events_p.a <> 'events.x ''events.y') AND (other_events.id = events_p.id)))`);
});
