/* Compiled by test/declaration/types.test.ts, never run: each @ts-expect-error is an error of its own when the line below it compiles. */
import { defineSchema, type RoleNameOf, type RowOf } from '../../lib/declaration';

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const holds = <_ extends true>(): void => undefined;
type Flat<T> = { [K in keyof T]: T[K] };

const id = { type: 'uuid' } as const;

export const shop = defineSchema({
  name: 'shop',
  tables: {
    customers: { tenancy: 'tenant', columns: { id, email: { type: 'text' }, tags: { type: 'text[]', nullable: true }, data: { type: 'jsonb' } }, primaryKey: ['id'] },
    orders: {
      tenancy: 'tenant', columns: { id, customer_id: { type: 'uuid', references: 'customers.id' }, total: { type: 'numeric(12,2)' }, n: { type: 'integer', nullable: true }, at: { type: 'timestamptz' }, big: { type: 'bigint' } },
      primaryKey: ['id'], unique: [['customer_id', 'at']], indexes: [['total'], { columns: ['n'], where: 'n > 0' }], foreignKeys: [{ columns: ['customer_id'], references: { table: 'customers', columns: ['id'] } }],
    },
    countries: { tenancy: 'reference', columns: { code: { type: 'char(2)' }, eu: { type: 'boolean' } }, primaryKey: ['code'], rows: [{ code: 'de', eu: true }] },
  },
  roles: { app: { login: 'iam', tables: { orders: 'write' } }, auditor: { scope: 'all', tables: { customers: 'read' }, masked: ['customers.email'] } },
});

holds<Equal<Flat<RowOf<typeof shop, 'customers'>>, { tenant_id: string; id: string; email: string; tags: string[] | null; data: unknown }>>();
holds<Equal<Flat<RowOf<typeof shop, 'orders'>>, { tenant_id: string; id: string; customer_id: string; total: string; n: number | null; at: Date; big: string }>>();
holds<Equal<Flat<RowOf<typeof shop, 'countries'>>, { code: string; eu: boolean }>>();
holds<Equal<RoleNameOf<typeof shop>, 'app' | 'auditor'>>();
// @ts-expect-error -- no such table
export type NoRow = RowOf<typeof shop, 'order'>;

const tables = { orders: { tenancy: 'tenant', columns: { id, total: { type: 'integer' } }, primaryKey: ['id'] } } as const;

