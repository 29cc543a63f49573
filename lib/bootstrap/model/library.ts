import { ACCESS_LIBRARY_TABLES } from './library-access';
import { FLEET_LIBRARY_TABLES } from './library-fleet';
import { DEFINITION_LIBRARY_TABLES } from './library-definitions';
import { KNOWN_PLACES_TABLE } from './library-known-places';
import { PLACE_LIBRARY_TABLES } from './library-places';
import { TENANT_LIBRARY_TABLES } from './library-tenants';
import { POLICY_HOLDERS_TABLE } from './policy-holders';
import type { ShapeTable } from './shape';
import { CONTEXT_KEYS_TABLE } from './tenant-context';

/** A function of the library's own. All are SECURITY DEFINER with a pinned search_path, and PUBLIC may not execute them. */
export interface LibraryFunction {
  readonly name: string;
  /** As `pg_get_function_identity_arguments` prints them. */
  readonly arguments: string;
  /** The types alone, as GRANT names it. */
  readonly types: string;
  /** As `pg_get_function_result` prints it; null for a procedure, whose call costs no result set. */
  readonly returns: string | null;
  readonly volatility: 'stable' | 'volatile';
  readonly language: 'sql' | 'plpgsql';
  readonly body: string;
  readonly grantees: readonly string[];
}

/** SQLSTATEs that `tenantry.enter` raises. */
export const UNKNOWN_TENANT = 'TN001';
export const INACTIVE_TENANT = 'TN002';
export const MOVED_TENANT = 'TN003';
/** Neither here nor at its new place yet: ask again in a moment. */
export const MOVING_TENANT = 'TN004';

/** First key of the advisory locks of tenants: the bytes of "tnte". Who enters a tenant shares its lock until the transaction ends; who closes its place takes it alone. */
export const TENANT_LOCK_SPACE = 0x746e7465;

export const TENANT_STATES = ['provisioning', 'active', 'suspended', 'archived', 'moving', 'offboarding', 'offboarded'] as const;
export type TenantState = (typeof TENANT_STATES)[number];

const text = (name: string, extra: object = {}) => ({ name, type: 'text', notNull: true, ...extra });
const instant = (name: string) => ({ name, type: 'timestamptz', notNull: true, default: 'now()' });
const oneOf = (column: string, values: readonly string[]): string => `${column} in (${values.map((value) => `'${value}'`).join(', ')})`;

