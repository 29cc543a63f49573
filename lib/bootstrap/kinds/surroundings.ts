import type { Difference } from '../plan/difference';
import { finding, kind, NO_WANTS } from './kind';
import { isPlatformRole } from './membership';

interface LiveNeighbour {
  readonly what: keyof typeof SAYS;
  readonly name: string;
  readonly owner: string;
  readonly detail: string | null;
}

/** What stands outside of our schemas and touches what is in them: past their policies, or with more rights than whoever uses it. */
const SAYS = {
  publication: (name: string, _owner: string, detail: string) => `publication ${name} sends rows of ${detail} to its subscribers, which no policy holds back`,
  subscription: (name: string, owner: string) => `subscription ${name} writes rows that come from elsewhere, with the rights of ${owner}`,
  'event trigger': (name: string, owner: string, detail: string) => `event trigger ${name} of ${owner} runs ${detail} in every session that changes an object`,
  'foreign server': (name: string, owner: string, detail: string) => `foreign server ${name} of ${owner} reaches another database by ${detail}`,
  view: (name: string, owner: string, detail: string) => `view ${name} reads ${detail} with the rights of ${owner}`,
  'materialized view': (name: string, owner: string, detail: string) => `materialized view ${name} of ${owner} holds a copy of rows of ${detail}, which no policy holds back`,
  function: (name: string, owner: string) => `function ${name} runs with the rights of ${owner}`,
} as const satisfies Record<string, (name: string, owner: string, detail: string) => string>;

/** Objects of others in a database of ours that lead around row-level security. They are not ours to change. */
export const surroundings = kind<'database', true, LiveNeighbour>({
  name: 'surroundings',
  level: 'database',
  compares: ['publications', 'subscriptions', 'event triggers', 'foreign servers', 'views', 'materialized views', 'functions'],
  query: {
    text: `with ours as (select c.oid, n.nspname || '.' || c.relname as name from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace where n.nspname = any($1) and c.relkind in ('r', 'p')),
                published as (
                  select pubname, pubowner, case when puballtables then 'every table' else (
                           select case count(*) when 0 then null when 1 then min(o.name) else count(*) || ' tables of ours' end from ours o
                            where o.oid in (select r.prrelid from pg_catalog.pg_publication_rel r where r.prpubid = p.oid)
                               or o.oid in (select c.oid from pg_catalog.pg_publication_namespace s join pg_catalog.pg_class c on c.relnamespace = s.pnnspid where s.pnpubid = p.oid)) end as tables
                    from pg_catalog.pg_publication p)
           select current_database() as database, 'publication' as what, pubname::text as name, pg_get_userbyid(pubowner)::text as owner, tables as detail from published where tables is not null
           union all select current_database(), 'subscription', subname, pg_get_userbyid(subowner), null from pg_catalog.pg_subscription where subdbid = (select oid from pg_catalog.pg_database where datname = current_database())
           union all select current_database(), 'event trigger', evtname, pg_get_userbyid(evtowner), evtfoid::regprocedure::text from pg_catalog.pg_event_trigger where evtenabled <> 'D'
           union all select current_database(), 'foreign server', srvname, pg_get_userbyid(srvowner), f.fdwname from pg_catalog.pg_foreign_server s join pg_catalog.pg_foreign_data_wrapper f on f.oid = s.srvfdw
           union all
           select current_database(), case v.relkind when 'v' then 'view' else 'materialized view' end, n.nspname || '.' || v.relname, pg_get_userbyid(v.relowner), string_agg(distinct o.name, ', ')
             from ours o join pg_catalog.pg_depend d on d.refclassid = 'pg_catalog.pg_class'::regclass and d.refobjid = o.oid and d.classid = 'pg_catalog.pg_rewrite'::regclass
             join pg_catalog.pg_rewrite w on w.oid = d.objid join pg_catalog.pg_class v on v.oid = w.ev_class join pg_catalog.pg_namespace n on n.oid = v.relnamespace
            where n.nspname <> all($1) and (v.relkind = 'm' or (v.relkind = 'v' and not coalesce((select x.option_value::boolean from pg_options_to_table(v.reloptions) x where x.option_name = 'security_invoker'), false)))
            group by v.oid, v.relkind, v.relname, v.relowner, n.nspname
           union all
           select current_database(), 'function', p.oid::regprocedure::text, pg_get_userbyid(p.proowner), null
             from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace
            where p.prosecdef and n.nspname <> all($1) and pg_get_userbyid(p.proowner) = any($2)`,
    values: ({ plan, schemas }) => [schemas, [...new Set(plan.places.flatMap(({ owner, maintainer }) => [owner, maintainer]))]],
  },
  read: ({ database, ...have }) => ({ container: database, key: `${have['what']} ${have['name']}`, have: have as LiveNeighbour }),
  wants: () => NO_WANTS,
  compare(database, _key, _want, have): Difference[] {
    if (have === undefined || isPlatformRole(have.owner)) return [];
    const { what, name, owner, detail } = have;
    // The publication kind compares what is declared.
    if (what === 'publication' && database.publications?.some((declared) => declared.name === name) === true) return [];
    return [finding({ kind: what, code: `${what.replaceAll(' ', '-')}/${what.endsWith('view') || what === 'function' ? 'around-policies' : 'undeclared'}`, target: database.name, summary: SAYS[what](name, owner, detail ?? '') })];
  },
});
