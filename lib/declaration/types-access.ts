/**
 * Which columns of a table a role may read and write, where `read`, `append` and `write` are too much.
 *
 * `tenant_id` needs no mention: it may be read where anything may be read, given where rows may be inserted, and never be changed.
 */
export interface ColumnAccess<Column extends string = string> {
  /** SELECT of these columns, or `true` for all. @default - nothing can be read */
  readonly select?: readonly Column[] | true;
  /** INSERT with values for these columns, or `true` for all. Columns that every row needs and that have no default must be among them. @default - no row can be inserted */
  readonly insert?: readonly Column[] | true;
  /** UPDATE of these columns, or `true` for all. @default - nothing can be changed */
  readonly update?: readonly Column[] | true;
  /** DELETE of whole rows. @default - no row can be deleted */
  readonly delete?: true;
}

export type PolicyCommand = 'all' | 'select' | 'insert' | 'update' | 'delete';

/** A rule about the shape of a policy that can be waived. */
export type PolicyRule = 'policy/volatile' | 'policy/cast-on-column' | 'policy/or' | 'policy/in-select' | 'policy/correlated';

/**
 * A rule of the business about the rows of a tenant: which of them a role sees and writes. It is one of several that add up: a row is let
 * through when one of them does. All of them lie on top of the floor, so that no policy ever lets through a row of another tenant.
 *
 * For a command that a role has a policy for, its policies decide. For the others it reaches every row of its tenant, as without policies.
 */
export interface PolicyInput<Role extends string = string> {
  /** @default 'all' */
  readonly for?: PolicyCommand;
  /** Declared roles of scope `tenant`. */
  readonly to: readonly Role[];
  /**
   * SQL condition on rows that are there: which ones are seen, changed or deleted. Needed but for `insert`.
   *
   * It may name columns of the row, settings (`(select nullif(current_setting('app.user_id', true), '')::uuid)`) and, in a sub-select, other
   * declared tables without their schema: they are those of the same tenant.
   *
   * @default - none, which only `insert` may
   */
  readonly using?: string;
  /** SQL condition on rows as they are written. Only with `all`, `insert` and `update`. @default - that of `using` */
  readonly check?: string;
  /**
   * Settings that the conditions ask for, by name, each with a value that the examples of the columns go with: `{ 'app.user_id': '…' }`. With them the verification makes rows
   * that the policies let through, and so can show that it is the floor which keeps other tenants' rows back.
   *
   * @default - the conditions ask for none
   */
  readonly settings?: { readonly [setting: string]: string };
  /** Rules about the shape that this policy may break, with the reason. @default - none */
  readonly lint?: { readonly allow: readonly PolicyRule[]; readonly reason: string };
}
