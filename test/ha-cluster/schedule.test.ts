import { Lazy } from 'cdktf';
import { describe, expect, it } from 'vitest';
import { TenantryError } from '../../lib/core';
import { InstanceSize } from '../../lib/engine';
import { type ReaderScalingProps, ScaleOn, type ScheduledReaders, Topology } from '../../lib/ha-cluster';
import { checkScaling, type ScaledCluster, scheduleWarnings } from '../../lib/ha-cluster/scaling/validate';
import { expectRefusal } from '../support/synth';

const LIMITS = { minimum: 2, maximum: 8 };
const AT = 'cron(0 7 ? * MON-FRI *)';
const AURORA: ScaledCluster = { label: 'Aurora PostgreSQL', storage: 'aurora', readers: 2, maxConnections: 1600 };

const check = (readers: Partial<ReaderScalingProps>, cluster: Partial<ScaledCluster> = {}): void => {
  const complaints = checkScaling({ readers: { ...LIMITS, ...readers } }, { ...AURORA, ...cluster });
  if (complaints.length > 0) throw new TenantryError('input', complaints);
};
const entry = (name: string, at: string, minimum: number, maximum: number, more: Partial<ScheduledReaders> = {}): ScheduledReaders => ({ name, at, minimum, maximum, ...more });

describe('two entries of a schedule at one moment', () => {
  it('are refused where their limits differ', () => {
    expectRefusal(() => check({ schedule: [entry('morning', AT, 4, 8), entry('sale', AT, 6, 8, { timezone: 'UTC' }), entry('evening', 'cron(0 20 ? * MON-FRI *)', 2, 4)] }), 'ha-cluster/schedule-conflict', `ha-cluster/schedule-conflict

  scaling.readers.schedule gives "morning" 4 to 8 readers and "sale" 6 to 8 readers at the same moment, cron(0 7 ? * MON-FRI *) in UTC: nobody knows which of them holds from then on.

  Leave all but one of them out, or give them other moments.`);
  });

  it('are known to be so in one time zone that only Terraform knows', () => {
    const timezone = Lazy.stringValue({ produce: () => 'Europe/Berlin' });
    expect(checkScaling({ readers: { ...LIMITS, schedule: [entry('a', AT, 4, 8, { timezone }), entry('b', AT, 2, 8, { timezone })] } }, AURORA).map(({ problem }) => problem)).toEqual([
      'scaling.readers.schedule gives "a" 4 to 8 readers and "b" 2 to 8 readers at the same moment, cron(0 7 ? * MON-FRI *) in a time zone that only Terraform knows: nobody knows which of them holds from then on.',
    ]);
  });

  it.each<[string, readonly ScheduledReaders[]]>([
    ['the same limits', [entry('a', AT, 4, 8), entry('b', AT, 4, 8)]], ['another time zone', [entry('a', AT, 4, 8), entry('b', AT, 2, 8, { timezone: 'Europe/Berlin' })]],
    ['moments that only Terraform knows', [entry('a', Lazy.stringValue({ produce: () => AT }), 4, 8), entry('b', Lazy.stringValue({ produce: () => AT }), 2, 8)]],
  ])('are taken with %s', (_what, schedule) => expect(() => check({ schedule })).not.toThrow());
});

describe('a moment that is past', () => {
  const now = new Date('2026-11-21T12:00:00Z');

  it('is warned of, once it is past in every time zone', () => {
    const schedule = [entry('old', 'at(2020-01-01T06:00:00)', 2, 4), entry('here', 'at(2026-11-21T00:00:01)', 2, 4), entry('gone', 'at(2026-11-20T23:59:59)', 2, 4), entry('weekly', AT, 2, 4), entry('unknown', Lazy.stringValue({ produce: () => 'x' }), 2, 4)];
    expect(scheduleWarnings({ readers: { ...LIMITS, schedule } }, now)).toEqual([
      'scaling.readers.schedule "old" is at at(2020-01-01T06:00:00), which is past: it changes nothing any more. Take it out, or give it another moment.',
      'scaling.readers.schedule "gone" is at at(2026-11-20T23:59:59), which is past: it changes nothing any more. Take it out, or give it another moment.',
    ]);
    expect([scheduleWarnings(undefined, now), scheduleWarnings({ readers: LIMITS }, now)]).toEqual([[], []]);
  });
});

describe('limits are shown as they were given', () => {
  const untyped = (value: unknown): never => value as never;
  const problems = (readers: Partial<ReaderScalingProps>): string[] => checkScaling({ readers: { ...LIMITS, ...readers } }, AURORA).map(({ problem }) => problem);

  it('nothing is nothing, a text is a text, and what only Terraform knows is that', () => {
    expect(problems({ minimum: untyped(undefined), maximum: untyped('8') })).toEqual(['scaling.readers.minimum is nothing; 1 to 15 are allowed, in whole readers.', 'scaling.readers.maximum is "8"; 1 to 15 are allowed, in whole readers.']);
    expect(problems({ minimum: Lazy.numberValue({ produce: () => 2 }) })).toEqual(['scaling.readers.minimum is a value that only Terraform knows, and a limit that nobody can check is none.']);
    expect(problems({ on: [ScaleOn.cpu(untyped('60%')), ScaleOn.connections(untyped('700')), { id: 'x', target: Number.POSITIVE_INFINITY, metric: { name: 'Reports' } }] })).toEqual([
      'ScaleOn.cpu("60%"): 1 to 99 per cent are allowed. Above it a reader is added, which takes minutes, so that there must be room left.', 'ScaleOn.connections("700"): a whole number of connections of one reader is needed.', 'The target of x is Infinity; a number above 0 is needed.',
    ]);
    expect(problems({ schedule: [entry('a', AT, untyped(undefined), untyped('9')), entry('b', AT, Lazy.numberValue({ produce: () => 2 }), 4)] }).filter((problem) => problem.includes('goes from'))).toEqual([
      'scaling.readers.schedule "a" goes from nothing to "9" readers; whole numbers within scaling.readers, 2 to 8, are allowed.', 'scaling.readers.schedule "b" goes from an unknown number to 4 readers; whole numbers within scaling.readers, 2 to 8, are allowed.',
    ]);
  });

  it('both are to be raised where the topology has more readers than they allow', () => {
    expectRefusal(() => check({ minimum: 1, maximum: 2 }, { readers: 3, topology: Topology.aurora({ readers: 3, instance: InstanceSize.of('db.r8g.large') }) }), 'ha-cluster/scaling-below-topology', `ha-cluster/scaling-below-topology

  scaling.readers.minimum is 1, but the topology declares 3 readers, which stay: AWS counts them, and removes only readers that it added itself.

  Give minimum: 3 and maximum: 3 or more,
  or declare fewer:   topology: Topology.aurora({ readers: 1, instance: InstanceSize.of('db.r8g.large') })

  Source: AWS, Amazon Aurora Auto Scaling with Aurora Replicas · tenantry explain ha-cluster/scaling-below-topology`);
  });
});
