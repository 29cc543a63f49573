import type { Declaration } from './schema';
import type { TenantContext } from './tenant-context';
import type { Access, ColumnInput, ColumnType, ForeignKeyInput, IndexInput, OnDelete, RoleInput, SchemaInput, TableInput, Tenancy } from './types';
import type { ColumnAccess, PolicyInput } from './types-access';
import type { CheckedDefinitions, CheckedTriggers } from './infer-definitions';
import type { DomainInput, ExtensionInput, PublicationInput } from './types-objects';
import type { PartitionInput } from './types-partitions';
import type { RoleKind, RoleSettings, SupportAccessInput, TimeText } from './types-roles';
import type { ExclusiveKind } from './exclusive';
import type { TierInput } from './types-tiers';

type TableName<S extends SchemaInput> = keyof S['tables'] & string;
type ColumnName<S extends SchemaInput, T extends TableName<S>> = keyof S['tables'][T]['columns'] & string;
type RolesOf<S extends SchemaInput> = S['roles'] extends infer R extends NonNullable<SchemaInput['roles']> ? R : Record<never, RoleInput>;
type DomainsOf<S extends SchemaInput> = S['domains'] extends infer D extends NonNullable<SchemaInput['domains']> ? D : Record<never, DomainInput>;
type TiersOf<S extends SchemaInput> = S['tiers'] extends infer T extends NonNullable<SchemaInput['tiers']> ? T : Record<never, TierInput>;
type ExtensionsOf<S extends SchemaInput> = S['extensions'] extends infer E extends NonNullable<SchemaInput['extensions']> ? E : Record<never, ExtensionInput>;
type PublicationsOf<S extends SchemaInput> = S['publications'] extends infer P extends NonNullable<SchemaInput['publications']> ? P : Record<never, PublicationInput>;
/** What a migrator and a backup role may use does not depend on tables. */
type NeedsTables<R> = R extends { readonly kind: 'migrator' | 'backup' } ? unknown : { readonly tables: unknown };
type TablesOf<R> = R extends { readonly tables: infer T } ? T : never;
type QualifiedColumn<S extends SchemaInput> = { [T in TableName<S>]: `${T}.${ColumnName<S, T>}` }[TableName<S>];
type ForeignKeyTarget<S extends SchemaInput> = {
  [T in TableName<S>]: { readonly table: T; readonly columns: readonly ColumnName<S, T>[] };
}[TableName<S>];

/** Makes a property that is not known fail to compile, also where its type would fit an index signature. */
type Only<Given, Known extends PropertyKey> = { readonly [K in Exclude<keyof Given, Known>]: never };

/** What `defineSchema` accepts: like `SchemaInput`, but every name must be one that the same declaration declares. */
export type Checked<S extends SchemaInput> = CheckedDefinitions<S> & {
  readonly name: string;
  readonly tables: {
    readonly [T in TableName<S>]: {
      readonly tenancy: Tenancy;
      readonly columns: {
        readonly [C in ColumnName<S, T>]: Omit<ColumnInput, 'references' | 'type'> & { readonly type: ColumnType | (keyof DomainsOf<S> & string); readonly references?: QualifiedColumn<S>; readonly onDelete?: OnDelete }
          & Only<S['tables'][T]['columns'][C], keyof ColumnInput>;
      };
      readonly primaryKey: readonly ColumnName<S, T>[];
      readonly unique?: readonly (readonly ColumnName<S, T>[])[];
      readonly foreignKeys?: readonly (Omit<ForeignKeyInput<ColumnName<S, T>>, 'references'> & { readonly references: ForeignKeyTarget<S> })[];
      readonly indexes?: readonly (readonly ColumnName<S, T>[] | IndexInput<ColumnName<S, T>>)[];
      readonly checks?: { readonly [name: string]: string };
      readonly rows?: readonly { readonly [C in ColumnName<S, T>]?: string | number | boolean | null }[];
      readonly policies?: { readonly [policy: string]: PolicyInput<keyof RolesOf<S> & string> };
      readonly partitionBy?: PartitionInput<ColumnName<S, T>>;
      readonly comment?: string;
      readonly triggers?: CheckedTriggers<S, T>;
    } & Only<S['tables'][T], keyof TableInput>;
  };
  readonly roles?: {
    readonly [R in keyof RolesOf<S>]: {
      readonly kind?: RoleKind;
      readonly scope?: 'tenant' | 'all';
      readonly login?: 'iam' | 'password' | 'none';
      readonly tables?: { readonly [T in TableName<S>]?: Access | ColumnAccess<ColumnName<S, T>> } & Only<TablesOf<RolesOf<S>[R]>, TableName<S>>;
      readonly masked?: readonly QualifiedColumn<S>[];
      readonly connectionLimit?: number;
      readonly settings?: RoleSettings & Only<RolesOf<S>[R] extends { readonly settings: infer T } ? T : never, keyof RoleSettings>;
      readonly maxDuration?: TimeText;
    } & NeedsTables<RolesOf<S>[R]> & Only<RolesOf<S>[R], keyof RoleInput>;
  };
  readonly externalGrants?: readonly string[];
  readonly exclusive?: readonly ExclusiveKind[];
  readonly tenantContext?: TenantContext;
  readonly supportAccess?: readonly SupportAccessInput<keyof RolesOf<S> & string>[];
  readonly tiers?: { readonly [T in keyof TiersOf<S>]: TierInput & Only<TiersOf<S>[T], keyof TierInput> };
  readonly extensions?: { readonly [E in keyof ExtensionsOf<S>]: ExtensionInput & Only<ExtensionsOf<S>[E], keyof ExtensionInput> };
  readonly domains?: { readonly [D in keyof DomainsOf<S>]: DomainInput & Only<DomainsOf<S>[D], keyof DomainInput> };
  readonly publications?: { readonly [P in keyof PublicationsOf<S>]: PublicationInput<TableName<S>> & Only<PublicationsOf<S>[P], keyof PublicationInput> };
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

/** Of a column whose type is a domain: that of the domain's own type. */
type BaseType<T extends string, Domains> = T extends keyof Domains ? Domains[T] extends { readonly type: infer B extends string } ? B : T : T;

type ColumnValue<C, Domains> = C extends { readonly type: infer T extends string }
  ? C extends { readonly nullable: true } ? ValueOf<BaseType<T, Domains>> | null : ValueOf<BaseType<T, Domains>>
  : never;

type TableOf<D, T extends string> = InputOf<D>['tables'][T];

/** The row type of a declared table: `RowOf<typeof shop, 'orders'>`. A `tenant` table has `tenant_id` besides its declared columns. */
export type RowOf<D, T extends keyof InputOf<D>['tables'] & string> =
  (TableOf<D, T>['tenancy'] extends 'tenant' ? { tenant_id: string } : unknown) & {
    -readonly [C in keyof TableOf<D, T>['columns']]: ColumnValue<TableOf<D, T>['columns'][C], DomainsOf<InputOf<D>>>;
  };

/** The declared role names: `RoleNameOf<typeof shop>`. */
export type RoleNameOf<D> = keyof InputOf<D>['roles'] & string;
