import { describe, expect, it } from 'vitest';
import { defineSchema, parseDeclaration, type SchemaInput } from '../../lib/declaration';
import { definitions } from '../bootstrap/support/definitions';
import { refused } from '../support/refused';

const { tables, functions, views, sequences } = definitions;
const complaintsOf = (more: object): string[] => refused(() => parseDeclaration({ ...definitions, ...more }))?.complaints.map(({ code, at }) => `${code} ${at}`) ?? [];
const aFunction = (more: object) => ({ functions: { ...functions, f: { returns: 'integer', body: 'select 1', ...more } } });
const aTrigger = (more: object) => ({ tables: { ...tables, orders: { ...tables.orders, triggers: { t: { timing: 'before', events: ['insert'], function: 'touch', ...more } } } } });
const aView = (more: object) => ({ views: { ...views, v: { query: 'select 1', ...more } } });
const aSequence = (more: object) => ({ sequences: { ...sequences, q: { ...more } } });

describe('functions, triggers, views and sequences', () => {
  it('are accepted as they are', () => {
    expect(complaintsOf({})).toEqual([]);
  });

  it.each([
    ['a definer function without a reason', aFunction({ security: 'definer' }), 'declaration/definer-without-reason functions.f.security'],
    ['a reason of an invoker function', aFunction({ reason: 'x' }), 'declaration/reason functions.f.reason'],
    ['a role that is not declared', aFunction({ execute: ['ap'] }), 'declaration/unknown-role functions.f.execute.0'],
    ['a role that stands twice', aFunction({ execute: ['app', 'app'] }), 'declaration/repeated functions.f.execute.1'],
    ['an argument twice', aFunction({ arguments: [{ name: 'a', type: 'text' }, { name: 'a', type: 'text' }] }), 'declaration/repeated-column functions.f.arguments.1'],
    ['an argument without a default behind one with', aFunction({ arguments: [{ name: 'a', type: 'text', default: "''" }, { name: 'b', type: 'text' }] }), 'declaration/argument-default functions.f.arguments.1'],
    ['a type that is none', aFunction({ arguments: [{ name: 'a', type: 'money' }] }), 'declaration/invalid-value functions.f.arguments.0.type'],
    ['a table without columns', aFunction({ returns: { table: {} } }), 'declaration/no-columns functions.f.returns.table'],
    ['a trigger function in SQL', aFunction({ returns: 'trigger', language: 'sql' }), 'declaration/trigger-function functions.f.language'],
    ['a trigger function with arguments', aFunction({ returns: 'trigger', arguments: [{ name: 'a', type: 'text' }] }), 'declaration/trigger-function functions.f.arguments'],
    ['a trigger function that somebody calls', aFunction({ returns: 'trigger', execute: ['app'] }), 'declaration/trigger-function functions.f.execute'],
    ['a function of the name of a table', { functions: { ...functions, orders: { returns: 'integer', body: 'select 1' } } }, 'declaration/name-collision functions.orders'],
    ['a function of the name of a view', { functions: { ...functions, open_orders: { returns: 'integer', body: 'select 1' } } }, 'declaration/name-collision functions.open_orders'],
    ['a view of the name of a table', { views: { ...views, orders: { query: 'select 1' } } }, 'declaration/name-collision views.orders'],
    ['a view of the name of an index', { views: { ...views, orders_country_idx: { query: 'select 1' } } }, 'declaration/name-collision views.orders_country_idx'],
    ['a sequence of the name of a view', { sequences: { ...sequences, open_orders: {} } }, 'declaration/name-collision sequences.open_orders'],
    ['a name that begins as the library’s own', { functions: { ...functions, tenantry_f: { returns: 'integer', body: 'select 1' } } }, 'declaration/reserved-name functions.tenantry_f'],
    ['a name in capitals', { views: { ...views, Orders: { query: 'select 1' } } }, 'declaration/identifier views.Orders'],
    ['a column of a view twice', aView({ columns: ['a', 'a'] }), 'declaration/repeated-column views.v.columns.1'],
    ['a reader that is not declared', aView({ read: ['nobody'] }), 'declaration/unknown-role views.v.read.0'],
    ['a property that a view has not', aView({ securityInvoker: false }), 'declaration/unknown-key views.v.securityInvoker'],
    ['a sequence that adds nothing', aSequence({ increment: 0 }), 'declaration/sequence-range sequences.q.increment'],
    ['a sequence that starts outside of its type', aSequence({ type: 'smallint', start: 40_000 }), 'declaration/sequence-range sequences.q.start'],
    ['a trigger without its function', aTrigger({ function: 'tuch' }), 'declaration/unknown-function tables.orders.triggers.t.function'],
    ['a trigger with a function of another kind', aTrigger({ function: 'total_of' }), 'declaration/trigger-function tables.orders.triggers.t.function'],
    ['a trigger whose function is not everywhere', { ...aTrigger({}), functions: { ...functions, touch: { ...functions.touch, tenancy: 'shared' } } }, 'declaration/tenancy-of-function tables.orders.triggers.t.function'],
    ['a trigger of single rows that are truncated', aTrigger({ events: ['truncate'] }), 'declaration/trigger-level tables.orders.triggers.t.level'],
    ['an event twice', aTrigger({ events: ['insert', 'insert'] }), 'declaration/repeated tables.orders.triggers.t.events'],
    ['a column that is not there', aTrigger({ events: { update: ['totl'] } }), 'declaration/unknown-column tables.orders.triggers.t.events.update.0'],
  ])('%s is refused', (_title, more, complaint) => {
    expect(complaintsOf(more)).toEqual([complaint]);
  });

  it('are compiled with the names of the declaration', () => {
    defineSchema(definitions);
    const withTypo = { ...definitions, functions: { ...functions, touch: { ...functions.touch, execute: ['ap'] } } } as const satisfies SchemaInput;
    // @ts-expect-error -- there is no role `ap`
    expect(() => defineSchema(withTypo)).toThrow('There is no role "ap"');
    const withTrigger = { ...definitions, tables: { ...tables, logs: { ...tables.logs, triggers: { t: { timing: 'after', events: ['insert'], function: 'total_of' } } } } } as const satisfies SchemaInput;
    // @ts-expect-error -- `total_of` does not return a trigger
    expect(() => defineSchema(withTrigger)).toThrow('total_of does not return a trigger');
  });
});
