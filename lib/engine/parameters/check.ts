import type { Complaint } from '../../core/errors';
import { shown } from '../../core/shown';
import { listOf, nearest } from '../../core/text';
import { holdsToken } from '../../core/tokens';
import type { ParameterDefinition, ParameterGroupKind } from './definition';
import { choiceOf, isFormula, isRaw, isUnknown, itemsOf, type ParameterValue, type ParameterValues, spelled, toBoolean } from './value';

export interface ParameterContext {
  /** `Aurora PostgreSQL 17`. */
  readonly engine: string;
  readonly catalogue: ReadonlyMap<string, ParameterDefinition>;
  /** Engines that know a parameter of this name. */
  readonly others: (name: string) => readonly string[];
  readonly group: ParameterGroupKind;
  /** What a formula may be computed from. */
  readonly variables: readonly string[];
}

interface Given {
  readonly definition: ParameterDefinition;
  readonly value: string | number | boolean;
  /** `parameters.work_mem is 32`. */
  readonly is: string;
  readonly context: ParameterContext;
}

/** What is wrong with parameters: the first fault of each. An engine without a catalogue takes what it is given. */
export function checkParameters(values: ParameterValues, context: ParameterContext): Complaint[] {
  if (context.catalogue.size === 0) return [];
  return Object.entries(values).flatMap(([name, value]): Complaint[] => {
    if (isRaw(value)) return [];
    const definition = context.catalogue.get(name);
    if (definition === undefined) return [unknown(name, value, context)];
    const given: Given = { definition, value, is: `${place(name)} is ${shown(value)}`, context };
    const fault = checkPlace(given) ?? (isUnknown(value) ? undefined : isFormula(value) ? checkFormula(given, value) : checkValue(given));
    return fault === undefined ? [] : [{ ...fault, source: definition.source }];
  });
}

const place = (name: string): string => `parameters${/^\w+$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`}`;
const key = (name: string): string => (/^[a-z_]\w*$/i.test(name) ? name : `'${name}'`);

function unknown(name: string, value: ParameterValue, { engine, catalogue, others }: ParameterContext): Complaint {
  const near = nearest(name, [...catalogue.keys()]);
  const elsewhere = others(name);
  return {
    code: 'engine/parameter-unknown',
    problem: `The catalogue of ${engine} has no parameter ${JSON.stringify(name)}${elsewhere.length === 0 ? '' : `; that of ${listOf(elsewhere)} has`}.`,
    fix: `${near === undefined ? '' : `Did you mean ${JSON.stringify(near)}?\n`}One that exists all the same is set with its apply method:\n  parameters: { ${key(name)}: { value: ${holdsToken(value) ? '…' : JSON.stringify(String(value))}, applyMethod: 'pending-reboot' } }`,
  };
}

function checkPlace({ definition: { name, modifiable, scope }, context: { engine, group } }: Given): Complaint | undefined {
  if (!modifiable) return { code: 'engine/parameter-read-only', problem: `${place(name)} is given, but ${name} of ${engine} is AWS's own: it cannot be set.`, fix: 'Remove it.' };
  if (scope === 'cluster' && group === 'instance') {
    return { code: 'engine/parameter-scope', problem: `${place(name)} is given for an instance, but ${engine} has ${name} for the whole cluster only.`, fix: 'Give it to the parameters of the cluster.' };
  }
  return undefined;
}

function checkFormula({ definition: { name, type }, is, context: { variables } }: Given, value: string): Complaint | undefined {
  const code = 'engine/parameter-formula';
  if (type !== 'integer' && type !== 'boolean') return { code, problem: `${is}, a formula; AWS computes integers and booleans, and ${name} is ${articled(type)}.`, fix: 'Give the value itself.' };
  const [first] = [...value.matchAll(/[A-Za-z]\w*/g)].map(([word]) => word).filter((word) => !variables.includes(word) && !FUNCTION.test(word));
  if (first === undefined) return undefined;
  const near = nearest(first, variables);
  return { code, problem: `${is}, a formula with ${JSON.stringify(first)}; it may be made of ${listOf([...variables, 'GREATEST', 'LEAST', 'SUM', 'log'])}.`, ...(near === undefined ? {} : { fix: `Did you mean ${JSON.stringify(near)}?` }) };
}

