import type { ShapeTable } from './shape';
import { TIER_COLUMNS } from './tier';

/** What can be done with a tenant, as `tenantry.tenant_operations` has it. */
export const TENANT_OPERATIONS = ['add', 'suspend', 'resume', 'tier', 'move', 'archive', 'offboard'] as const;
export type TenantOperationName = (typeof TENANT_OPERATIONS)[number];

export const OPERATION_STATES = ['running', 'done', 'failed'] as const;
export type OperationState = (typeof OPERATION_STATES)[number];

const oneOf = (column: string, values: readonly string[]): string => `${column} in (${values.map((value) => `'${value}'`).join(', ')})`;

/** What the library keeps about the life of tenants, besides the registry. */
export const TENANT_LIBRARY_TABLES: readonly ShapeTable[] = [
  {
    name: 'tenant_operations', tenancy: 'shared', comment: 'Everything that was done with a tenant as a whole, and by whom. It outlives the tenant',
    columns: [
      { name: 'id', type: 'uuid', notNull: true, default: 'gen_random_uuid()' },
      { name: 'tenant_key', type: 'text', notNull: true }, { name: 'tenant_id', type: 'uuid', notNull: true }, { name: 'operation', type: 'text', notNull: true },
      { name: 'step', type: 'text', notNull: false, comment: 'The last step that was begun; where it is interrupted, it goes on from there' },
      { name: 'state', type: 'text', notNull: true, default: "'running'" }, { name: 'detail', type: 'jsonb', notNull: true, default: "'{}'" },
      { name: 'generation', type: 'bigint', notNull: false, comment: 'Of the last apply at that time' },
      { name: 'started_at', type: 'timestamptz', notNull: true, default: 'clock_timestamp()' }, { name: 'finished_at', type: 'timestamptz', notNull: false },
      { name: 'actor', type: 'text', notNull: true },
    ],
    keys: [{ name: 'tenant_operations_pkey', primary: true, columns: ['id'] }],
    checks: [
      { name: 'tenant_operations_operation_check', expression: oneOf('operation', TENANT_OPERATIONS) },
      { name: 'tenant_operations_state_check', expression: oneOf('state', OPERATION_STATES) },
    ],
    foreignKeys: [],
    indexes: [
      { name: 'tenant_operations_tenant_key_idx', columns: ['tenant_key', 'started_at'], unique: false },
      { name: 'tenant_operations_running_idx', columns: ['tenant_key'], unique: true, where: "state = 'running'" },
    ],
    rows: [],
  },
  {
    name: 'tiers', tenancy: 'shared', comment: 'What tenants of each tier may use: times in milliseconds, memory and temporary files in kilobytes, the quota in bytes',
    columns: [
      { name: 'name', type: 'text', notNull: true },
      ...TIER_COLUMNS.map((name) => ({ name, type: name === 'storage_quota' ? 'bigint' : 'integer', notNull: false })),
    ],
    keys: [{ name: 'tiers_pkey', primary: true, columns: ['name'] }], checks: [], foreignKeys: [], indexes: [], rows: [],
  },
  {
    name: 'tenant_usage', tenancy: 'shared', comment: 'The storage of each tenant as it was measured last; read it by tenantry.usage()',
    columns: [
      { name: 'tenant_key', type: 'text', notNull: true }, { name: 'tenant_id', type: 'uuid', notNull: true },
      { name: 'method', type: 'text', notNull: true }, { name: 'bytes', type: 'bigint', notNull: true },
      { name: 'rows', type: 'bigint', notNull: false, comment: 'In shared tables, where they were counted' }, { name: 'measured_at', type: 'timestamptz', notNull: true },
    ],
    keys: [{ name: 'tenant_usage_pkey', primary: true, columns: ['tenant_key'] }],
    checks: [{ name: 'tenant_usage_method_check', expression: oneOf('method', ['database', 'schema', 'rows']) }],
    foreignKeys: [], indexes: [], rows: [],
  },
];
