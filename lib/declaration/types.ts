import type { ColumnAccess, PolicyInput } from './types-access';
import type { FunctionInput, SequenceInput, TriggerInput, ViewInput } from './types-definitions';
import type { DomainInput, ExtensionInput, PublicationInput } from './types-objects';
import type { PartitionInput } from './types-partitions';
import type { RoleKind, RoleSettings, SupportAccessInput, TimeText } from './types-roles';
import type { TenantContext } from './tenant-context';
import type { ExclusiveKind } from './exclusive';
import type { TierInput } from './types-tiers';

/**
 * How a tenant's rows are kept apart from the others'.
 *
 * - `row`: shared tables under forced row-level security
 * - `schema`: a schema of its own in the home database
 * - `database`: a database of its own on the same server
 */
export type Isolation = 'row' | 'schema' | 'database';

/** The same with `cluster`: a server of its own, on which the tenant has a database of its own. Only declared tenants have one. */
export type TenantIsolation = Isolation | 'cluster';

/**
 * Whose rows a table holds.
 *
 * - `tenant`: rows of tenants; `tenant_id` is put in front of every key, foreign key and index
 * - `reference`: the same rows for all tenants, read-only to applications, one copy per database
 * - `shared`: rows of the platform itself, in the home database only
 */
export type Tenancy = 'tenant' | 'reference' | 'shared';

/** How sensitive a column is. `personal` and `sensitive` columns are meant to be listed in `masked` of roles that need not read them. */
export type DataClass = 'public' | 'internal' | 'personal' | 'sensitive';

/** What a role may do with a table: `read` SELECT; `append` SELECT, INSERT; `write` SELECT, INSERT, UPDATE, DELETE. */
export type Access = 'read' | 'append' | 'write';

/** What happens to a row when the row that it references is deleted. `setNull` clears the declared columns only, never `tenant_id`. */
export type OnDelete = 'noAction' | 'restrict' | 'cascade' | 'setNull';

export type ScalarType =
  | 'uuid' | 'text' | 'boolean' | 'smallint' | 'integer' | 'bigint' | 'real' | 'double precision' | 'numeric'
  | `numeric(${number})` | `numeric(${number},${number})` | `varchar(${number})` | `char(${number})`
  | 'date' | 'time' | 'timestamp' | 'timestamptz' | 'interval' | 'json' | 'jsonb' | 'bytea' | 'inet' | 'cidr';

/** A PostgreSQL type by its usual name; `[]` makes it an array. */
export type ColumnType = ScalarType | `${ScalarType}[]`;

export interface ColumnInput {
  /** A built-in type, or the name of a declared domain. */
  readonly type: ColumnType | (string & {});
  /** @default false - the column is NOT NULL */
  readonly nullable?: boolean;
  /** SQL expression, evaluated when a row is inserted without a value. @default - no default */
  readonly default?: string;
  /**
   * SQL expression, of other columns of the row, that rows which are there get as their value when the column is added, or becomes NOT NULL. They are filled in
   * batches, each in a transaction of its own. Only for a column that is NOT NULL.
   *
   * @default - the column's default, where that is another one for each row; else a column without a default cannot be added to a table that has rows
   */
  readonly backfill?: string;
  /** SQL expression of other columns of the row; the server stores and keeps the value. @default - an ordinary column */
  readonly generated?: string;
  /** SQL condition that every row must meet. @default - no condition */
  readonly check?: string;
  /** No two rows of one tenant hold the same value. @default false */
  readonly unique?: boolean;
  /** `table.column` that must hold the value. Between `tenant` tables the key includes the tenant. @default - no reference */
  readonly references?: string;
  /** Only with `references`. @default 'noAction' */
  readonly onDelete?: OnDelete;
  /** Stored as the column's comment. @default - no comment */
  readonly comment?: string;
  /** @default 'internal' */
  readonly data?: DataClass;
  /**
   * SQL expression of a valid value, used for the probe rows that verification inserts and rolls back.
   *
   * @default - a value is made from the type; give one where a check refuses that
   */
  readonly example?: string;
}

export interface IndexInput<Column extends string = string> {
  readonly columns: readonly Column[];
  /** @default false */
  readonly unique?: boolean;
  /** SQL condition of a partial index. @default - all rows are indexed */
  readonly where?: string;
}

export interface ForeignKeyInput<Column extends string = string> {
  readonly columns: readonly Column[];
  readonly references: { readonly table: string; readonly columns: readonly string[] };
  /** @default 'noAction' */
  readonly onDelete?: OnDelete;
}

