import type { Difference } from '../plan/difference';
import { parseAcl } from './acl';
import { compareAcl } from './compare-acl';
import { kind, refusal } from './kind';

interface LivePublic {
  /** Null where somebody dropped the schema. */
  readonly owner: string | null;
  readonly acl: string | null;
  /** Whether the owner of our objects may change the privileges: the schema is the database owner's unless somebody gave it away. */
  readonly ours: boolean;
}

const WANTS: ReadonlyMap<string, true> = new Map([['public', true]]);
/** A new database comes from template0, where PUBLIC has USAGE. */
const NEW: LivePublic = { owner: 'pg_database_owner', acl: '{=U/pg_database_owner}', ours: true };

/** Nobody but its owner has a privilege in the schema `public` of a database of ours: nobody can put an object there that others run into. */
export const publicSchema = kind<'database', true, LivePublic>({
  name: 'public schema',
  level: 'database',
  compares: ['presence', 'owner', 'privileges'],
  query: {
    text: `select current_database() as database, o.rolname as owner, n.nspacl::text as acl, coalesce(pg_has_role($1, n.nspowner, 'usage'), false) as ours
             from (values (1)) one left join pg_catalog.pg_namespace n on n.nspname = 'public' left join pg_catalog.pg_roles o on o.oid = n.nspowner`,
    values: ({ owner }) => [owner],
  },
  read: ({ database, ...have }) => ({ container: database, key: 'public', have: have as LivePublic }),
  wants: () => WANTS,
  compare({ name, places }, _key, _want, have = NEW): Difference[] {
    if (have.owner === null) return [];
    const where = { kind: 'public schema', target: name };
    const differences = compareAcl({ ...where, object: 'schema public', label: 'schema public', owner: have.owner, externalGrants: places[0]?.externalGrants ?? [] }, new Map(), have.acl);
    if (have.ours || differences.length === 0) return differences;
    const holders = parseAcl(have.acl ?? '{}').filter(({ grantee }) => grantee !== have.owner).map(({ grantee }) => (grantee === '' ? 'PUBLIC' : grantee));
    return [refusal({
      ...where, code: 'public-schema/other-owner', summary: `schema public belongs to ${have.owner}, and ${holders.join(', ')} may use it; only its owner can take that back`,
      fix: `As ${have.owner} or a superuser: alter schema public owner to pg_database_owner`,
    })];
  },
});
