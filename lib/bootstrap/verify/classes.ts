import type { Client } from 'pg';
import type { DatabasePlan, Place } from '../model/place';
import type { TenantClass } from './evidence';

/** Tenants attacked in each class besides the first: others every day. */
const SAMPLE = 2;

interface Candidate {
  readonly database: DatabasePlan;
  readonly place: Place;
}

export interface Choice {
  readonly attacked: readonly Candidate[];
  readonly classes: readonly TenantClass[];
}

/**
 * Chooses the places that are attacked: the shared one always; of tenants whose places have the same catalog the first, and a few that
 * change from day to day.
 *
 * @param day - days since 1970
 */
export function choose(candidates: readonly Candidate[], fingerprints: ReadonlyMap<Place, string>, day: number): Choice {
  const attacked: Candidate[] = candidates.filter(({ place }) => place.kind === 'row');
  const groups = new Map<string, Candidate[]>();
  for (const candidate of candidates) {
    if (candidate.place.kind === 'row') continue;
    const key = `${candidate.place.kind} ${fingerprints.get(candidate.place) ?? 'missing'}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [candidate]);
    else group.push(candidate);
  }
  const classes = [...groups.values()].map((group): TenantClass => {
    const others = group.slice(1);
    const chosen = [group[0] as Candidate, ...Array.from({ length: Math.min(SAMPLE, others.length) }, (_, i) => others[(day * SAMPLE + i) % others.length] as Candidate)];
    attacked.push(...chosen);
    const { place } = group[0] as Candidate;
    return { mode: place.kind as TenantClass['mode'], fingerprint: fingerprints.get(place) ?? 'missing', tenants: group.length, attacked: chosen.map(({ place: { tenant } }) => tenant ?? '') };
  });
  return { attacked, classes };
}

/** A digest of everything in the catalog that isolation rests on, without the tenant's own names. One query a database. */
export async function fingerprintsOf(client: Client, { places }: DatabasePlan): Promise<Map<Place, string>> {
  const { rows } = await client.query<{ schema: string; digest: string }>(
    `with p as (select * from unnest($1::text[], $2::text[]) p(schema, ending)), s as (select oid, nspname, nspacl from pg_namespace where nspname = any($1)),
          c as (select pg_class.oid, relname, relkind, relowner, relacl, relrowsecurity, relforcerowsecurity, reloptions, nspname from pg_class join s on s.oid = relnamespace)
     select schema, left(encode(sha256(convert_to(string_agg(line, E'\\n' order by line collate "C"), 'UTF8')), 'hex'), 16) as digest from (
     select p.schema, replace(replace(replace(line, '"' || p.schema || '"', p.schema), p.schema, '{schema}'), p.ending, '{tenant}') as line from (
     select nspname::text as schema, 'schema ' || coalesce(nspacl::text, '') as line from s
     union all select nspname, concat_ws(' ', 'relation', relname, relkind, relowner::regrole, relrowsecurity, relforcerowsecurity, reloptions, relacl) from c where relkind not in ('i', 'I')
     union all select nspname, concat_ws(' ', 'column', relname, attname, format_type(atttypid, atttypmod), attnotnull, attgenerated, attacl) from pg_attribute join c on c.oid = attrelid where attnum > 0 and not attisdropped and relkind not in ('i', 'I')
     union all select nspname, concat_ws(' ', 'default', relname, adnum, pg_get_expr(adbin, adrelid)) from pg_attrdef join c on c.oid = adrelid
     union all select nspname, concat_ws(' ', 'policy', relname, polname, polpermissive, polcmd, polroles::regrole[], pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid)) from pg_policy join c on c.oid = polrelid
     union all select nspname, concat_ws(' ', 'constraint', relname, conname, contype, convalidated, pg_get_constraintdef(pg_constraint.oid)) from pg_constraint join c on c.oid = conrelid
     union all select nspname, concat_ws(' ', 'index', pg_get_indexdef(indexrelid)) from pg_index join c on c.oid = indrelid
     union all select nspname, concat_ws(' ', 'trigger', tgenabled, pg_get_triggerdef(pg_trigger.oid)) from pg_trigger join c on c.oid = tgrelid where not tgisinternal
     union all select nspname, concat_ws(' ', 'view', relname, pg_get_viewdef(c.oid)) from c where relkind = 'v'
     union all select nspname, concat_ws(' ', 'rule', relname, rulename) from pg_rewrite join c on c.oid = ev_class
     union all select nspname, concat_ws(' ', 'child', relname, inhrelid::regclass) from pg_inherits join c on c.oid = inhparent
     union all select nspname, concat_ws(' ', 'function', pg_proc.oid::regprocedure, prosecdef, proleakproof, proacl, proconfig, prosrc) from pg_proc join s on s.oid = pronamespace
     union all select nspname, concat_ws(' ', 'publication', prpubid) from pg_publication_rel join c on c.oid = prrelid
     ) found join p using (schema)) neutral group by schema`, [places.map(({ schema }) => schema), places.map(({ tenant = '' }) => `__${tenant.replaceAll('-', '_')}`)]);
  const bySchema = new Map(rows.map(({ schema, digest }) => [schema, digest]));
  return new Map(places.flatMap((place): [Place, string][] => {
    const digest = bySchema.get(place.schema);
    return digest === undefined ? [] : [[place, digest]];
  }));
}
