import { defineSchema } from '../../../lib/declaration';
import type { SchemaInput } from '../../../lib/declaration';

/** A shop, small and with one of everything: masked columns, a role that sees all tenants, each tenancy, each kind of constraint. */
export const shopInput = {
  name: 'shop',
  tables: {
    countries: {
      tenancy: 'reference', columns: { code: { type: 'char(2)' }, name: { type: 'text' } }, primaryKey: ['code'],
      rows: [{ code: 'de', name: 'Germany' }, { code: 'fr', name: "France, \"l'Hexagone\"" }],
    },
    customers: {
      tenancy: 'tenant',
      columns: {
        id: { type: 'uuid', default: 'gen_random_uuid()' }, email: { type: 'text', data: 'personal' }, name: { type: 'text', nullable: true },
        created_at: { type: 'timestamptz', default: 'now()' },
      },
      primaryKey: ['id'], unique: [['email']],
    },
    orders: {
      tenancy: 'tenant', comment: 'What was ordered',
      columns: {
        id: { type: 'uuid', default: 'gen_random_uuid()' },
        customer_id: { type: 'uuid', references: 'customers.id', onDelete: 'cascade' },
        referrer_id: { type: 'uuid', nullable: true, references: 'customers.id', onDelete: 'setNull' },
        country: { type: 'char(2)', references: 'countries.code' },
        total: { type: 'numeric(12,2)', check: 'total >= 0' },
        tax: { type: 'numeric(12,2)', generated: 'total * 0.19' },
        note: { type: 'text', nullable: true, comment: "The customer's words" },
      },
      primaryKey: ['id'], indexes: [['total'], { columns: ['note'], where: 'note is not null' }],
      checks: { note_length: 'length(note) < 1000' },
    },
    flags: { tenancy: 'shared', columns: { name: { type: 'text' }, enabled: { type: 'boolean', default: 'false' } }, primaryKey: ['name'] },
  },
  roles: {
    app: { login: 'iam', tables: { customers: 'write', orders: 'write', countries: 'read' } },
    support: { login: 'iam', tables: { customers: 'read', orders: 'append' }, masked: ['customers.email'] },
    auditor: { scope: 'all', login: 'password', tables: { customers: 'read', orders: 'read', flags: 'read' }, connectionLimit: 5 },
  },
} as const satisfies SchemaInput;

export const shop = defineSchema(shopInput);

/** One tenant of each isolation. */
export const tenants = { acme: { isolation: 'row' }, globex: { isolation: 'schema' }, initech: { isolation: 'database' } } as const;