/** The registry, the ledger and the canonical forms: what the library keeps in every database that it manages. */
export const LIBRARY_TABLES: readonly ShapeTable[] = [
  {
    name: 'tenants', tenancy: 'shared', comment: 'Tenants whose rows this database holds or knows the place of',
    columns: [
      { name: 'id', type: 'uuid', notNull: true, default: 'gen_random_uuid()' },
      text('key'), text('display_name'), text('isolation'), text('tier'), text('state', { default: "'provisioning'" }),
      text('database_name'), text('schema_name'),
      { name: 'version', type: 'integer', notNull: true, default: '1', comment: 'Rises when the tenant is moved, suspended or resumed, so that nobody is served by what was true before' },
      { name: 'declared', type: 'boolean', notNull: true },
      { name: 'state_since', type: 'timestamptz', notNull: false, comment: 'When it was suspended or resumed last; where it never was, it is as it is since it was made' },
      { name: 'state_by', type: 'text', notNull: false, comment: 'Who did that' },
      { name: 'server', type: 'text', notNull: false, comment: 'In the home registry: the server that the tenant has for itself, by its name in the manifest. Its own registry there says the rest' },
      { name: 'second_isolation', type: 'text', notNull: false, comment: 'While it is moved: the isolation of its other place, the new one until it is served there, then the old one until that is gone' },
      instant('created_at'), instant('updated_at'),
    ],
    keys: [{ name: 'tenants_pkey', primary: true, columns: ['id'] }, { name: 'tenants_key_key', primary: false, columns: ['key'] }],
    checks: [
      { name: 'tenants_key_check', expression: "key ~ '^[a-z][a-z0-9-]{0,30}$'" },
      { name: 'tenants_isolation_check', expression: oneOf('isolation', ['row', 'schema', 'database', 'cluster']) },
      { name: 'tenants_state_check', expression: oneOf('state', TENANT_STATES) },
    ],
    foreignKeys: [], indexes: [], rows: [],
  },
  {
    name: 'tenant_ids', tenancy: 'shared', comment: 'Which id each tenant was given: a tenant that the registry lost is put back under it',
    columns: [text('key'), { name: 'id', type: 'uuid', notNull: true }, text('isolation'), instant('registered_at')],
    keys: [{ name: 'tenant_ids_pkey', primary: true, columns: ['key'] }], checks: [], foreignKeys: [], indexes: [], rows: [],
  },
  {
    name: 'table_tenancies', tenancy: 'shared', comment: "Whose rows each table was made for: the declaration cannot make them anybody else's",
    columns: [text('name'), text('tenancy')],
    keys: [{ name: 'table_tenancies_pkey', primary: true, columns: ['name'] }],
    checks: [{ name: 'table_tenancies_tenancy_check', expression: oneOf('tenancy', ['tenant', 'reference', 'shared']) }],
    foreignKeys: [], indexes: [], rows: [],
  },
  {
    name: 'applies', tenancy: 'shared', comment: 'The ledger: every apply, in order',
    columns: [
      { name: 'generation', type: 'bigint', notNull: true }, text('manifest_digest'), text('outcome'), text('actor'), text('library_version'),
      { name: 'changes', type: 'integer', notNull: false }, instant('started_at'), { name: 'finished_at', type: 'timestamptz', notNull: false },
    ],
    keys: [{ name: 'applies_pkey', primary: true, columns: ['generation'] }],
    checks: [{ name: 'applies_outcome_check', expression: oneOf('outcome', ['running', 'done', 'failed', 'interrupted']) }],
    foreignKeys: [], indexes: [], rows: [],
  },
  {
    name: 'applied_state', tenancy: 'shared', comment: 'What the last apply that ended well had to bring about: what differs from that was changed by hand',
    columns: [
      { name: 'generation', type: 'bigint', notNull: true }, text('library_version'),
      { name: 'declaration', type: 'jsonb', notNull: true }, { name: 'tenants', type: 'jsonb', notNull: true }, { name: 'refused', type: 'jsonb', notNull: true }, instant('recorded_at'),
    ],
    keys: [{ name: 'applied_state_pkey', primary: true, columns: ['generation'] }],
    checks: [], foreignKeys: [], indexes: [], rows: [],
  },
  {
    name: 'verifications', tenancy: 'shared', comment: 'What each verification found; the evidence itself lies in a file',
    columns: [instant('started_at'), { name: 'generation', type: 'bigint', notNull: false }, text('outcome'), { name: 'summary', type: 'jsonb', notNull: true }],
    keys: [{ name: 'verifications_pkey', primary: true, columns: ['started_at'] }],
    checks: [{ name: 'verifications_outcome_check', expression: oneOf('outcome', ['isolated', 'breached', 'unknown']) }],
    foreignKeys: [], indexes: [], rows: [],
  },
  {
    name: 'passwords', tenancy: 'shared', comment: 'Logins whose password was set: when, and where it is kept. No password is in here',
    columns: [
      text('login'), { name: 'role_oid', type: 'oid', notNull: true, comment: 'A role that was made anew under the same name has no password' }, text('location'),
      { name: 'version', type: 'text', notNull: false, comment: 'Of the secret, where it has versions' }, instant('set_at'),
    ],
    keys: [{ name: 'passwords_pkey', primary: true, columns: ['login'] }],
    checks: [], foreignKeys: [], indexes: [], rows: [],
  },
  ...TENANT_LIBRARY_TABLES,
  ...DEFINITION_LIBRARY_TABLES,
  ...FLEET_LIBRARY_TABLES,
  ...PLACE_LIBRARY_TABLES,
  KNOWN_PLACES_TABLE,
  CONTEXT_KEYS_TABLE,
  ...ACCESS_LIBRARY_TABLES,
  POLICY_HOLDERS_TABLE,
  {
    name: 'canonical_forms', tenancy: 'shared', comment: "Declared expressions as this server's version prints them",
    columns: [{ name: 'server_major', type: 'integer', notNull: true }, text('digest'), { name: 'forms', type: 'jsonb', notNull: true }],
    keys: [{ name: 'canonical_forms_pkey', primary: true, columns: ['server_major', 'digest'] }],
    checks: [], foreignKeys: [], indexes: [], rows: [],
  },
];

/**
 * @param answers - about which tenants `placement` answers: a condition on the row `t` of the registry. @default - all
 */
export function libraryFunctions(users: readonly string[], answers?: string): LibraryFunction[] {
  const also = answers === undefined ? '' : ` and ${answers}`;
  return [
    {
      name: 'usage', arguments: '', types: '', returns: 'TABLE(tenant_key text, tier text, isolation text, method text, bytes bigint, quota bigint, percent numeric, measured_at timestamp with time zone)',
      volatility: 'stable', language: 'sql', grantees: [],
      body: `
select t.key, t.tier, t.isolation, u.method, u.bytes, limits.storage_quota, round(100.0 * u.bytes / nullif(limits.storage_quota, 0), 1), u.measured_at
  from tenantry.tenants t join tenantry.tenant_usage u on u.tenant_key = t.key left join tenantry.tiers limits on limits.name = t.tier
`,
    },
    {
      name: 'placement', arguments: 'tenant_key text', types: 'text', returns: 'TABLE(id uuid, isolation text, state text, database_name text, schema_name text, version integer, pool_size integer, server text)',
      volatility: 'stable', language: 'sql', grantees: users,
      body: `
select t.id, t.isolation, t.state, t.database_name, t.schema_name, t.version, limits.pool_size, t.server from tenantry.tenants t left join tenantry.tiers limits on limits.name = t.tier where t.key = tenant_key${also}
`,
    },
  ];
}