// @ts-expect-error -- no such column in a primary key
defineSchema({ name: 's', tables: { orders: { tenancy: 'tenant', columns: { id }, primaryKey: ['ids'] } } });
// @ts-expect-error -- no such column in a unique key
defineSchema({ name: 's', tables: { orders: { tenancy: 'tenant', columns: { id }, primaryKey: ['id'], unique: [['ids']] } } });
// @ts-expect-error -- no such column in an index
defineSchema({ name: 's', tables: { orders: { tenancy: 'tenant', columns: { id }, primaryKey: ['id'], indexes: [['ids']] } } });
// @ts-expect-error -- no such column in a longer index
defineSchema({ name: 's', tables: { orders: { tenancy: 'tenant', columns: { id }, primaryKey: ['id'], indexes: [{ columns: ['ids'] }] } } });
// @ts-expect-error -- no such table in a reference
defineSchema({ name: 's', tables: { orders: { tenancy: 'tenant', columns: { id, x: { type: 'uuid', references: 'order.id' } }, primaryKey: ['id'] } } });
// @ts-expect-error -- no such column in a reference
defineSchema({ name: 's', tables: { orders: { tenancy: 'tenant', columns: { id, x: { type: 'uuid', references: 'orders.ids' } }, primaryKey: ['id'] } } });
// @ts-expect-error -- no such table in a foreign key
defineSchema({ name: 's', tables: { orders: { tenancy: 'tenant', columns: { id }, primaryKey: ['id'], foreignKeys: [{ columns: ['id'], references: { table: 'order', columns: ['id'] } }] } } });
// @ts-expect-error -- no such column in the target of a foreign key
defineSchema({ name: 's', tables: { orders: { tenancy: 'tenant', columns: { id }, primaryKey: ['id'], foreignKeys: [{ columns: ['id'], references: { table: 'orders', columns: ['ids'] } }] } } });
// @ts-expect-error -- no such type
defineSchema({ name: 's', tables: { orders: { tenancy: 'tenant', columns: { id: { type: 'uid' } }, primaryKey: ['id'] } } });
// @ts-expect-error -- no such tenancy
defineSchema({ name: 's', tables: { orders: { tenancy: 'tenants', columns: { id }, primaryKey: ['id'] } } });
// @ts-expect-error -- no such property of a column
defineSchema({ name: 's', tables: { orders: { tenancy: 'tenant', columns: { id: { type: 'uuid', nulable: true } }, primaryKey: ['id'] } } });
// @ts-expect-error -- no such property of a table
defineSchema({ name: 's', tables: { orders: { tenancy: 'tenant', columns: { id }, primaryKey: ['id'], index: [['id']] } } });
// @ts-expect-error -- no such column in a row
defineSchema({ name: 's', tables: { countries: { tenancy: 'reference', columns: { code: { type: 'text' } }, primaryKey: ['code'], rows: [{ cod: 'de' }] } } });
// @ts-expect-error -- no such table in a role
defineSchema({ name: 's', tables, roles: { app: { tables: { order: 'read' } } } });
// @ts-expect-error -- no such access
defineSchema({ name: 's', tables, roles: { app: { tables: { orders: 'all' } } } });
// @ts-expect-error -- no such column in a privilege
defineSchema({ name: 's', tables, roles: { app: { tables: { orders: { select: ['totl'] } } } } });
// @ts-expect-error -- no such role in a policy
defineSchema({ name: 's', tables: { orders: { ...tables.orders, policies: { p: { to: ['ap'], using: 'true' } } } }, roles: { app: { tables: { orders: 'read' } } } });
defineSchema({ name: 's', tables: { orders: { ...tables.orders, policies: { p: { for: 'select', to: ['app'], using: 'true' } } } }, roles: { app: { tables: { orders: { select: ['id'], insert: true, delete: true } } } } });
// @ts-expect-error -- no such masked column
defineSchema({ name: 's', tables, roles: { app: { tables: { orders: 'read' }, masked: ['orders.totl'] } } });
// @ts-expect-error -- no such property of a role
defineSchema({ name: 's', tables, roles: { app: { tables: { orders: 'read' }, scop: 'all' } } });
defineSchema({
  name: 's', tables, supportAccess: [{ member: 'anna', role: 'desk', until: '2026-05-31T18:00:00Z', reason: 'x' }],
  roles: { deploy: { kind: 'migrator', login: 'iam', settings: { lockTimeout: '5s', workMem: '64MB' } }, dump: { kind: 'backup', login: 'iam' }, desk: { kind: 'support', tables: { orders: 'read' }, maxDuration: '2h' } },
});
// @ts-expect-error -- no such kind of role
defineSchema({ name: 's', tables, roles: { dump: { kind: 'bakcup' } } });
// @ts-expect-error -- a role of an application names its tables
defineSchema({ name: 's', tables, roles: { app: { login: 'iam' } } });
// @ts-expect-error -- no such setting
defineSchema({ name: 's', tables, roles: { app: { login: 'iam', tables: {}, settings: { statementTimout: '5s' } } } });
// @ts-expect-error -- a time without its unit
defineSchema({ name: 's', tables, roles: { app: { login: 'iam', tables: {}, settings: { statementTimeout: '5' } } } });
// @ts-expect-error -- access as a role that there is not
defineSchema({ name: 's', tables, roles: { desk: { kind: 'support', tables: {} } }, supportAccess: [{ member: 'anna', role: 'dsek', until: '2026-05-31T18:00:00Z', reason: 'x' }] });

export const withDomains = defineSchema({
  name: 's', extensions: { citext: { version: '1.6' } }, domains: { email: { type: 'text', check: "value ~ '@'" }, count: { type: 'integer' } },
  tables: { people: { tenancy: 'tenant', columns: { id, email: { type: 'email', nullable: true }, n: { type: 'count' } }, primaryKey: ['id'] } }, publications: { changes: { tables: ['people'], rowFilter: { people: 'true' } } },
});
holds<Equal<Flat<RowOf<typeof withDomains, 'people'>>, { tenant_id: string; id: string; email: string | null; n: number }>>();
// @ts-expect-error -- no such domain
defineSchema({ name: 's', domains: { email: { type: 'text' } }, tables: { people: { tenancy: 'tenant', columns: { id, email: { type: 'emial' } }, primaryKey: ['id'] } } });
// @ts-expect-error -- no such property of a domain
defineSchema({ name: 's', domains: { email: { type: 'text', checks: 'true' } }, tables });
// @ts-expect-error -- no such property of an extension
defineSchema({ name: 's', extensions: { citext: { versoin: '1.6' } }, tables });
// @ts-expect-error -- no such table in a publication
defineSchema({ name: 's', tables, publications: { changes: { tables: ['order'] } } });
// @ts-expect-error -- no such operation
defineSchema({ name: 's', tables, publications: { changes: { tables: ['orders'], operations: ['truncate'] } } });
