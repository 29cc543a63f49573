import { z } from 'zod';
import { isNumeral } from './amount';
import { Duration } from './duration';
import type { Complaint } from './errors';
import { codeOf } from './shown';
import { Size } from './size';
import { listOf } from './text';
import { complaintsOf } from './zod-complaints';

/**
 * What props are made of: TypeScript's types once more, for JavaScript and for data that nobody has checked. It says what kind of thing stands where; whether
 * a number is in its range, and what goes together, is said by the rules of a construct. What only Terraform knows is a text or a number like another.
 */

/** What to do where the value is another; `code` writes a value as the property that is meant. */
type Fix = string | ((given: unknown, code: (value: unknown) => string) => string);

/** @param is - reads on from the value: `is not a number` */
export const kind = <T>(passes: (value: unknown) => boolean, is: string, fix?: Fix): z.ZodType<T> => z.custom<T>(passes, { error: is, ...(fix === undefined ? {} : { params: { fix } }) });

/** Code that is written as it is. */
export const raw = (code: string): { toCode(): string } => ({ toCode: () => code });

export const number = kind<number>((value) => typeof value === 'number', 'is not a number', (given, code) => (isNumeral(given) ? `Without quotes:   ${code(Number(given))}` : 'Give it as a number.'));
export const text = kind<string>((value) => typeof value === 'string', 'is not a text', (given, code) => (typeof given === 'number' ? `In quotes:   ${code(String(given))}` : 'Give it as a text.'));
export const flag = kind<boolean>((value) => typeof value === 'boolean', 'is neither true nor false', (given, code) => (given === 'true' || given === 'false' ? `Without quotes:   ${code(given === 'true')}` : `Give ${code(true)} or ${code(false)}.`));

const inUnit = (factory: string, example: number): Fix => (given, code) =>
  (typeof given === 'number' && given >= 0 ? `With its unit:   ${code(raw(`${factory}(${given})`))}` : `For instance ${code(raw(`${factory}(${example})`))}`);
/** @param unit - that a number without one is taken for, in what is proposed */
export const durationIn = (unit: 'seconds' | 'minutes' | 'days', example: number): z.ZodType<Duration> => kind<Duration>(Duration.isDuration, 'is not a Duration', inUnit(`Duration.${unit}`, example));
export const duration = durationIn('seconds', 60);
export const size = kind<Size>(Size.isSize, 'is not a Size', inUnit('Size.gibibytes', 100));

export const words = <T extends string>(allowed: readonly T[]): z.ZodType<T> =>
  kind<T>((value) => (allowed as readonly unknown[]).includes(value), `is not ${listOf(allowed.map(codeOf), 'or')}`, (_given, code) => `For instance ${code(allowed[0])}`);

export const texts = z.array(text);

const picks = new WeakMap<z.ZodType, (value: unknown) => z.ZodType>();

/** One of several shapes, by what the value says of itself; errors are those of this one. */
export function choose(pick: (value: unknown) => z.ZodType): z.ZodType {
  const schema = z.unknown().check((context) => {
    const { error } = pick(context.value).safeParse(context.value);
    for (const issue of error?.issues ?? []) context.issues.push({ ...issue, input: context.value } as z.core.$ZodRawIssue);
  });
  picks.set(schema, pick);
  return schema;
}

/** What is wrong with a value by its kind. @param at - where it stands, for people; the path follows behind a colon */
export const checkShape = (schema: z.ZodType, value: unknown, { module, at }: { readonly module: string; readonly at: string }): Complaint[] => {
  const { error } = schema.safeParse(value);
  if (error === undefined) return [];
  const properties = (path: readonly PropertyKey[]): readonly string[] => propertiesOf(schema, value, path);
  return complaintsOf(error, value, { module, at: (path) => (path === '' ? at : `${at}: ${path}`), properties, fix: (issue) => fixOfKind(issue, properties(issue.path)) });
};

/** What to write where an object or a list is needed. */
function fixOfKind(issue: z.core.$ZodIssue, properties: readonly string[]): string | undefined {
  if (issue.code !== 'invalid_type') return undefined;
  const written: Readonly<Record<string, string>> = { object: `{ ${properties.map((name) => `${name}: …`).join(', ')} }`, record: '{ … }', array: '[ … ]' };
  const code = written[issue.expected];
  const name = issue.path.at(-1);
  return code === undefined ? undefined : `It is written   ${typeof name === 'string' ? `${name}: ` : ''}${code}`;
}

/** The properties that are known at a path. */
function propertiesOf(schema: z.ZodType, value: unknown, [key, ...rest]: readonly PropertyKey[]): readonly string[] {
  const pick = picks.get(schema);
  if (pick !== undefined) return propertiesOf(pick(value), value, key === undefined ? [] : [key, ...rest]);
  if (schema instanceof z.ZodOptional) return propertiesOf(schema.unwrap() as z.ZodType, value, key === undefined ? [] : [key, ...rest]);
  const shape = schema instanceof z.ZodObject ? schema.shape as Readonly<Record<string, z.ZodType>> : undefined;
  if (key === undefined) return Object.keys(shape ?? {});
  const inner = (value as Readonly<Record<PropertyKey, unknown>>)[key];
  if (schema instanceof z.ZodArray) return propertiesOf(schema.element as z.ZodType, inner, rest);
  if (schema instanceof z.ZodRecord) return propertiesOf(schema.valueType as z.ZodType, inner, rest);
  const part = shape?.[String(key)];
  return part === undefined ? [] : propertiesOf(part, inner, rest);
}
