import { literal } from '../bootstrap/sql/quote';

/**
 * A session is used by one tenant after another, and SQL that got into one tenant's transaction can leave things behind that outlive it: a role, settings, locks,
 * cursors, prepared statements. Each would meet the next tenant. This takes all of it back, like DISCARD ALL, which cannot be part of a longer message.
 *
 * It is a transaction of its own: one that begins in the session as it was left takes over whether it may write, and would take back what it reset when it fails.
 *
 * @param application - told again, because behind a pooler the session did not begin with it
 */
export const freshSession = (application: string): string =>
  `begin isolation level read committed;set role none;reset all;set application_name to ${literal(application)};close all;deallocate all;unlisten *;discard sequences;select pg_catalog.pg_advisory_unlock_all();commit`;
