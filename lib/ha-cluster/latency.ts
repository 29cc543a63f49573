import { Duration } from '../core/duration';
import type { Complaint } from '../core/errors';
import type { DatabaseEngine } from '../engine/engine';
import type { HaClusterProps } from './ha-cluster-props';

const LEAST = Duration.milliseconds(1);
/** Of a parameter in seconds or in milliseconds, which the engine's catalogue says. */
const MILLISECONDS: Readonly<Record<string, number>> = { ms: 1, s: 1000 };

/** What is wrong with an objective that becomes a setting of the server: 0 there logs every statement, with the values in it. */
export function checkLatency(engine: DatabaseEngine, latencyWithin: Duration | undefined): Complaint[] {
  const setting = settingOf(engine);
  if (latencyWithin === undefined || setting === undefined || isAllowed(latencyWithin, setting)) return [];
  return [{
    code: 'ha-cluster/latency',
    problem: `objectives.latencyWithin is ${latencyWithin}; whole milliseconds are allowed, ${LEAST}${setting.most === undefined ? ' or more' : ` to ${setting.most}`}: it becomes ${setting.name}, from which on statements are logged, and 0 there logs every statement, with the values in it.`,
    fix: 'For instance objectives: { latencyWithin: Duration.milliseconds(250) }',
    ...(setting.source === undefined ? {} : { source: setting.source }),
  }];
}

/** Whether 95 % of statements end within an objective is seen by those that do not: the parameter group logs them, unless it was told something else. */
export function withLatencyLogged(props: HaClusterProps): HaClusterProps {
  const { engine, objectives: { latencyWithin } = {}, parameters } = props;
  if (latencyWithin === undefined || checkLatency(engine, latencyWithin).length > 0) return props;
  return { ...props, parameters: { ...engine.slowStatementFrom(latencyWithin), ...parameters } };
}

interface Setting {
  readonly name: string;
  /** In whole days. @default - no end */
  readonly most?: Duration;
  readonly source?: string;
}

function settingOf(engine: DatabaseEngine): Setting | undefined {
  const [name] = Object.keys(engine.slowStatementFrom(LEAST));
  if (name === undefined) return undefined;
  const definition = engine.parameterCatalogue.get(name);
  const milliseconds = MILLISECONDS[definition?.unit ?? ''];
  if (definition?.range === undefined || milliseconds === undefined) return { name };
  return { name, most: Duration.days(Math.floor(Duration.milliseconds(definition.range[1] * milliseconds).toDays())), source: definition.source };
}

function isAllowed(latency: Duration, { most }: Setting): boolean {
  const milliseconds = latency.toSeconds() * 1000;
  // Binary fractions: 1005 milliseconds of 1.005 seconds are 1004.9999999999999.
  return !latency.isShorterThan(LEAST) && most?.isShorterThan(latency) !== true && Math.abs(milliseconds - Math.round(milliseconds)) < 1e-6;
}
