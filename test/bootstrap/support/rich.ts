import type { PasswordStore } from '../../../lib/bootstrap/connect/password-store';
import type { SchemaInput } from '../../../lib/declaration';
import { manifestOf } from './platform-data';
import { shopInput, tenants } from './shop';

const USER = "(select nullif(current_setting('app.user_id', true), '')::uuid)";

/** At most eight hours from now. */
export const ACCESS_UNTIL = new Date(Date.now() + 4 * 3_600_000).toISOString();

/** The shop with a use of every feature, so that every kind of catalog object has something to compare. */
export const richInput = {
  ...shopInput,
  tenantContext: 'signed',
  exclusive: ['sequence'],
  extensions: { citext: {}, hstore: { version: '1.8' } },
  domains: {
    address: { type: 'text', check: "value ~ '@'", comment: 'An address' }, amount: { type: 'numeric(12,2)', check: 'value >= 0' }, code: { type: 'varchar(8)', default: "'none'" },
    label: { type: 'text', nullable: false }, plain: { type: 'text' },
  },
  tables: {
    ...shopInput.tables,
    notes: {
      tenancy: 'tenant',
      columns: {
        id: { type: 'uuid', default: 'gen_random_uuid()' }, author: { type: 'uuid' }, state: { type: 'code' }, body: { type: 'text' }, seen: { type: 'integer', default: '0' },
      },
      primaryKey: ['id'],
      triggers: {
        touch: { timing: 'before', events: { update: ['body'] }, when: 'old.body is distinct from new.body', function: 'touch' },
        log: { timing: 'after', events: ['insert', 'delete'], function: 'log' },
      },
      policies: {
        own: { to: ['editor'], using: `author = ${USER}` },
        sent: { for: 'update', to: ['editor'], using: "state = 'sent'" },
        anything: { for: 'insert', to: ['viewer'], check: 'author is not null' },
      },
    },
    logs: { tenancy: 'tenant', columns: { id: { type: 'uuid', default: 'gen_random_uuid()' }, what: { type: 'text' } }, primaryKey: ['id'] },
    events: {
      tenancy: 'tenant', columns: { id: { type: 'uuid', default: 'gen_random_uuid()' }, at: { type: 'timestamptz', default: 'now()' }, what: { type: 'text' }, country: { type: 'char(2)', nullable: true, references: 'countries.code' } }, primaryKey: ['id', 'at'], partitionBy: { range: 'at', every: 'month', ahead: 1 },
      triggers: { log: { timing: 'after', events: ['insert'], function: 'log' } },
    },
  },
  roles: {
    ...shopInput.roles,
    editor: { tables: { notes: 'write', logs: 'append', events: 'append' } },
    viewer: { tables: { notes: { select: ['id', 'body'], insert: true, update: ['body'] }, logs: 'append' } },
    deploy: { kind: 'migrator', login: 'iam', settings: { lockTimeout: '5s', workMem: '64MB' } },
    dump: { kind: 'backup' },
    helpdesk: { kind: 'support', tables: { notes: 'read' } },
  },
  supportAccess: [{ member: 'anna', role: 'helpdesk', until: ACCESS_UNTIL, reason: 'Ticket 4711' }],
  tiers: { standard: { statementTimeout: '30s', workMem: '8MB', poolSize: 2 }, large: { tempFileLimit: '1GB' } },
  functions: {
    count_notes: { returns: 'bigint', volatility: 'stable', body: 'select count(*) from open_notes', execute: ['viewer'] },
    length_of: { arguments: [{ name: 'note_id', type: 'uuid' }, { name: 'factor', type: 'integer', default: '1' }], returns: 'integer', volatility: 'stable', body: 'select length(body) * factor from notes where id = note_id', execute: ['viewer', 'editor'] },
    half: { arguments: [{ name: 'n', type: 'integer' }], returns: 'integer', volatility: 'immutable', body: 'select n / 2' },
    touch: { returns: 'trigger', body: 'begin new.seen := old.seen + 1; return new; end' },
    log: { returns: 'trigger', body: 'begin insert into logs (what) values (tg_op); return null; end' },
    is_on: { tenancy: 'shared', arguments: [{ name: 'flag', type: 'text' }], returns: 'boolean', security: 'definer', reason: 'its callers see one flag and not the others', volatility: 'stable', body: 'select enabled from flags where name = flag', execute: ['app'] },
  },
  views: {
    open_notes: { query: "select id, body, length_of(id) as length from notes where body <> ''", securityBarrier: true, read: ['viewer', 'editor'] },
    long_notes: { query: 'select id, length from open_notes where length > 100', read: ['viewer'] },
    where_from: { tenancy: 'reference', query: 'select code from countries', read: ['app'] },
  },
  sequences: {
    numbers: { start: 1000, increment: 10, cache: 5, use: ['viewer'] },
    tickets: { tenancy: 'shared', type: 'integer', increment: -1, cycle: true },
    few: { tenancy: 'shared', type: 'smallint' },
  },
  publications: {
    changes: { tables: ['notes', 'countries'], operations: ['insert', 'update'] },
    sales: { tables: ['notes'], operations: ['insert'], rowFilter: { notes: 'seen >= 0' } },
  },
} as const satisfies SchemaInput;

export const rich = manifestOf(richInput, { tenants });

/** Keeps nothing, in a place that the manifest names. */
export const richStore: PasswordStore = { place: () => Promise.resolve({ location: 'nowhere', declared: true, empty: false }), keep: () => Promise.resolve(undefined) };
