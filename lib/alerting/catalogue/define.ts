import type { AlarmDefinition, AlarmWindow, MetricOrigin, MetricUse, Statistic } from '../alarm-definition';
import type { MonitoredDatabase } from '../monitored-database';
import { all, hasReaders } from '../thresholds';

const use = (origin: MetricOrigin) => (name: string, statistic: Statistic): MetricUse => ({ origin, name, statistic });

export const rds = use('rds');
export const os = use('os');
export const log = use('log');

export const always = (): boolean => true;
export const constant = (value: number) => (): number => value;

/** `datapoints` of `of` minutes. */
export const minutes = (datapoints: number, of = datapoints): AlarmWindow => ({ period: 60, datapoints, evaluationPeriods: of });
/** For sums: one more period than has to breach, because the newest lacks what has not arrived. */
export const fiveMinutes = (datapoints: number, of = datapoints + 1): AlarmWindow => ({ period: 300, datapoints, evaluationPeriods: of });

/** Two whole days: one day's average has neither the peak of noon nor the backup of the night, and one odd day is no trend. */
export const TWO_DAYS: AlarmWindow = { period: 86_400, datapoints: 2, evaluationPeriods: 2 };

/** The periods that an alarm of high resolution can have, and what follows them. */
const PERIODS = [10, 20, 30, 60, 120];

/** Shortest period that holds a sample even when samples come unevenly: twice the interval. */
export function samplingPeriod({ monitoringSeconds }: MonitoredDatabase): number {
  return PERIODS.find((period) => period >= 2 * monitoringSeconds) ?? Math.ceil((2 * monitoringSeconds) / 60) * 60;
}

/** For so many seconds, in the shortest periods that the samples allow. */
export const sampledFor = (seconds: number) => (database: MonitoredDatabase): AlarmWindow => {
  const period = samplingPeriod(database);
  const datapoints = Math.max(1, Math.ceil(seconds / period));
  return { period, datapoints, evaluationPeriods: datapoints };
};

/** The same over Aurora's readers, the worst of them: autoscaled ones come and go, so that no data is no fault. */
export function ofReaders(definition: AlarmDefinition, { summary, statistic, ...more }: OfReaders): AlarmDefinition {
  if (!('metric' in definition.signal)) throw new Error(`${definition.id} has no single metric.`);
  return {
    ...definition,
    id: `${definition.id}-readers`,
    summary,
    scope: 'readers',
    signal: { metric: { ...definition.signal.metric, statistic } },
    missing: 'notBreaching',
    applies: all(definition.applies, ({ hasRoles }) => hasRoles, hasReaders),
    where: `${['Aurora', ...definition.where.split(' ')].filter((word, i, words) => word !== 'every' && words.indexOf(word) === i).join(' ')} with readers`,
    ...more,
  };
}

interface OfReaders extends Partial<Pick<AlarmDefinition, 'window' | 'detectsWithin'>> {
  readonly summary: string;
  readonly statistic: Statistic;
}
