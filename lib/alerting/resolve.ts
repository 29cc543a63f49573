import type { Duration } from '../core/duration';
import { Size } from '../core/size';
import { type AlarmDefinition, type AlarmWindow, metricsOf, type MetricUse, type MissingData, type Statistic, windowOf } from './alarm-definition';
import { alarmsFor } from './catalogue';
import { detectionOf, type TellingOptions } from './detection';
import { logNamespace, OS_DIMENSION, OS_NAMESPACE } from './metric-names';
import type { MonitoredDatabase, MonitoredSize } from './monitored-database';

/** Changes of one alarm of one database. */
export type AlarmOverride =
  | { /** In the unit of the catalogue. */ readonly threshold: number }
  | { /** Why it is not wanted; for those who read the declaration. */ readonly disabled: string };

/** By id of the catalogue. */
export type AlarmOverrides = Readonly<Record<string, AlarmOverride>>;

export interface ResolvedMetric {
  /** What an expression calls it. */
  readonly id: string;
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly statistic: Statistic;
}

/** One alarm of one database, before it is a resource: what dashboards show and alarms are made of. */
export interface ResolvedAlarm {
  /** Its id, and behind a slash the instance where there is one alarm for each. */
  readonly key: string;
  readonly definition: AlarmDefinition;
  readonly alarmName: string;
  /** The instance, where there is one alarm for each. */
  readonly instance?: string;
  /** The instance's name without the cluster's. */
  readonly part?: string;
  readonly metrics: readonly ResolvedMetric[];
  /** @default - the only metric itself */
  readonly expression?: string;
  readonly threshold: number;
  readonly window: AlarmWindow;
  readonly missing: MissingData;
  /** From the beginning of a fault to the message, at worst. */
  readonly detection: Duration;
}

export interface ResolveOptions extends TellingOptions {
  /** @default - the catalogue as it is */
  readonly overrides?: AlarmOverrides;
}

/** The definitions that a database gets: those that apply and are not disabled. */
export const enabledAlarms = (database: MonitoredDatabase, overrides: AlarmOverrides = {}): readonly AlarmDefinition[] =>
  alarmsFor(database).filter(({ id }) => !('disabled' in (overrides[id] ?? {})));

/** The alarms of a database, with names, dimensions and figures. */
export const resolveAlarms = (database: MonitoredDatabase, options: ResolveOptions = {}): readonly ResolvedAlarm[] =>
  enabledAlarms(database, options.overrides).flatMap((definition) => resolve(definition, database, options));

function resolve(definition: AlarmDefinition, database: MonitoredDatabase, { overrides = {}, quiet }: ResolveOptions): ResolvedAlarm[] {
  const { id, missing, signal } = definition;
  const override = overrides[id];
  const identifier = database.dimension.value;
  return targetsOf(definition, database).map(({ instance, dimensions }): ResolvedAlarm => {
    const part = instance === undefined || instance === identifier ? undefined : shortName(instance, identifier);
    return {
      key: part === undefined ? id : `${id}/${part}`,
      definition,
      alarmName: part === undefined ? `${identifier}-${id}` : `${identifier}-${id}-${part}`,
      part,
      instance,
      metrics: Object.entries(metricsOf(definition)).map(([metricId, use]) => ({ id: metricId, name: use.name, statistic: use.statistic, ...placeOf(use, dimensions, database, instance) })),
      expression: 'expression' in signal ? signal.expression(database) : undefined,
      threshold: override !== undefined && 'threshold' in override ? override.threshold : definition.threshold(sizedFor(definition, database, instance)),
      window: windowOf(definition, database),
      missing: database.pauses ? 'notBreaching' : missing,
      detection: detectionOf(definition, database, { quiet }),
    };
  });
}

/**
 * The database as one alarm sees it. Readers of several sizes share an alarm and have one threshold, which is that of the size that reaches it last: it never
 * rings for a reader that is well, and of another size it rings later.
 */
function sizedFor({ scope, comparison }: AlarmDefinition, database: MonitoredDatabase, instance: string | undefined): MonitoredDatabase {
  const { vcpu, memory, maxConnections, otherSizes = {} } = database;
  if (instance !== undefined) return { ...database, ...otherSizes[instance] };
  if (scope !== 'readers') return database;
  const sizes: MonitoredSize[] = [{ vcpu, memory, maxConnections }, ...Object.values(otherSizes)];
  const last = (of: (size: MonitoredSize) => number): number => (comparison.startsWith('<') ? Math.min : Math.max)(...sizes.map(of));
  return { ...database, vcpu: last((size) => size.vcpu), memory: Size.gibibytes(last((size) => size.memory.toGibibytes())), maxConnections: last((size) => size.maxConnections) };
}

interface Target {
  readonly instance?: string;
  /** Of the metrics of AWS/RDS. */
  readonly dimensions: Readonly<Record<string, string>>;
}

function targetsOf({ scope }: AlarmDefinition, { dimension, hasRoles, instanceIdentifiers }: MonitoredDatabase): Target[] {
  const whole = { [dimension.name]: dimension.value };
  const each = (): Target[] => instanceIdentifiers.map((instance) => ({ instance, dimensions: { DBInstanceIdentifier: instance } }));
  switch (scope) {
    case 'writer':
      return hasRoles ? [{ dimensions: { ...whole, Role: 'WRITER' } }] : each();
    case 'readers':
      return [{ dimensions: { ...whole, Role: 'READER' } }];
    case 'cluster':
    case 'logs':
      return [{ dimensions: whole }];
    case 'instances':
      return each();
  }
}

function placeOf({ origin }: MetricUse, dimensions: Readonly<Record<string, string>>, { dimension }: MonitoredDatabase, instance: string | undefined): Pick<ResolvedMetric, 'namespace' | 'dimensions'> {
  switch (origin) {
    case 'rds':
      return { namespace: 'AWS/RDS', dimensions };
    case 'os':
      return { namespace: OS_NAMESPACE, dimensions: { [OS_DIMENSION]: instance ?? dimension.value } };
    case 'log':
      return { namespace: logNamespace(dimension.value), dimensions: {} };
  }
}

/** `shop-production-data-cluster-a` of the cluster `shop-production-data-cluster` is `a`. */
const shortName = (instance: string, identifier: string): string => (instance.startsWith(`${identifier}-`) ? instance.slice(identifier.length + 1) : instance);
