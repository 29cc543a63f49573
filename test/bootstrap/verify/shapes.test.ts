import { beforeAll, expect, it } from 'vitest';
import type { SchemaInput } from '../../../lib/declaration';
import { describeNewest, startTestServer, type TestServer } from '../../support/postgres';
import { applyTo, manifestOf } from '../support/platform';
import { breachesOf, expectIsolated, failuresOf, lineOf, verified } from './support/verified';

const TYPES = ['uuid', 'text', 'boolean', 'smallint', 'integer', 'bigint', 'real', 'double precision', 'numeric', 'numeric(3,3)', 'numeric(12,2)', 'varchar(3)', 'varchar(80)', 'char(1)', 'char(40)', 'date', 'time', 'timestamp', 'timestamptz',
  'interval', 'json', 'jsonb', 'bytea', 'inet', 'cidr', 'text[]', 'integer[]', 'jsonb[]', 'timestamptz[]'] as const;

const id = { type: 'uuid', default: 'gen_random_uuid()' } as const;

const declarations: readonly (readonly [string, SchemaInput])[] = [
  ['every type', {
    name: 'types', roles: { app: { tables: { everything: 'write' } } },
    tables: { everything: { tenancy: 'tenant', columns: { id, ...Object.fromEntries(TYPES.map((type, i) => [`c${i}`, { type }])) }, primaryKey: ['id'] } },
  }],
  ['keys of every sort, circles and references to itself', {
    name: 'graph', roles: { app: { tables: { nodes: 'write', edges: 'write', tags: 'read' } }, reader: { tables: { nodes: 'read' }, masked: ['nodes.label'] }, writer: { tables: { nodes: 'write' }, masked: ['nodes.secret'] } },
    tables: {
      tags: { tenancy: 'reference', columns: { name: { type: 'text' } }, primaryKey: ['name'] },
      nodes: {
        tenancy: 'tenant', primaryKey: ['id'], unique: [['label', 'kind']],
        columns: { id, label: { type: 'text' }, kind: { type: 'smallint' }, secret: { type: 'text', nullable: true }, parent_id: { type: 'uuid', nullable: true, references: 'nodes.id', onDelete: 'setNull' }, first_edge_id: { type: 'uuid', nullable: true, references: 'edges.id', onDelete: 'setNull' } },
      },
      edges: {
        tenancy: 'tenant', primaryKey: ['id'], foreignKeys: [{ columns: ['label', 'kind'], references: { table: 'nodes', columns: ['label', 'kind'] }, onDelete: 'cascade' }],
        columns: { id, from_id: { type: 'uuid', references: 'nodes.id', onDelete: 'cascade' }, label: { type: 'text' }, kind: { type: 'smallint' }, tag: { type: 'text', references: 'tags.name' }, length: { type: 'numeric', check: 'length > 0 and length < 10' } },
        indexes: [{ columns: ['from_id', 'tag'], unique: true }],
      },
    },
  }],
  ['names that have to be quoted', {
    name: 'odd', roles: { app: { tables: { select: 'write', order: 'append' } } },
    tables: { select: { tenancy: 'tenant', columns: { id, user: { type: 'text', unique: true } }, primaryKey: ['id'] }, order: { tenancy: 'tenant', columns: { from: { type: 'integer' }, group: { type: 'uuid', references: 'select.id' } }, primaryKey: ['from'] } },
  }],
  ['roles with single columns, and with one command alone', {
    name: 'narrow',
    roles: {
      dropper: { tables: { people: { insert: ['email'] }, orders: { insert: ['person_id', 'total'] } } }, toucher: { tables: { people: { update: ['name'] }, orders: { delete: true } } },
      peeker: { tables: { people: { select: ['name'] }, orders: { select: ['total'], insert: true, update: ['person_id'] } } },
    },
    tables: {
      people: { tenancy: 'tenant', columns: { id, email: { type: 'text', unique: true }, name: { type: 'text', nullable: true } }, primaryKey: ['id'] },
      orders: { tenancy: 'tenant', columns: { id, person_id: { type: 'uuid', references: 'people.id', onDelete: 'cascade' }, total: { type: 'integer' }, twice: { type: 'integer', generated: 'total * 2' } }, primaryKey: ['id'], unique: [['total']] },
    },
  }],
  ['a role that only appends, one without tables, and one of scope all that writes', {
    name: 'duties', roles: { writer: { login: 'password', tables: { events: 'append' } }, nobody: { tables: {} }, admin: { scope: 'all', login: 'password', tables: { events: 'write' } } },
    tables: { events: { tenancy: 'tenant', columns: { id, what: { type: 'jsonb' } }, primaryKey: ['id'] } },
  }],
];

describeNewest('[DBAAS-5.4] [DBS-2.3] probe rows are made of the declaration', (major) => {
  let server: TestServer;
  const tenants = { acme: { isolation: 'row' }, globex: { isolation: 'schema' }, initech: { isolation: 'database' } } as const;

  beforeAll(async () => {
    server = await startTestServer({ major });
  });

  it.each(declarations)('%s', async (_title, declaration) => {
    const loaded = manifestOf(declaration, { tenants });
    await applyTo(server, loaded);
    const evidence = await verified(server, loaded);
    expectIsolated(evidence);
    for (const table of Object.keys(declaration.tables)) expect(evidence.results.filter((result) => result.table === table && result.verdict === 'denied').length, table).toBeGreaterThan(0);
  });

  it('a declaration without roles: nobody but the owner is tried', async () => {
    const loaded = manifestOf({ name: 'quiet', tables: { rows: { tenancy: 'tenant', columns: { id }, primaryKey: ['id'] } } }, { tenants });
    await applyTo(server, loaded);
    const evidence = await verified(server, loaded);
    expectIsolated(evidence);
    expect(evidence.results.filter(({ attack, verdict }) => attack === 'owner-reads' && verdict === 'denied')).toHaveLength(3);
  });

  it('a table whose every row must reference another row of it: unknown', async () => {
    const loaded = manifestOf({ name: 'eternal', roles: { app: { tables: { links: 'write' } } }, tables: { links: { tenancy: 'tenant', columns: { id, previous_id: { type: 'uuid', references: 'links.id' } }, primaryKey: ['id'] } } }, { tenants: { acme: tenants.acme } });
    await applyTo(server, loaded);
    const evidence = await verified(server, loaded);
    expect(breachesOf(evidence).map(lineOf)).toEqual([]);
    expect(failuresOf(evidence)).toEqual(['unknown probe-row eternal.eternal.links as eternal_app: none | Every row must reference another row of links, so that there can be no first one. | Make previous_id nullable.']);
    expect(evidence.outcome).toBe('unknown');
  });
});
