import { Duration } from '../../core/duration';
import type { AlarmDefinition, AlarmWindow } from '../alarm-definition';
import { OS_DELIVERY_SECONDS, OS_METRICS } from '../metric-names';
import type { MonitoredDatabase } from '../monitored-database';
import { all, isProvisioned, isRds, memoryBytes, ownFigure, percentOf, samplesAlways, SOURCES } from '../thresholds';
import { constant, minutes, os, sampledFor, samplingPeriod } from './define';

/**
 * The newest periods may be empty though the instance lives, because their samples are still on their way: as many as lie within interval and delivery. One more
 * must be empty.
 */
function silence(database: MonitoredDatabase): AlarmWindow {
  const period = samplingPeriod(database);
  const datapoints = Math.ceil((database.monitoringSeconds + OS_DELIVERY_SECONDS) / period) + 1;
  return { period, datapoints, evaluationPeriods: datapoints };
}

/** What is told within a minute: nothing else has metrics of a resolution that is high enough. */
export const OPERATING_SYSTEM: readonly AlarmDefinition[] = [
  {
    id: 'instance-silent',
    severity: 'critical',
    summary: 'An instance sends no samples of its operating system: it is down, restarts, or the samples are not forwarded.',
    scope: 'instances',
    // Missing points become real ones, so that the alarm does not wait until the last old sample has left CloudWatch's evaluation range.
    signal: { metrics: { m: os(OS_METRICS.heartbeat, 'SampleCount') }, expression: () => 'FILL(m, 0)', absence: true },
    comparison: '<', threshold: constant(1), limit: '1 sample', unit: 'Count',
    window: silence,
    missing: 'breaching',
    applies: samplesAlways, where: 'every that does not pause, with OsMetrics',
    quietInMaintenance: true,
    source: `${SOURCES.enhanced}; metric-names.ts`,
  },
  {
    id: 'memory-exhausted',
    severity: 'critical',
    summary: 'An instance has next to no memory left: the kernel ends processes of the database next.',
    scope: 'instances',
    signal: { metric: os(OS_METRICS.memory, 'Maximum') },
    comparison: '<', threshold: percentOf(2, memoryBytes), limit: '2 % of the memory', unit: 'Bytes',
    window: sampledFor(20),
    missing: 'missing',
    applies: all(({ osMetrics }) => osMetrics, isProvisioned), where: 'provisioned, with OsMetrics',
    quietInMaintenance: false,
    source: ownFigure(SOURCES.enhanced),
  },
  {
    id: 'storage-full',
    severity: 'critical',
    summary: 'The storage is all but full: RDS stops the database when nothing is left.',
    scope: 'instances',
    signal: { metric: os(OS_METRICS.fileSystem, 'Minimum') },
    comparison: '>=', threshold: constant(97), limit: '97 % of the storage', unit: 'Percent',
    window: sampledFor(20),
    missing: 'missing',
    applies: all(({ osMetrics }) => osMetrics, isRds), where: 'RDS, with OsMetrics',
    quietInMaintenance: false,
    source: ownFigure(SOURCES.enhanced),
  },
  {
    id: 'overload',
    severity: 'warning',
    summary: 'Four processes want each processor of an instance: statements take several times as long.',
    scope: 'instances',
    signal: { metric: os(OS_METRICS.load, 'Average') },
    comparison: '>', threshold: constant(4), limit: '4 runnable processes a vCPU', unit: 'None',
    window: minutes(2),
    missing: 'missing',
    applies: all(({ osMetrics }) => osMetrics, isProvisioned), where: 'provisioned, with OsMetrics',
    quietInMaintenance: false,
    detectsWithin: Duration.minutes(6),
    source: ownFigure(SOURCES.enhanced),
  },
  {
    id: 'io-wait',
    severity: 'warning',
    summary: 'Processors of an instance wait for storage.',
    scope: 'instances',
    signal: { metric: os(OS_METRICS.ioWait, 'Average') },
    comparison: '>', threshold: constant(30), limit: '30 % of the processors’ time', unit: 'Percent',
    window: minutes(10),
    missing: 'missing',
    applies: all(({ osMetrics }) => osMetrics, isProvisioned), where: 'provisioned, with OsMetrics',
    quietInMaintenance: false,
    detectsWithin: Duration.minutes(15),
    source: ownFigure(SOURCES.enhanced),
  },
];
