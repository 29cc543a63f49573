/** Applies a manifest, or moves or off-boards a tenant, as a process of its own, and kills itself at the message that it is told, which it prints. Arguments: JSON of `ChildTask`. */
import { writeSync } from 'node:fs';
import { setImmediate } from 'node:timers';
import { Client } from 'pg';
import { apply } from '../../../lib/bootstrap/apply/apply';
import { moveTenant } from '../../../lib/bootstrap/tenants/move';
import { offboardTenant } from '../../../lib/bootstrap/tenants/offboard';
import type { SchemaInput } from '../../../lib/declaration';
import type { Isolation } from '../../../lib/declaration/types';
import { accessTo, forgetful, manifestOf, type ManifestInput } from './platform-data';

export interface ChildTask {
  readonly host: string;
  readonly port: number;
  readonly bootstrapUser: 'tenantry_bootstrap';
  readonly declaration: SchemaInput;
  readonly manifest: ManifestInput;
  /** @default - an apply */
  readonly operation?: { readonly key: string; readonly to: Isolation } | { readonly key: string; readonly archive: string };
  /** @default - it is not killed */
  readonly kill?: Kill;
  /** Of its sessions: how long their statements wait in the server for what is locked. @default '2s' */
  readonly lockTimeout?: string;
}

/** Where a process ends. `behind`: the message is on its way, and the server goes on with it although nobody will read the answer. */
export interface Kill {
  readonly when: 'before' | 'behind';
  /** Counts the messages that change something; or what the message holds. */
  readonly message: number | string;
}

/** The message at which it was killed, and its processes in the server. */
export interface Killed {
  readonly message: string;
  readonly pids: readonly number[];
}

const task = JSON.parse(process.argv[2] ?? '{}') as ChildTask;

/** Statements that change nothing that outlasts them: whoever is killed in front of one is as if killed behind it. */
const READS = /^\s*(select|with (?!interrupted)|do \$tenantry\$ begin if exists|commit$|set search_path|set role|reset role|begin isolation level repeatable read read only|rollback)/;

/** Sessions that are in the transaction in which expressions are tried out and which is rolled back. */
const trying = new WeakSet<Client>();

const clients = new Set<Client>();
let sent = 0;
let all = 0;
const query = Client.prototype.query;
Client.prototype.query = function (this: Client, ...given: unknown[]) {
  const [first, ...others] = given as [string | { text: string }];
  all += 1;
  clients.add(this);
  const text = typeof first === 'string' ? first : first.text;
  const send = (): unknown => (query as (...all: unknown[]) => unknown).call(this, typeof first === 'string' ? first.replace("lock_timeout = '2s'", `lock_timeout = '${task.lockTimeout ?? '2s'}'`) : first, ...others);
  if (text.startsWith('begin; set local search_path')) trying.add(this);
  if (text === 'rollback') trying.delete(this);
  if (trying.has(this) || READS.test(text)) return send();
  sent += 1;
  const { kill } = task;
  if (kill === undefined || (typeof kill.message === 'number' ? sent !== kill.message : !text.includes(kill.message))) return send();
  writeSync(1, JSON.stringify({ message: text, pids: [...clients].map((client) => (client as unknown as { processID: number }).processID) } satisfies Killed));
  if (kill.when === 'before') process.kill(process.pid, 'SIGKILL');
  const sending = send();
  const { stream } = (this as unknown as { connection: { stream: { writableLength: number } } }).connection;
  // The kernel has it all: it reaches the server, whatever becomes of us.
  const endWhenWritten = (): unknown => (stream.writableLength === 0 ? process.kill(process.pid, 'SIGKILL') : setImmediate(endWhenWritten));
  endWhenWritten();
  return sending;
} as typeof query;

function run(): Promise<unknown> {
  const options = { access: accessTo(task), loaded: manifestOf(task.declaration, task.manifest), passwords: forgetful };
  const { operation } = task;
  if (operation === undefined) return apply(options);
  const { key } = operation;
  return 'to' in operation ? moveTenant(options, key, operation.to) : offboardTenant({ ...options, confirm: key, archive: operation.archive }, key);
}

run().then(
  () => console.log(`${sent} of ${all}`),
  (error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
  },
);
