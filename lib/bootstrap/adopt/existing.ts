/** What is there, as the catalog says it. A table is known by `schema.name`. */
export interface ExistingColumn {
  readonly table: string;
  readonly name: string;
  /** As `format_type` prints it. */
  readonly type: string;
  /** `pg_type.typtype`; of the elements, for an array. */
  readonly typeKind: 'b' | 'c' | 'd' | 'e' | 'm' | 'p' | 'r';
  /** `schema.name` of a type that is not PostgreSQL's own; of the elements, for an array. */
  readonly ownType: string | null;
  readonly isArray: boolean;
  readonly notNull: boolean;
  readonly expression: string | null;
  /** Functions, types and sequences that are not PostgreSQL's own, and that default or generation needs. */
  readonly needs: readonly string[];
  readonly generated: '' | 's' | 'v';
  readonly identity: '' | 'a' | 'd';
  /** The sequence that the column owns. */
  readonly sequence: string | null;
  readonly collation: string | null;
  readonly comment: string | null;
}

export interface ExistingRelation {
  readonly key: string;
  readonly schema: string;
  readonly name: string;
  readonly kind: 'r' | 'p' | 'v' | 'm' | 'f' | 'S';
  readonly owner: string;
  readonly persistence: 'p' | 'u' | 't';
  readonly rowSecurity: boolean;
  readonly forced: boolean;
  readonly options: readonly string[];
  /** The table that it is a partition or a child of. */
  readonly parent: string | null;
  /** `range created_at`; null where it is not partitioned. */
  readonly partitionKey: string | null;
  /** What its partitions are for, as the server prints it in UTC. */
  readonly bounds: readonly string[];
  /** As of the last VACUUM or ANALYZE; null when there was none. */
  readonly estimatedRows: number | null;
  readonly bytes: number;
  readonly comment: string | null;
}

export interface ExistingConstraint {
  readonly table: string;
  readonly name: string;
  readonly type: 'p' | 'u' | 'f' | 'c' | 'x' | 't';
  readonly columns: readonly string[];
  readonly target: string | null;
  readonly targetColumns: readonly string[];
  readonly onUpdate: string;
  readonly onDelete: string;
  readonly match: string;
  readonly deferrable: boolean;
  readonly validated: boolean;
  readonly expression: string | null;
  readonly needs: readonly string[];
}

export interface ExistingIndex {
  readonly table: string;
  readonly name: string;
  readonly method: string;
  readonly unique: boolean;
  readonly valid: boolean;
  /** null stands for an expression. */
  readonly columns: readonly (string | null)[];
  readonly where: string | null;
  /** Included columns, another order, operator class or collation than the default, NULLS NOT DISTINCT. */
  readonly special: boolean;
  readonly needs: readonly string[];
}

export interface ExistingType {
  readonly key: string;
  readonly name: string;
  readonly kind: 'd' | 'e' | 'c' | 'r' | 'b' | 'm';
  readonly labels: readonly string[];
  readonly baseType: string | null;
  readonly baseIsOwn: boolean;
  readonly notNull: boolean;
  readonly default: string | null;
  readonly checks: readonly string[];
  readonly needs: readonly string[];
  readonly extension: string | null;
}

export interface ExistingSequence {
  readonly key: string;
  readonly type: string;
  readonly start: string;
  readonly increment: string;
  readonly ownedBy: string | null;
}

export interface ExistingFunction {
  readonly name: string;
  readonly definer: boolean;
  readonly leakproof: boolean;
  readonly publicMayExecute: boolean;
  readonly kind: string;
  readonly language: string;
}

/** A trigger, a rule or a policy. */
export interface ExistingAttached {
  readonly table: string;
  readonly name: string;
  readonly what: 'trigger' | 'rule' | 'policy';
}

export interface ExistingGrant {
  readonly object: string;
  readonly what: string;
  /** `PUBLIC`, or a role that is not the owner. */
  readonly grantee: string;
  readonly privileges: readonly string[];
}

/** A role that row-level security does not hold for, or that owns something here, with the logins that may become it. */
export interface ExistingRole {
  readonly name: string;
  readonly superuser: boolean;
  readonly bypassRls: boolean;
  readonly replication: boolean;
  readonly canLogin: boolean;
}

/** Anything else that is in the database and concerns the rows: `what` and a name. */
export interface ExistingOther {
  readonly what: 'extension' | 'default privilege' | 'publication' | 'subscription' | 'event trigger' | 'foreign server' | 'large object' | 'setting';
  readonly name: string;
  readonly detail: string;
}

export interface ExistingDatabase {
  readonly database: string;
  readonly owner: string;
  readonly login: string;
  readonly serverVersion: string;
  readonly databases: readonly string[];
  readonly roleNames: readonly string[];
  readonly schemas: readonly { readonly name: string; readonly owner: string; readonly publicMayCreate: boolean }[];
  readonly relations: readonly ExistingRelation[];
  readonly columns: readonly ExistingColumn[];
  readonly constraints: readonly ExistingConstraint[];
  readonly indexes: readonly ExistingIndex[];
  readonly types: readonly ExistingType[];
  readonly sequences: readonly ExistingSequence[];
  readonly functions: readonly ExistingFunction[];
  readonly attached: readonly ExistingAttached[];
  readonly grants: readonly ExistingGrant[];
  readonly roles: readonly ExistingRole[];
  readonly others: readonly ExistingOther[];
}

/** The tables whose rows would be taken over: partitions and children come with their parents. */
export const tablesOf = ({ relations }: ExistingDatabase): ExistingRelation[] => relations.filter(({ kind, parent }) => (kind === 'r' || kind === 'p') && parent === null);
