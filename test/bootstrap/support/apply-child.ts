/** Applies a manifest as a process of its own, and kills itself in front of the statement that it is told. Arguments: JSON of `ChildTask`. */
import { Client } from 'pg';
import { apply } from '../../../lib/bootstrap/apply/apply';
import type { SchemaInput } from '../../../lib/declaration';
import { accessTo, manifestOf, type ManifestInput } from './platform-data';

export interface ChildTask {
  readonly host: string;
  readonly port: number;
  readonly bootstrapUser: 'tenantry_bootstrap';
  readonly declaration: SchemaInput;
  readonly manifest: ManifestInput;
  /** Counts the statements that change something. @default - it is not killed */
  readonly killBefore?: number;
}

const task = JSON.parse(process.argv[2] ?? '{}') as ChildTask;

/** Statements that change nothing that outlasts them: whoever is killed in front of one is as if killed behind it. */
const READS = /^\s*(select|set search_path|set role|reset role|begin isolation level repeatable read read only|create temporary table|alter table pg_temp\.|rollback)/;

let sent = 0;
let all = 0;
const query = Client.prototype.query;
Client.prototype.query = function (this: Client, ...given: unknown[]) {
  const [first] = given as [string | { text: string }];
  all += 1;
  if (!READS.test(typeof first === 'string' ? first : first.text)) sent += 1;
  if (sent === task.killBefore) process.kill(process.pid, 'SIGKILL');
  return (query as (...all: unknown[]) => unknown).apply(this, given);
} as typeof query;

apply({ access: accessTo(task), loaded: manifestOf(task.declaration, task.manifest) }).then(
  () => console.log(`${sent} of ${all}`),
  (error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
  },
);
