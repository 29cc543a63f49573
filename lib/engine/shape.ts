import { z } from 'zod';
import { choose, durationIn, flag, kind, number, raw, size, text, texts, words } from '../core/shape';
import { Duration } from '../core/duration';
import { codeOf } from '../core/shown';
import { Size } from '../core/size';
import type { CapacityTarget } from './capacity-target';
import type { DatabaseEngine } from './engine';
import type { EngineDefinition } from './engine-definition';
import type { InstanceHardware, InstanceRequirementsProps, InstanceSize } from './instance-size';
import type { ParameterValue } from './parameters/value';
import type { RdsStorage } from './rds-storage';
import type { ServerlessRange } from './serverless-range';

/** That an object has these functions is its brand: one of another copy of the package has them too, and data has none. */
const does = (value: unknown, ...functions: readonly string[]): boolean =>
  typeof value === 'object' && value !== null && functions.every((name) => typeof (value as Readonly<Record<string, unknown>>)[name] === 'function');

const isClass = (value: unknown): value is string => typeof value === 'string' && value.startsWith('db.');

export const instanceSize = kind<InstanceSize>((value) => does(value, 'resolve', 'toCode'), 'is not an InstanceSize', (given, code) =>
  `${isClass(given) ? 'As a size:  ' : 'For instance'} ${code(raw(`InstanceSize.of(${codeOf(isClass(given) ? given : 'db.r8g.large')})`))}`);

export const databaseEngine = kind<DatabaseEngine>((value) => does(value, 'checkParameters', 'fixedParameters', 'minimumTls', 'parameterGroup'), 'is not an engine', (_given, code) => `For instance ${code(raw("Engine.auroraPostgresql('17')"))}`);

export const instanceHardware = z.strictObject({ vcpu: number, memory: size } satisfies Record<keyof InstanceHardware, z.ZodType>);

export const instanceRequirements = z.strictObject({
  vcpu: number.optional(), memory: size.optional(), connections: number.optional(), generation: number.optional(), burstable: flag.optional(),
} satisfies Record<keyof InstanceRequirementsProps, z.ZodType>);

export const serverlessRange = z.strictObject({ minimum: number, maximum: number, pauseAfter: durationIn('minutes', 5).optional() } satisfies Record<keyof ServerlessRange, z.ZodType>);

export const rdsStorage = z.strictObject({
  size, type: words(['gp3', 'io1', 'io2']).optional(), iops: number.optional(), throughput: number.optional(), maximum: size.optional(),
} satisfies Record<keyof RdsStorage, z.ZodType>);

export const capacityTarget = z.strictObject({
  storage: size.optional(), connections: number.optional(), writesPerSecond: number.optional(), readsPerSecond: number.optional(),
} satisfies Record<keyof CapacityTarget, z.ZodType>);

const rawParameter = z.strictObject({ value: text, applyMethod: words(['immediate', 'pending-reboot']) });
const isScalar = (value: unknown): boolean => ['string', 'number', 'boolean'].includes(typeof value);
const parameter = kind<ParameterValue>(isScalar, 'is not the value of a parameter', (given, code) => (Duration.isDuration(given) || Size.isSize(given)
  ? 'Give a number in the unit of the server, as engine.parameterCatalogue has it.'
  : `A text, a number, true or false, or a raw value:   ${code({ value: '…', applyMethod: 'immediate' })}`));
const isRaw = (value: unknown): boolean => typeof value === 'object' && value !== null && 'value' in value;
export const parameterValues = z.record(z.string(), choose((value) => (isRaw(value) ? rawParameter : parameter)));

const engineParameter = z.looseObject({ name: text, value: text, applyMethod: words(['immediate', 'pending-reboot']) });

/** What the library reads of a definition; what else it holds is optional. */
export const engineDefinition = z.looseObject({
  name: text, language: words(['postgresql', 'mysql']), storage: words(['aurora', 'rds']), defaultPort: number, reservedUsernames: texts,
  tls: z.looseObject({ parameter: text, values: z.record(z.string(), text) }),
  versions: z.record(z.string(), z.looseObject({ parameterGroupFamily: text, parameters: z.array(engineParameter), logExports: texts })),
} satisfies Partial<Record<keyof EngineDefinition, z.ZodType>>);
