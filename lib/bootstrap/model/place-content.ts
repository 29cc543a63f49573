import type { DatabasePlan, Placement } from './place';
import type { TenantState } from './library';

/** Names of columns by table. */
export type PlaceContent = Readonly<Record<string, readonly string[]>>;

/** What is written down of the places of a database, by schema. */
export type RecordedContents = ReadonlyMap<string, PlaceContent>;

/** States in which a tenant has everything that was ever made for it. */
const SETTLED: ReadonlySet<TenantState> = new Set(['active', 'suspended', 'archived', 'moving']);

/** Whether everything of a tenant was made once, so that its rows are, or were, at its first place. */
const isSettled = ({ registered }: Placement): boolean => registered !== undefined && SETTLED.has(registered.state);

/** How a refusal names what is lost, and how it is given back to make it anew. */
export const lostName = (...names: readonly string[]): string => names.join('.');

/**
 * Databases with what is known of what their places held, so that what is gone of it is told from what is declared since, and from what is being removed.
 *
 * @param recreate - names of what is made anew although it held rows
 */
export function withContents(databases: readonly DatabasePlan[], placements: readonly Placement[], recorded: ReadonlyMap<string, RecordedContents>, recreate: ReadonlySet<string>): DatabasePlan[] {
  const settled = new Map(placements.filter(isSettled).map(({ key, isolation }) => [key, isolation]));
  const left = new Map(placements.filter(({ leaving }) => leaving === true).map(({ key, secondIsolation }) => [key, secondIsolation]));
  return databases.map((database) => {
    const of = recorded.get(database.name);
    const isAnew = recreate.has(database.name);
    const places = database.places.map((place) => {
      if (place.kind === 'library') return place;
      const there = of?.get(place.schema);
      const name = lostName(place.database, place.schema);
      // A tenant's first place was made, whatever is written down of it; the second one comes and goes with a move.
      const wasMade = place.tenant === undefined ? there !== undefined : settled.get(place.tenant) === place.kind;
      const kept = !wasMade || isAnew || recreate.has(name) ? undefined : recreate.size === 0 ? there ?? {} : without(there ?? {}, name, recreate);
      return { ...place, ...(there === undefined ? {} : { recorded: there }), ...(kept === undefined ? {} : { kept }), ...(place.tenant !== undefined && left.get(place.tenant) === place.kind ? { leaving: true } : {}) };
    });
    const wasMade = !database.isHome && !isAnew && database.tenants.some((tenant) => settled.get(tenant.key) === 'database');
    return { ...database, places, ...(wasMade ? { wasMade } : {}), ...(!database.isHome && places.some(({ leaving }) => leaving) ? { leaving: true } : {}) };
  });
}

const without = (content: PlaceContent, place: string, recreate: ReadonlySet<string>): PlaceContent => Object.fromEntries(Object.entries(content)
  .filter(([table]) => !recreate.has(lostName(place, table)))
  .map(([table, columns]) => [table, columns.filter((column) => !recreate.has(lostName(place, table, column)))]));