/** Names of functions are not case-sensitive, those of variables are. */
const FUNCTION = /^(greatest|least|sum|log)$/i;
const articled = (type: string): string => ({ integer: 'an integer', enum: 'one of a few words' })[type] ?? `a ${type}`;

function checkValue(given: Given): Complaint | undefined {
  const { definition: { type, values }, value, is } = given;
  switch (type) {
    case 'integer':
    case 'real':
      return checkNumber(given);
    case 'boolean':
      return toBoolean(value) === undefined ? { code: 'engine/parameter-type', problem: `${is}; true or false is needed.` } : undefined;
    case 'enum':
      return values === undefined || choiceOf(value, values) !== undefined ? undefined : notOneOf(is, String(value), values);
    case 'list': {
      const wrong = values === undefined ? undefined : itemsOf(value).find((item) => spelled(item, values) === undefined);
      return wrong === undefined || values === undefined ? undefined : notOneOf(`${is}, with ${JSON.stringify(wrong)}`, wrong, values);
    }
    case 'text':
      return typeof value === 'boolean' ? { code: 'engine/parameter-type', problem: `${is}; a text is needed.` } : undefined;
  }
}

function notOneOf(is: string, wrong: string, values: readonly string[]): Complaint {
  const near = nearest(wrong, values);
  return { code: 'engine/parameter-value', problem: `${is}; ${listOf(values)} ${values.length === 1 ? 'is' : 'are'} allowed.`, ...(near === undefined ? {} : { fix: `Did you mean ${JSON.stringify(near)}?` }) };
}

function checkNumber({ definition: { name, type, unit, range }, value, is }: Given): Complaint | undefined {
  const number = typeof value === 'number' ? value : typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value.trim()) ? Number(value) : undefined;
  const of = unit === undefined ? '' : ` of ${unit}`;
  if (number === undefined || !Number.isFinite(number) || (type === 'integer' && !Number.isInteger(number))) {
    const converted = convert(value, unit);
    return {
      code: 'engine/parameter-type', problem: `${is}; ${type === 'integer' ? 'a whole number' : 'a number'}${of} is needed.`,
      ...(converted === undefined || (type === 'integer' && !Number.isInteger(converted)) ? {} : { fix: `parameters: { ${key(name)}: ${converted} }` }),
    };
  }
  const [from, to] = range ?? [-Infinity, Infinity];
  if (number >= from && number <= to) return undefined;
  const [endless, shown] = [to === Number.MAX_VALUE, unit === undefined ? '' : ` ${unit}`];
  const allowed = endless ? `${figure(from)}${shown} or more is allowed` : `${figure(from)} to ${figure(to)}${shown} are allowed`;
  return { code: 'engine/parameter-range', problem: `${is}${shown}; ${allowed}.` };
}

const figure = (number: number): string => number.toLocaleString('en-US', { maximumFractionDigits: 3 });

const MEMORY = { B: 1, kB: 1024, '8kB': 8192, MB: 1024 ** 2, GB: 1024 ** 3, TB: 1024 ** 4 };
const TIME = { ms: 1, s: 1000, min: 60_000, h: 3_600_000, d: 86_400_000 };

/** `64MB` as a number of the parameter's unit: people know it from configuration files, and AWS takes numbers alone. */
function convert(value: string | number | boolean, unit: string | undefined): number | undefined {
  const [, amount, given] = /^\s*(\d+(?:\.\d+)?)\s*([A-Za-z]+)\s*$/.exec(String(value)) ?? [];
  if (amount === undefined || given === undefined || unit === undefined) return undefined;
  for (const units of [MEMORY, TIME] as Readonly<Record<string, number>>[]) {
    const [from, to] = [Object.hasOwn(units, given) ? units[given] : undefined, Object.hasOwn(units, unit) ? units[unit] : undefined];
    if (from !== undefined && to !== undefined) return (Number(amount) * from) / to;
  }
  return undefined;
}
