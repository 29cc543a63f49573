import { foreignChildren } from '../kinds/inheritance';
import { foreignPartitions } from '../kinds/partitioned';
import { at, type LiveCatalog, refusal, tableKey } from '../kinds/kind';
import type { DatabasePlan, Place } from '../model/place';
import { ident, qualified } from '../sql/quote';
import type { Difference, Refusal } from './difference';

/**
 * Leaves a place as it is while a refusal stands that the rest of it rests on: half of it would be worse than nothing. Other places go on. What all tenants
 * share is not left so, since such a refusal blocks everything there. A place that is being removed is left too: a table that is made anew there would be empty
 * beside those that reference it.
 */
export function holdBack(database: DatabasePlan, live: LiveCatalog, differences: readonly Difference[]): Difference[] {
  const all = [...withoutParts(differences), ...stuckAtChildren(database, live, differences)];
  const holding = all.filter((difference): difference is Refusal => difference.type === 'refusal' && difference.holds !== undefined);
  const leaving = database.places.filter((place) => place.leaving === true);
  if (holding.length + leaving.length === 0) return all;
  if (database.leaving === true || holding.some(({ holds }) => holds === 'database')) return all.filter(({ type }) => type !== 'change');
  const places = new Set([...holding.map(({ place }) => place), ...leaving.map(({ schema }) => schema)]);
  const tenants = new Set([...holding, ...leaving].flatMap(({ tenant }) => tenant ?? []));
  return all.filter((difference) => difference.type !== 'change' || !(places.has(difference.place) || (difference.tenant !== undefined && tenants.has(difference.tenant))));
}

/** Of a schema that is gone, nothing is said but that. */
function withoutParts(differences: readonly Difference[]): readonly Difference[] {
  const schemas = differences.filter((difference): difference is Refusal => difference.type === 'refusal' && difference.kind === 'schema' && difference.lost !== undefined);
  if (schemas.length === 0) return differences;
  const gone = new Set(schemas.map(({ place }) => place));
  return differences.filter((difference) => difference.type !== 'refusal' || difference.lost === undefined || difference.kind === 'schema' || !gone.has(difference.place));
}

/** What ALTER TABLE does to the children of a table too, which takes their owner. ONLY is refused for most of it. */
const RECURSES = /^(add|alter|drop|validate) /;

/** Changes of a table that PostgreSQL would make to a child of somebody else's too, and refuse in the middle of the transaction. */
function stuckAtChildren(database: DatabasePlan, live: LiveCatalog, differences: readonly Difference[]): Refusal[] {
  const altered = (place: Place, table: string): Difference | undefined => differences.find((difference) => {
    if (difference.type !== 'change' || difference.place !== place.schema) return false;
    const alter = `alter table ${qualified(place.schema, table)} `;
    return difference.sql.some((sql) => sql.startsWith(alter) && RECURSES.test(sql.slice(alter.length)));
  });
  return database.places.flatMap((place) => place.tables.flatMap(({ name }) => {
    const partitions = foreignPartitions(live, tableKey(place.schema, name), place.owner);
    const children = [...foreignChildren(live, tableKey(place.schema, name), place.owner), ...partitions];
    const change = children.length === 0 ? undefined : altered(place, name);
    if (change === undefined) return [];
    return [refusal({
      ...at(place), kind: 'inheritance', code: 'inheritance/in-the-way', ...(place.tenant === undefined ? {} : { tenant: place.tenant }), ...(place.kind === 'row' || place.kind === 'library' ? { blocking: true } : { holds: place.kind === 'database' ? 'database' : 'place' }),
      summary: `${change.summary}: PostgreSQL changes the children of ${name} with it, and may not: ${children.map(({ schema, name: child, owner }) => `${schema}.${child} belongs to ${owner}`).join(', ')}`,
      fix: children.map(({ schema, name: child, owner }) => (partitions.some((partition) => partition.name === child && partition.schema === schema) ? `As ${owner} or a superuser: alter table ${qualified(schema, child)} owner to ${ident(place.owner)}` : `Move the rows of ${schema}.${child} elsewhere, then, as ${owner} or a superuser: alter table ${qualified(schema, child)} no inherit ${qualified(place.schema, name)}`)).join('; '),
    })];
  }));
}
