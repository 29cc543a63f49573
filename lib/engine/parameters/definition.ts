/** Which parameter group a parameter can stand in. */
export type ParameterGroupKind = 'cluster' | 'instance';

export type ParameterType = 'integer' | 'real' | 'boolean' | 'enum' | 'list' | 'text';

/** What is known of one parameter of a parameter group. */
export interface ParameterDefinition {
  readonly name: string;
  readonly type: ParameterType;
  /** Of a number: the lowest and the highest value. @default - any */
  readonly range?: readonly [number, number];
  /** Of a number, as the server names it: `kB`, `8kB`, `ms`, `s` … @default - none */
  readonly unit?: string;
  /** Of an enum or a list: what it, or each item, may be, spelled as AWS spells it. @default - any text */
  readonly values?: readonly string[];
  /** How AWS writes false and true. Another spelling would show as a change in every plan. @default - `0` and `1` */
  readonly booleans?: readonly [string, string];
  /** Whether it needs a restart of the database. */
  readonly static: boolean;
  /** `cluster`: only in the parameter group of a cluster. @default - in both kinds */
  readonly scope?: 'cluster';
  /** Whether AWS lets it be set. */
  readonly modifiable: boolean;
  /** Whether AWS states another type, range or spelling than the server has. */
  readonly statedByAws: boolean;
  /** Where the definition comes from. */
  readonly source: string;
}

/** A definition with the engines and major versions that it is for. */
export interface ParameterRow extends ParameterDefinition {
  /** @default - both */
  readonly only?: 'aurora' | 'rds';
  /** The first major version that has it so. @default - each that is known */
  readonly since?: number;
  /** The last one. @default - each that is known */
  readonly until?: number;
}

/** What differs from the usual: dynamic, in both kinds of groups, as the server has it, on every engine and version. */
export interface RowOptions {
  readonly unit?: string;
  readonly static?: true;
  /** Of Aurora: only in the parameter group of a cluster. */
  readonly cluster?: true;
  readonly aws?: true;
  readonly readOnly?: true;
  readonly only?: 'aurora' | 'rds';
  readonly since?: number;
  readonly until?: number;
  readonly booleans?: readonly [string, string];
}

/** The highest value of a 32-bit integer, which most settings end with. */
export const INT = 2_147_483_647;
/** The highest value of a real number: no limit. */
export const REAL = Number.MAX_VALUE;
/** How AWS writes the few booleans that it declares as texts. */
export const ON_OFF = ['off', 'on'] as const;

/** Makes the rows of one file, which share their source. */
export function rowsFrom(source: string): {
  integer(name: string, from: number, to: number, options?: RowOptions): ParameterRow;
  real(name: string, from: number, to: number, options?: RowOptions): ParameterRow;
  boolean(name: string, options?: RowOptions): ParameterRow;
  oneOf(name: string, values: readonly string[], options?: RowOptions): ParameterRow;
  list(name: string, values: readonly string[], options?: RowOptions): ParameterRow;
  text(name: string, options?: RowOptions): ParameterRow;
} {
  const row = (name: string, type: ParameterType, { unit, booleans, only, since, until, ...options }: RowOptions, more: Partial<ParameterRow> = {}): ParameterRow => ({
    name,
    type,
    ...(unit === undefined ? {} : { unit }),
    ...(booleans === undefined ? {} : { booleans }),
    ...(only === undefined ? {} : { only }),
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
    ...(options.cluster === undefined ? {} : { scope: 'cluster' }),
    static: options.static ?? false,
    modifiable: options.readOnly === undefined,
    statedByAws: options.aws ?? false,
    source,
    ...more,
  });
  return {
    integer: (name, from, to, options = {}) => row(name, 'integer', options, { range: [from, to] }),
    real: (name, from, to, options = {}) => row(name, 'real', options, { range: [from, to] }),
    boolean: (name, options = {}) => row(name, 'boolean', options),
    oneOf: (name, values, options = {}) => row(name, 'enum', options, { values }),
    list: (name, values, options = {}) => row(name, 'list', options, { values }),
    text: (name, options = {}) => row(name, 'text', options),
  };
}

/** The rows that an engine has in one major version. The parameter groups of RDS do not divide parameters by kind. */
export function catalogueOf(rows: readonly ParameterRow[], storage: 'aurora' | 'rds', major: number): ParameterDefinition[] {
  return rows
    .filter(({ only, since = 0, until = Infinity }) => (only ?? storage) === storage && since <= major && major <= until)
    .map(({ only: _only, since: _since, until: _until, scope, ...definition }) => (scope === undefined || storage === 'rds' ? definition : { ...definition, scope }));
}
