import type { WantedSequence } from '../model/definitions';
import { digestOf, sequenceOptions, type SequenceShape, sequenceShape } from '../model/definition-sql';
import type { Place } from '../model/place';
import type { Difference } from '../plan/difference';
import { ident, qualified } from '../sql/quote';
import { compareAcl } from './compare-acl';
import { backupGrantees, granteesOf } from './definition-grantees';
import { type DefinitionRecord, record, recordColumns, recordsIn } from './definition-record';
import { at, change, finding, kind, placeKey, refusal } from './kind';

interface LiveSequence extends DefinitionRecord, SequenceShape {
  readonly relkind: string;
  readonly owner: string;
  readonly acl: string | null;
  /** The value that was drawn last; null before the first. */
  readonly last: string | null;
  /** The column that it would be dropped with. */
  readonly ownedBy: string | null;
  readonly unlogged: boolean;
}

/** Sequences of the places: their properties are compared, their values are never set. USAGE draws a value and, by `pg_sequences`, shows the last one. */
export const sequence = kind<'place', WantedSequence, LiveSequence>({
  name: 'sequence',
  level: 'place',
  everyTime: true,
  compares: ['presence', 'origin', 'owner', 'owned by', 'persistence', 'type', 'start', 'increment', 'min', 'max', 'cache', 'cycle', 'last value', 'privileges'],
  query: {
    text: ({ plan }, live) => (plan.places.every(({ definitions }) => definitions.sequences.length === 0) ? undefined : `
      with recorded as (${recordsIn(live)})
      select n.nspname as schema, c.relname as name, c.relkind, o.rolname as owner, c.relacl::text as acl, c.relpersistence = 'u' as unlogged, format_type(s.seqtypid, null) as type, s.seqstart::text as start,
             s.seqincrement::text as increment, s.seqmin::text as min, s.seqmax::text as max, s.seqcache::text as cache, s.seqcycle as cycle,
             case when s.seqrelid is not null and o.rolname = $3 then pg_sequence_last_value(c.oid)::text end as last,
             (select format('%s.%I', d.refobjid::regclass, a.attname) from pg_catalog.pg_depend d join pg_catalog.pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
               where d.classid = 'pg_catalog.pg_class'::regclass and d.objid = c.oid and d.refclassid = 'pg_catalog.pg_class'::regclass and d.deptype in ('a', 'i') limit 1) as "ownedBy",
             ${recordColumns("''")}
        from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace join pg_catalog.pg_roles o on o.oid = c.relowner left join pg_catalog.pg_sequence s on s.seqrelid = c.oid
        left join recorded r on r.place = n.nspname and r.kind = 'sequence' and r.name = c.relname and c.relkind = 'S'
       where n.nspname = any($1) and c.relname = any($2)`),
    values: ({ plan, owner }) => [plan.places.filter((place) => place.kind !== 'library').map(({ schema }) => schema), [...new Set(plan.places.flatMap(({ definitions }) => definitions.sequences.map(({ name }) => name)))], owner],
  },
  read: ({ schema, name, ...have }) => ({ container: placeKey(schema), key: name, have: have as LiveSequence }),
  wants: (place) => new Map(place.definitions.sequences.map((wanted) => [wanted.name, wanted])),
  compare(place, name, want, have): Difference[] {
    if (want === undefined) return [];
    const where = { ...at(place), kind: 'sequence' };
    const object = qualified(place.schema, name);
    const shape = sequenceShape(want);
    const grants = (acl: string | null | undefined): Difference[] => compareAcl({ ...where, object: `sequence ${object}`, label: `sequence ${name}`, owner: place.owner, externalGrants: place.externalGrants }, new Map([...granteesOf(place, want.use, 'U'), ...backupGrantees(place)]), acl);
    const remember = record(place, 'sequence', name, digestOf(sequenceOptions(shape)), { digest: "''", from: '' });
    if (have === undefined) return [change({ ...where, action: 'create', summary: `create sequence ${name}`, reason: 'declared, not there', sql: [`create sequence ${object} ${sequenceOptions(shape)}`, remember] }), ...grants(undefined)];
    if (have.declared === null) {
      return [refusal({
        ...where, code: 'sequence/not-ours', blocking: true, summary: `${name} is declared as a sequence, but ${have.relkind === 'S' ? 'a sequence that this library did not make' : 'another relation'} has the name`, fix: 'Rename it, or the declared sequence.',
      })];
    }
    if (have.owner !== place.owner) {
      return [refusal({ ...where, code: 'sequence/other-owner', blocking: true, summary: `sequence ${name} belongs to ${have.owner}`, fix: `As ${have.owner} or a superuser: alter sequence ${object} owner to ${ident(place.owner)}` })];
    }
    const alter = (reason: string, sql: string): Difference => change({ ...where, action: 'alter', lock: 'ShareRowExclusive', summary: `alter sequence ${name}`, reason, sql: `alter sequence ${object} ${sql}` });
    return [
      ...(have.ownedBy === null ? [] : [alter(`it would be dropped with ${have.ownedBy}`, 'owned by none')]),
      ...(have.unlogged ? [alter('it is UNLOGGED, and set back by a crash', 'set logged')] : []),
      ...shapeDifferences(place, name, shape, have, remember), ...grants(have.acl), ...(exhausted(place, name, have)),
    ];
  },
});

function shapeDifferences(place: Place, name: string, shape: SequenceShape, have: LiveSequence, remember: string): Difference[] {
  const where = { ...at(place), kind: 'sequence' };
  const differing = (['type', 'start', 'increment', 'min', 'max', 'cache', 'cycle'] as const).filter((property) => have[property] !== shape[property]);
  if (differing.length === 0) return have.declared === digestOf(sequenceOptions(shape)) ? [] : [change({ ...where, action: 'alter', summary: `write down sequence ${name}`, reason: 'something else is declared, and that is there already', sql: remember })];
  // Its next value would be out of bounds, or one that was drawn before.
  if (have.last !== null && (BigInt(have.last) < BigInt(shape.min) || BigInt(have.last) > BigInt(shape.max))) {
    return [refusal({
      ...where, code: 'sequence/bounds', summary: `sequence ${name} stands at ${have.last}, which is not between ${shape.min} and ${shape.max}, where it is declared to be`, fix: 'Declare a larger type, or a new sequence under another name. A sequence is never set back.',
    })];
  }
  return [change({
    ...where, action: 'alter', lock: 'ShareRowExclusive', summary: `alter sequence ${name}`, reason: differing.map((property) => `${LABELS[property]} is ${String(have[property])}`).join(', '),
    sql: [`alter sequence ${qualified(place.schema, name)} ${sequenceOptions(shape)}`, remember],
  })];
}

const LABELS = { type: 'its type', start: 'its start', increment: 'its increment', min: 'its smallest value', max: 'its largest value', cache: 'its cache', cycle: 'cycle' } as const;

/** Nine tenths of its values are drawn. */
function exhausted(place: Place, name: string, { last, start, min, max, increment, cycle }: LiveSequence): Difference[] {
  if (last === null || cycle) return [];
  const [from, to] = BigInt(increment) > 0n ? [BigInt(start), BigInt(max)] : [BigInt(min), BigInt(start)];
  const drawn = BigInt(increment) > 0n ? BigInt(last) - from : to - BigInt(last);
  return drawn * 10n < (to - from) * 9n ? [] : [finding({ ...at(place), kind: 'sequence', code: 'sequence/exhausted', summary: `sequence ${name} stands at ${last}, near its end; a larger type or cycle would give it more values` })];
}
