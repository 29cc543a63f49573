import type { Client } from 'pg';
import { LIBRARY_SCHEMA } from '../../declaration/names';
import type { Situation } from '../catalog/situation';
import { TENANT_APPLIES } from '../model/library-fleet';
import { ident } from '../sql/quote';
import type { Evidence } from '../verify/evidence';
import { VERSION } from '../version';

/** Of how many applies it is kept what they did to each tenant. */
const KEPT_GENERATIONS = 100;

/** Writes down that an apply begins. One that was begun and never ended was interrupted: the lock is ours now. */
export async function begin(home: Client, owner: string, entry: { digest: string; actor: string }): Promise<number> {
  const { rows: [row] } = await asOwner(home, owner, `
    with interrupted as (update ${LIBRARY_SCHEMA}.applies set outcome = 'interrupted' where outcome = 'running'),
      forgotten as (delete from ${LIBRARY_SCHEMA}.${TENANT_APPLIES} where generation <= (select max(generation) - ${KEPT_GENERATIONS} from ${LIBRARY_SCHEMA}.applies))
    insert into ${LIBRARY_SCHEMA}.applies (generation, manifest_digest, outcome, actor, library_version)
    select coalesce(max(generation), 0) + 1, $1, 'running', $2, $3 from ${LIBRARY_SCHEMA}.applies returning generation::int`, [entry.digest, entry.actor, VERSION]);
  return row.generation;
}

export async function finish(home: Client, owner: string, generation: number, outcome: 'done' | 'failed', changes: number): Promise<void> {
  await asOwner(home, owner, `update ${LIBRARY_SCHEMA}.applies set outcome = $2, changes = $3, finished_at = now() where generation = $1`, [generation, outcome, changes]);
}

/** Keeps the server's forms of the declared expressions, so that the next plan need not ask for them. */
export async function storeForms(home: Client, owner: string, { capabilities, formsDigest, forms }: Situation): Promise<void> {
  await asOwner(home, owner, `insert into ${LIBRARY_SCHEMA}.canonical_forms (server_major, digest, forms) values ($1, $2, $3) on conflict do nothing`,
    [Math.floor(capabilities.versionNumber / 10_000), formsDigest, JSON.stringify(forms)]);
}

/** Keeps the outcome of a verification beside the apply that it judged. */
export async function recordVerification(home: Client, owner: string, { startedAt, outcome, summary }: Pick<Evidence, 'startedAt' | 'outcome' | 'summary'>): Promise<void> {
  await asOwner(home, owner, `
    insert into ${LIBRARY_SCHEMA}.verifications (started_at, generation, outcome, summary)
    select $1, (select max(generation) from ${LIBRARY_SCHEMA}.applies), $2, $3 on conflict do nothing`, [startedAt, outcome, JSON.stringify(summary)]);
}

async function asOwner(client: Client, owner: string, sql: string, values: readonly unknown[]) {
  await client.query(`set role ${ident(owner)}`);
  try {
    return await client.query(sql, [...values]);
  } finally {
    await client.query('reset role').catch(() => undefined);
  }
}
