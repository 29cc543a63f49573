import type { MissingPartition } from '../model/partitions';
import { granteesOf } from '../model/role-kinds';
import type { Difference } from '../plan/difference';
import { ident, identList, literal, qualified } from '../sql/quote';
import { compareAcl } from './compare-acl';
import { at, change, finding, kind, refusal, tableKey, type TableTarget } from './kind';
import { isSpreadOtherwise, type LivePartition, missingOf, onPartition, PARTITION, partitionedBy } from './partitioned';
import { policiesOn, policy } from './policy';
import { rowSecurity } from './row-security';
import { unlogged } from './table';

type Want = { readonly type: 'missing'; readonly missing: MissingPartition } | { readonly type: 'spread'; readonly count: number };

/**
 * Partitions of tables of ours. Those of the time to come are made ahead by each apply; each of them, also one that somebody made by hand, is guarded as its table is, and no
 * role of a program has a privilege on it: its rows are read through the table. None is ever dropped or taken out.
 */
export const partition = kind<'table', Want, LivePartition>({
  name: PARTITION,
  level: 'table',
  everyTime: true,
  compares: ['presence', 'default', 'schema', 'owner', 'enabled', 'forced', 'policies', 'privileges', 'column privileges', 'triggers', 'foreign keys', 'rules', 'persistence', 'replica identity'],
  query: {
    text: `
      with recursive below as (
        select p.relnamespace, p.relname, i.inhrelid as oid, true as direct from pg_catalog.pg_inherits i join pg_catalog.pg_class p on p.oid = i.inhparent
         where p.relkind = 'p' and p.relnamespace in (select oid from pg_catalog.pg_namespace where nspname = any($1))
        union all select b.relnamespace, b.relname, i.inhrelid, false from below b join pg_catalog.pg_inherits i on i.inhparent = b.oid)
      select n.nspname as container, b.relname as "table", cn.nspname as schema, c.relname as name, quote_ident(c.relname) as quoted, c.relkind, pg_get_userbyid(c.relowner) as owner, c.relrowsecurity as enabled, c.relforcerowsecurity as forced,
             case when b.direct then pg_get_expr(c.relpartbound, c.oid) end as bound, c.relacl::text as acl, c.relpersistence = 'u' as unlogged, c.relreplident as "replicaIdentity",
             case when b.direct and c.relkind = 'r' and pg_get_expr(c.relpartbound, c.oid) = 'DEFAULT' then pg_relation_size(c.oid) else 0 end::float8 as bytes,
             (select coalesce(json_object_agg(a.attname, a.attacl::text), '{}') from pg_catalog.pg_attribute a where a.attrelid = c.oid and a.attacl is not null and a.attnum > 0 and not a.attisdropped) as "columnAcls",
             (select coalesce(json_agg(json_build_object('name', p.polname, 'permissive', p.polpermissive, 'command', p.polcmd, 'using', pg_get_expr(p.polqual, p.polrelid), 'check', pg_get_expr(p.polwithcheck, p.polrelid),
                       'roles', array(select case when r.oid = 0 then 'public' else (select rolname::text from pg_catalog.pg_roles where oid = r.oid) end from unnest(p.polroles) r(oid) order by 1),
                       'schemaText', quote_ident(n.nspname), 'referenceText', quote_ident($2)) order by p.polname), '[]') from pg_catalog.pg_policy p where p.polrelid = c.oid) as policies,
             (select coalesce(json_agg(json_build_object('name', t.tgname, 'enabled', t.tgenabled, 'own', t.tgparentid = 0) order by t.tgname), '[]') from pg_catalog.pg_trigger t where t.tgrelid = c.oid and not t.tgisinternal) as triggers,
             exists (select from pg_catalog.pg_trigger t where t.tgrelid = c.oid and t.tgisinternal and t.tgenabled <> 'O') as "foreignKeysOff",
             array(select w.rulename::text from pg_catalog.pg_rewrite w where w.ev_class = c.oid order by 1) as rules
        from below b join pg_catalog.pg_namespace n on n.oid = b.relnamespace join pg_catalog.pg_class c on c.oid = b.oid join pg_catalog.pg_namespace cn on cn.oid = c.relnamespace order by 1, 2, 4`,
    values: ({ schemas, plan }) => [schemas, plan.places[0]?.referenceSchema ?? ''],
  },
  read: ({ container, table, ...have }) => ({ container: tableKey(container, table), key: `${have['schema']}.${have['name']}`, have: have as LivePartition }),
  wants(target) {
    const { table, partitions } = target;
    if (partitions?.by === partitionedBy(table) && isSpreadOtherwise(table, partitions.children)) return new Map([['spread', { type: 'spread', count: partitions.children.length } as const]]);
    return new Map(missingOf(target).map((missing) => [`missing ${missing.name}`, { type: 'missing', missing } as const]));
  },
  compare(target, _key, want, have): Difference[] {
    if (have !== undefined) return compareLive(target, have);
    if (want === undefined) return [];
    const where = { ...at(target.place), kind: PARTITION };
    const { table: { name, partitionBy } } = target;
    if (want.type === 'spread') {
      return [refusal({ ...where, code: 'partition/hash', summary: `the rows of ${name} are spread over ${want.count} partitions in another way than the ${partitionBy?.strategy === 'hash' ? partitionBy.count : 0} that are declared; another number moves every row`, fix: `Declare the number that is there. Or declare a new table, copy the rows in a migration, and drop the old one.` })];
    }
    return make(target, want.missing);
  },
});

