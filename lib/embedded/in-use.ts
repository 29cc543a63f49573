import { readdir, readFile, readlink, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { TenantryError } from '../core';

/** What a running server writes into its `postmaster.pid`. */
export interface ServerStatus {
  readonly pid: number;
  readonly socketFolder: string;
  /** `starting`, `stopping`, `ready` or `standby` */
  readonly state: string;
}

/** What the server of a data directory says about itself, running or not. */
export async function readStatus(folder: string): Promise<ServerStatus | undefined> {
  const text = await readFile(join(folder, 'postmaster.pid'), 'utf8').catch(() => '');
  const lines = text.split('\n').map((line) => line.trim());
  const pid = Number(lines[0]);
  return Number.isInteger(pid) && pid > 0 ? { pid, socketFolder: lines[4] ?? '', state: lines[7] ?? '' } : undefined;
}

export function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Refuses a data directory that a live server uses. Waits for one that is about to end, and forgets one that is dead. */
export async function refuseIfInUse(folder: string): Promise<void> {
  const started = Date.now();
  for (;;) {
    const user = await liveUser(folder);
    if (user === undefined) return dropStalePid(folder);
    const status = await readStatus(folder);
    const patience = status?.state === 'stopping' ? 30_000 : 500;
    if (Date.now() - started > patience) throw inUse(folder, status && isRunning(status.pid) ? status.pid : user, status?.socketFolder);
    await sleep(50);
  }
}

/** Where every process can be seen, no live one means that the file is stale. Elsewhere PostgreSQL itself decides. */
async function dropStalePid(folder: string): Promise<void> {
  if (process.platform === 'linux') await rm(join(folder, 'postmaster.pid'), { force: true });
}

/**
 * A live process of a server on this data directory.
 *
 * Every process of a PostgreSQL server works in its data directory. That tells more than the number in `postmaster.pid`: after a
 * crash or in a new container, another program may have that number.
 */
async function liveUser(folder: string): Promise<number | undefined> {
  if (process.platform !== 'linux') {
    const status = await readStatus(folder);
    return status && isRunning(status.pid) ? status.pid : undefined;
  }
  const processes = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const folders = await Promise.all(processes.map((pid) => readlink(`/proc/${pid}/cwd`).catch(() => '')));
  const index = folders.indexOf(folder);
  return index < 0 ? undefined : Number(processes[index]);
}

function inUse(folder: string, pid: number, socketFolder = ''): TenantryError {
  const owner = /tenantry-(\d+)-[^/]*$/.exec(socketFolder)?.[1];
  return new TenantryError('failed', {
    code: 'embedded/in-use',
    problem: `A PostgreSQL server (process ${pid}${owner ? `, started by process ${owner}` : ''}) already runs on ${folder}.`,
    fix: owner ? `Wait until process ${owner} has ended, or stop it: kill ${owner}` : `Stop that server: kill -INT ${pid}`,
  });
}
