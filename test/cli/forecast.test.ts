import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { freshFolder } from '../support/fresh-folder';
import { programOf } from '../support/program';
import type { Json } from '../support/synth';
import { tenantry } from './support';

const GIB = 1024 ** 3;
const DAY = 86_400_000;
const FIRST = Date.parse('2026-08-24T00:00:00Z');

beforeAll(() => void vi.useFakeTimers({ now: Date.parse('2026-11-21T09:00:00Z'), toFake: ['Date'] }));
afterAll(() => void vi.useRealTimers());

const written = (content: unknown): string => {
  const file = join(freshFolder('forecast'), 'metrics.json');
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
};
const days = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
/** As the AWS CLI of today writes times. */
const stamp = (day: number): string => new Date(FIRST + day * DAY).toISOString().replace('.000Z', '+00:00');
/** Newest first: CloudWatch promises no order. */
const statistics = (value: (day: number) => number, { n = 90, label = 'VolumeBytesUsed', unit = 'Bytes', statistic = 'Maximum' } = {}): Json => ({
  Label: label, Datapoints: days(n).reverse().map((day) => ({ Timestamp: stamp(day), [statistic]: value(day), Unit: unit })),
});
const result = (id: string, value: (day: number) => number, of: readonly number[] = days(90)): Json => ({ Id: id, Label: `${id} VolumeBytesUsed`, Timestamps: of.map(stamp), Values: of.map(value), StatusCode: 'Complete' });
const volume = (day: number): number => (8000 + 20 * day) * GIB;
const forecasts = async (...args: string[]): Promise<Json[]> => JSON.parse((await tenantry(['forecast', ...args, '--format', 'json'])).out).forecasts;

