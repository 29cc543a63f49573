import type { Kind, LiveCatalog, TableTarget } from '../kinds/kind';
import { placeKey, serverKey, tableKey } from '../kinds/kind';
import { DATABASE_KINDS, SERVER_KINDS } from '../kinds/registry';
import { isInTheWay } from '../kinds/table';
import { changedTenancies } from '../kinds/tenancy';
import type { DatabasePlan } from '../model/place';
import type { ServerPlan } from '../model/server';
import type { Difference } from './difference';

const NOTHING: ReadonlyMap<string, never> = new Map<string, never>();

/** What differs server-wide. A pure function of what is wanted and what is there. */
export function diffServer(server: ServerPlan, live: LiveCatalog): Difference[] {
  return SERVER_KINDS.flatMap((kind) => compareAll(kind, server, live.get(kind.name)?.get(serverKey)));
}

/** What differs in a database; `live` is empty for one that is not there yet. Differences come in the order in which they can be made. */
export function diffDatabase(database: DatabasePlan, live: LiveCatalog): Difference[] {
  const gettingKeys = new Set(database.places.flatMap(({ schema, tables }) => tables
    .filter((table) => live.get('table')?.get(placeKey(schema))?.has(table.name) === true && table.keys.some(({ name }) => live.get('constraint')?.get(tableKey(schema, table.name))?.has(name) !== true))
    .map(({ name }) => tableKey(schema, name))));
  const changed = changedTenancies(database, live);
  const targets: TableTarget[] = database.places.flatMap((place) => {
    const there = live.get('table')?.get(placeKey(place.schema));
    return place.tables.filter((table) => !isInTheWay(there?.get(table.name), place) && (place.kind === 'library' || !changed.has(table.name))).map((table) => ({ place, table, isNew: there?.has(table.name) !== true, gettingKeys }));
  });
  const differences: Difference[] = [];
  for (const kind of DATABASE_KINDS) {
    const found = live.get(kind.name);
    switch (kind.level) {
      case 'database':
        append(differences, compareAll(kind, database, found?.get(database.name)));
        break;
      case 'place':
        for (const place of database.places) append(differences, compareAll(kind, place, found?.get(placeKey(place.schema))));
        break;
      default:
        for (const target of targets) append(differences, compareAll(kind, target, found?.get(tableKey(target.place.schema, target.table.name))));
    }
  }
  return differences;
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- what a kind wants and has is known to that kind alone
function compareAll(kind: Kind<any, any, any>, container: unknown, have: ReadonlyMap<string, unknown> = NOTHING): Difference[] {
  const differences: Difference[] = [];
  const wants = kind.wants(container);
  for (const [key, want] of wants) append(differences, kind.compare(container, key, want, have.get(key)));
  for (const [key, object] of have) if (!wants.has(key)) append(differences, kind.compare(container, key, undefined, object));
  return differences;
}

function append(all: Difference[], some: readonly Difference[]): void {
  for (const difference of some) all.push(difference);
}
