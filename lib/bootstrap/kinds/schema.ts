import { markerOf } from '../model/server';
import { ident, literal } from '../sql/quote';
import type { Difference } from '../plan/difference';
import { compareAcl } from './compare-acl';
import { at, change, kind, placeKey, refusal } from './kind';
import { lostSchema } from './lost';

interface LiveSchema {
  readonly owner: string;
  readonly comment: string | null;
  readonly acl: string | null;
}

/** Schemas and who may use them. */
export const schema = kind<'place', ReadonlyMap<string, string>, LiveSchema>({
  name: 'schema',
  level: 'place',
  compares: ['presence', 'owner', 'comment', 'privileges'],
  query: {
    text: `select nspname as name, r.rolname as owner, d.description as comment, nspacl::text as acl
             from pg_catalog.pg_namespace n join pg_catalog.pg_roles r on r.oid = n.nspowner
             left join pg_catalog.pg_description d on d.objoid = n.oid and d.classoid = 'pg_catalog.pg_namespace'::regclass
            where nspname = any($1)`,
    values: (scope) => [scope.schemas],
  },
  read: ({ name, ...have }) => ({ container: placeKey(name), key: 'schema', have: have as LiveSchema }),
  wants: (place) => new Map([['schema', new Map([...place.roles, ...place.referenceReaders].map(({ grantee }) => [grantee, 'U'] as const)
    .concat(place.schemaUsers.map((user) => [user, 'U'] as const)))]]),
  compare(place, _key, want, have): Difference[] {
    const where = { ...at(place), kind: 'schema' };
    const marker = markerOf(place.identity);
    const acl = compareAcl({ ...where, object: `schema ${ident(place.schema)}`, label: 'the schema', owner: place.owner, externalGrants: place.externalGrants }, want ?? new Map(), have?.acl);
    if (have === undefined && place.kept !== undefined) return [lostSchema(place)];
    if (have === undefined) {
      return [
        change({ ...where, action: 'create', summary: 'create the schema', reason: 'declared, not there', sql: [`create schema ${ident(place.schema)}`, `comment on schema ${ident(place.schema)} is ${literal(marker)}`] }),
        ...acl,
      ];
    }
    if (have.comment !== marker || have.owner !== place.owner) {
      return [refusal({
        ...where, code: 'schema/foreign', blocking: true,
        summary: `schema ${place.schema} exists and is not ours: it belongs to ${have.owner}, and ${have.comment === null ? 'carries no mark of this library' : `its comment is ${have.comment}`}`,
        fix: `Rename it (alter schema ${ident(place.schema)} rename to …), or choose another name for the ${place.tenant === undefined ? 'declaration' : 'tenant'}.`,
      })];
    }
    return acl;
  },
});
