/** Objects of extensions are the extension's. */
const notOfExtension = (catalog: string, oid: string): string => `not exists (select from pg_depend e where e.classid = '${catalog}'::regclass and e.objid = ${oid} and e.deptype = 'e')`;
/** PostgreSQL keeps no dependencies on its own objects: what is here is somebody's. */
const needs = (catalog: string, oid: string): string => `array(
  select distinct case dep.refclassid when 'pg_proc'::regclass then dep.refobjid::regproc::text when 'pg_type'::regclass then format_type(dep.refobjid, null) else dep.refobjid::regclass::text end
    from pg_depend dep left join pg_class used on dep.refclassid = 'pg_class'::regclass and used.oid = dep.refobjid
   where dep.classid = '${catalog}'::regclass and dep.objid = ${oid} and (dep.refclassid in ('pg_proc'::regclass, 'pg_type'::regclass) or used.relkind = 'S') order by 1)`;
const columnNames = (relation: string, numbers: string): string => `coalesce((select array_agg(a.attname::text order by k.n) from unnest(${numbers}) with ordinality k (attnum, n) left join pg_attribute a on a.attrelid = ${relation} and a.attnum = k.attnum and k.attnum > 0), '{}')`;
const key = (schema: string, name: string): string => `${schema}.nspname || '.' || ${name}`;

