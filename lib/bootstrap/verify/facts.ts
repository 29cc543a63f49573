import type { Client } from 'pg';
import { tableKey } from '../kinds/kind';
import { FLOOR_POLICY } from '../kinds/policy';
import type { DatabasePlan } from '../model/place';

export interface UniqueFacts {
  readonly name: string;
  /** Null stands for an expression. */
  readonly columns: readonly (string | null)[];
}

export interface ForeignKeyFacts {
  readonly name: string;
  readonly columns: readonly string[];
  readonly targetSchema: string;
  readonly target: string;
  readonly targetColumns: readonly string[];
}

export interface PolicyFacts {
  readonly name: string;
  readonly permissive: boolean;
  readonly command: string;
  readonly using: string | null;
  readonly check: string | null;
  readonly roles: readonly string[];
}

/** A partition or an inheriting table: policies of the parent do not hold for those who read it directly. */
export interface ChildFacts {
  readonly name: string;
  readonly enabled: boolean;
  readonly forced: boolean;
}

export interface TableFacts {
  readonly enabled: boolean;
  readonly forced: boolean;
  readonly owner: string;
  /** Triggers that probe rows would fire, and rules that would rewrite them. */
  readonly triggers: readonly string[];
  readonly uniques: readonly UniqueFacts[];
  readonly foreignKeys: readonly ForeignKeyFacts[];
  readonly policies: readonly PolicyFacts[];
  readonly children: readonly ChildFacts[];
}

/** What is there, as far as the attacks are chosen and explained by it. */
export class DatabaseFacts {
  constructor(private readonly tables: ReadonlyMap<string, TableFacts>) {}

  /** Undefined when there is no such table. */
  table(schema: string, name: string): TableFacts | undefined {
    return this.tables.get(tableKey(schema, name));
  }
}

const ATTRIBUTES = (keys: string, relation: string): string =>
  `array(select a.attname::text from unnest(${keys}::int2[]) with ordinality k(attnum, i) left join pg_attribute a on a.attrelid = ${relation} and a.attnum = k.attnum order by k.i)`;

/** One query, whatever the number of tables. */
export async function readFacts(client: Client, { places }: DatabasePlan): Promise<DatabaseFacts> {
  const { rows } = await client.query(
    `with t as (select c.oid, n.nspname as schema, c.relname as name, c.relrowsecurity as enabled, c.relforcerowsecurity as forced, r.rolname as owner
                  from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_roles r on r.oid = c.relowner where n.nspname = any($1) and c.relkind in ('r', 'p'))
     select schema, name, enabled, forced, owner,
            array(select tgname::text from pg_trigger where tgrelid = t.oid and not tgisinternal union all select rulename::text from pg_rewrite where ev_class = t.oid order by 1) as triggers,
            (select coalesce(json_agg(json_build_object('name', i.relname, 'columns', ${ATTRIBUTES('x.indkey', 't.oid')}) order by i.relname), '[]')
               from pg_index x join pg_class i on i.oid = x.indexrelid where x.indrelid = t.oid and (x.indisunique or x.indisexclusion)) as uniques,
            (select coalesce(json_agg(json_build_object('name', o.conname, 'columns', ${ATTRIBUTES('o.conkey', 't.oid')}, 'targetSchema', tn.nspname, 'target', tc.relname, 'targetColumns', ${ATTRIBUTES('o.confkey', 'o.confrelid')}) order by o.conname), '[]')
               from pg_constraint o join pg_class tc on tc.oid = o.confrelid join pg_namespace tn on tn.oid = tc.relnamespace where o.conrelid = t.oid and o.contype = 'f') as "foreignKeys",
            (select coalesce(json_agg(json_build_object('name', p.polname, 'permissive', p.polpermissive, 'command', p.polcmd, 'using', pg_get_expr(p.polqual, t.oid), 'check', pg_get_expr(p.polwithcheck, t.oid),
                                                        'roles', array(select case when r.oid = 0 then 'public' else pg_get_userbyid(r.oid)::text end from unnest(p.polroles) r(oid))) order by p.polname), '[]')
               from pg_policy p where p.polrelid = t.oid) as policies,
            (select coalesce(json_agg(json_build_object('name', cn.nspname || '.' || cc.relname, 'enabled', cc.relrowsecurity, 'forced', cc.relforcerowsecurity) order by 1), '[]')
               from pg_inherits h join pg_class cc on cc.oid = h.inhrelid join pg_namespace cn on cn.oid = cc.relnamespace where h.inhparent = t.oid) as children
       from t`, [places.map(({ schema }) => schema)]);
  return new DatabaseFacts(new Map(rows.map(({ schema, name, ...facts }) => [tableKey(schema, name), facts as TableFacts])));
}

/** Why row-level security does not hold a role back on a table, as far as the catalog says. */
export function weaknessOf(facts: TableFacts | undefined, role: string, floor: string): string | undefined {
  if (facts === undefined) return undefined;
  if (!facts.enabled) return 'Row-level security is not enabled on the table';
  const policy = facts.policies.find(({ name }) => name === FLOOR_POLICY);
  if (policy === undefined) return `The policy ${FLOOR_POLICY} is not there`;
  if (policy.permissive) return `The policy ${FLOOR_POLICY} is permissive, and adds rows instead of holding them back`;
  if (!policy.roles.includes(role) && !policy.roles.includes('public')) return `The policy ${FLOOR_POLICY} does not name the role`;
  if (policy.using !== floor || policy.check !== floor || policy.command !== '*') return `The policy ${FLOOR_POLICY} says something else than that rows are the current tenant's`;
  return undefined;
}
