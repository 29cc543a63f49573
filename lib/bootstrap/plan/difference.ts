/** The strongest lock that a statement takes on a table, by PostgreSQL's names; `none` takes no table lock. */
export type Lock = 'none' | 'ShareUpdateExclusive' | 'Share' | 'ShareRowExclusive' | 'AccessExclusive';

/** What holds the lock's duration up: `none` is a matter of milliseconds, `scan` reads the whole table. */
export type Hazard = 'none' | 'scan';

/** As whom a statement runs: the login itself, the owner of the objects, or the maintainer, who alone sees the rows. */
export type Actor = 'login' | 'owner' | 'maintainer';

/**
 * When a step runs: `transaction` together with the others of its place, then `outside` of any transaction (CREATE DATABASE, CREATE INDEX
 * CONCURRENTLY), then `after` in a transaction of its own, and `final` when every database is ready.
 */
export type Stage = 'transaction' | 'outside' | 'after' | 'final';

/** Where a difference comes from: `drift` was changed by hand since the last apply, `pending` is declared since then, or was not done by it. */
export type Origin = 'drift' | 'pending';

/** One step that brings the live catalog nearer to the declared one. */
export interface Change {
  readonly type: 'change';
  readonly kind: string;
  readonly action: 'create' | 'alter' | 'drop' | 'grant' | 'revoke' | 'validate' | 'load';
  /** What it does, without the place: equal changes in many places are shown as one. */
  readonly summary: string;
  readonly reason: string;
  /** `server`, or the name of a database. */
  readonly target: string;
  /** The schema, where there is one. */
  readonly place?: string;
  /** Whose tenant's it is, where the place does not say so. @default - the place does, or it is nobody's */
  readonly tenant?: string;
  /** The statements, in order. */
  readonly sql: readonly string[];
  readonly actor: Actor;
  readonly lock: Lock;
  readonly hazard: Hazard;
  readonly stage: Stage;
  /** @default - it was not asked for, or nothing is known of what was applied last */
  readonly origin?: Origin;
  /** A password that is made and kept before the step runs, for a login and the database that it is for. The statements find its verifier in a setting of their session. */
  readonly password?: { readonly login: string; readonly database: string };
  /** A key that contexts are signed with, made and kept in the same way, under a name that stands for a login. */
  readonly contextKey?: { readonly login: string; readonly database: string };
}

/** Something that differs and that is not changed, because data or somebody else's objects could be lost. */
export interface Refusal {
  readonly type: 'refusal';
  readonly code: string;
  readonly kind: string;
  readonly summary: string;
  readonly target: string;
  readonly place?: string;
  /** What to do instead. */
  readonly fix: string;
  /** Nothing at all is applied while this stands: the rest rests on what is refused here. */
  readonly blocking?: boolean;
  /** Whose tenant's it is, where it is about all of that tenant's place. @default - it is not */
  readonly tenant?: string;
  /** Nothing of its place, or its database, is changed while this stands; other places are. @default - only what is refused is left as it is */
  readonly holds?: 'place' | 'database';
  /** What is gone and held rows, by the name with which it is made anew. @default - nothing is gone */
  readonly lost?: string;
  /** @default - it was not asked for, or nothing is known of what was applied last */
  readonly origin?: Origin;
}

/** Something worth knowing that the declaration says nothing about. It is never touched. */
export interface Finding {
  readonly type: 'finding';
  readonly code: string;
  readonly kind: string;
  readonly summary: string;
  readonly target: string;
  readonly place?: string;
}

export type Difference = Change | Refusal | Finding;