/** One query a subject; `$1` is the schemas. None of them reads a row of a table. */
export const QUERIES = {
  database: `
    select current_database() as database, pg_get_userbyid(datdba)::text as owner, current_user::text as login, current_setting('server_version') as "serverVersion",
           array(select datname::text from pg_database order by 1) as databases, array(select rolname::text from pg_roles order by 1) as "roleNames",
           array(select nspname::text from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema' order by 1) as "schemaNames"
      from pg_database where datname = current_database() and $1::text[] is not null`,
  schemas: `
    select nspname::text as name, pg_get_userbyid(nspowner)::text as owner,
           exists (select from aclexplode(coalesce(nspacl, acldefault('n', nspowner))) where grantee = 0 and privilege_type = 'CREATE') as "publicMayCreate"
      from pg_namespace where nspname = any($1) order by 1`,
  relations: `
    select ${key('n', 'c.relname')} as key, n.nspname::text as schema, c.relname::text as name, c.relkind::text as kind, pg_get_userbyid(c.relowner)::text as owner, c.relpersistence::text as persistence,
           c.relrowsecurity as "rowSecurity", c.relforcerowsecurity as forced, coalesce(c.reloptions, '{}') as options, p.parent,
           (select case k.partstrat when 'r' then 'range' when 'h' then 'hash' else 'list' end || ' ' || coalesce((select string_agg(a.attname, ', ' order by i) from unnest(k.partattrs::int2[]) with ordinality u(attnum, i) join pg_attribute a on a.attrelid = c.oid and a.attnum = u.attnum), 'expressions')
              from pg_partitioned_table k where k.partrelid = c.oid) as "partitionKey",
           array(select pg_get_expr(b.relpartbound, b.oid) from pg_inherits i join pg_class b on b.oid = i.inhrelid where i.inhparent = c.oid and b.relispartition order by 1) as bounds,
           nullif(c.reltuples, -1)::float8 as "estimatedRows", case when c.relkind in ('r', 'p', 'm') then pg_total_relation_size(c.oid) else 0 end::float8 as bytes, obj_description(c.oid, 'pg_class') as comment
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
      left join lateral (select ${key('pn', 'pc.relname')} as parent from pg_inherits i join pg_class pc on pc.oid = i.inhparent join pg_namespace pn on pn.oid = pc.relnamespace where i.inhrelid = c.oid order by i.inhseqno limit 1) p on true
     where n.nspname = any($1) and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S') and ${notOfExtension('pg_class', 'c.oid')} order by 1`,
  columns: `
    select ${key('n', 'c.relname')} as "table", a.attname::text as name, format_type(a.atttypid, a.atttypmod) as type, b.typtype::text as "typeKind", b.oid <> t.oid as "isArray",
           case when bn.nspname = 'pg_catalog' then null else ${key('bn', 'b.typname')} end as "ownType", a.attnotnull as "notNull",
           pg_get_expr(d.adbin, d.adrelid) as expression, case when d.oid is null then '{}' else ${needs('pg_attrdef', 'd.oid')} end as needs, a.attgenerated::text as generated, a.attidentity::text as identity,
           (select ${key('sn', 's.relname')} from pg_depend o join pg_class s on s.oid = o.objid and s.relkind = 'S' join pg_namespace sn on sn.oid = s.relnamespace
             where o.classid = 'pg_class'::regclass and o.refclassid = 'pg_class'::regclass and o.refobjid = c.oid and o.refobjsubid = a.attnum and o.deptype in ('a', 'i') limit 1) as sequence,
           (select l.collname::text from pg_collation l where l.oid = a.attcollation and l.oid <> t.typcollation) as collation, col_description(c.oid, a.attnum) as comment
      from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace join pg_type t on t.oid = a.atttypid
      join pg_type b on b.oid = case when t.typelem <> 0 and t.typsubscript = 'array_subscript_handler'::regproc then t.typelem else t.oid end join pg_namespace bn on bn.oid = b.typnamespace
      left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
     where n.nspname = any($1) and c.relkind in ('r', 'p') and a.attnum > 0 and not a.attisdropped and ${notOfExtension('pg_class', 'c.oid')} order by 1, a.attnum`,
  constraints: `
    select ${key('n', 'c.relname')} as "table", o.conname::text as name, o.contype::text as type, ${columnNames('o.conrelid', 'o.conkey')} as columns,
           case when o.contype = 'f' then (select ${key('fn', 'f.relname')} from pg_class f join pg_namespace fn on fn.oid = f.relnamespace where f.oid = o.confrelid) end as target,
           ${columnNames('o.confrelid', 'o.confkey')} as "targetColumns", o.confupdtype::text as "onUpdate", o.confdeltype::text as "onDelete", o.confmatchtype::text as match, o.condeferrable as deferrable,
           o.convalidated as validated, pg_get_expr(o.conbin, o.conrelid) as expression, ${needs('pg_constraint', 'o.oid')} as needs
      from pg_constraint o join pg_class c on c.oid = o.conrelid join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = any($1) and o.contype in ('p', 'u', 'f', 'c', 'x', 't') and ${notOfExtension('pg_class', 'c.oid')} order by 1, 2`,
  indexes: `
    select ${key('n', 'c.relname')} as "table", ic.relname::text as name, m.amname::text as method, i.indisunique as unique, i.indisvalid as valid,
           (select array_agg(a.attname::text order by k.n) from unnest(i.indkey[0:i.indnkeyatts - 1]) with ordinality k (attnum, n) left join pg_attribute a on a.attrelid = c.oid and a.attnum = k.attnum and k.attnum > 0) as columns,
           pg_get_expr(i.indpred, i.indrelid) as "where",
           i.indnatts > i.indnkeyatts or coalesce((to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false) or exists (select from unnest(i.indoption) x where x <> 0)
             or exists (select from unnest(i.indclass) x join pg_opclass p on p.oid = x where not p.opcdefault) as special,
           ${needs('pg_class', 'ic.oid')} as needs
      from pg_index i join pg_class ic on ic.oid = i.indexrelid join pg_am m on m.oid = ic.relam join pg_class c on c.oid = i.indrelid join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = any($1) and c.relkind in ('r', 'p') and not exists (select from pg_constraint o where o.conindid = i.indexrelid and o.contype in ('p', 'u', 'x')) order by 1, 2`,
  types: `
    select ${key('n', 't.typname')} as key, t.typname::text as name, t.typtype::text as kind, array(select enumlabel::text from pg_enum where enumtypid = t.oid order by enumsortorder) as labels,
           case when t.typtype = 'd' then format_type(t.typbasetype, t.typtypmod) end as "baseType", coalesce(bn.nspname <> 'pg_catalog', false) as "baseIsOwn", t.typnotnull as "notNull", t.typdefault as default,
           array(select pg_get_expr(o.conbin, 0) from pg_constraint o where o.contypid = t.oid and o.contype = 'c' order by o.conname) as checks,
           array(select distinct x from pg_constraint o, unnest(${needs('pg_constraint', 'o.oid')}) x where o.contypid = t.oid and o.contype = 'c' and x <> format_type(t.oid, null)) as needs,
           (select x.extname::text from pg_depend e join pg_extension x on x.oid = e.refobjid where e.classid = 'pg_type'::regclass and e.objid = t.oid and e.deptype = 'e') as extension
      from pg_type t join pg_namespace n on n.oid = t.typnamespace left join pg_type b on b.oid = t.typbasetype left join pg_namespace bn on bn.oid = b.typnamespace
     where n.nspname !~ '^pg_' and n.nspname <> 'information_schema' and (t.typtype <> 'c' or (select relkind from pg_class where oid = t.typrelid) = 'c') and t.typelem = 0 and $1::text[] is not null order by 1`,
  sequences: `
    select ${key('n', 'c.relname')} as key, format_type(s.seqtypid, null) as type, s.seqstart::text as start, s.seqincrement::text as increment,
           (select o.refobjid::regclass::text from pg_depend o where o.classid = 'pg_class'::regclass and o.objid = c.oid and o.refclassid = 'pg_class'::regclass and o.deptype in ('a', 'i') limit 1) as "ownedBy"
      from pg_sequence s join pg_class c on c.oid = s.seqrelid join pg_namespace n on n.oid = c.relnamespace where n.nspname = any($1) and ${notOfExtension('pg_class', 'c.oid')} order by 1`,
  functions: `
    select n.nspname || '.' || p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')' as name, p.prosecdef as definer, p.proleakproof as leakproof, p.prokind::text as kind, l.lanname::text as language,
           exists (select from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) where grantee = 0) as "publicMayExecute"
      from pg_proc p join pg_namespace n on n.oid = p.pronamespace join pg_language l on l.oid = p.prolang where n.nspname = any($1) and ${notOfExtension('pg_proc', 'p.oid')} order by 1`,
  attached: `
    select ${key('n', 'c.relname')} as "table", x.name::text as name, x.what from pg_class c join pg_namespace n on n.oid = c.relnamespace, lateral (
        select tgname, 'trigger' from pg_trigger where tgrelid = c.oid and not tgisinternal
        union all select rulename, 'rule' from pg_rewrite where ev_class = c.oid and rulename <> '_RETURN'
        union all select polname, 'policy' from pg_policy where polrelid = c.oid) x (name, what)
     where n.nspname = any($1) order by 1, 3, 2`,
  grants: `
    select o.object, o.what, case a.grantee when 0 then 'PUBLIC' else pg_get_userbyid(a.grantee)::text end as grantee, array_agg(distinct a.privilege_type::text) as privileges
      from (select ${key('n', 'c.relname')} as object, case c.relkind when 'S' then 'sequence' when 'v' then 'view' when 'm' then 'materialized view' else 'table' end as what, c.relacl as acl, c.relowner as owner
              from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = any($1) and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S') and ${notOfExtension('pg_class', 'c.oid')}
            union all select ${key('n', 'c.relname')} || '.' || t.attname, 'column', t.attacl, c.relowner from pg_attribute t join pg_class c on c.oid = t.attrelid join pg_namespace n on n.oid = c.relnamespace where n.nspname = any($1) and t.attacl is not null
            union all select nspname, 'schema', nspacl, nspowner from pg_namespace where nspname = any($1)
            union all select datname, 'database', coalesce(datacl, acldefault('d', datdba)), datdba from pg_database where datname = current_database()) o,
           lateral aclexplode(o.acl) a
     where a.grantee <> o.owner group by 1, 2, 3 order by 2, 1, 3`,
  roles: `
    select rolname::text as name, rolsuper as superuser, rolbypassrls as "bypassRls", rolreplication as replication, rolcanlogin as "canLogin"
      from pg_roles where (rolsuper or rolbypassrls or rolreplication) and rolname !~ '^(pg_|rds)' and $1::text[] is not null order by 1`,
  others: `
    select what, name, detail from (
      select 'extension', extname::text, 'version ' || extversion || ' in schema ' || extnamespace::regnamespace::text from pg_extension where extname <> 'plpgsql'
      union all select 'default privilege', pg_get_userbyid(defaclrole)::text || ' on ' || case defaclobjtype when 'r' then 'tables' when 'S' then 'sequences' when 'f' then 'functions' when 'T' then 'types' else 'schemas' end,
                       coalesce('in schema ' || (select nspname from pg_namespace n where n.oid = defaclnamespace), 'everywhere') from pg_default_acl
      union all select 'publication', pubname::text, case when puballtables then 'of all tables' else 'of some tables' end from pg_publication
      union all select 'subscription', subname::text, case when subenabled then 'enabled' else 'disabled' end from pg_subscription where subdbid = (select oid from pg_database where datname = current_database())
      union all select 'event trigger', evtname::text, 'on ' || evtevent::text from pg_event_trigger where ${notOfExtension('pg_event_trigger', 'pg_event_trigger.oid')}
      union all select 'foreign server', srvname::text, 'of ' || (select fdwname from pg_foreign_data_wrapper w where w.oid = srvfdw) from pg_foreign_server
      union all select 'large object', pg_get_userbyid(lomowner)::text, count(*)::text from pg_largeobject_metadata group by 2
      union all select 'setting', coalesce(r.rolname::text, 'every role'), split_part(c, '=', 1) from pg_db_role_setting s left join pg_roles r on r.oid = s.setrole, unnest(s.setconfig) c
                where s.setdatabase = (select oid from pg_database where datname = current_database())) x (what, name, detail)
     where $1::text[] is not null order by 1, 2, 3`,
} as const;
