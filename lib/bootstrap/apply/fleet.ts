import type { Client } from 'pg';
import { TenantryError } from '../../core/errors';
import type { Change } from '../plan/difference';
import { execute, executeLater, type Execution, inSharedTransaction, inTransaction } from './execute';
import { isLost } from './lost-connection';
import { failureOf, recordResults, type TenantResult } from './tenant-result';
import { isLater, type Task, tasksOf, type Unit } from './unit';

export interface FleetOptions {
  /** How many connections change places of tenants side by side, 1 to 4. @default 2 */
  readonly concurrency?: number;
  /** Tenants that come first. When one of them fails, nothing else is tried. @default - none */
  readonly canary?: readonly string[];
  /** How many tenants may fail before no other one is tried. What is under way then is ended. @default 0 */
  readonly maxFailures?: number;
}

export const MOST_CONCURRENCY = 4;
const USUAL_CONCURRENCY = 2;

/** What the places are changed through. */
export interface Fleet {
  readonly generation: number;
  /** Opens one more connection to the home database. */
  readonly openLane: () => Promise<Client>;
  readonly home: Client;
  /** Connections to the tenants' own databases. */
  readonly connections: ReadonlyMap<string, Client>;
  readonly execution: (client: Client) => Execution;
  /** Tells a tenant's own database what it needs from the home database. */
  readonly carry: (lane: Client, unit: Unit, client: Client) => Promise<void>;
  /** Told of each place that ended. */
  readonly onResult: (outcome: TenantResult) => void;
}

/**
 * Changes the places of tenants, several at a time. One that fails stops nobody else's, until there are more failures than allowed.
 *
 * @returns the errors of the tenants that failed, in the order in which they did
 * @throws whatever ended a connection, when everything that was under way has ended
 */
export async function runFleet(fleet: Fleet, units: readonly Unit[], { concurrency = USUAL_CONCURRENCY, canary = [], maxFailures = 0 }: FleetOptions): Promise<TenantryError[]> {
  const first = new Set(canary);
  const canaries = units.filter(({ tenant }) => first.has(tenant));
  const others = units.filter(({ tenant }) => !first.has(tenant));
  const run = new Run(fleet, concurrency);
  await run.all(canaries, 0);
  if (run.errors.length === 0) await run.all(others, maxFailures);
  return run.errors;
}

class Run {
  readonly errors: TenantryError[] = [];
  readonly #lanes: Client[];
  #broken: Error | undefined;
  #maxFailures = 0;
  /** Ends when nobody has the tables that tenants share. */
  #shared: Promise<void> = Promise.resolve();

  constructor(private readonly fleet: Fleet, private readonly concurrency: number) {
    this.#lanes = [fleet.home];
  }

  async all(units: readonly Unit[], maxFailures: number): Promise<void> {
    this.#maxFailures = maxFailures;
    const tasks = tasksOf(units);
    while (this.#lanes.length < Math.min(this.concurrency, tasks.length)) this.#lanes.push(await this.fleet.openLane());
    let next = 0;
    await Promise.all(this.#lanes.map(async (lane) => {
      for (let task = tasks[next++]; task !== undefined && !this.#stopped; task = tasks[next++]) await this.#caught(lane, task);
    }));
    if (this.#broken !== undefined) throw this.#broken;
  }

  get #stopped(): boolean {
    return this.#broken !== undefined || this.errors.length > this.#maxFailures;
  }

  /** The others end what they are at before anything is thrown. */
  async #caught(lane: Client, task: Task): Promise<void> {
    try {
      await (task.some(({ locksShared }) => locksShared) ? this.#alone(() => this.#task(lane, task)) : this.#task(lane, task));
    } catch (error) {
      this.#broken ??= error as Error;
    }
  }

  /** One at a time, by waiting here: those that wait in the server run into its lock time-out. */
  async #alone(work: () => Promise<void>): Promise<void> {
    const before = this.#shared;
    let end: () => void = () => undefined;
    this.#shared = new Promise((resolve) => (end = resolve));
    await before;
    try {
      if (!this.#stopped) await work();
    } finally {
      end();
    }
  }

  async #task(lane: Client, task: Task): Promise<void> {
    const left = task.length === 1 ? task : await this.#together(lane, task);
    const ended: TenantResult[] = [];
    for (const unit of left) if (!this.#stopped) ended.push(await this.#one(lane, unit));
    if (ended.length > 0) await this.#record(lane, ended);
  }

  /** Does all that fits into one transaction, and gives back the units that are not done with it. */
  async #together(lane: Client, task: Task): Promise<readonly Unit[]> {
    const started = Date.now();
    const whole = task.filter(({ changes }) => !changes.some(isLater));
    if (whole.length < 2) return task;
    const outcomes = (milliseconds: number): TenantResult[] => whole.map(({ tenant, place, changes, final }) => ({ tenant, place, outcome: 'changed', changes: changes.length + final.length, milliseconds }));
    try {
      await inSharedTransaction(this.fleet.execution(lane), whole.flatMap(({ changes, final }) => [...changes, ...final]), recordResults(this.fleet.generation, outcomes(0)));
    } catch (error) {
      if (isLost(error)) throw error;
      return task;
    }
    for (const outcome of outcomes(Math.round((Date.now() - started) / whole.length))) this.fleet.onResult(outcome);
    const done = new Set(whole);
    return task.filter((unit) => !done.has(unit));
  }

  async #one(lane: Client, unit: Unit): Promise<TenantResult> {
    const started = Date.now();
    let made = 0;
    const counted = (client: Client): Execution => {
      const execution = this.fleet.execution(client);
      return { ...execution, onProgress: (changes) => { made += changes.length; execution.onProgress(changes); } };
    };
    let ended: Pick<TenantResult, 'outcome' | 'code' | 'error'> = { outcome: 'changed' };
    try {
      await this.#steps(lane, unit, counted);
    } catch (error) {
      if (isLost(error) || !TenantryError.is(error)) throw error;
      this.errors.push(error);
      ended = { outcome: 'failed', ...failureOf(error) };
    }
    const outcome = { tenant: unit.tenant, place: unit.place, ...ended, changes: made, milliseconds: Date.now() - started };
    this.fleet.onResult(outcome);
    return outcome;
  }

  async #steps(lane: Client, unit: Unit, execution: (client: Client) => Execution): Promise<void> {
    const { changes, final } = unit;
    if (unit.isHome) {
      const now = changes.filter((change) => !isLater(change));
      const later = changes.filter(isLater);
      const together: readonly Change[] = later.length === 0 ? [...now, ...final] : now;
      if (together.length > 0) await inTransaction(execution(lane), together);
      if (later.length === 0) return;
      await executeLater(execution(lane), later);
    } else {
      const client = this.fleet.connections.get(unit.database);
      if (client === undefined) throw new Error(`no connection to database ${unit.database}`);
      await this.fleet.carry(lane, unit, client);
      await execute(execution(client), changes.filter(({ stage }) => stage !== 'final'));
      const own = changes.filter(({ stage }) => stage === 'final');
      if (own.length > 0) await inTransaction(execution(client), own);
    }
    if (final.length > 0) await inTransaction(execution(lane), final);
  }

  async #record(lane: Client, outcomes: readonly TenantResult[]): Promise<void> {
    const { client, actors } = this.fleet.execution(lane);
    await client.query(['begin', `set local role ${client.escapeIdentifier(actors.owner)}`, recordResults(this.fleet.generation, outcomes), 'commit'].join(';\n'));
  }
}