describe('tenantry forecast', () => {
  it('[DBAAS-4.4] tells from the history that CloudWatch keeps on which day a volume is full, and how soon that is', async () => {
    expect(await tenantry(['forecast', written(statistics(volume)), '--limit', '10TiB'])).toEqual({ code: 2, err: '', out: `
  VolumeBytesUsed

    history  2026-08-24 to 2026-11-21, 90 days
    now      9.55 TiB
    trend    +20 GiB a day
    limit    10 TiB, a ceiling
    reached  2026-12-14, in 23 days
    do       npx tenantry explain volume

` });
  });

  it.each([['23', 2], ['22', 0]])('exits by whether it is within %s days', async (within, code) => {
    expect(await tenantry(['forecast', written(statistics(volume)), '--limit', '10TiB', '--within', within])).toMatchObject({ code, err: '' });
  });

  it('writes a versioned document', async () => {
    const { code, out } = await tenantry(['forecast', written(statistics(volume)), '--limit', '10TiB', '--format', 'json']);
    expect([code, JSON.parse(out)]).toEqual([2, { format: 'tenantry/forecast@1', within: 90, forecasts: [{
      name: 'VolumeBytesUsed', unit: 'Bytes', limit: 10 * 1024 * GIB, limitIs: 'ceiling', current: 9780 * GIB, history: { from: '2026-08-24', to: '2026-11-21', days: 90 }, outcome: 'expected', within: true,
      date: '2026-12-14', inDays: 23, earliest: '2026-12-14', latest: '2026-12-14', trend: { perDay: 20 * GIB, slower: 20 * GIB, faster: 20 * GIB }, notes: [],
    }] }]);
  });

  it('reads what get-metric-data printed: several metrics, their pages behind each other, times in seconds', async () => {
    const [older, newer] = [days(90).slice(0, 45), days(90).slice(45)];
    const seconds = result('beta', (day) => volume(day) / 2);
    const file = written({ MetricDataResults: [result('alpha', volume, newer), { ...seconds, Timestamps: days(90).map((day) => (FIRST + day * DAY) / 1000) }, result('alpha', volume, older)], Messages: [] });
    const { code, out } = await tenantry(['forecast', file, '--limit', '10TiB']);
    expect([code, out.match(/^ {2}\S.*|(?<=^ {4})(history|reached).*/gm)]).toEqual([2, [
      '  alpha VolumeBytesUsed', 'history  2026-08-24 to 2026-11-21, 90 days', 'reached  2026-12-14, in 23 days',
      '  beta VolumeBytesUsed', 'history  2026-08-24 to 2026-11-21, 90 days', 'reached  2028-05-09, in 535 days',
    ]]);
  });

  it('forecasts each statistic that was asked for', async () => {
    const { Label, Datapoints } = statistics((day) => 100 + day, { label: 'DatabaseConnections', unit: 'Count' });
    const file = written({ Label, Datapoints: Datapoints.map((point: Json) => ({ ...point, Average: point.Maximum / 2, ExtendedStatistics: { p99: point.Maximum - 1 } })) });
    expect((await forecasts(file, '--limit', '200')).map(({ name, date }) => [name, date])).toEqual([['DatabaseConnections Maximum', '2026-12-02'], ['DatabaseConnections p99', '2026-12-03'], ['DatabaseConnections Average', '2027-06-20']]);
  });

  it.each<[string, Json, string, string[]]>([
    ['of a size that runs out', result('shop', (day) => (500 - 2.5 * day) * GIB), '0GiB', ['now      278 GiB', 'trend    -2.5 GiB a day', 'limit    0 bytes, a floor', 'reached  2027-03-12, in 111 days']],
    ['of a share', result('shop', (day) => 40 + day / 8), '90%', ['now      51.1 %', 'trend    +0.13 % a day', 'limit    90 %, a ceiling', 'reached  2027-09-28, in 311 days']],
    ['of a number', statistics((day) => 900 + day, { label: 'DatabaseConnections', unit: 'Count' }), '1800', ['now      989', 'trend    +1 a day', 'limit    1,800, a ceiling', 'reached  2029-02-09, in 811 days']],
    ['of what does not grow', statistics(() => 7, { unit: 'Count/Second' }), '9', ['now      7 Count/Second', 'trend    0 Count/Second a day', 'limit    9 Count/Second, a ceiling', 'reached  not at this trend']],
    ['of what grows slowly', statistics((day) => 100 + day / 100, { unit: 'None' }), '200', ['now      101', 'trend    +0.01 a day', 'limit    200, a ceiling', 'reached  not in ten years, at this trend']],
    ['of what is over it', statistics((day) => 100 + day, { unit: 'Count' }), '150', ['now      189', 'trend    +1 a day', 'limit    150, a ceiling', 'reached  already']],
    ['of what scatters', statistics((day) => 100 + 4 * ((day * 5) % 11) + day / 3, { unit: 'Count' }), '210', ['now      150', 'trend    +0.43 a day; the middle half of the rates: -0.095 to +1.48', 'limit    210, a ceiling', 'reached  2027-03-03, in 102 days (from 2026-12-21 on)']],
    ['of what scatters and shrinks', statistics((day) => 100 + 4 * ((day * 5) % 11) - day / 4, { unit: 'Count' }), '150', ['now      97.8', 'trend    -0.15 a day; the middle half of the rates: -0.68 to +0.89', 'limit    150, a ceiling', 'reached  not at this trend; at the faster quarter of the rates 2026-12-31']],
  ])('says it in the unit %s', async (_what, metric, limit, lines) => {
    const { out } = await tenantry(['forecast', written('Datapoints' in metric ? metric : { MetricDataResults: [metric] }), limit === '0GiB' ? '--floor' : '--limit', limit]);
    expect(out.match(/(now|trend|limit|reached) .*/g)).toEqual(lines);
  });

  it('marks what is near, on a terminal only', async () => {
    const args = ['forecast', written(statistics(volume)), '--limit', '10TiB'];
    expect((await tenantry(args, { isTTY: true })).out).toContain('\u001b[33m2026-12-14, in 23 days');
    expect((await tenantry([...args, '--within', '3'], { isTTY: true })).out).not.toContain('\u001b[33m');
  });

  it('reads standard input', () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [programOf(join(__dirname, '..', '..', 'lib', 'cli', 'main.ts')), 'forecast', '-', '--limit', '10TiB'], { input: JSON.stringify(statistics(volume)), encoding: 'utf8' });
    expect([status, stderr, stdout.split('\n')[3]]).toEqual([2, '', '    history  2026-08-24 to 2026-11-21, 90 days']);
  });
});

const PRINTED = 'Give what one of these prints:\n  aws cloudwatch get-metric-statistics … --output json\n  aws cloudwatch get-metric-data … --output json\n';
const UNKNOWN = 'CloudWatch answers so, too, where it knows no such metric. Compare name, dimensions and region with:\n  aws cloudwatch list-metrics --namespace AWS/RDS\n';
const FORMS = 'For instance --limit 1800, --limit 10TiB, --limit 90%\n';
const LIMIT = (given: string): string => `forecast/limit  at --limit\n\n  "${given}" is neither a number, nor a size, nor a share.\n\n  `;

