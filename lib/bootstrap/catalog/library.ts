import type { Client } from 'pg';
import { LIBRARY_SCHEMA } from '../../declaration/names';
import type { Isolation } from '../../declaration/types';
import type { CanonicalForms } from '../model/canonical';
import type { Placement } from '../model/place';
import { LIBRARY_TABLES, type TenantState } from '../model/library';
import { CONTEXT_KEY_FACTS, CONTEXT_KEYS, type ContextKeyFacts } from '../model/tenant-context';

/** An earlier apply, as the ledger has it. */
export interface LedgerEntry {
  readonly generation: number;
  readonly manifestDigest: string;
  readonly outcome: 'running' | 'done' | 'failed' | 'interrupted';
  /** Of tenantry, which made it. */
  readonly libraryVersion: string;
  readonly startedAt: Date;
  readonly finishedAt: Date | null;
}

/** A tenant as the registry has it. */
export type Registered = Pick<Placement, 'key' | 'isolation' | 'secondIsolation' | 'leaving' | 'displayName' | 'tier'> & { readonly state: TenantState; readonly version: number };

/** The names of the library's tables that are there: an older version made fewer. */
export async function libraryTablesIn(home: Client): Promise<string[]> {
  const { rows } = await home.query<{ name: string }>(`select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = $1 and c.relkind = 'r'`, [LIBRARY_SCHEMA]);
  return rows.map(({ name }) => name);
}

/** Reads what the library keeps in the home database; what is not there yet is empty. */
export class Library {
  constructor(private readonly home: Client | undefined, private readonly tables: readonly string[]) {}

  get hasRegistry(): boolean {
    return this.tables.includes('tenants');
  }

  get isBehind(): boolean {
    return this.hasRegistry && LIBRARY_TABLES.some(({ name }) => !this.tables.includes(name));
  }

  get keepsVerifications(): boolean {
    return this.tables.includes('verifications') && this.tables.includes('applies');
  }

  /** @param only - the key of the one that is asked about. @default - all */
  async tenants(only?: string): Promise<Registered[]> {
    // A registry that an older version made has no column for a second place.
    const leaving = this.tables.includes('tenant_operations') ? `exists (select from ${LIBRARY_SCHEMA}.tenant_operations o where o.tenant_key = t.key and o.state = 'running' and o.operation = 'move' and o.step = 'remove')` : 'false';
    const rows = await this.#read<Registered & { secondIsolation: Isolation | null }>('tenants', `select key, isolation, display_name as "displayName", tier, state, version, to_jsonb(t) ->> 'second_isolation' as "secondIsolation", ${leaving} as leaving from ${LIBRARY_SCHEMA}.tenants t${only === undefined ? '' : ' where key = $1'}`, only === undefined ? [] : [only]);
    return rows.map(({ secondIsolation, leaving: isLeaving, ...row }) => (secondIsolation === null ? row : { ...row, secondIsolation, ...(isLeaving === true ? { leaving: true } : {}) }));
  }

  /** How many tenants there are, without those that are off-boarded. */
  async count(): Promise<number> {
    return (await this.#read<{ n: number }>('tenants', `select count(*)::int as n from ${LIBRARY_SCHEMA}.tenants where state not in ('offboarding', 'offboarded')`))[0]?.n ?? 0;
  }

  /** Names of the tiers that tenants have, as far as they limit anything. */
  async tiersInUse(): Promise<string[]> {
    return (await this.#read<{ name: string }>('tiers', `select r.name from ${LIBRARY_SCHEMA}.tiers r where exists (select from ${LIBRARY_SCHEMA}.tenants t where t.tier = r.name) order by 1`)).map(({ name }) => name);
  }

  contextKeys(): Promise<ContextKeyFacts[]> {
    return this.#read<ContextKeyFacts>(CONTEXT_KEYS, CONTEXT_KEY_FACTS);
  }

  async forms(versionNumber: number, digest: string): Promise<CanonicalForms | undefined> {
    const [row] = await this.#read<{ forms: CanonicalForms }>('canonical_forms', `select forms from ${LIBRARY_SCHEMA}.canonical_forms where server_major = $1 and digest = $2`, [Math.floor(versionNumber / 10_000), digest]);
    return row?.forms;
  }

  /** What matters of the ledger, the newest first: its end, the last apply that ended well, and the last one of this manifest. */
  ledger(digest: string): Promise<LedgerEntry[]> {
    return this.#read<LedgerEntry>('applies', `
      select generation::int, manifest_digest as "manifestDigest", outcome, library_version as "libraryVersion", started_at as "startedAt", finished_at as "finishedAt" from ${LIBRARY_SCHEMA}.applies a
       where generation in (select max(generation) from ${LIBRARY_SCHEMA}.applies union all select max(generation) from ${LIBRARY_SCHEMA}.applies where outcome = 'done'
                            union all select max(generation) from ${LIBRARY_SCHEMA}.applies where manifest_digest = $1) order by generation desc`, [digest]);
  }

  async #read<Row extends object>(table: string, text: string, values: readonly unknown[] = []): Promise<Row[]> {
    return this.home === undefined || !this.tables.includes(table) ? [] : (await this.home.query<Row>(text, [...values])).rows;
  }
}