/** The partition as a table: what is compared of tables holds for it too. */
const asTable = ({ place, table }: TableTarget, name: string): TableTarget => ({ place, table: { ...table, name }, isNew: false, gettingKeys: new Set() });

function make(target: TableTarget, missing: MissingPartition): Difference[] {
  const { place, table, isNew, partitions } = target;
  const where = { ...at(place), kind: PARTITION };
  const { name, bounds } = missing;
  const [own, other] = [qualified(place.schema, table.name), qualified(place.schema, name)];
  const attach = `alter table ${own} attach partition ${other} ${missing.sql}`;
  if (partitions?.relations.has(name) === true) {
    return [refusal({
      ...where, code: 'partition/detached', summary: `${name} is there and is no partition of ${table.name} for its ${bounds.type === 'hash' ? 'tenants' : 'time'}: rows in it are not read through ${table.name}`,
      fix: `As ${place.owner}: ${attach}. Or rename it, where its rows belong elsewhere: alter table ${other} rename to …${table.partitionBy?.strategy === 'range' && table.partitionBy.from !== undefined ? '. Or move partitionBy.from forward, where it was taken out because its time is over' : ''}`,
    })];
  }
  if (bounds.type === 'hash' && !isNew) {
    return [refusal({
      ...where, code: 'partition/lost', summary: `partition ${name} of ${table.name} is gone, with the rows of one in ${bounds.modulus} tenants; made anew, it would be empty`,
      fix: `Restore it from a backup, then, as ${place.owner}: ${attach}. Or where nobody needs those rows, as ${place.owner}: create table ${other} partition of ${own} ${missing.sql}; then apply again.`,
    })];
  }
  if (partitions?.blocked.includes(name) === true) return [refusal({ ...where, code: 'partition/rows-in-default', origin: 'pending', summary: `partition ${name} of ${table.name} cannot be made: rows of its time lie in the default partition`, fix: moving(target, missing) })];
  return [change({
    ...where, action: 'create', summary: `create partition ${name} of ${table.name}`, reason: bounds.type === 'range' && !isNew ? 'its time is to come, or has come' : 'declared, not there',
    // Who holds the tables that it references is waited for, and who reads or writes the default partition, as readers of the whole table do.
    lock: bounds.type === 'range' && !isNew ? 'AccessExclusive' : table.foreignKeys.length > 0 ? 'ShareRowExclusive' : 'ShareUpdateExclusive',
    // The server looks for rows of the time in the default partition, which is locked meanwhile.
    hazard: partitions?.filled ?? partitions?.children.some(({ bytes }) => bytes > 0) === true ? 'scan' : 'none',
    // It is time that asks for it, and nobody who took it away.
    ...(bounds.type === 'range' ? { origin: 'pending' } : {}),
    sql: [`create table ${other} (like ${own} including all)`, ...guardOf(target, name), attach],
  })];
}

/** What makes a new table as safe as the one that it becomes a partition of, before it does. */
function guardOf(target: TableTarget, name: string): string[] {
  const child = asTable(target, name);
  const none = { name, quoted: ident(name) };
  return [
    ...[...rowSecurity.wants(child)].flatMap(([key, want]) => (want ? rowSecurity.compare(child, key, want, undefined) : [])),
    ...[...wantedPolicies(target, none)].flatMap(([key, want]) => policy.compare(child, key, want, undefined)),
    ...privileges(target, name, null),
  ].flatMap((difference) => (difference.type === 'change' ? difference.sql : []));
}

const wantedPolicies = ({ place, table }: TableTarget, of: Pick<LivePartition, 'quoted'>) => (table.tenancy !== 'tenant' ? new Map() : new Map([...policiesOn(place, table)]
  .map(([name, { columnless: _columnless, ...wanted }]) => [name, { ...wanted, using: onPartition(wanted.using, table.name, of), check: onPartition(wanted.check, table.name, of) }])));

/** Backups read each partition by itself. Everybody else reads them through the table. */
const privileges = ({ place }: TableTarget, name: string, acl: string | null): Difference[] => compareAcl(
  { kind: 'grant', target: place.database, place: place.schema, object: `table ${qualified(place.schema, name)}`, label: name, owner: place.owner, externalGrants: place.externalGrants },
  new Map(granteesOf(place, 'backup').map((grantee) => [grantee, 'r'])), acl);

