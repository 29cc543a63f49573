import type { ShapeTable } from './shape';

export const TENANT_APPLIES = 'tenant_applies';

/** What each apply did to each tenant that has a place of its own. */
export const FLEET_LIBRARY_TABLES: readonly ShapeTable[] = [
  {
    name: TENANT_APPLIES, tenancy: 'shared', comment: 'How each apply ended for each tenant whose place it changed, or failed to change',
    columns: [
      { name: 'generation', type: 'bigint', notNull: true }, { name: 'tenant', type: 'text', notNull: true }, { name: 'outcome', type: 'text', notNull: true },
      { name: 'changes', type: 'integer', notNull: true }, { name: 'error_code', type: 'text', notNull: false }, { name: 'error', type: 'text', notNull: false, comment: 'Without values of rows' },
      { name: 'started_at', type: 'timestamptz', notNull: true }, { name: 'finished_at', type: 'timestamptz', notNull: true, default: 'clock_timestamp()' },
    ],
    keys: [{ name: 'tenant_applies_pkey', primary: true, columns: ['generation', 'tenant'] }],
    checks: [{ name: 'tenant_applies_outcome_check', expression: "outcome in ('changed', 'failed')" }],
    foreignKeys: [], indexes: [{ name: 'tenant_applies_tenant_generation_idx', columns: ['tenant', 'generation'], unique: false }], rows: [],
  },
];
