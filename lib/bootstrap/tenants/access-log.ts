import type { Client } from 'pg';
import { LIBRARY_SCHEMA } from '../../declaration/names';
import { ident } from '../sql/quote';
import { transaction } from './rows';

const TABLE = `${LIBRARY_SCHEMA}.access_log`;
const COLUMNS = 'id, grant_id, member, role, tenant_id, tenant_key, reason, entered_at, xid, transaction_at';
/** Rows that one message carries. */
const BATCH = 5_000;

/** Who entered a tenant is written down in its own database: before that is dropped, the home database takes it over. What is there already was brought by an interrupted run. */
export async function keepAccessLog(own: Client, home: Client, owner: string): Promise<void> {
  const { rows: [there] } = await own.query<{ table: string | null }>('select pg_catalog.to_regclass($1)::text as "table"', [TABLE]);
  if ((there?.table ?? null) === null) return;
  const asOwner = `begin; set local role ${ident(owner)}`;
  await transaction(own, asOwner, () => transaction(home, asOwner, async () => {
    await own.query(`declare entries no scroll cursor for select to_json(l)::text as entry from ${TABLE} l`);
    for (;;) {
      const { rows } = await own.query<{ entry: string }>(`fetch ${BATCH} from entries`);
      if (rows.length === 0) return;
      await home.query(`insert into ${TABLE} (${COLUMNS}) select ${COLUMNS} from json_populate_recordset(null::${TABLE}, $1::json) on conflict (id) do nothing`, [`[${rows.map(({ entry }) => entry).join()}]`]);
    }
  }));
}
