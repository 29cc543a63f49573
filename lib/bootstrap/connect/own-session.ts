import type { Client } from 'pg';
import { LOCK_TIMEOUT } from '../plan/terms';

/**
 * What the server prints does not depend on settings of the login or the database, nor whether the session may write and as whom; DDL waits for a lock only briefly, and a broken client
 * leaves nothing open. A session that waits for the others to be done keeps its locks, and who makes a role becomes no member of it.
 */
export async function prepareSession(client: Client): Promise<void> {
  try {
    await client.query(SESSION);
  } catch (error) {
    if ((error as { code?: string }).code !== CANCELLED) throw error;
    await takeTimeoutAway(client);
    await client.query(SESSION);
  }
}

/** SQLSTATE of a statement that ran out of time. */
const CANCELLED = '57014';

/** A login may have been given so short a time-out that not even this always ends in time. */
async function takeTimeoutAway(client: Client): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await client.query('set statement_timeout = 0');
      return;
    } catch (error) {
      if (attempt >= 20 || (error as { code?: string }).code !== CANCELLED) throw error;
    }
  }
}

const SESSION = `set role none; set default_transaction_read_only = off; set default_transaction_isolation = 'read committed'; set standard_conforming_strings = on; set search_path = pg_catalog; set lock_timeout = ${LOCK_TIMEOUT}; set statement_timeout = 0; set idle_in_transaction_session_timeout = '60s'; set idle_session_timeout = 0; set client_min_messages = warning;
    set row_security = on; set timezone = 'UTC'; set datestyle = 'ISO, MDY'; set intervalstyle = postgres; set quote_all_identifiers = off;
    select set_config(name, value, false) from pg_settings join (values ('transaction_timeout', '0'), ('createrole_self_grant', '')) newer(name, value) using (name)`;
