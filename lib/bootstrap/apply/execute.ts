import type { Client } from 'pg';
import { TenantryError } from '../../core/errors';
import type { Actor, Change } from '../plan/difference';
import { ident } from '../sql/quote';
import { blockersIn } from './blockers';
import { isTransient, withRetry } from './retry';

export interface Actors {
  readonly owner: string;
  readonly maintainer: string;
}

/** Told after each step that ended. */
export type OnProgress = (done: number, total: number, what: string) => void;

export interface Execution {
  readonly client: Client;
  /** Schemas in the order in which their transactions run: later ones rest on earlier ones. */
  readonly places: readonly string[];
  readonly actors: Actors;
  readonly onProgress: (changes: readonly Change[]) => void;
  /** What has to be ready before a step that runs in a transaction of its own. `tryOut` runs the step and rolls it back. */
  readonly prepare: (change: Change, tryOut: () => Promise<void>) => Promise<void>;
}

/** Runs the changes of one database, in their order: place by place what goes into transactions, then the rest. */
export async function execute(execution: Execution, changes: readonly Change[]): Promise<void> {
  for (const group of byPlace(changes.filter(({ stage }) => stage === 'transaction'), execution.places)) await inTransaction(execution, group);
  await executeLater(execution, changes);
}

/** What follows the transactions. */
export async function executeLater(execution: Execution, changes: readonly Change[]): Promise<void> {
  for (const change of changes.filter(({ stage }) => stage === 'outside')) await outside(execution, change);
  for (const change of changes.filter(({ stage }) => stage === 'after')) {
    await execution.prepare(change, () => explained(execution.client, () => change, () => withRetry(() => walk(execution, [change], () => undefined, 'rollback'))));
    await inTransaction(execution, [change]);
  }
}

/** All or nothing. The first try sends everything in one message; when somebody was in the way, the next ones go step by step, to name the step. */
export async function inTransaction(execution: Execution, changes: readonly Change[]): Promise<void> {
  const { client, actors } = execution;
  let current: Change | undefined;
  const stepByStep = (end: 'commit' | 'rollback'): Promise<void> => walk(execution, changes, (change) => (current = change), end);
  await explained(client, () => current ?? changes[0], () => withRetry(async (attempt) => {
    if (attempt > 1) return stepByStep('commit');
    try {
      await client.query(['begin', ...steps(changes, actors).flatMap(({ sql }) => sql), 'commit'].join(';\n'));
    } catch (error) {
      await client.query('rollback').catch(() => undefined);
      // The message as a whole does not tell which step it was. Where somebody was in the way, the next try does.
      if (!isTransient(error)) await stepByStep('rollback').catch(() => undefined);
      throw error;
    }
  }));
  execution.onProgress(changes);
}

/**
 * Changes of several places in one message and one transaction, tried once: who fails does them place by place. It waits only briefly for
 * a lock, since all of those places are locked meanwhile.
 *
 * @param behind - a statement of the owner that is committed with them
 */
export async function inSharedTransaction({ client, actors, onProgress }: Execution, changes: readonly Change[], behind: string | undefined): Promise<void> {
  const last = behind === undefined ? [] : [setRole('owner', actors), behind];
  try {
    await client.query(['begin', `set local lock_timeout = '200ms'`, ...steps(changes, actors).flatMap(({ sql }) => sql), ...last, 'commit'].join(';\n'));
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
  onProgress(changes);
}

/** Sends the changes one by one in one transaction. `at` is told each before it is sent, and `undefined` when all were. */
async function walk({ client, actors }: Execution, changes: readonly Change[], at: (change: Change | undefined) => void, end: 'commit' | 'rollback'): Promise<void> {
  try {
    await client.query('begin');
    for (const { change, sql } of steps(changes, actors)) {
      at(change);
      for (const statement of sql) await client.query(statement);
    }
    at(undefined);
    await client.query(end);
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}

async function outside({ client, actors, onProgress }: Execution, change: Change): Promise<void> {
  await explained(client, () => change, () => withRetry(async () => {
    await client.query(`set role ${roleOf(change.actor, actors) ?? 'none'}`);
    try {
      for (const sql of change.sql) await client.query(sql);
    } finally {
      await client.query('reset role').catch(() => undefined);
    }
  }));
  onProgress([change]);
}

/** The statements of each change, behind one that takes on its actor where that is another one than before. */
function steps(changes: readonly Change[], actors: Actors): { change: Change; sql: readonly string[] }[] {
  return changes.map((change, i) => ({ change, sql: change.actor === changes[i - 1]?.actor ? change.sql : [setRole(change.actor, actors), ...change.sql] }));
}

const roleOf = (actor: Actor, actors: Actors): string | undefined => (actor === 'login' ? undefined : ident(actors[actor]));
const setRole = (actor: Actor, actors: Actors): string => `set local role ${roleOf(actor, actors) ?? 'none'}`;

/** As many objects as one transaction changes at most: each keeps a place in the server's table of locks until its end. */
export const OBJECTS_IN_A_TRANSACTION = 1_000;

/** Groups by place, in the order of the places. What is server-wide lies in no place, and there may be a lot of it. */
function byPlace(changes: readonly Change[], places: readonly string[]): Change[][] {
  const groups = new Map<string, Change[]>();
  for (const [i, change] of changes.entries()) {
    const key = change.place ?? (change.target === 'server' ? `${Math.floor(i / OBJECTS_IN_A_TRANSACTION)}` : '');
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [change]);
    else group.push(change);
  }
  const positions = new Map(places.map((place, i) => [place, i]));
  const position = (place: string): number => positions.get(place) ?? -1;
  return [...groups].sort(([a], [b]) => position(a) - position(b)).map(([, group]) => group);
}

async function explained<T>(client: Client, change: () => Change | undefined, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    const failed = change();
    const { code, message, detail } = error as Error & { code?: string; detail?: string };
    if (failed === undefined) throw error;
    const blockers = code === '55P03' ? await blockersIn(client, failed.place === undefined ? [] : [failed.place]) : [];
    throw new TenantryError('failed', {
      code: code === '55P03' ? 'apply/lock-timeout' : 'apply/statement', at: failed.place === undefined ? failed.target : `${failed.target}.${failed.place}`,
      problem: `The step “${failed.summary}” failed: ${message}${code === undefined ? '' : ` (SQLSTATE ${code})`}.${detail === undefined || holdsValues(code) ? '' : ` ${detail}`}${blockers.length === 0 ? '' : `\nHolding locks there: ${blockers.join('; ')}.`}\nStatement: ${firstLine(failed.sql)}`,
      fix: code === '55P03' ? 'Wait until those transactions end, or end them, and apply again: what was done before stays, what was not is planned anew.' : 'Mend the cause and apply again: what was done before stays, what was not is planned anew.',
    }, { cause: error });
  }
}

/** Details of data exceptions and of broken constraints repeat values of rows. */
const holdsValues = (code = ''): boolean => code.startsWith('22') || code.startsWith('23');

const firstLine = (sql: readonly string[]): string => {
  const line = (sql.find((statement) => !/^(drop index|do \$tenantry\$) /.test(statement)) ?? '').split('\n')[0] ?? '';
  return line.length > 200 ? `${line.slice(0, 199)}…` : line;
};
