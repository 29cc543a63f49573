import { literal } from '../bootstrap/sql/quote';

/**
 * A session is used by one tenant after another, and SQL that got into one tenant's transaction can leave things behind that outlive it: a role, settings, locks,
 * cursors, prepared statements. Each would meet the next tenant. This takes all of it back, like DISCARD ALL, which cannot be part of a longer message.
 *
 * It is a transaction of its own: one that begins in the session as it was left takes over whether it may write, and would take back what it reset when it fails.
 *
 * @param application - told again, because behind a pooler the session did not begin with it
 * @param locks - whether advisory locks go too. That needs a query, which costs as much as all the rest; `tenantry.enter` does it in passing
 */
export const freshSession = (application: string, locks = true): string =>
  `begin isolation level read committed;set role none;reset all;set application_name to ${literal(application)};close all;deallocate all;unlisten *;discard sequences;${locks ? 'select pg_catalog.pg_advisory_unlock_all();' : ''}commit`;

/**
 * Ends a transaction of a tenant. A role that SQL of it gave the session goes before the commit: either both happen, or a rollback takes it back by itself. So
 * where the first message of the next transaction is cut off, for instance by pg_cancel_backend, statements that were sent behind it find the bare login, which has
 * no privilege on any table, whatever context was left. Other settings stay until the next transaction begins: the commit may depend on them. What was put off to
 * the commit is checked while the role is there.
 */
export const COMMIT = 'set constraints all immediate;set role none;commit';

/** The same for one that is not committed: what SQL of it did outside of a transaction is not taken back by that. */
export const ROLLBACK = 'rollback;set role none';
