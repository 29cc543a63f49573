import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { type EmbeddedServer, startEmbedded } from '../../lib/embedded';

/** A server whose data is copied. */
export interface Primary extends Pick<EmbeddedServer, 'host' | 'port' | 'superuser'> {
  readonly dataDirectory: string;
}

async function asSuperuser<T>(server: Pick<EmbeddedServer, 'host' | 'port' | 'superuser'>, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ host: server.host, port: server.port, user: server.superuser, database: 'postgres' });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Starts a standby that streams from a running server, by the functions that base backups are made with. Its data lies in a folder beside. */
export async function startStandby(primary: Primary, options: { readonly binaries?: string; readonly settings?: Readonly<Record<string, string>> } = {}): Promise<EmbeddedServer & { readonly dataDirectory: string }> {
  const from = realpathSync(primary.dataDirectory);
  const dataDirectory = `${from}-standby`;
  mkdirSync(dataDirectory);
  await asSuperuser(primary, async (client) => {
    await client.query("select pg_backup_start('standby', true)");
    execFileSync('sh', ['-c', `tar -C "$1" --exclude='./pg_wal/*' --exclude=./postmaster.pid -cf - . | tar -C "$2" -xpf -`, 'copy', from, dataDirectory], { stdio: ['ignore', 'ignore', 'ignore'] });
    const { rows: [stopped] } = await client.query<{ labelfile: string }>('select labelfile from pg_backup_stop(false)');
    writeFileSync(join(dataDirectory, 'backup_label'), stopped?.labelfile ?? '');
    writeFileSync(join(dataDirectory, 'standby.signal'), '');
    execFileSync('chown', [`--reference=${join(dataDirectory, 'PG_VERSION')}`, join(dataDirectory, 'backup_label'), join(dataDirectory, 'standby.signal')]);
  });
  const standby = await startEmbedded({
    dataDirectory, binaries: options.binaries,
    settings: { ...options.settings, primary_conninfo: `host=${primary.host} port=${primary.port} user=${primary.superuser} application_name=standby` },
  });
  return { ...standby, dataDirectory };
}

/** From here the server confirms no commit that the standby has not stored. */
export async function makeSynchronous(primary: Primary): Promise<void> {
  await asSuperuser(primary, async (client) => {
    await client.query("alter system set synchronous_standby_names = 'standby'");
    await client.query('select pg_reload_conf()');
    for (const until = Date.now() + 20_000; ;) {
      const { rows } = await client.query("select from pg_stat_replication where sync_state = 'sync'");
      if (rows.length === 1) return;
      if (Date.now() > until) throw new Error('the standby does not follow');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  });
}

/** Ends a server as a failure of its machine does: all of its processes at once, and none of them says a word. */
export function killServer(dataDirectory: string): void {
  const pid = Number(readFileSync(join(dataDirectory, 'postmaster.pid'), 'utf8').split('\n')[0]);
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
  process.kill(pid, 'SIGKILL');
  for (const child of children) if (existsSync(`/proc/${child}`)) process.kill(child, 'SIGKILL');
}

/** Makes a standby the one that takes the writes. */
export const promote = (standby: Pick<EmbeddedServer, 'host' | 'port' | 'superuser'>): Promise<void> => asSuperuser(standby, async (client) => void await client.query('select pg_promote(true, 60)'));
