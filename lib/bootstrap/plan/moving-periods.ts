import { PARTITION, type LivePartition } from '../kinds/partitioned';
import { type LiveCatalog, tableKey } from '../kinds/kind';
import type { TenantIsolation } from '../../declaration/types';
import { boundsOf, type Span } from '../model/partitions';
import type { DatabasePlan, Place } from '../model/place';

/** A place that a tenant's rows are moved to gets partitions for every time that the place has which they come from; else old rows would end in the default partition. */
export function withMovingPeriods(databases: readonly DatabasePlan[], live: ReadonlyMap<string, LiveCatalog>): readonly DatabasePlan[] {
  const moving = databases.find(({ isHome }) => isHome)?.tenants.filter(({ secondIsolation }) => secondIsolation !== undefined) ?? [];
  if (moving.length === 0) return databases;
  const places = databases.flatMap((database) => database.places);
  const placeOf = (key: string, isolation: TenantIsolation): Place | undefined => places.find(({ kind, tenant }) => kind === isolation && (isolation === 'row' || tenant === key));
  const periods = new Map<Place, Map<string, Span[]>>();
  for (const { key, isolation, secondIsolation } of moving) {
    const [first, second] = [placeOf(key, isolation), placeOf(key, secondIsolation ?? isolation)];
    if (first === undefined || second === undefined) continue;
    for (const [from, to] of [[first, second], [second, first]] as const) {
      const wanted = periods.get(to) ?? new Map<string, Span[]>();
      for (const { name } of to.tables) wanted.set(name, [...wanted.get(name) ?? [], ...spansOf(live.get(from.database), from, name)]);
      periods.set(to, wanted);
    }
  }
  return databases.map((database) => (database.places.some((place) => periods.has(place))
    ? { ...database, places: database.places.map((place) => (periods.has(place) ? { ...place, periods: periods.get(place) } : place)) } : database));
}

const spansOf = (live: LiveCatalog | undefined, { schema }: Place, table: string): Span[] => ([...live?.get(PARTITION)?.get(tableKey(schema, table))?.values() ?? []] as LivePartition[]).flatMap(({ bound }) => {
  const bounds = boundsOf(bound ?? '');
  return bounds.type === 'range' && Number.isFinite(bounds.from) && Number.isFinite(bounds.to) ? [{ from: bounds.from, to: bounds.to }] : [];
});
