import { z } from 'zod';
import { refuse } from '../../core/errors';
import { checkShape, choose, duration, kind, number, raw, text, words } from '../../core/shape';
import type { ReaderMetric, ScaleOn } from './scale-on';
import type { ReaderScalingProps, ScalingProps, ScheduledReaders } from './scaling-props';

const METRIC = {
  name: text, namespace: text.optional(), statistic: words(['Average', 'Minimum', 'Maximum', 'SampleCount', 'Sum']).optional(), dimensions: z.record(z.string(), text).optional(), unit: text.optional(),
} satisfies Record<Exclude<keyof ReaderMetric, 'target'>, z.ZodType>;

const scaleOn = z.strictObject({
  id: text, target: number, predefined: words(['RDSReaderAverageCPUUtilization', 'RDSReaderAverageDatabaseConnections']).optional(), metric: z.strictObject(METRIC).optional(),
} satisfies Record<keyof ScaleOn, z.ZodType>);

const nothing = kind<ScaleOn>(() => false, 'is not a metric to scale on', (_given, code) => `For instance ${code(raw('ScaleOn.cpu(60)'))}`);
const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null;
const oneMetric = choose((value) => (isObject(value) ? scaleOn : nothing));

const scheduled = z.strictObject({ name: text, at: text, timezone: text.optional(), minimum: number, maximum: number } satisfies Record<keyof ScheduledReaders, z.ZodType>);

const readers = z.strictObject({
  minimum: number,
  maximum: number,
  on: choose((value) => (Array.isArray(value) ? z.array(oneMetric) : oneMetric)).optional(),
  cooldown: z.strictObject({ out: duration.optional(), in: duration.optional() }).optional(),
  schedule: z.array(scheduled).optional(),
} satisfies Record<keyof ReaderScalingProps, z.ZodType>);

/** `capacity` is refused by the rules, with the reason. */
export const scalingShape = z.strictObject({ readers: readers.optional(), capacity: z.unknown().optional() } satisfies Record<keyof ScalingProps, z.ZodType>);

const metric = z.strictObject({ ...METRIC, target: number } satisfies Record<keyof ReaderMetric, z.ZodType>);

/** The metric, or an error that says what is none. */
export function shapedMetric(given: ReaderMetric): ReaderMetric {
  refuse(checkShape(metric, given, { module: 'ha-cluster', at: 'ScaleOn.metric' }));
  return given;
}