export interface TableInput {
  readonly tenancy: Tenancy;
  readonly columns: { readonly [column: string]: ColumnInput };
  /** Without `tenant_id`, which is put in front. */
  readonly primaryKey: readonly string[];
  /** Sets of columns that identify a row within its tenant. @default - none but the primary key */
  readonly unique?: readonly (readonly string[])[];
  /** References of several columns; for a single one use `references` of the column. @default - none */
  readonly foreignKeys?: readonly ForeignKeyInput[];
  /** @default - none but those of keys and foreign keys */
  readonly indexes?: readonly (readonly string[] | IndexInput)[];
  /** Conditions over several columns, by name. @default - none */
  readonly checks?: { readonly [name: string]: string };
  /** The rows of a `reference` table: they are inserted or updated by primary key, and never deleted. @default - none are loaded */
  readonly rows?: readonly { readonly [column: string]: string | number | boolean | null }[];
  /** What happens when rows change, by name. @default - none; those that are there are findings */
  readonly triggers?: { readonly [name: string]: TriggerInput };
  /** Rules of the business about which rows of their tenant roles see and write, by name. @default - roles reach every row of their tenant */
  readonly policies?: { readonly [policy: string]: PolicyInput };
  /** Keeps the rows in partitions, by time or by tenant. It cannot be added to a table that is there, nor taken away: that needs a migration. @default - one table holds all rows */
  readonly partitionBy?: PartitionInput;
  /** Stored as the table's comment. @default - no comment */
  readonly comment?: string;
}

export interface RoleInput {
  /** @default 'application' */
  readonly kind?: RoleKind;
  /** `all` sees the rows of every tenant; `tenant` those of the current one. Of kinds other than `application` it is `all`. @default 'tenant' */
  readonly scope?: 'tenant' | 'all';
  /**
   * How programs log in as this role. `iam`: AWS IAM tokens; `password`: a password that the bootstrap makes and keeps in Secrets Manager or a file; `none`: nobody logs in.
   *
   * @default 'none'
   */
  readonly login?: 'iam' | 'password' | 'none';
  /** @default - none: only a migrator and a backup role may leave it out */
  readonly tables?: { readonly [table: string]: Access | ColumnAccess };
  /** `table.column`s that this role may not read or write. @default - none */
  readonly masked?: readonly string[];
  /** Most connections at a time of each login. @default - no limit but the server's */
  readonly connectionLimit?: number;
  /** What every session of its logins starts with. @default - the server's settings */
  readonly settings?: RoleSettings;
  /** Of kind `support`: the longest time that access is granted for. @default '8h' */
  readonly maxDuration?: TimeText;
}

export interface SchemaInput {
  /** `^[a-z][a-z0-9_]*$`; also the name of the schema and of the home database. Unique per server. */
  readonly name: string;
  readonly tables: { readonly [table: string]: TableInput };
  /** @default - none: nobody but the owner and the maintainer has access */
  readonly roles?: { readonly [role: string]: RoleInput };
  /** Roles outside this declaration whose privileges are left alone, for instance of a monitoring agent. @default - none */
  readonly externalGrants?: readonly string[];
  /** What tenants may use, by tier. @default - a tier is a name, and limits nothing */
  readonly tiers?: { readonly [tier: string]: TierInput };
  /** How the database knows which tenant a transaction acts for. @default 'plain' */
  readonly tenantContext?: TenantContext;
  /** Access of people to tenants' rows, for a time. @default - none but what is granted at run time */
  readonly supportAccess?: readonly SupportAccessInput[];
  /** Extensions of every database, by their names. @default - none; those that are there are left alone */
  readonly extensions?: { readonly [extension: string]: ExtensionInput };
  /** Types with conditions of their own, which columns may name. @default - none */
  readonly domains?: { readonly [domain: string]: DomainInput };
  /** What logical replication sends. @default - nothing */
  readonly publications?: { readonly [publication: string]: PublicationInput };
  /** Functions in the schema of each place. @default - none; those that are there are findings */
  readonly functions?: { readonly [name: string]: FunctionInput };
  /** Views in the schema of each place. @default - none; those that are there are findings */
  readonly views?: { readonly [name: string]: ViewInput };
  /** Sequences in the schema of each place. @default - none; those that are there are findings */
  readonly sequences?: { readonly [name: string]: SequenceInput };
  /**
   * Kinds of objects of which nobody but the declaration may have any in our schemas: an apply drops those that are not declared. Tables, columns, materialized views and
   * types are never dropped, nor what something else uses that stays.
   *
   * @default - none: they are findings
   */
  readonly exclusive?: readonly ExclusiveKind[];
}

export interface TenantInput {
  readonly isolation: TenantIsolation;
  /** Free text for people. @default - the tenant's key */
  readonly displayName?: string;
  /** Name of the tier; a declared one, where the declaration has `tiers`. @default 'standard' */
  readonly tier?: string;
}
