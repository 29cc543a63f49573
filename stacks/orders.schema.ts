import { defineSchema } from 'tenantry/declaration';

/** An order system: what a company sells, to whom, and what it was paid. */
export const orders = defineSchema({
  name: 'orders',
  tables: {
    countries: {
      tenancy: 'reference',
      columns: { code: { type: 'char(2)', check: "code ~ '^[A-Z]{2}$'", example: "'DE'" }, name: { type: 'text', unique: true } },
      primaryKey: ['code'],
      rows: [
        { code: 'AT', name: 'Austria' }, { code: 'CH', name: 'Switzerland' }, { code: 'DE', name: 'Germany' }, { code: 'FR', name: 'France' },
        { code: 'GB', name: 'United Kingdom' }, { code: 'US', name: 'United States' },
      ],
      comment: 'ISO 3166-1',
    },
    currencies: {
      tenancy: 'reference',
      columns: { code: { type: 'char(3)' }, name: { type: 'text' }, decimals: { type: 'smallint', default: '2', check: 'decimals BETWEEN 0 AND 4', example: '2' } },
      primaryKey: ['code'],
      rows: [{ code: 'CHF', name: 'Swiss franc' }, { code: 'EUR', name: 'Euro' }, { code: 'GBP', name: 'Pound sterling' }, { code: 'USD', name: 'US dollar' }],
      comment: 'ISO 4217',
    },
    customers: {
      tenancy: 'tenant',
      columns: {
        id: { type: 'uuid', default: 'gen_random_uuid()' },
        email: { type: 'text', data: 'personal', check: "position('@' in email) > 1", example: "'probe@example.invalid'" },
        name: { type: 'text', data: 'personal' },
        phone: { type: 'text', nullable: true, data: 'personal' },
        country: { type: 'char(2)', references: 'countries.code', example: "'DE'" },
        created_at: { type: 'timestamptz', default: 'now()' },
      },
      primaryKey: ['id'],
      unique: [['email']],
      indexes: [['created_at']],
      comment: 'Who buys',
    },
    products: {
      tenancy: 'tenant',
      columns: {
        id: { type: 'uuid', default: 'gen_random_uuid()' },
        sku: { type: 'varchar(40)', comment: 'Stock keeping unit' },
        name: { type: 'text' },
        price: { type: 'numeric(12,2)', check: 'price >= 0', example: '1' },
        currency: { type: 'char(3)', references: 'currencies.code', example: "'EUR'" },
        active: { type: 'boolean', default: 'true' },
        attributes: { type: 'jsonb', default: "'{}'" },
      },
      primaryKey: ['id'],
      unique: [['sku']],
      indexes: [{ columns: ['name'], where: 'active' }],
    },
    orders: {
      tenancy: 'tenant',
      columns: {
        id: { type: 'uuid', default: 'gen_random_uuid()' },
        customer_id: { type: 'uuid', references: 'customers.id' },
        status: { type: 'varchar(20)', default: "'open'", check: "status IN ('open', 'paid', 'shipped', 'cancelled')", example: "'open'" },
        currency: { type: 'char(3)', references: 'currencies.code', example: "'EUR'" },
        total: { type: 'numeric(12,2)', default: '0', check: 'total >= 0', example: '1' },
        placed_at: { type: 'timestamptz', default: 'now()' },
        shipped_at: { type: 'timestamptz', nullable: true },
      },
      primaryKey: ['id'],
      indexes: [['placed_at'], ['customer_id', 'placed_at']],
      checks: { shipped_after_placed: 'shipped_at IS NULL OR shipped_at >= placed_at' },
    },
    order_lines: {
      tenancy: 'tenant',
      columns: {
        order_id: { type: 'uuid', references: 'orders.id', onDelete: 'cascade' },
        line: { type: 'integer', check: 'line > 0', example: '1' },
        product_id: { type: 'uuid', references: 'products.id', onDelete: 'restrict' },
        quantity: { type: 'integer', check: 'quantity > 0', example: '1' },
        price: { type: 'numeric(12,2)', check: 'price >= 0', example: '1' },
        amount: { type: 'numeric(14,2)', generated: 'quantity * price' },
      },
      primaryKey: ['order_id', 'line'],
    },
    payments: {
      tenancy: 'tenant',
      columns: {
        id: { type: 'uuid', default: 'gen_random_uuid()' },
        order_id: { type: 'uuid', references: 'orders.id', onDelete: 'restrict' },
        amount: { type: 'numeric(12,2)', check: 'amount > 0', example: '1' },
        method: { type: 'varchar(20)', check: "method IN ('card', 'transfer', 'invoice')", example: "'card'" },
        account: { type: 'text', nullable: true, data: 'sensitive', comment: 'Where the money came from' },
        paid_at: { type: 'timestamptz', default: 'now()' },
      },
      primaryKey: ['id'],
      indexes: [['paid_at']],
    },
    documents: {
      tenancy: 'tenant',
      columns: {
        id: { type: 'uuid', default: 'gen_random_uuid()' },
        customer_id: { type: 'uuid', nullable: true, references: 'customers.id', onDelete: 'setNull' },
        title: { type: 'text' },
        body: { type: 'text', data: 'sensitive' },
        tags: { type: 'text[]', default: "'{}'" },
        created_at: { type: 'timestamptz', default: 'now()' },
      },
      primaryKey: ['id'],
    },
    events: {
      tenancy: 'tenant',
      columns: {
        id: { type: 'uuid', default: 'gen_random_uuid()' },
        kind: { type: 'varchar(60)' },
        payload: { type: 'jsonb' },
        occurred_at: { type: 'timestamptz', default: 'now()' },
      },
      primaryKey: ['id'],
      indexes: [['occurred_at'], ['kind', 'occurred_at']],
      comment: 'What happened; only ever appended',
    },
    settings: {
      tenancy: 'tenant',
      columns: { name: { type: 'varchar(100)' }, value: { type: 'jsonb' }, changed_at: { type: 'timestamptz', default: 'now()' } },
      primaryKey: ['name'],
    },
  },
  roles: {
    app: {
      login: 'iam',
      tables: {
        countries: 'read', currencies: 'read', customers: 'write', products: 'write', orders: 'write', order_lines: 'write', payments: 'append', documents: 'write',
        events: 'append', settings: 'write',
      },
    },
    reporting: {
      login: 'iam',
      tables: { countries: 'read', currencies: 'read', products: 'read', orders: 'read', order_lines: 'read', payments: 'read' },
      masked: ['payments.account'],
      connectionLimit: 20,
    },
    support: {
      login: 'iam',
      tables: { countries: 'read', customers: 'read', orders: 'read', order_lines: 'read', documents: 'read' },
      masked: ['customers.email', 'customers.phone', 'documents.body'],
      connectionLimit: 10,
    },
    auditor: { scope: 'all', login: 'iam', tables: { orders: 'read', order_lines: 'read', payments: 'read', events: 'read' }, masked: ['payments.account'], connectionLimit: 5 },
  },
});
