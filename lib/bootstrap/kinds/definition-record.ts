import { LIBRARY_SCHEMA } from '../../declaration/names';
import type { Place } from '../model/place';
import type { Origin } from '../plan/difference';
import { literal } from '../sql/quote';
import { type LiveCatalog, placeKey } from './kind';

export const DEFINITIONS = 'definitions';
const MAJOR = "current_setting('server_version_num')::integer / 10000";

export type DefinitionKind = 'function' | 'trigger' | 'view' | 'sequence';

/** What was written down when an object was made; null where the library did not make it. */
export interface DefinitionRecord {
  readonly declared: string | null;
  readonly recorded: string | null;
  readonly recordedMajor: number | null;
  /** Digest of what the server prints now, and its version. */
  readonly digest: string;
  readonly major: number;
}

/** A query of what is written down; of nothing, as long as an older version made the library's tables. */
export const recordsIn = (live: LiveCatalog): string => (keepsRecords(live)
  ? `select place, kind, name, declared, live, server_major from ${LIBRARY_SCHEMA}.${DEFINITIONS}`
  : 'select null::text as place, null::text as kind, null::text as name, null::text as declared, null::text as live, null::integer as server_major where false');

export const keepsRecords = (live: LiveCatalog): boolean => live.get('table')?.get(placeKey(LIBRARY_SCHEMA))?.has(DEFINITIONS) === true;

/** Columns of a `DefinitionRecord`, of a record `r` that was joined. */
export const recordColumns = (digest: string): string => `r.declared, r.live as recorded, r.server_major as "recordedMajor", ${digest} as digest, ${MAJOR} as major`;

export const sha256 = (text: string): string => `encode(sha256(convert_to(${text}, 'UTF8')), 'hex')`;

/**
 * Writes down what was declared and what the server prints of it, in the transaction that makes the object.
 *
 * @param live - `expression from … where …`: its digest as the catalog query computes it
 */
export const record = ({ schema }: Place, kind: DefinitionKind, name: string, declared: string, live: { readonly digest: string; readonly from: string }): string =>
  `insert into ${LIBRARY_SCHEMA}.${DEFINITIONS} (place, kind, name, declared, live, server_major) select ${[schema, kind, name, declared].map(literal).join(', ')}, ${live.digest}, ${MAJOR} ${live.from}
 on conflict (place, kind, name) do update set declared = excluded.declared, live = excluded.live, server_major = excluded.server_major`;

export const forget = ({ schema }: Place, kind: DefinitionKind, name: string): string =>
  `delete from ${LIBRARY_SCHEMA}.${DEFINITIONS} where place = ${literal(schema)} and kind = ${literal(kind)} and name = ${literal(name)}`;

/**
 * - `foreign`: somebody else made it
 * - `pending`: something else is declared now
 * - `reprint`: another version of the server printed what is written down, so that nothing can be said; it is made anew
 * - `drift`: it was changed by hand
 */
export type RecordState = 'same' | 'foreign' | 'pending' | 'reprint' | 'drift';

export function stateOf(have: DefinitionRecord, declared: string): RecordState {
  if (have.declared === null) return 'foreign';
  if (have.declared !== declared) return 'pending';
  if (have.recorded === have.digest) return 'same';
  return have.recordedMajor === have.major ? 'drift' : 'reprint';
}

/** Nobody changed by hand what another version printed. */
export const originOf = (state: RecordState): { readonly origin?: Origin } => (state === 'reprint' ? { origin: 'pending' } : {});

/** Why an object is made anew, where its state is all that is known. */
export const REASONS: Readonly<Record<'pending' | 'reprint' | 'drift', string>> = {
  pending: 'something else is declared', reprint: 'it was printed by another version of PostgreSQL, so that it cannot be compared', drift: 'its definition differs',
};
