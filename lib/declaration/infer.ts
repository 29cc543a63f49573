import type { Declaration } from './schema';
import type { Access, ColumnInput, ForeignKeyInput, IndexInput, OnDelete, RoleInput, SchemaInput, TableInput, Tenancy } from './types';

type TableName<S extends SchemaInput> = keyof S['tables'] & string;
type ColumnName<S extends SchemaInput, T extends TableName<S>> = keyof S['tables'][T]['columns'] & string;
type RolesOf<S extends SchemaInput> = S['roles'] extends infer R extends NonNullable<SchemaInput['roles']> ? R : Record<never, RoleInput>;
type TablesOf<R> = R extends { readonly tables: infer T } ? T : never;
type QualifiedColumn<S extends SchemaInput> = { [T in TableName<S>]: `${T}.${ColumnName<S, T>}` }[TableName<S>];
type ForeignKeyTarget<S extends SchemaInput> = {
  [T in TableName<S>]: { readonly table: T; readonly columns: readonly ColumnName<S, T>[] };
}[TableName<S>];

/** Makes a property that is not known fail to compile, also where its type would fit an index signature. */
type Only<Given, Known extends PropertyKey> = { readonly [K in Exclude<keyof Given, Known>]: never };

/** What `defineSchema` accepts: like `SchemaInput`, but every name must be one that the same declaration declares. */
export type Checked<S extends SchemaInput> = {
  readonly name: string;
  readonly tables: {
    readonly [T in TableName<S>]: {
      readonly tenancy: Tenancy;
      readonly columns: {
        readonly [C in ColumnName<S, T>]: Omit<ColumnInput, 'references'> & { readonly references?: QualifiedColumn<S>; readonly onDelete?: OnDelete }
          & Only<S['tables'][T]['columns'][C], keyof ColumnInput>;
      };
      readonly primaryKey: readonly ColumnName<S, T>[];
      readonly unique?: readonly (readonly ColumnName<S, T>[])[];
      readonly foreignKeys?: readonly (Omit<ForeignKeyInput<ColumnName<S, T>>, 'references'> & { readonly references: ForeignKeyTarget<S> })[];
      readonly indexes?: readonly (readonly ColumnName<S, T>[] | IndexInput<ColumnName<S, T>>)[];
      readonly checks?: { readonly [name: string]: string };
      readonly rows?: readonly { readonly [C in ColumnName<S, T>]?: string | number | boolean | null }[];
      readonly comment?: string;
    } & Only<S['tables'][T], keyof TableInput>;
  };
  readonly roles?: {
    readonly [R in keyof RolesOf<S>]: {
      readonly scope?: 'tenant' | 'all';
      readonly login?: 'iam' | 'password' | 'none';
      readonly tables: { readonly [T in TableName<S>]?: Access } & Only<TablesOf<RolesOf<S>[R]>, TableName<S>>;
      readonly masked?: readonly QualifiedColumn<S>[];
      readonly connectionLimit?: number;
    } & Only<RolesOf<S>[R], keyof RoleInput>;
  };
  readonly externalGrants?: readonly string[];
};

declare const input: unique symbol;

/** A checked declaration that remembers, for the compiler alone, what it was written as. */
export type Schema<S extends SchemaInput = SchemaInput> = Declaration & { readonly [input]?: S };

type InputOf<D> = D extends { readonly [input]?: infer S extends SchemaInput } ? S : never;

type ScalarValue<T extends string> = T extends 'boolean' ? boolean
  : T extends 'smallint' | 'integer' | 'real' | 'double precision' ? number
  : T extends 'date' | 'timestamp' | 'timestamptz' ? Date
  : T extends 'json' | 'jsonb' ? unknown
  : T extends 'bytea' ? Uint8Array
  : string;

/** The JavaScript type that `pg` returns for a PostgreSQL type: 64-bit integers and `numeric` come as text, so that no digit is lost. */
export type ValueOf<T extends string> = T extends `${infer E}[]` ? ScalarValue<E>[] : ScalarValue<T>;

type ColumnValue<C> = C extends { readonly type: infer T extends string }
  ? C extends { readonly nullable: true } ? ValueOf<T> | null : ValueOf<T>
  : never;

type TableOf<D, T extends string> = InputOf<D>['tables'][T];

/** The row type of a declared table: `RowOf<typeof shop, 'orders'>`. A `tenant` table has `tenant_id` besides its declared columns. */
export type RowOf<D, T extends keyof InputOf<D>['tables'] & string> =
  (TableOf<D, T>['tenancy'] extends 'tenant' ? { tenant_id: string } : unknown) & {
    -readonly [C in keyof TableOf<D, T>['columns']]: ColumnValue<TableOf<D, T>['columns'][C]>;
  };

/** The declared role names: `RoleNameOf<typeof shop>`. */
export type RoleNameOf<D> = keyof InputOf<D>['roles'] & string;
