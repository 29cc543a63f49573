import { describe, expect, it } from 'vitest';
import { defineSchema, parseDeclaration } from '../../lib/declaration';
import { refused } from '../support/refused';

type Draft = any;

const declaration = (): Draft => ({
  name: 'shop',
  tables: {
    events: { tenancy: 'tenant', columns: { id: { type: 'uuid' }, at: { type: 'timestamptz' }, code: { type: 'text', nullable: true } }, primaryKey: ['id', 'at'], unique: [['code', 'at']], partitionBy: { range: 'at', every: 'month' } },
    readings: { tenancy: 'tenant', columns: { id: { type: 'uuid' } }, primaryKey: ['id'], partitionBy: { hash: 4 } },
  },
});

describe('partitionBy', () => {
  it('is accepted, by time and by tenant, and what is left out stays out, so that a declaration without it is the one that it was', () => {
    expect(parseDeclaration(declaration()).tables).toMatchObject({ events: { partitionBy: { range: 'at', every: 'month' } }, readings: { partitionBy: { hash: 4 } } });
    const { partitionBy: _partitionBy, ...without } = declaration().tables.readings;
    expect(Object.keys(parseDeclaration({ name: 'shop', tables: { without } }).tables['without'] ?? {})).not.toContain('partitionBy');
    defineSchema({ name: 'shop', tables: { visits: { tenancy: 'shared', columns: { day: { type: 'date' } }, primaryKey: ['day'], partitionBy: { range: 'day', every: 'week', ahead: 0, from: '2024-02-29' } } } });
    // @ts-expect-error -- there is no such column
    expect(() => defineSchema({ name: 'shop', tables: { visits: { tenancy: 'shared', columns: { day: { type: 'date' } }, primaryKey: ['day'], partitionBy: { range: 'dai', every: 'week' } } } })).toThrow();
  });

  const at = 'tables.events.partitionBy';
  it.each<[string, (draft: Draft) => void, string]>([
    ['neither range nor hash', (d) => (d.tables.events.partitionBy = {}), `declaration/partition  at ${at}\n\n  A table is partitioned by a time or by tenant, and neither range nor hash is given.\n\n  For instance { range: 'created_at', every: 'month' }, or { hash: 8 }.`],
    ['both', (d) => (d.tables.events.partitionBy.hash = 4), `declaration/partition  at ${at}\n\n  A table is partitioned by a time or by tenant, and both range and hash is given.\n\n  For instance { range: 'created_at', every: 'month' }, or { hash: 8 }.`],
    ['a time without a length', (d) => delete d.tables.events.partitionBy.every, `declaration/partition  at ${at}\n\n  It is not said how much time a partition holds.\n\n  Give every: 'day', 'week', 'month' or 'year'.`],
    ['a column that there is not', (d) => (d.tables.events.partitionBy.range = 'att'), `declaration/unknown-column  at ${at}.range\n\n  There is no column "att"; the table has id, at and code.\n\n  Did you mean "at"?`],
    ['a property that there is not', (d) => (d.tables.events.partitionBy.evry = 'day'), `declaration/unknown-key  at ${at}.evry\n\n  "evry" is not a property here.\n\n  Did you mean "every"?`],
    ['a day that there is not', (d) => (d.tables.events.partitionBy.from = '2026-02-30'), `declaration/partition  at ${at}.from\n\n  "2026-02-30" is not a day.\n\n  Write it as '2024-01-31'.`],
    ['a column of another type', (d) => (d.tables.events.columns.at.type = 'text'), `declaration/partition-type  at ${at}.range\n\n  at is text, and periods are of date, timestamp or timestamptz.\n\n  Name a column of such a type.`],
    ['a column that may be null', (d) => { d.tables.events.columns.at.nullable = true; d.tables.events.primaryKey = ['id']; }, 'declaration/partition-null  at tables.events.columns.at.nullable\n\n  The table is partitioned by at: a row without a time belongs to no period.\n\n  Remove nullable.\n\ndeclaration/partition-key  at tables.events.primaryKey\n\n  The primary key (id) is without at, which the table is partitioned by: PostgreSQL looks for equal values in one partition only.\n\n  Add "at", or do not partition the table.'],
    ['a generated column', (d) => (d.tables.events.columns.at.generated = 'now()'), 'declaration/partition-generated  at tables.events.columns.at.generated\n\n  The table is partitioned by at, and PostgreSQL must know the time of a row before it computes anything.\n\n  Give it a default instead, or let the application give the value.'],
    ['a unique key without the column', (d) => (d.tables.events.columns.code.unique = true), 'declaration/partition-key  at tables.events.columns.code.unique\n\n  A unique key (code) is without at, which the table is partitioned by: PostgreSQL looks for equal values in one partition only.\n\n  Add "at", or do not partition the table.'],
    ['a unique index without the column', (d) => (d.tables.events.indexes = [{ columns: ['code'], unique: true }]), 'declaration/partition-key  at tables.events.indexes.0\n\n  A unique index (code) is without at, which the table is partitioned by: PostgreSQL looks for equal values in one partition only.\n\n  Add "at", or do not partition the table.'],
    ['a reference table', (d) => (d.tables.events.tenancy = 'reference'), `declaration/partition-tenancy  at ${at}\n\n  The rows of a reference table are declared, and few: partitions would hold nothing apart.\n\n  Remove partitionBy.`],
    ['a shared table by tenant', (d) => (d.tables.readings.tenancy = 'shared'), 'declaration/partition-tenancy  at tables.readings.partitionBy\n\n  Rows are spread by their tenant, and those of a shared table have none.\n\n  Partition it by a time, or not at all.'],
    ['times of partitions by tenant', (d) => (d.tables.readings.partitionBy.ahead = 2), 'declaration/partition  at tables.readings.partitionBy.ahead\n\n  ahead is about partitions by time, and the table is partitioned by tenant.\n\n  Leave it out.'],
    ['a table called like a partition of some time', (d) => (d.tables.events_p2024_old = { tenancy: 'tenant', columns: { id: { type: 'uuid' } }, primaryKey: ['id'] }), `declaration/name-collision  at ${at}\n\n  Partitions of events are called events_p2026_11 and so on, and table events_p2024_old is called "events_p2024_old".\n\n  Rename one of the two.\n\ndeclaration/name-collision  at ${at}\n\n  Partitions of events are called events_p2026_11 and so on, and the primary key of events_p2024_old is called "events_p2024_old_pkey".\n\n  Rename one of the two.`],
    ['a table called like the default partition', (d) => (d.tables.events_default = { tenancy: 'tenant', columns: { id: { type: 'uuid' } }, primaryKey: ['id'] }), `declaration/name-collision  at tables.events_default\n\n  table events_default would be called "events_default" in the database, which is also the name of the default partition of events.\n\n  Rename the table or the column.`],
  ])('refuses %s', (_title, change, message) => {
    const draft = declaration();
    change(draft);
    expect(refused(() => parseDeclaration(draft))?.message).toBe(message);
  });
});
