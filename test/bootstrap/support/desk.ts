import type { SchemaInput } from '../../../lib/declaration';

/** A help desk with each kind of role. */
export const deskInput = {
  name: 'desk',
  tables: {
    countries: { tenancy: 'reference', columns: { code: { type: 'char(2)' } }, primaryKey: ['code'], rows: [{ code: 'de' }] },
    notes: { tenancy: 'tenant', columns: { id: { type: 'uuid', default: 'gen_random_uuid()' }, body: { type: 'text' } }, primaryKey: ['id'] },
    flags: { tenancy: 'shared', columns: { name: { type: 'text' } }, primaryKey: ['name'] },
  },
  roles: {
    app: { login: 'iam', tables: { notes: 'write', countries: 'read' }, settings: { statementTimeout: '30s', defaultTransactionIsolation: 'repeatable read' } },
    auditor: { scope: 'all', tables: { notes: 'read' } },
    deploy: { kind: 'migrator', login: 'iam', settings: { lockTimeout: '5s', idleInTransactionSessionTimeout: '10min', workMem: '64MB' } },
    dump: { kind: 'backup', login: 'iam', connectionLimit: 2 },
    helpdesk: { kind: 'support', tables: { notes: 'read', countries: 'read' } },
    breakglass: { kind: 'support', maxDuration: '1h', tables: { notes: 'write' } },
  },
} as const satisfies SchemaInput;

/** One tenant of each isolation. */
export const deskTenants = { acme: { isolation: 'row' }, globex: { isolation: 'schema' }, initech: { isolation: 'database' } } as const;

/** Where the rows of each are. */
export const deskPlaces = { acme: ['desk', 'desk'], globex: ['desk', 'desk__globex'], initech: ['desk__initech', 'desk'] } as const;
