import type { Client } from 'pg';
import { TenantryError } from '../../core/errors';
import type { Actor, Change } from '../plan/difference';
import { ident } from '../sql/quote';
import { blockersIn } from './blockers';
import { withRetry } from './retry';

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
}

/** Runs the changes of one database, in their order: place by place what goes into transactions, then the rest. */
export async function execute(execution: Execution, changes: readonly Change[]): Promise<void> {
  for (const group of byPlace(changes.filter(({ stage }) => stage === 'transaction'), execution.places)) await inTransaction(execution, group);
  for (const change of changes.filter(({ stage }) => stage === 'outside')) await outside(execution, change);
  for (const change of changes.filter(({ stage }) => stage === 'after')) await inTransaction(execution, [change]);
}

/** All or nothing. The first try sends everything in one message; when somebody was in the way, the next ones go step by step, to name the step. */
export async function inTransaction(execution: Execution, changes: readonly Change[]): Promise<void> {
  const { client, actors } = execution;
  let current: Change | undefined;
  await explained(client, () => current ?? changes[0], () => withRetry(async (attempt) => {
    try {
      if (attempt === 1) {
        await client.query(['begin', ...statements(changes, actors), 'commit'].join(';\n'));
        return;
      }
      await client.query('begin');
      let actor: Actor | undefined;
      for (current of changes) {
        if (current.actor !== actor) await client.query(setRole(current.actor, actors));
        actor = current.actor;
        for (const sql of current.sql) await client.query(sql);
      }
      await client.query('commit');
    } catch (error) {
      await client.query('rollback').catch(() => undefined);
      // Without this the message as a whole would be to blame.
      if (attempt === 1 && current === undefined) current = await blame(execution, changes);
      throw error;
    }
  }));
  execution.onProgress(changes);
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

function statements(changes: readonly Change[], actors: Actors): string[] {
  const all: string[] = [];
  let actor: Actor | undefined;
  for (const change of changes) {
    if (change.actor !== actor) all.push(setRole(change.actor, actors));
    actor = change.actor;
    for (const sql of change.sql) all.push(sql);
  }
  return all;
}

const roleOf = (actor: Actor, actors: Actors): string | undefined => (actor === 'login' ? undefined : ident(actors[actor]));
const setRole = (actor: Actor, actors: Actors): string => `set local role ${roleOf(actor, actors) ?? 'none'}`;

/** Finds the step that fails, by trying them one by one in a transaction that is rolled back. */
async function blame({ client, actors }: Execution, changes: readonly Change[]): Promise<Change | undefined> {
  try {
    await client.query('begin');
    for (const change of changes) {
      try {
        for (const sql of [setRole(change.actor, actors), ...change.sql]) await client.query(sql);
      } catch {
        return change;
      }
    }
    return undefined;
  } catch {
    return undefined;
  } finally {
    await client.query('rollback').catch(() => undefined);
  }
}

/** Groups by place, in the order of the places. */
function byPlace(changes: readonly Change[], places: readonly string[]): Change[][] {
  const groups = new Map<string, Change[]>();
  for (const change of changes) {
    const key = change.place ?? '';
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [change]);
    else group.push(change);
  }
  const position = (place: string): number => places.indexOf(place);
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
  const line = (sql.find((statement) => !/^(drop index|do) /.test(statement)) ?? '').split('\n')[0] ?? '';
  return line.length > 200 ? `${line.slice(0, 199)}…` : line;
};
