/**
 * CloudWatch's metric maths, as far as alarms of ours use it, in the semantics of the Amazon CloudWatch User Guide, "Use metric math".
 * A series is a list of points in order of time, `undefined` where there is none.
 */
export type Series = readonly (number | undefined)[];
type Value = number | Series | readonly Series[];

export interface MathContext {
  /** By id: metrics, and the results of other expressions. */
  readonly series: Readonly<Record<string, Series>>;
  /** Beginning of each period, in seconds since 1970. */
  readonly times: readonly number[];
  readonly period: number;
}

/** @throws Error for what CloudWatch's maths, or this part of it, does not have */
export function evaluateExpression(expression: string, context: MathContext): Series {
  const parser = new Parser(tokens(expression), context);
  const value = parser.all();
  if (!isSeries(value)) throw new Error(`${expression} yields no single time series, which an alarm needs.`);
  return value;
}

const isList = (value: Value): value is readonly Series[] => Array.isArray(value) && value.length > 0 && value.every((item) => Array.isArray(item));
const isSeries = (value: Value): value is Series => Array.isArray(value) && !isList(value);

const TOKEN = /\s*(\d+(?:\.\d+)?(?:[eE][-+]?\d+)?|[A-Za-z_][A-Za-z0-9_]*|==|!=|<=|>=|&&|\|\||[-+*/^<>(),[\]])/y;

function tokens(expression: string): string[] {
  const found: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < expression.trimEnd().length) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(expression);
    if (match === null) throw new Error(`${expression.slice(at)} is no metric maths.`);
    found.push(match[1]!);
  }
  return found;
}

const BINARY: Readonly<Record<string, (a: number, b: number) => number | undefined>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  // The point is dropped.
  '/': (a, b) => (b === 0 ? undefined : a / b),
  '^': (a, b) => a ** b,
  '==': (a, b) => Number(a === b),
  '!=': (a, b) => Number(a !== b),
  '<': (a, b) => Number(a < b),
  '>': (a, b) => Number(a > b),
  '<=': (a, b) => Number(a <= b),
  '>=': (a, b) => Number(a >= b),
  AND: (a, b) => Number(a !== 0 && b !== 0),
  OR: (a, b) => Number(a !== 0 || b !== 0),
};
const SAME: Readonly<Record<string, string>> = { '&&': 'AND', '||': 'OR' };
const LEVELS: readonly (readonly string[])[] = [['OR', '||'], ['AND', '&&'], ['==', '!=', '<', '>', '<=', '>='], ['+', '-'], ['*', '/'], ['^']];

class Parser {
  #at = 0;

  constructor(private readonly tokens: readonly string[], private readonly context: MathContext) {}

