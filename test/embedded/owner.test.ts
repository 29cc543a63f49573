import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startEmbedded } from '../../lib/embedded';
import { isRunning } from '../../lib/embedded/in-use';
import { freshServerFolder } from '../support/fresh-folder';
import { endsSoon, ownServer, serverProcess } from './child';

describe('a server never outlives the process that started it', () => {
  it.each(['SIGKILL', 'SIGTERM', 'SIGINT'] as const)('which was ended by %s', async (signal) => {
    const dataDirectory = join(freshServerFolder(), 'data');
    const owner = ownServer(dataDirectory);
    const { host } = await owner.ready;
    const pid = serverProcess(dataDirectory);
    expect(isRunning(pid)).toBe(true);
    owner.process.kill(signal);
    expect(await endsSoon(pid)).toBe(true);
    expect(existsSync(join(dataDirectory, 'postmaster.pid'))).toBe(false);
    expect(readFileSync(`${dataDirectory}.log`, 'utf8')).toContain('received fast shutdown request');
    await expect.poll(() => existsSync(host), { timeout: 5_000 }).toBe(false);
  });

  it('which was killed while the server started', async () => {
    const dataDirectory = join(freshServerFolder(), 'data');
    await ownServer(dataDirectory, { then: 'stop' }).ended;
    const owner = ownServer(dataDirectory);
    let pid = Number.NaN;
    // The file is made first and filled then.
    const started = (): boolean => existsSync(join(dataDirectory, 'postmaster.pid')) && (pid = serverProcess(dataDirectory)) > 0;
    await expect.poll(started, { timeout: 10_000, interval: 1 }).toBe(true);
    owner.process.kill('SIGKILL');
    expect(await endsSoon(pid)).toBe(true);
  });

  it('which ended by itself and forgot to stop it', async () => {
    const dataDirectory = join(freshServerFolder(), 'data');
    const owner = ownServer(dataDirectory, { then: 'forget' });
    expect((await owner.ended).code).toBe(0);
    await expect.poll(() => existsSync(join(dataDirectory, 'postmaster.pid')), { timeout: 5_000 }).toBe(false);
  });

  it('so that the next start need not wait for anybody', async () => {
    const dataDirectory = join(freshServerFolder(), 'data');
    const owner = ownServer(dataDirectory);
    await owner.ready;
    owner.process.kill('SIGKILL');
    const next = await startEmbedded({ dataDirectory });
    await next.stop();
  });
});

describe('one data directory, one server', () => {
  it('refuses the second one and names both processes', async () => {
    const dataDirectory = join(freshServerFolder(), 'data');
    const server = await startEmbedded({ dataDirectory });
    const error: unknown = await startEmbedded({ dataDirectory }).catch((caught: unknown) => caught);
    const pid = serverProcess(dataDirectory);
    await server.stop();
    expect(error).toMatchObject({
      code: 'embedded/in-use',
      complaints: [
        {
          problem: `A PostgreSQL server (process ${pid}, started by process ${process.pid}) already runs on ${dataDirectory}.`,
          fix: `Wait until process ${process.pid} has ended, or stop it: kill ${process.pid}`,
        },
      ],
    });
  });

  it('lets one of several win that start at the same time on an empty folder', async () => {
    const dataDirectory = join(freshServerFolder(), 'data');
    const owners = [1, 2, 3].map(() => ownServer(dataDirectory));
    const outcomes = await Promise.allSettled(owners.map((owner) => owner.ready));
    expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(1);
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(String(outcome.reason)).toContain('embedded/in-use');
    }
  });

  it('does not mistake another program for a server when a number of a process is used again', async () => {
    const dataDirectory = join(freshServerFolder(), 'data');
    await (await startEmbedded({ dataDirectory })).stop();
    writeFileSync(join(dataDirectory, 'postmaster.pid'), `${process.pid}\n${dataDirectory}\n1\n5432\n/tmp\n\n0 0\nready   \n`);
    const server = await startEmbedded({ dataDirectory });
    expect(serverProcess(dataDirectory)).not.toBe(process.pid);
    await server.stop();
  });
});
