import { Duration } from '../core/duration';
import { type AlarmDefinition, type AlarmWindow, metricsOf, type MetricOrigin, type MetricUse, windowOf } from './alarm-definition';
import { OS_DELIVERY_SECONDS } from './metric-names';
import type { MonitoredDatabase } from './monitored-database';
import type { Suppressor } from './maintenance-quiet';

/** What lies between a fault and a datapoint that shows it, in seconds. */
export interface Origin {
  readonly sampling: (database: MonitoredDatabase) => number;
  readonly delivery: number;
  readonly source: string;
}

export const ORIGINS: Readonly<Record<MetricOrigin, Origin>> = {
  rds: {
    sampling: () => 60, delivery: 60,
    source: 'Amazon RDS User Guide, Viewing DB instance metrics in the CloudWatch console: every minute. AWS publishes no bound of the delay; a minute is assumed.',
  },
  os: {
    sampling: ({ monitoringSeconds }) => monitoringSeconds, delivery: OS_DELIVERY_SECONDS,
    source: 'The interval of enhanced monitoring. AWS publishes no bound of the delay; OsMetrics measures it, and warns where it is longer than assumed.',
  },
  log: {
    sampling: () => 0, delivery: 60,
    source: 'Amazon CloudWatch Logs User Guide, Creating metrics from log events using filters: counted by the minute. AWS publishes no bound of the delay between a line and its log event; a minute is assumed.',
  },
};

const MINUTE = 60;

/** Seconds between two evaluations of an alarm. Source: Amazon CloudWatch User Guide, Alarm evaluation. */
export function evaluationInterval({ period, evaluationPeriods }: Pick<AlarmWindow, 'period' | 'evaluationPeriods'>): number {
  if (period < MINUTE) return 10;
  return period * evaluationPeriods > 86_400 ? 3600 : MINUTE;
}

/** From the change of an alarm to that of a composite one. AWS publishes no figure; an assumption. */
export const COMPOSITE_SECONDS = 5;

/** Each part of the worst case, in seconds. */
export interface DetectionParts {
  /**
   * Until a sample shows the fault, or until a period begins that shows nothing else: periods slide with the evaluation ("at the end of minute 6 the data of
   * minutes 2 to 6"), so that one begins with each.
   */
  readonly first: number;
  /** The periods that must breach. */
  readonly periods: number;
  readonly delivery: number;
  /** Until the next evaluation. */
  readonly evaluation: number;
  /** Composite alarms that stand between. */
  readonly composite: number;
}

export interface TellingOptions {
  /** What keeps quiet alarms quiet: its wait is part of the time, always. @default - nothing is kept quiet */
  readonly quiet?: Pick<Suppressor, 'waitPeriod'>;
}

/**
 * What passes at worst from the beginning of a fault that stays to the message at the topic. SNS adds what the way to a person takes, which AWS does not bound.
 */
export function detectionParts(definition: AlarmDefinition, database: MonitoredDatabase, { quiet }: TellingOptions = {}): DetectionParts {
  const window = windowOf(definition, database);
  const uses = Object.values(metricsOf(definition));
  const sampling = Math.max(...uses.map(({ origin }) => ORIGINS[origin].sampling(database)));
  const absence = 'absence' in definition.signal && definition.signal.absence === true;
  const derivative = 'derivative' in definition.signal && definition.signal.derivative === true;
  const evaluation = evaluationInterval(window);
  const first = oneSampleSuffices(definition, uses) ? sampling : Math.max(sampling, Math.min(window.period, evaluation));
  return {
    first: first + (derivative ? window.period : 0),
    periods: window.period * window.datapoints,
    // Nothing has to arrive to be missing.
    delivery: absence ? 0 : deliverySeconds(uses, window),
    evaluation,
    composite: compositeSeconds(definition, quiet),
  };
}

export const detectionOf = (definition: AlarmDefinition, database: MonitoredDatabase, options: TellingOptions = {}): Duration => readable(sum(detectionParts(definition, database, options)));

/** In seconds up to two minutes, else in whole minutes, hours or days: rounded up. */
export function readable(seconds: number): Duration {
  if (seconds <= 120) return Duration.seconds(Math.ceil(seconds));
  if (seconds <= 7200) return Duration.minutes(Math.ceil(seconds / 60));
  return seconds <= 172_800 ? Duration.hours(Math.ceil(seconds / 3600)) : Duration.days(Math.ceil(seconds / 86_400));
}

/** A maximum above, or a minimum below, shows a fault as soon as one sample does; an average is diluted by what was before. */
function oneSampleSuffices({ signal, comparison }: AlarmDefinition, uses: readonly MetricUse[]): boolean {
  if (!('metric' in signal)) return false;
  return uses.every(({ statistic }) => statistic === (comparison.startsWith('>') ? 'Maximum' : 'Minimum'));
}

/** A sum over several samples is too small until the last of them has arrived, so that it counts one period later. */
function deliverySeconds(uses: readonly MetricUse[], { period }: AlarmWindow): number {
  const delivery = Math.max(...uses.map(({ origin }) => ORIGINS[origin].delivery));
  return period > MINUTE && uses.some(({ statistic }) => statistic === 'Sum') ? period * Math.ceil((MINUTE + delivery) / period) : delivery;
}

function compositeSeconds({ toldBy, quietInMaintenance }: AlarmDefinition, quiet: TellingOptions['quiet']): number {
  if (toldBy !== undefined) return COMPOSITE_SECONDS;
  return quietInMaintenance && quiet !== undefined ? COMPOSITE_SECONDS + quiet.waitPeriod : 0;
}

export const sum = ({ first, periods, delivery, evaluation, composite }: DetectionParts): number => first + periods + delivery + evaluation + composite;
