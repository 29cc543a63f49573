import type { ColumnType, Tenancy } from './types';

export interface FunctionArgumentInput {
  readonly name: string;
  readonly type: ColumnType;
  /** SQL expression for calls that leave the argument out; every argument behind it needs one too. @default - the argument must be given */
  readonly default?: string;
}

/** What a function gives back: a value, rows of one value, rows of several columns, nothing, or the row of a trigger. */
export type FunctionResultInput = ColumnType | 'void' | 'trigger' | { readonly setOf: ColumnType } | { readonly table: { readonly [column: string]: ColumnType } };

/** A function in the schema of each place. A name stands for one function: there are no overloads. */
export interface FunctionInput<Role extends string = string> {
  /**
   * The tables that it is about, and so where it lies: `tenant` in every place; `reference` in the home schema and the databases of tenants;
   * `shared` in the home schema alone.
   *
   * @default 'tenant'
   */
  readonly tenancy?: Tenancy;
  /** @default - none */
  readonly arguments?: readonly FunctionArgumentInput[];
  readonly returns: FunctionResultInput;
  /** @default - `plpgsql` for a trigger, else `sql` */
  readonly language?: 'sql' | 'plpgsql';
  /** @default 'volatile' */
  readonly volatility?: 'volatile' | 'stable' | 'immutable';
  /**
   * With whose rights it runs: those of whoever calls it, or those of the owner. The owner sees no row of any tenant; it may change and
   * switch off what guards them. A definer function therefore needs a `reason`.
   *
   * @default 'invoker'
   */
  readonly security?: 'invoker' | 'definer';
  /** Why it runs with the owner's rights. The verification repeats it. Only with `security: 'definer'`. @default - none is needed */
  readonly reason?: string;
  /**
   * Tables, views and functions of the declaration stand without a schema: its `search_path` is the place's schema, then the home schema,
   * which holds the reference tables.
   */
  readonly body: string;
  /** Roles that may call it. A trigger calls it for everybody. @default - none */
  readonly execute?: readonly Role[];
}

export type TriggerEvent = 'insert' | 'update' | 'delete' | 'truncate';

export interface TriggerInput<Column extends string = string, Function extends string = string> {
  readonly timing: 'before' | 'after';
  /** `{ update: columns }` fires when a statement names one of the columns. */
  readonly events: readonly TriggerEvent[] | { readonly update: readonly Column[] };
  /** Once a row or once a statement; for `truncate` only the latter. @default 'row' */
  readonly level?: 'row' | 'statement';
  /** SQL condition of `new` and `old`. @default - it always fires */
  readonly when?: string;
  /** A declared function that returns `trigger`. */
  readonly function: Function;
}

/** A view in the schema of each place. It always reads with the rights of whoever asks, so that policies hold as if the tables were asked. */
export interface ViewInput<Role extends string = string> {
  /** Where it lies; see `FunctionInput.tenancy`. @default 'tenant' */
  readonly tenancy?: Tenancy;
  /** A query, which names tables, views and functions of the declaration without a schema. */
  readonly query: string;
  /** Names of its columns. @default - those of the query */
  readonly columns?: readonly string[];
  /** Whether conditions of the reader are kept from rows that the view's own conditions leave out. @default false */
  readonly securityBarrier?: boolean;
  /** Roles that may read it. They need their rights on the tables behind it besides. @default - none */
  readonly read?: readonly Role[];
}

/** A sequence in the schema of each place. In the home schema all `row` tenants draw from one. */
export interface SequenceInput<Role extends string = string> {
  /** Where it lies; see `FunctionInput.tenancy`. @default 'tenant' */
  readonly tenancy?: Tenancy;
  /** @default 'bigint' */
  readonly type?: 'smallint' | 'integer' | 'bigint';
  /** Its first value. An apply never sets a sequence back. @default - 1, or -1 where it counts down */
  readonly start?: number;
  /** @default 1 */
  readonly increment?: number;
  /** Values that a session takes at once; those that it does not use are lost. @default 1 */
  readonly cache?: number;
  /** Whether it begins anew at its end, instead of raising an error. @default false */
  readonly cycle?: boolean;
  /** Roles that may draw a value (`nextval`). Nobody may read how far it is, or set it. @default - none */
  readonly use?: readonly Role[];
}
