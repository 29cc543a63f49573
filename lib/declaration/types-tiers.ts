import type { SizeText, TimeText } from './types-roles';

/**
 * What the tenants of one tier may use. What is left out is not limited by the tier. Times and memory hold in each transaction of `tenants.with`, and are what sessions of
 * a tenant's own logins start with; SQL of a tenant's own can change them, but not `connectionLimit`, and `tempFileLimit` only by RESET ALL where logins are shared.
 */
export interface TierInput {
  /** Most connections at a time of each login of a tenant with a database of its own. The other tenants share their logins: use `poolSize` for them. @default - that of the role */
  readonly connectionLimit?: number;
  /** Most connections that each program holds for one tenant at a time; further transactions of the tenant wait in line. @default - as many as the pool has */
  readonly poolSize?: number;
  /** A statement that takes longer is cancelled; `'0s'` for no limit. @default - the role's, else the server's */
  readonly statementTimeout?: TimeText;
  /** A statement that waits longer for a lock is cancelled. @default - the role's, else the server's */
  readonly lockTimeout?: TimeText;
  /** A session that is idle for longer within a transaction is ended. @default - the role's, else the server's */
  readonly idleInTransactionSessionTimeout?: TimeText;
  /** A session whose transaction takes longer is ended. From PostgreSQL 17 on; refused before. @default - the role's, else the server's */
  readonly transactionTimeout?: TimeText;
  /** Memory of one sort or hash table. @default - the role's, else the server's */
  readonly workMem?: SizeText;
  /** Temporary files of one session. The owner needs the right to set the parameter, which a superuser grants; refused without. @default - the role's, else the server's */
  readonly tempFileLimit?: SizeText;
  /** Bytes of a tenant's tables and indexes. Nothing is stopped: `tenantry tenant usage` measures it, and exits with 2 where it is exceeded. @default - no quota */
  readonly storageQuota?: SizeText;
}
