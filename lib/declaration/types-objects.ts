import type { ColumnType } from './types';

/** An extension of PostgreSQL, in every database of the declaration. */
export interface ExtensionInput {
  /** The version that is installed and kept. @default - the server's default version when it is installed; a newer one is a finding */
  readonly version?: string;
  /** Where the server cannot have it, that is a finding instead of a refusal. @default false */
  readonly optional?: boolean;
  /**
   * The schema that its objects lie in; it is made for extensions alone, and everybody who may connect may use it.
   *
   * @default 'extensions' - or the schema that the extension is tied to
   */
  readonly schema?: string;
}

/** A type with a condition of its own, in the home schema of every database. Columns name it as their `type`. */
export interface DomainInput {
  /** The type that the values have. It never changes. */
  readonly type: ColumnType;
  /** SQL condition that every value must meet; `value` stands for the value. @default - no condition */
  readonly check?: string;
  /** Whether the domain lets null through; a column of it is NOT NULL unless it is `nullable` itself. @default true */
  readonly nullable?: boolean;
  /** SQL expression for columns that have no default of their own. @default - no default */
  readonly default?: string;
  /** Stored as the domain's comment. @default - no comment */
  readonly comment?: string;
}

export type PublishedOperation = 'insert' | 'update' | 'delete';

/** What subscribers of logical replication get, in every database: the declared tables of all places there, also of tenants that come later. */
export interface PublicationInput<Table extends string = string> {
  /** Rows of all tenants are sent: row-level security does not hold for logical replication. */
  readonly tables: readonly Table[];
  /** @default ['insert', 'update', 'delete'] */
  readonly operations?: readonly PublishedOperation[];
  /**
   * SQL condition by table; only rows that meet it are sent. It may use built-in immutable functions alone, and where updates or deletes
   * are sent, columns of the primary key alone.
   *
   * @default - all rows are sent
   */
  readonly rowFilter?: { readonly [T in Table]?: string };
}