describe('tenantry forecast refuses', () => {
  const good = statistics(volume);

  it.each<[string, unknown, string]>([
    ['what is no JSON', 'TIMESTAMP 1', `forecast/not-json  at FILE\n\n  The file is no JSON.\n\n  ${PRINTED}`],
    ['another JSON', { Metrics: [] }, `forecast/not-metrics  at FILE\n\n  The file holds neither Datapoints nor MetricDataResults.\n\n  ${PRINTED}`],
    ['a list', [], `forecast/not-metrics  at FILE\n\n  The file holds neither Datapoints nor MetricDataResults.\n\n  ${PRINTED}`],
    ['a metric without points', { Label: 'VolumeBytesUsd', Datapoints: [] }, `forecast/no-points  at FILE: VolumeBytesUsd\n\n  The metric has no points in that time.\n\n  ${UNKNOWN}`],
    ['one of several without points', { MetricDataResults: [result('a', volume), result('b', volume, [])] }, `forecast/no-points  at FILE: b VolumeBytesUsed\n\n  The metric has no points in that time.\n\n  ${UNKNOWN}`],
    ['no metric', { MetricDataResults: [] }, `forecast/no-points  at FILE\n\n  The file holds no metric.\n\n  ${UNKNOWN}`],
    ['one page of several', { MetricDataResults: [result('a', volume)], NextToken: 'x' }, 'forecast/one-page  at FILE\n\n  The file is one page of several: it holds a NextToken.\n\n  Leave out --max-items and --no-paginate, and the AWS CLI fetches all of them.\n'],
    ['times without values', { MetricDataResults: [{ ...result('a', volume), Values: [1] }] }, 'forecast/uneven  at FILE: a VolumeBytesUsed\n\n  It has 90 Timestamps and 1 Values, which belong together one by one.\n\n  Fetch it again.\n'],
    ['what is no time', { Datapoints: [{ Timestamp: 'yesterday', Maximum: 1 }] }, 'forecast/invalid-value  at FILE: Datapoints.0.Timestamp\n\n  "yesterday" is not a time.\n\n  For instance 2026-11-21T00:00:00Z\n'],
    ['what is no number', { Datapoints: [{ Timestamp: stamp(0), Maximum: '1' }] }, 'forecast/invalid-value  at FILE: Datapoints.0.Maximum\n\n  "1" is not a number.\n\n  Without quotes:   Maximum: 1\n'],
    ['too short a history', statistics(volume, { n: 9 }), 'forecast/too-short  at FILE: VolumeBytesUsed\n\n  The history has 9 days with points, over 9 days; 10 are needed, over 14 days.\n\n  Ask for an earlier --start-time. Where there is nothing earlier, wait until 2026-09-06.\n'],
  ])('%s', async (_what, content, message) => {
    const file = written(content);
    expect(await tenantry(['forecast', file, '--limit', '10TiB'])).toEqual({ code: 64, out: '', err: message.replaceAll('FILE', file) });
  });

  it('says three of many mistakes', async () => {
    const { err } = await tenantry(['forecast', written({ Datapoints: days(90).map(() => ({ Maximum: 1 })) }), '--limit', '1']);
    expect(err.match(/^forecast\/missing.*Datapoints.*$/gm)).toHaveLength(3);
  });

  it.each([
    ['10TB', 'AWS counts storage in powers of 1024:   --limit 10TiB\n'], ['1.5t', 'AWS counts storage in powers of 1024:   --limit 1.5TiB\n'], ['ten', FORMS], ['-1', FORMS], ['', FORMS], ['10 TiB a', FORMS],
  ])('a limit of %j', async (limit, fix) => {
    expect(await tenantry(['forecast', written(good), `--limit=${limit}`])).toEqual({ code: 64, out: '', err: `${LIMIT(limit)}${fix}` });
  });

  it('a limit of another kind than the metric', async () => {
    expect(await tenantry(['forecast', written(statistics((day) => day, { label: 'DatabaseConnections', unit: 'Count' })), '--limit', '10TiB'])).toEqual({
      code: 64, out: '', err: 'forecast/unit  at --limit\n\n  DatabaseConnections is in Count, and the limit in Bytes.\n\n  Give the limit as a number of Count, without a unit behind it.\n',
    });
  });

  it('a file that is not there, and one that is a folder', async () => {
    const folder = freshFolder('forecast');
    mkdirSync(join(folder, 'metrics'));
    expect(await tenantry(['forecast', join(folder, 'nowhere.json'), '--limit', '1'])).toEqual({ code: 64, out: '', err: `forecast/no-file  at ${join(folder, 'nowhere.json')}\n\n  There is no such file.\n` });
    expect(await tenantry(['forecast', join(folder, 'metrics'), '--limit', '1'])).toEqual({ code: 64, out: '', err: `forecast/no-file  at ${join(folder, 'metrics')}\n\n  It cannot be read: EISDIR.\n` });
  });

  it('no limit, and days that are none', async () => {
    const way = 'For what grows --limit 10TiB, for what runs out --floor 0GiB\n';
    expect(await tenantry(['forecast', written(good)])).toEqual({ code: 64, out: '', err: `forecast/one-limit\n\n  Neither a ceiling nor a floor is given.\n\n  ${way}` });
    expect(await tenantry(['forecast', written(good), '--limit', '9', '--floor', '1'])).toEqual({ code: 64, out: '', err: `forecast/one-limit\n\n  A ceiling and a floor are given; a metric runs towards one of them.\n\n  ${way}` });
    expect((await tenantry(['forecast', written(good), '--floor', '1TB'])).err).toBe('forecast/limit  at --floor\n\n  "1TB" is neither a number, nor a size, nor a share.\n\n  AWS counts storage in powers of 1024:   --floor 1TiB\n');
    expect(await tenantry(['forecast', written(good), '--limit', '1', '--within', 'soon'])).toMatchObject({ code: 64, err: expect.stringContaining('It is a whole number of days, 0 or 3650 at the extremes.') });
  });
});