  all(): Value {
    const value = this.#level(0);
    if (this.#at < this.tokens.length) throw new Error(`Unexpected ${this.tokens[this.#at]}.`);
    return value;
  }

  #level(level: number): Value {
    const operators = LEVELS[level];
    if (operators === undefined) return this.#unary();
    let left = this.#level(level + 1);
    while (operators.includes(this.tokens[this.#at] ?? '')) {
      const operator = this.tokens[this.#at++]!;
      left = binary(BINARY[SAME[operator] ?? operator]!, left, this.#level(level + 1));
    }
    return left;
  }

  #unary(): Value {
    if (this.tokens[this.#at] !== '-') return this.#primary();
    this.#at += 1;
    return mapValue(this.#unary(), (x) => -x);
  }

  #primary(): Value {
    const token = this.tokens[this.#at++];
    if (token === undefined) throw new Error('The expression ends too soon.');
    if (token === '(') return this.#until(')', this.#level(0));
    if (token === '[') return this.#arguments(']').map((item) => series(item, token));
    if (/^\d/.test(token)) return Number(token);
    if (this.tokens[this.#at] === '(') {
      this.#at += 1;
      return this.#call(token);
    }
    const found = this.context.series[token];
    if (found === undefined) throw new Error(`There is no metric ${token}.`);
    return found;
  }

  #until(close: string, value: Value): Value {
    if (this.tokens[this.#at++] !== close) throw new Error(`${close} is missing.`);
    return value;
  }

  #arguments(close: string): Value[] {
    const found: Value[] = [];
    while (this.tokens[this.#at] !== close) {
      found.push(this.#level(0));
      if (this.tokens[this.#at] === ',') this.#at += 1;
    }
    this.#at += 1;
    return found;
  }

  #call(name: string): Value {
    if (name === 'FILL') return this.#fill();
    const args = this.#arguments(')');
    const [first] = args;
    const { times, period } = this.context;
    const ofTime = (of: (time: number) => number): Series => times.map(of);
    switch (name) {
      case 'IF': return conditional(args, times.length);
      case 'RATE': return changes(series(first, name), times, true);
      case 'DIFF': return changes(series(first, name), times, false);
      case 'ABS': return mapValue(first!, Math.abs);
      case 'CEIL': return mapValue(first!, Math.ceil);
      case 'FLOOR': return mapValue(first!, Math.floor);
      case 'MAX': return aggregate(first!, (values) => Math.max(...values));
      case 'MIN': return aggregate(first!, (values) => Math.min(...values));
      case 'SUM': return aggregate(first!, (values) => values.reduce((a, b) => a + b, 0));
      case 'AVG': return aggregate(first!, (values) => values.reduce((a, b) => a + b, 0) / values.length);
      case 'PERIOD': return period;
      case 'TIME_SERIES': return times.map(() => scalar(first, name));
      case 'EPOCH': return ofTime((time) => time);
      case 'MINUTE': return ofTime((time) => new Date(time * 1000).getUTCMinutes());
      case 'HOUR': return ofTime((time) => new Date(time * 1000).getUTCHours());
      // 1 is Monday, 7 is Sunday.
      case 'DAY': return ofTime((time) => ((new Date(time * 1000).getUTCDay() + 6) % 7) + 1);
      default: throw new Error(`${name} is not known here.`);
    }
  }

  #fill(): Series {
    const filled = series(this.#level(0), 'FILL');
    if (this.tokens[this.#at++] !== ',') throw new Error('FILL takes two arguments.');
    if (this.tokens[this.#at] === 'REPEAT') {
      this.#at += 1;
      this.#until(')', 0);
      let last: number | undefined;
      return filled.map((value) => (last = value ?? last));
    }
    const by = scalar(this.#until(')', this.#level(0)), 'FILL');
    return filled.map((value) => value ?? by);
  }
}

function series(value: Value | undefined, name: string): Series {
  if (value === undefined || !isSeries(value)) throw new Error(`${name} takes a time series.`);
  return value;
}

function scalar(value: Value | undefined, name: string): number {
  if (typeof value !== 'number') throw new Error(`${name} takes a number.`);
  return value;
}

function mapValue(value: Value, of: (x: number) => number): Value {
  if (typeof value === 'number') return of(value);
  if (isList(value)) return value.map((one) => one.map((x) => (x === undefined ? undefined : of(x))));
  return (value).map((x) => (x === undefined ? undefined : of(x)));
}

/** Of two series a missing point counts as 0 where the other has one; with a number it stays missing. */
function binary(of: (a: number, b: number) => number | undefined, a: Value, b: Value): Value {
  if (typeof a === 'number' && typeof b === 'number') return of(a, b) ?? Number.NaN;
  if (isList(a) || isList(b)) throw new Error('Lists of series are for functions here.');
  if (typeof a === 'number') return (b as Series).map((y) => (y === undefined ? undefined : of(a, y)));
  if (typeof b === 'number') return (a).map((x) => (x === undefined ? undefined : of(x, b)));
  return (a).map((x, i) => {
    const y = (b)[i];
    return x === undefined && y === undefined ? undefined : of(x ?? 0, y ?? 0);
  });
}

/** "Using IF expressions": a true condition without a value is 0, a false one is dropped, and so is a missing condition. */
function conditional([condition, whenTrue, whenFalse]: readonly Value[], length: number): Series {
  const at = (value: Value | undefined, i: number): number | undefined => (value === undefined ? undefined : typeof value === 'number' ? value : (value as Series)[i]);
  return Array.from({ length }, (_, i) => {
    const decides = at(condition, i);
    if (decides === undefined) return undefined;
    return decides === 0 ? at(whenFalse, i) : at(whenTrue, i) ?? 0;
  });
}

/** Against the point before, however long ago that was. */
function changes(values: Series, times: readonly number[], perSecond: boolean): Series {
  let before: number | undefined;
  return values.map((value, i) => {
    if (value === undefined) return undefined;
    const last = before;
    before = i;
    return last === undefined ? undefined : (value - values[last]!) / (perSecond ? times[i]! - times[last]! : 1);
  });
}

/** Of one series it is a number, of a list a series. */
function aggregate(value: Value, of: (values: readonly number[]) => number): Value {
  if (typeof value === 'number') return value;
  if (!isList(value)) return of((value).filter((x) => x !== undefined));
  return value[0]!.map((_, i) => {
    const there = value.map((one) => one[i]).filter((x) => x !== undefined);
    return there.length === 0 ? undefined : of(there);
  });
}
