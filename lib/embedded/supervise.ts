import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { type Account, cleanEnvironment } from './command';

/** A server process that ends when we ask for it, or when this process ends in whatever way. */
export interface Supervised {
  /** Settles with the exit code when the server has ended. */
  readonly ended: Promise<number>;
  /** Whether it has ended. */
  hasEnded(): boolean;
  /** Asks for a fast shutdown. */
  end(): void;
  /** Lets this process end while the server runs. */
  unref(): void;
}

/*
 * The shell reads from a pipe whose other end only this process holds: the end of file tells that it was asked to stop the server,
 * or that this process is gone, also by SIGKILL. SIGTERM comes first because a shell starts its background commands deaf to
 * SIGINT: it ends a server that has not installed its handlers yet, and begins the shutdown that SIGINT makes a fast one.
 */
const script = `
exec 3<&0
folder=$1; shift
"$@" 3<&- &
server=$!
(read -r _ <&3; kill -TERM "$server"; kill -INT "$server") 2>/dev/null &
watcher=$!
wait "$server"
status=$?
kill "$watcher" 2>/dev/null
rm -rf -- "$folder"
exit "$status"
`;

/** Starts the server under a shell of its own session, with its output in the log. The folder of its socket goes with it. */
export function supervise(command: readonly string[], socketFolder: string, log: number, account?: Account): Supervised {
  const child = spawn('/bin/sh', ['-c', script, 'tenantry-postgres', socketFolder, ...command], {
    ...account,
    cwd: '/',
    env: cleanEnvironment(),
    detached: true,
    stdio: ['pipe', log, log],
  });
  child.stdin?.on('error', () => undefined);
  let running = true;
  const ended = new Promise<number>((resolve) => {
    const settle = (code: number): void => {
      running = false;
      child.stdin?.destroy();
      resolve(code);
    };
    child.on('exit', (code) => settle(code ?? 128));
    child.on('error', () => settle(127));
  });
  return {
    ended,
    hasEnded: () => !running,
    end: () => {
      child.ref();
      child.stdin?.end();
    },
    unref: () => unref(child),
  };
}

function unref(child: ChildProcess): void {
  child.unref();
  (child.stdin as Socket | null)?.unref();
}
