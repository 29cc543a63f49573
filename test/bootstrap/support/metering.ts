import type { SchemaInput } from '../../../lib/declaration';

const ME = "(select nullif(current_setting('app.user_id', true), '')::uuid)";
const somebody = '7b9e3c4a-0d52-4c1e-9a68-3f1d5e7c2b90';

/** Partitioned tables of each sort, with what else a table can have. */
export const metering = {
  name: 'shop',
  tables: {
    people: { tenancy: 'tenant', columns: { id: { type: 'uuid' } }, primaryKey: ['id'] },
    units: { tenancy: 'reference', columns: { code: { type: 'text' } }, primaryKey: ['code'], rows: [{ code: 'kWh' }] },
    events: {
      tenancy: 'tenant', comment: 'What happened',
      columns: {
        id: { type: 'uuid', default: 'gen_random_uuid()' }, at: { type: 'timestamptz', default: 'now()' }, author: { type: 'uuid', example: `'${somebody}'` },
        person: { type: 'uuid', nullable: true, references: 'people.id' }, unit: { type: 'text', references: 'units.code' },
        amount: { type: 'integer', default: '0', check: 'amount >= 0' }, twice: { type: 'integer', generated: 'amount * 2' }, note: { type: 'text', nullable: true },
      },
      primaryKey: ['id', 'at'], unique: [['author', 'at']], indexes: [['amount'], { columns: ['note'], where: 'note is not null' }],
      partitionBy: { range: 'at', every: 'month', ahead: 2 },
      triggers: { touch: { timing: 'before', events: ['insert'], function: 'touch' } },
      policies: { own: { to: ['clerk'], using: `author = ${ME}`, settings: { 'app.user_id': somebody } } },
    },
    readings: {
      tenancy: 'tenant', columns: { id: { type: 'bigint' }, value: { type: 'numeric' } }, primaryKey: ['id'], partitionBy: { hash: 3 },
    },
    remarks: {
      tenancy: 'tenant', columns: { id: { type: 'uuid', default: 'gen_random_uuid()' }, event: { type: 'uuid' }, event_at: { type: 'timestamptz' } }, primaryKey: ['id'],
      foreignKeys: [{ columns: ['event', 'event_at'], references: { table: 'events', columns: ['id', 'at'] }, onDelete: 'cascade' }],
    },
    visits: { tenancy: 'shared', columns: { day: { type: 'date' }, page: { type: 'text' } }, primaryKey: ['day', 'page'], partitionBy: { range: 'day', every: 'week', ahead: 0 } },
  },
  roles: {
    app: { login: 'iam', tables: { people: 'write', units: 'read', events: 'write', readings: 'write', remarks: 'write' } },
    clerk: { login: 'iam', tables: { events: 'write', units: 'read', people: 'read' } },
    auditor: { scope: 'all', login: 'password', tables: { events: 'read', visits: 'read' } },
    dump: { kind: 'backup' },
  },
  functions: { touch: { returns: 'trigger', body: "begin new.note := coalesce(new.note, 'new'); return new; end" } },
} as const satisfies SchemaInput;
