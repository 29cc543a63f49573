import { describe, expect, it } from 'vitest';
import { tasksOf, type Unit } from '../../lib/bootstrap/apply/unit';
import { change } from '../../lib/bootstrap/kinds/kind';

const unit = (tenant: string, statements: number, more: Partial<Unit> = {}): Unit => ({
  tenant, database: 'shop', place: `shop.${tenant}`, isHome: true, final: [], locksShared: false,
  changes: [change({ kind: 'column', action: 'alter', summary: 's', reason: 'r', target: 'shop', place: tenant, sql: Array.from({ length: statements }, () => 'select 1') })], ...more,
});
const many = (n: number, statements: number): Unit[] => Array.from({ length: n }, (_, i) => unit(`t${i}`, statements));
const sizes = (units: readonly Unit[]): number[] => tasksOf(units).map(({ length }) => length);

describe('places that share a transaction', () => {
  it('are at most fifty, in their order', () => {
    expect(sizes(many(120, 1))).toEqual([50, 50, 20]);
    expect(tasksOf(many(120, 1)).flat().map(({ tenant }) => tenant)).toEqual(many(120, 1).map(({ tenant }) => tenant));
  });

  it('need at most a thousand statements and objects together; one that needs more has its own', () => {
    expect(sizes(many(30, 100))).toEqual([10, 10, 10]);
    expect(sizes([unit('a', 10), unit('b', 5_000), unit('c', 10)])).toEqual([1, 1, 1]);
    const tables = (tenant: string): Unit => unit(tenant, 0, { changes: Array.from({ length: 50 }, () => change({ kind: 'table', action: 'create', summary: 's', reason: 'r', target: 'shop', place: tenant, sql: 'create table' })) });
    expect(sizes(['a', 'b', 'c', 'd'].map(tables)), 'each table brings five objects more').toEqual([3, 1]);
  });

  it('do not mix with those that need what tenants share, and not with databases', () => {
    const shared = { locksShared: true };
    expect(tasksOf([unit('a', 1), unit('b', 1, shared), unit('c', 1, shared), unit('d', 1), unit('e', 1, { isHome: false, database: 'shop__e' }), unit('f', 1, { isHome: false, database: 'shop__f' })]).map((task) => task.map(({ tenant }) => tenant).join('')))
      .toEqual(['a', 'bc', 'd', 'e', 'f']);
  });
});
