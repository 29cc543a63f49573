import type { SchemaInput } from '../../../lib/declaration';

/** Orders with functions, triggers, views and sequences of each tenancy; they use one another against the order in which they stand. */
export const definitions = {
  name: 'shop',
  tables: {
    countries: { tenancy: 'reference', columns: { code: { type: 'char(2)' }, name: { type: 'text' } }, primaryKey: ['code'], rows: [{ code: 'de', name: 'Germany' }] },
    orders: {
      tenancy: 'tenant',
      columns: {
        id: { type: 'uuid', default: 'gen_random_uuid()' }, country: { type: 'char(2)', references: 'countries.code' }, status: { type: 'text', default: "'new'" }, total: { type: 'numeric' },
        touched: { type: 'integer', default: '0' },
      },
      primaryKey: ['id'],
      triggers: {
        touch: { timing: 'before', events: { update: ['total'] }, when: 'old.total is distinct from new.total -- only then', function: 'touch' },
        log: { timing: 'after', events: ['insert', 'delete'], function: 'log' },
      },
    },
    logs: { tenancy: 'tenant', columns: { id: { type: 'uuid', default: 'gen_random_uuid()' }, what: { type: 'text' } }, primaryKey: ['id'] },
    flags: { tenancy: 'shared', columns: { name: { type: 'text' }, enabled: { type: 'boolean' } }, primaryKey: ['name'] },
  },
  roles: {
    app: { login: 'iam', tables: { orders: 'write', logs: 'append', countries: 'read' } },
    auditor: { scope: 'all', tables: { orders: 'read', logs: 'read', countries: 'read' } },
    dump: { kind: 'backup' },
  },
  functions: {
    new_orders: { returns: 'bigint', volatility: 'stable', body: 'select count(*) from open_orders', execute: ['app'] },
    total_of: { arguments: [{ name: 'order_id', type: 'uuid' }, { name: 'factor', type: 'numeric(4,1)', default: '1 -- once' }], returns: 'numeric', volatility: 'stable', body: 'select total * factor from orders where id = order_id', execute: ['app', 'auditor'] },
    names: { arguments: [{ name: 'wanted', type: 'char(2)' }], returns: { table: { code: 'char(2)', name: 'text' } }, volatility: 'stable', body: 'select c.code, c.name from countries c where c.code = wanted', execute: ['app'] },
    touch: { returns: 'trigger', body: 'begin new.touched := old.touched + 1; return new; end' },
    log: { returns: 'trigger', body: 'begin insert into logs (what) values (tg_op); return null; end' },
    is_on: { tenancy: 'shared', arguments: [{ name: 'flag', type: 'text' }], returns: 'boolean', security: 'definer', reason: 'its callers see one flag and not the others', volatility: 'stable', body: 'select enabled from flags where name = flag', execute: ['app'] },
  },
  views: {
    big_orders: { query: 'select id, total from open_orders where total > 100 -- large', read: ['app'] },
    open_orders: { query: "select id, country, total, total_of(id) as again from orders where status = 'new'", securityBarrier: true, read: ['app', 'auditor'] },
    where_from: { tenancy: 'reference', columns: ['code', 'is'], query: 'select code, name from countries', read: ['app'] },
  },
  sequences: {
    numbers: { start: 1000, increment: 10, cache: 5, use: ['app'] },
    tickets: { tenancy: 'shared', type: 'integer', increment: -1, cycle: true },
  },
} as const satisfies SchemaInput;
