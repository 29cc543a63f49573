/** Gives a place in a queue back. */
export type Leave = () => void;

interface Waiting {
  readonly enter: () => void;
}

interface Queue {
  /** Undefined for as many as like. */
  limit: number | undefined;
  inside: number;
  readonly waiting: Set<Waiting>;
}

/** A transaction waited in its tenant's line for as long as it may. */
export class QueueTimeout extends Error {
  constructor(readonly limit: number | undefined) {
    super('the line of the tenant did not move in time');
  }
}

/** Lets so many transactions of a tenant in at a time; the others wait in line, and each is let in in its turn. Tenants do not wait for each other. */
export class TenantQueues {
  readonly #queues = new Map<string, Queue>();
  readonly #patience: number;

  /** @param patience - milliseconds that a transaction waits */
  constructor(patience: number) {
    this.#patience = patience;
  }

  /** The limit is what the registry said last: where it has risen, those who wait are let in. */
  async enter(tenant: string, limit: number | undefined): Promise<Leave> {
    let queue = this.#queues.get(tenant);
    if (queue === undefined) {
      if (limit === undefined) return nothing;
      this.#queues.set(tenant, queue = { limit, inside: 0, waiting: new Set() });
    }
    queue.limit = limit;
    letIn(queue);
    if (queue.waiting.size > 0 || isFull(queue)) await this.#wait(queue);
    else queue.inside += 1;
    return this.#leave(tenant, queue);
  }

  #wait(queue: Queue): Promise<void> {
    return new Promise((resolve, reject) => {
      const giveUp = setTimeout(() => {
        queue.waiting.delete(waits);
        reject(new QueueTimeout(queue.limit));
      }, this.#patience);
      const waits: Waiting = {
        enter: () => {
          clearTimeout(giveUp);
          resolve();
        },
      };
      queue.waiting.add(waits);
    });
  }

  #leave(tenant: string, queue: Queue): Leave {
    let left = false;
    return () => {
      if (left) return;
      left = true;
      queue.inside -= 1;
      letIn(queue);
      if (queue.inside === 0 && queue.waiting.size === 0) this.#queues.delete(tenant);
    };
  }
}

const nothing: Leave = () => undefined;

const isFull = ({ limit, inside }: Queue): boolean => limit !== undefined && inside >= limit;

function letIn(queue: Queue): void {
  for (const waits of queue.waiting) {
    if (isFull(queue)) return;
    queue.waiting.delete(waits);
    queue.inside += 1;
    waits.enter();
  }
}
