import type { ShapeTable } from './shape';

const text = (name: string) => ({ name, type: 'text', notNull: true });
const instant = (name: string, extra: object = {}) => ({ name, type: 'timestamptz', notNull: true, default: 'now()', ...extra });

/** Who may look into tenants' rows until when, and who did. */
export const ACCESS_LIBRARY_TABLES: readonly ShapeTable[] = [
  {
    name: 'access_grants', tenancy: 'shared', comment: 'Access of people to the rows of tenants, each for a time',
    columns: [
      { name: 'id', type: 'uuid', notNull: true }, text('member'), text('role'), text('reason'), instant('valid_from'), { name: 'valid_until', type: 'timestamptz', notNull: true },
      text('granted_by'), { name: 'declared', type: 'boolean', notNull: true }, { name: 'revoked_at', type: 'timestamptz', notNull: false }, { name: 'revoked_by', type: 'text', notNull: false },
    ],
    keys: [{ name: 'access_grants_pkey', primary: true, columns: ['id'] }], checks: [], foreignKeys: [], indexes: [], rows: [],
  },
  {
    name: 'access_log', tenancy: 'shared', comment: 'Each time that somebody entered a tenant with such an access. Rows are added by tenantry.enter_support alone',
    columns: [
      { name: 'id', type: 'uuid', notNull: true, default: 'gen_random_uuid()' }, { name: 'grant_id', type: 'uuid', notNull: true }, text('member'), text('role'),
      { name: 'tenant_id', type: 'uuid', notNull: true }, text('tenant_key'), text('reason'), instant('entered_at', { default: 'clock_timestamp()' }),
      { name: 'xid', type: 'xid8', notNull: true, default: 'pg_current_xact_id()' },
      instant('transaction_at', { comment: 'Start of the transaction: with xid it tells that transaction apart from all others, also on a server to which the rows were restored' }),
    ],
    keys: [{ name: 'access_log_pkey', primary: true, columns: ['id'] }], checks: [], foreignKeys: [], indexes: [{ name: 'access_log_xid_idx', columns: ['xid'], unique: false }], rows: [],
  },
];