function compareLive(target: TableTarget, have: LivePartition): Difference[] {
  const { place, table } = target;
  const where = { ...at(place), kind: PARTITION };
  const { name } = have;
  const other = qualified(have.schema, name);
  const label = `partition ${have.schema === place.schema ? '' : `${have.schema}.`}${name} of ${table.name}`;
  if (have.owner !== place.owner) {
    return [refusal({ ...where, code: 'partition/owner', summary: `${label} belongs to ${have.owner}: it cannot be guarded as ${table.name} is, nor changed with it`, fix: `As ${have.owner} or a superuser: alter table ${other} owner to ${ident(place.owner)}; then apply again` })];
  }
  if (have.schema !== place.schema) {
    return [refusal({ ...where, code: 'partition/schema', summary: `${label} lies in a schema that is not managed: it is not guarded as ${table.name} is`, fix: `As a superuser: alter table ${other} set schema ${ident(place.schema)}; then apply again` })];
  }
  const child = asTable(target, name);
  const wanted = wantedPolicies(target, have);
  const policies = new Map(have.policies.map((live) => [live.name, live]));
  return [
    ...[...rowSecurity.wants(child)].flatMap(([key, want]) => rowSecurity.compare(child, key, want, have)),
    ...[...new Set([...wanted.keys(), ...policies.keys()])].flatMap((key) => policy.compare(child, key, wanted.get(key), policies.get(key))),
    ...privileges(target, name, have.acl),
    ...Object.entries(have.columnAcls).flatMap(([column, acl]) => compareAcl(
      { kind: 'grant', target: place.database, place: place.schema, object: `table ${other}`, label: `${name}.${column}`, columns: [column], owner: place.owner, externalGrants: place.externalGrants }, new Map(), acl)),
    ...have.triggers.flatMap((trigger): Difference[] => (trigger.own
      ? [finding({ ...where, code: 'trigger/undeclared', summary: `trigger ${trigger.name} on ${name} is not declared` })]
      : trigger.enabled === 'O' || !isDeclared(target, trigger.name) ? [] : [change({ ...where, action: 'alter', lock: 'ShareRowExclusive', summary: `enable trigger ${trigger.name} on ${name}`, reason: 'it does not fire as it does on the table', sql: `alter table ${other} enable trigger ${ident(trigger.name)}` })])),
    ...(have.foreignKeysOff ? [refusal({
      ...where, code: 'trigger/disabled', summary: `foreign keys of ${name} are switched off, so that rows without their counterpart come in; only a superuser can switch them on`, fix: `As a superuser: alter table ${other} enable trigger all`,
    })] : []),
    ...have.rules.map((rule) => finding({ ...where, code: 'rule/undeclared', summary: `rule ${rule} on ${name} is not declared` })),
    ...(have.unlogged ? [unlogged(place, PARTITION, name)] : []),
    ...(have.replicaIdentity === 'd' ? [] : [finding({ ...where, code: 'table/replica-identity', summary: `the replica identity of ${name} is not its primary key` })]),
  ];
}

const isDeclared = ({ place, table }: TableTarget, trigger: string): boolean => place.definitions.triggers.get(table.name)?.some(({ name }) => name === trigger) === true;

/** How the rows of a time come out of the default partition, which is locked meanwhile. They are deleted there: no foreign key may take rows of other tables with them, and no trigger may tell of it. */
function moving({ place, table }: TableTarget, { name, times: [from, to] = ['', ''], sql }: MissingPartition): string {
  const [own, other, column] = [qualified(place.schema, table.name), qualified(place.schema, name), ident(table.partitionBy?.column ?? '')];
  const columns = identList(table.columns.filter(({ generated }) => generated === undefined).map((each) => each.name));
  const foreignKeys = place.tables.flatMap((each) => each.foreignKeys.filter(({ target }) => target === table.name).map((key) => `alter table ${qualified(place.schema, each.name)} drop constraint if exists ${ident(key.name)}; `)).join('');
  const triggers = (switched: 'disable' | 'enable'): string => (place.definitions.triggers.get(table.name) ?? []).filter(({ events }) => Array.isArray(events) && events.includes('delete')).map((trigger) => `alter table ${own} ${switched} trigger ${ident(trigger.name)}; `).join('');
  const guard = `do $$ begin if exists (select from pg_constraint where contype = 'f' and confrelid in (select relid from pg_partition_tree(${literal(own)}))) then raise exception 'a foreign key references the table: drop it first, and add it behind'; end if; end $$; `;
  return `At a time when ${own} may be locked: begin; set local role ${ident(place.owner)}; lock table ${own}; ${foreignKeys}${guard}${triggers('disable')}create table ${other} (like ${own} including all); set local role ${ident(place.maintainer)}; `
    + `with moved as (delete from ${own} where ${column} >= ${from} and ${column} < ${to} returning ${columns}) insert into ${other} (${columns}) select * from moved; set local role ${ident(place.owner)}; alter table ${own} attach partition ${other} ${sql}; ${triggers('enable')}commit; `
    + `then apply again at once, which guards it${foreignKeys === '' ? '' : ' and adds the foreign keys that were dropped'}.`;
}
