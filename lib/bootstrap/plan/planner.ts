import { isDeepStrictEqual } from 'node:util';
import { EVERYTHING, isRead, type Reading, tablesRead } from '../catalog/reading';
import type { Kind, LiveCatalog, TableTarget } from '../kinds/kind';
import { placeKey, serverKey, tableKey } from '../kinds/kind';
import { wasThere } from '../kinds/lost';
import { isReadyKey } from '../kinds/constraint';
import { partitionsOf } from '../kinds/partitioned';
import { DATABASE_KINDS, SERVER_KINDS } from '../kinds/registry';
import { isInTheWay } from '../kinds/table';
import { changedTenancies } from '../kinds/tenancy';
import type { DatabasePlan, Place } from '../model/place';
import type { ServerPlan } from '../model/server';
import type { Difference } from './difference';
import { holdBack } from './held-back';

const NOTHING: ReadonlyMap<string, never> = new Map<string, never>();

/** What was wanted before, to tell what is declared since from what was changed by hand. `nothing`: it was not there to be wanted. */
export type Before<Container> = Container | 'nothing';

/** What differs server-wide. A pure function of what is wanted and what is there. */
export function diffServer(server: ServerPlan, live: LiveCatalog, before?: Before<ServerPlan>): Difference[] {
  return SERVER_KINDS.flatMap((kind) => compareAll(kind, server, live.get(kind.name)?.get(serverKey), before));
}

/** What differs in a database; `live` is empty for one that is not there yet. Differences come in the order in which they can be made. What was not read does not differ. */
export function diffDatabase(database: DatabasePlan, live: LiveCatalog, before?: Before<DatabasePlan>, reading: Reading = EVERYTHING, kinds = DATABASE_KINDS): Difference[] {
  const gettingKeys = new Set(database.places.flatMap(({ schema, tables }) => tables
    .filter((table) => reading.get(schema)?.has(table.name) !== false && live.get('table')?.get(placeKey(schema))?.has(table.name) === true && table.keys.some(({ name }) => !isReadyKey(live.get('constraint')?.get(tableKey(schema, table.name))?.get(name))))
    .map(({ name }) => tableKey(schema, name))));
  const changed = changedTenancies(database, live);
  const targets: TableTarget[] = database.places.flatMap((place) => {
    const there = live.get('table')?.get(placeKey(place.schema));
    const read = reading.get(place.schema);
    // Of a table that is not read, what comes with time is looked at alone.
    const tables = read === undefined ? place.tables : place.tables.filter((table) => read.has(table.name) || table.partitionBy !== undefined);
    return tables.filter((table) => !isInTheWay(there?.get(table.name), place) && (place.kind === 'library' || !changed.has(table.name)) && (there?.has(table.name) === true || !wasThere(place, table.name))).map((table) => ({ place, table, isNew: there?.has(table.name) !== true, gettingKeys, ...partitionsOf(live, place, table.name) }));
  });
  const former = before === undefined ? undefined : new Former(before);
  const differences: Difference[] = [];
  for (const kind of kinds) {
    const found = live.get(kind.name);
    switch (kind.level) {
      case 'database':
        append(differences, compareAll(kind, database, found?.get(database.name), before));
        break;
      case 'place':
        for (const place of database.places) if (isRead(reading, kind, place)) append(differences, compareAll(kind, place, found?.get(placeKey(place.schema)), former?.place(place), tablesRead(reading, kind, place)));
        break;
      default:
        for (const target of targets) if (tablesRead(reading, kind, target.place)?.has(target.table.name) !== false) append(differences, compareAll(kind, target, found?.get(tableKey(target.place.schema, target.table.name)), former?.table(target)));
    }
  }
  return holdBack(database, live, differences);
}

/** The same of what lies in places alone, and of nothing that is about the database as a whole. */
export const diffPlaces = (database: DatabasePlan, live: LiveCatalog, reading: Reading): Difference[] => diffDatabase(database, live, undefined, reading, DATABASE_KINDS.filter(({ level }) => level !== 'database'));

/** Finds what a place and a table were wanted to be before. */
class Former {
  readonly #places: ReadonlyMap<string, Place>;

  constructor(before: Before<DatabasePlan>) {
    this.#places = new Map(before === 'nothing' ? [] : before.places.map((place) => [place.schema, place]));
  }

  place({ schema }: Place): Before<Place> {
    return this.#places.get(schema) ?? 'nothing';
  }

  table(target: TableTarget): Before<TableTarget> {
    const place = this.#places.get(target.place.schema);
    const table = place?.tables.find(({ name }) => name === target.table.name);
    return place === undefined || table === undefined ? 'nothing' : { ...target, place, table };
  }
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- what a kind wants and has is known to that kind alone
function compareAll<Container>(kind: Kind<any, any, any>, container: Container, have: ReadonlyMap<string, unknown> = NOTHING, before?: Before<Container>, keys?: ReadonlySet<string>): Difference[] {
  const differences: Difference[] = [];
  const wants = kind.wants(container) as ReadonlyMap<string, unknown>;
  let former: ReadonlyMap<string, unknown> | undefined;
  const compare = (key: string, want: unknown, object: unknown): void => {
    const found = kind.compare(container, key, want, object);
    if (before === undefined || found.length === 0) return append(differences, found);
    former ??= before === 'nothing' ? NOTHING : kind.wants(before) as ReadonlyMap<string, unknown>;
    // What becomes of an object that nobody wants depends on the container too: it may have been declared there.
    append(differences, withOrigins(found, before === 'nothing' ? [] : want !== undefined && isDeepStrictEqual(former.get(key), want) ? found : kind.compare(before, key, former.get(key), object)));
  };
  for (const [key, want] of wants) if (keys?.has(key) !== false) compare(key, want, have.get(key));
  for (const [key, object] of have) if (!wants.has(key) && keys?.has(key) !== false) compare(key, undefined, object);
  return differences;
}

/** What would differ from what was wanted before too was changed by hand. */
function withOrigins(found: readonly Difference[], formerly: readonly Difference[]): Difference[] {
  const drifted = new Set(formerly.filter(({ type }) => type !== 'finding').map(({ type, summary }) => `${type} ${summary}`));
  return found.map((difference) => (difference.type === 'finding' || difference.origin !== undefined ? difference : { ...difference, origin: drifted.has(`${difference.type} ${difference.summary}`) ? 'drift' : 'pending' }));
}

function append(all: Difference[], some: readonly Difference[]): void {
  for (const difference of some) all.push(difference);
}
