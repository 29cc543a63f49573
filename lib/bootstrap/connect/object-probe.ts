import type { Client } from 'pg';
import type { DeclaredExtension } from '../model/objects';

export interface ExtensionVersion {
  readonly version: string;
  /** Whether only a superuser may install it; `trusted` ones the owner of a database may install all the same. */
  readonly superuser: boolean;
  readonly trusted: boolean;
  /** The schema that it is tied to. */
  readonly schema: string | null;
  readonly requires: readonly string[] | null;
}

export interface AvailableExtension {
  readonly defaultVersion: string | null;
  readonly versions: readonly ExtensionVersion[];
}

/** What the server has and allows, as far as extensions and publications need it. */
export interface ObjectSupport {
  readonly walLevel: string;
  readonly available: ReadonlyMap<string, AvailableExtension>;
  /** `shared_preload_libraries`; null where the login may not read it. */
  readonly preloaded: readonly string[] | null;
  /** Settings of preloaded libraries that are there: a library defines them when it is loaded. */
  readonly settings: ReadonlyMap<string, string>;
  /** What RDS and Aurora offer, and what the parameter group allows; null for all, or where there is no such setting. */
  readonly rdsExtensions: readonly string[] | null;
  readonly rdsAllowedExtensions: readonly string[] | null;
  /** Whether the login may install what elsewhere only a superuser may. */
  readonly installsUntrusted: boolean;
}

/**
 * Libraries that have to be preloaded for an extension to work, and a setting that each defines. Sources: the manual's page of pg_stat_statements, and the READMEs
 * of pgaudit/pgaudit, citusdata/pg_cron, pgpartman/pg_partman (whose worker is optional) and 2ndQuadrant/pglogical.
 */
export const PRELOADED: Readonly<Record<string, { readonly library: string; readonly setting: string; readonly optional?: boolean; readonly without: string; readonly onlyIn?: string }>> = {
  pg_stat_statements: { library: 'pg_stat_statements', setting: 'pg_stat_statements.max', without: 'its views answer with an error, and slow statements cannot be found by their statistics' },
  pgaudit: { library: 'pgaudit', setting: 'pgaudit.log', without: 'it cannot be installed, and statements are not written to the audit log' },
  // One database alone has the jobs of all.
  pg_cron: { library: 'pg_cron', setting: 'cron.database_name', without: 'it cannot be installed, and no job runs inside the database', onlyIn: 'cron.database_name' },
  pg_partman: { library: 'pg_partman_bgw', setting: 'pg_partman_bgw.interval', optional: true, without: 'partitions are made only where something else calls its maintenance' },
  pglogical: { library: 'pglogical', setting: 'pglogical.conflict_resolution', without: 'it cannot be installed' },
};

export async function probeObjects(client: Client, extensions: readonly DeclaredExtension[]): Promise<ObjectSupport> {
  const { rows: [row] } = await client.query(`
    select current_setting('wal_level') as "walLevel", (select setting from pg_catalog.pg_settings where name = 'shared_preload_libraries') as preloaded,
           (select coalesce(json_object_agg(name, setting), '{}') from pg_catalog.pg_settings where name = any($2)) as settings,
           current_setting('rds.extensions', true) as "rdsExtensions", current_setting('rds.allowed_extensions', true) as "rdsAllowed",
           (select rolsuper from pg_catalog.pg_roles where rolname = current_user)
             or exists (select from pg_catalog.pg_roles where rolname = 'rds_superuser' and pg_has_role(current_user, oid, 'usage')) as "installsUntrusted",
           (select coalesce(json_object_agg(a.name, json_build_object('defaultVersion', a.default_version, 'versions',
                   (select json_agg(json_build_object('version', v.version, 'superuser', v.superuser, 'trusted', v.trusted, 'schema', v.schema, 'requires', v.requires) order by v.version)
                      from pg_catalog.pg_available_extension_versions v where v.name = a.name))), '{}')
              from pg_catalog.pg_available_extensions a where a.name = any($1)) as available`,
  [extensions.map(({ name }) => name), Object.values(PRELOADED).map(({ setting }) => setting)]);
  return {
    walLevel: row.walLevel, available: new Map(Object.entries(row.available as Record<string, AvailableExtension>)), settings: new Map(Object.entries(row.settings as Record<string, string>)),
    preloaded: row.preloaded === null ? null : listOf(row.preloaded), rdsExtensions: allowedBy(row.rdsExtensions), rdsAllowedExtensions: allowedBy(row.rdsAllowed), installsUntrusted: row.installsUntrusted,
  };
}

const listOf = (text: string): string[] => text.split(',').map((item) => item.trim().replaceAll('"', '')).filter((item) => item !== '');

function allowedBy(setting: string | null): string[] | null {
  const list = listOf(setting ?? '');
  return list.length === 0 || list.includes('*') ? null : list;
}
