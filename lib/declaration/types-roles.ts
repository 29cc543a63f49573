/**
 * What a role is for.
 *
 * - `application`: programs. With `read` alone it is a read-only role, with `scope: 'all'` besides an auditor
 * - `migrator`: whoever runs migrations. A login that takes on the owner (tables) or the maintainer (rows), and has no right of its own
 * - `backup`: reads every row of every table, for `pg_dump --enable-row-security`. It writes nothing
 * - `support`: people. It sees no tenant's row but in a transaction that has entered that tenant, while a grant of access is open
 */
export type RoleKind = 'application' | 'migrator' | 'backup' | 'support';

/** A length of time with PostgreSQL's own unit: `'500ms'`, `'30s'`, `'5min'`, `'8h'`, `'2d'`. */
export type TimeText = `${number}${'ms' | 's' | 'min' | 'h' | 'd'}`;

/** A size with PostgreSQL's own unit: `'64kB'`, `'16MB'`, `'2GB'`. */
export type SizeText = `${number}${'kB' | 'MB' | 'GB' | 'TB'}`;

/** Settings that every session of a role's logins starts with (`ALTER ROLE … SET`). A session may change all but those that only a superuser may. */
export interface RoleSettings {
  /** A statement that takes longer is cancelled; `'0s'` for no limit. @default - the server's */
  readonly statementTimeout?: TimeText;
  /** A statement that waits longer for a lock is cancelled. @default - the server's */
  readonly lockTimeout?: TimeText;
  /** A session that is idle for longer within a transaction is ended. @default - the server's */
  readonly idleInTransactionSessionTimeout?: TimeText;
  /** A session that is idle for longer outside of a transaction is ended. @default - the server's */
  readonly idleSessionTimeout?: TimeText;
  /** A session whose transaction takes longer is ended. From PostgreSQL 17 on; refused before. @default - the server's */
  readonly transactionTimeout?: TimeText;
  /** Memory of one sort or hash table. @default - the server's */
  readonly workMem?: SizeText;
  /** Temporary files of one session. Only a superuser, or who has SET on the parameter, may give it to a role. @default - the server's */
  readonly tempFileLimit?: SizeText;
  /** @default - the server's */
  readonly defaultTransactionIsolation?: 'read committed' | 'repeatable read' | 'serializable';
  /** Statements that take longer are logged with their text. Only a superuser, or who has SET on the parameter, may give it to a role. @default - the server's */
  readonly logMinDurationStatement?: TimeText;
}

/** Access of one person for a time, declared in code. One made at run time needs no deployment: `tenantry access grant`. */
export interface SupportAccessInput<Role extends string = string> {
  /** A login of the platform that exists already, of a person. The library neither makes it nor removes it. */
  readonly member: string;
  /** A role of kind `support`. */
  readonly role: Role;
  /** When it ends, with its offset: `2026-05-31T18:00:00Z`. Behind that the entry does nothing, and can be removed. */
  readonly until: string;
  /** Why, for instance the number of a ticket. Kept with the grant. */
  readonly reason: string;
}
