import type { Json } from './synth';

export interface Execution {
  readonly status: 'SUCCEEDED' | 'FAILED';
  /** Seconds on the clock when it ended. */
  readonly ended: number;
  /** Names of the states that it went through. */
  readonly visited: readonly string[];
}

/** What a task answers, at a time of the clock; to throw is to fail. */
export type Service = (resource: string, parameters: Json, now: number) => Json;

/**
 * Runs a definition in the Amazon States Language on a clock that only waiting moves. It knows the states, paths and functions that our definitions use, and throws
 * where it meets another: https://states-language.net/spec.html.
 */
export function runStateMachine(definition: Json, input: Json, service: Service, start = 0): Execution {
  const visited: string[] = [];
  const context = { Execution: { Id: 'arn:execution' } };
  let [name, data, now]: [string | undefined, Json, number] = [definition.StartAt, structuredClone(input), start];
  while (name !== undefined) {
    const state = definition.States[name];
    if (state === undefined) throw new Error(`There is no state ${name}.`);
    visited.push(name);
    if (visited.length > 1000) throw new Error('It does not end.');
    switch (state.Type) {
      case 'Succeed':
        return { status: 'SUCCEEDED', ended: now, visited };
      case 'Wait':
        only(state, 'Seconds', 'Next');
        now += state.Seconds as number;
        name = state.Next;
        break;
      case 'Choice':
        only(state, 'Choices', 'Default');
        name = (state.Choices as Json[]).find((rule) => holds(rule, data))?.Next ?? state.Default;
        break;
      case 'Pass': {
        only(state, 'InputPath', 'Parameters', 'Result', 'ResultPath', 'Next');
        const seen = state.InputPath === undefined ? data : at(data, state.InputPath);
        data = put(data, state.ResultPath, state.Result ?? (state.Parameters === undefined ? seen : fill(state.Parameters, seen, context)));
        name = state.Next;
        break;
      }
      case 'Task': {
        only(state, 'Resource', 'Parameters', 'ResultPath', 'Retry', 'Catch', 'Next');
        const tried = attempt(state, fill(state.Parameters, data, context), service, now);
        now = tried.now;
        if ('result' in tried) {
          data = put(data, state.ResultPath, tried.result);
          name = state.Next;
          break;
        }
        if (state.Catch === undefined) return { status: 'FAILED', ended: now, visited };
        data = put(data, state.Catch[0].ResultPath, { Error: 'States.TaskFailed', Cause: tried.error });
        name = state.Catch[0].Next;
        break;
      }
      default:
        throw new Error(`${name} is a ${state.Type}, which is not known here.`);
    }
  }
  throw new Error('A state names no next one.');
}

function attempt(state: Json, parameters: Json, service: Service, start: number): { now: number; result: Json } | { now: number; error: string } {
  const { IntervalSeconds = 1, BackoffRate = 2, MaxAttempts = 3, MaxDelaySeconds = Infinity } = state.Retry?.[0] ?? { MaxAttempts: 0 };
  for (let [now, failures] = [start, 0]; ; failures += 1) {
    try {
      return { now, result: service(state.Resource, parameters, now) };
    } catch (error) {
      if (failures === MaxAttempts) return { now, error: String(error) };
      now += Math.min(MaxDelaySeconds, IntervalSeconds * BackoffRate ** failures);
    }
  }
}

function holds(rule: Json, data: Json): boolean {
  const { Next: _next, ...test } = rule;
  if ('And' in test) return only(test, 'And').And.every((part: Json) => holds(part, data));
  if ('Or' in test) return only(test, 'Or').Or.some((part: Json) => holds(part, data));
  if ('Not' in test) return !holds(only(test, 'Not').Not, data);
  if ('IsPresent' in test) return (find(data, test.Variable) !== undefined) === test.IsPresent;
  const value = at(data, test.Variable);
  if ('BooleanEquals' in test) return value === test.BooleanEquals;
  if ('StringEquals' in test) return value === test.StringEquals;
  if ('StringEqualsPath' in test) return value === at(data, test.StringEqualsPath);
  throw new Error(`${Object.keys(test).join(', ')} is not known here.`);
}

/** A payload template. */
function fill(template: Json, data: Json, context: Json): Json {
  if (Array.isArray(template)) return template.map((part) => fill(part, data, context));
  if (typeof template !== 'object' || template === null) return template;
  return Object.fromEntries(Object.entries<Json>(template).map(([key, value]) => (key.endsWith('.$') ? [key.slice(0, -2), evaluate(value, data, context)] : [key, fill(value, data, context)])));
}

function evaluate(expression: string, data: Json, context: Json): Json {
  const [, called, list] = /^States\.(\w+)\((.*)\)$/s.exec(expression) ?? [];
  if (called === undefined || list === undefined) return argument(expression, data, context);
  const values = [...list.matchAll(/'(?:[^']*)'|[^,\s]+/g)].map(([text]) => argument(text, data, context));
  if (called === 'Array') return values;
  if (called === 'ArrayContains') return (values[0] as Json[]).includes(values[1]);
  if (called === 'Format') return values.slice(1).reduce<string>((text, value) => text.replace('{}', () => String(value)), values[0] as string);
  throw new Error(`States.${called} is not known here.`);
}

const argument = (text: string, data: Json, context: Json): Json => (text.startsWith("'") ? text.slice(1, -1) : text.startsWith('$$.') ? at(context, text.slice(1)) : at(data, text));

/** What a path leads to; to lead nowhere is an error of the execution, as in AWS. */
function at(data: Json, path: string): Json {
  const found = find(data, path);
  if (found === undefined) throw new Error(`States.Runtime: there is no ${path}.`);
  return found;
}

const parts = (path: string): string[] => {
  if (!/^\$(\.\w+|\[\d+\])*$/.test(path)) throw new Error(`The path ${path} is not known here.`);
  return [...path.matchAll(/\w+/g)].map(([part]) => part);
};
const find = (data: Json, path: string): Json => parts(path).reduce((value, part) => value?.[part], data);

function put(data: Json, path: string | null | undefined, value: Json): Json {
  if (path === null) return data;
  if (path === undefined || path === '$') return value;
  const copy = structuredClone(data);
  const way = parts(path);
  const last = way.pop() as string;
  way.reduce((place, part) => (place[part] ??= {}), copy)[last] = value;
  return copy;
}

function only(state: Json, ...known: readonly string[]): Json {
  const others = Object.keys(state).filter((key) => key !== 'Type' && !known.includes(key));
  if (others.length > 0) throw new Error(`${others.join(', ')} is not known here.`);
  return state;
}
