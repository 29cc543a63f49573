import { expect, it } from 'vitest';
import type { Place } from '../../../lib/bootstrap/model/place';
import { type ShapeTable, shapeOf } from '../../../lib/bootstrap/model/shape';
import { choose } from '../../../lib/bootstrap/verify/classes';
import { outcomeOf, summarise } from '../../../lib/bootstrap/verify/evidence';
import { judge } from '../../../lib/bootstrap/verify/judge';
import { insertOrder } from '../../../lib/bootstrap/verify/probe/order';
import { probeValue } from '../../../lib/bootstrap/verify/probe/value';
import { defineSchema } from '../../../lib/declaration';

const shape = shapeOf(defineSchema({
  name: 'o',
  tables: {
    lines: { tenancy: 'tenant', columns: { id: { type: 'uuid' }, order_id: { type: 'uuid', references: 'orders.id' } }, primaryKey: ['id'] },
    orders: { tenancy: 'tenant', columns: { id: { type: 'uuid' }, last_line_id: { type: 'uuid', nullable: true, references: 'lines.id' }, parent_id: { type: 'uuid', nullable: true, references: 'orders.id' } }, primaryKey: ['id'] },
  },
}));

it('[DBAAS-5.4] rows are inserted behind those that they reference; a key that closes a circle stays open', () => {
  const order = insertOrder(shape);
  expect(order.map(({ table, open }) => [table.name, [...open].map(({ name }) => name)])).toEqual([['orders', ['orders_last_line_id_fkey', 'orders_parent_id_fkey']], ['lines', []]]);
});

it('[DBAAS-5.4] a circle of required keys is tried, and ends', () => {
  const required = shape.map((table): ShapeTable => ({ ...table, columns: table.columns.map((column) => ({ ...column, notNull: true })) }));
  expect(insertOrder(required)).toHaveLength(2);
});

it.each(['uuid', 'text', 'character varying(5)', 'character(2)', 'boolean', 'smallint', 'integer', 'bigint', 'real', 'double precision', 'numeric', 'numeric(3,2)', 'numeric(12,2)', 'date', 'time without time zone',
  'timestamp without time zone', 'timestamp with time zone', 'interval', 'json', 'jsonb', 'bytea', 'inet', 'cidr', 'text[]', 'uuid[]'])('[DBAAS-5.4] %s has a value in every style, the same for the same seed', (type) => {
  for (const style of [0, 1, 2]) {
    expect(probeValue(type, 'a', style)).toBeTypeOf('string');
    expect(probeValue(type, 'a', style)).toBe(probeValue(type, 'a', style));
  }
});

it('[DBAAS-5.4] a type that is not known has no value', () => {
  expect(probeValue('point', 'a', 0)).toBeUndefined();
});

it('[DBAAS-5.4] of tenants with one catalog the first and two more are attacked, others every day; one with another catalog always', () => {
  const place = (kind: Place['kind'], tenant?: string) => ({ database: {} as never, place: { kind, tenant, schema: tenant ?? 'home' } as Place });
  const tenants = ['a', 'b', 'c', 'd', 'e'].map((key) => place('schema', key));
  const odd = place('schema', 'odd');
  const candidates = [place('row'), ...tenants, odd];
  const prints = new Map(candidates.map(({ place: of }) => [of, of === odd.place ? 'other' : 'same']));
  const attacked = (day: number) => choose(candidates, prints, day).attacked.map(({ place: { schema } }) => schema);
  expect(attacked(0)).toEqual(['home', 'a', 'b', 'c', 'odd']);
  expect(attacked(1)).toEqual(['home', 'a', 'd', 'e', 'odd']);
  expect(choose(candidates, prints, 0).classes.map(({ tenants: n, attacked: chosen }) => [n, chosen])).toEqual([[5, ['a', 'b', 'c']], [1, ['odd']]]);
});

const breach = { reason: 'r', remedy: 'm' };
const held = { text: 'c', held: true };
const failed = { text: 'c', held: false };

it.each([
  ['nothing is seen, and the control holds', { rows: 0 }, [held], 'denied'],
  ['nothing is seen, and neither by the control', { rows: 0 }, [failed], 'unknown'],
  ['a row is seen', { rows: 1 }, [held], 'breached'],
  ['a row is seen, whatever the control', { rows: 1 }, [failed], 'breached'],
  ['a refusal that was not expected', { rows: null, sqlstate: '42P01' }, [held], 'unknown'],
  ['a lock in the way', { rows: null, sqlstate: '55P03' }, [held], 'unknown'],
  ['an error that tells', { rows: null, sqlstate: '22012' }, [held], 'breached'],
  ['an error that would tell, but comes for own rows too', { rows: null, sqlstate: '22012' }, [failed], 'unknown'],
])('[DBAAS-5.4] %s', (_title, outcome, controls, verdict) => {
  expect(judge({ denial: { empty: true, telling: ['22012'] }, outcome, controls, breach }).verdict).toBe(verdict);
});

it('[DBAAS-5.4] nothing tried is no proof, and one unknown is enough', () => {
  const base = { attack: 'a', mode: 'row', place: 'p', expected: '', observed: '', control: '' } as const;
  expect(outcomeOf(summarise([]))).toBe('unknown');
  expect(outcomeOf(summarise([{ ...base, verdict: 'accepted' }]))).toBe('unknown');
  expect(outcomeOf(summarise([{ ...base, verdict: 'denied' }]))).toBe('isolated');
  expect(outcomeOf(summarise([{ ...base, verdict: 'denied' }, { ...base, verdict: 'unknown' }]))).toBe('unknown');
  expect(outcomeOf(summarise([{ ...base, verdict: 'unknown' }, { ...base, verdict: 'breached' }]))).toBe('breached');
});
