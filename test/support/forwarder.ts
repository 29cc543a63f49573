import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

interface Target {
  /** Folder of a Unix socket. */
  readonly host: string;
  readonly port: number;
}

/** An address that leads to one server after another, as the name of a cluster does. */
export interface Forwarder {
  readonly host: string;
  readonly port: number;
  /** How many connections there have been. */
  readonly accepted: number;
  /** New connections lead there. Those that are open stay where they are. */
  moveTo(target: Target): void;
  /** From here nothing passes, or no answer does, and nobody is told: as where a machine or the network to it has failed. */
  freeze(what?: 'all' | 'answers'): void;
  close(): Promise<void>;
}

/** @param address - its own, which the system chooses the port of where none is given */
export async function startForwarder(first: Target, { host = '127.0.0.1', port = 0 }: { readonly host?: string; readonly port?: number } = {}): Promise<Forwarder> {
  let target = first;
  let accepted = 0;
  let frozen: 'all' | 'answers' | undefined;
  const open = new Set<Socket>();
  const server = createServer((client) => {
    accepted += 1;
    keep(client);
    if (frozen !== undefined) return;
    const upstream = keep(connect(`${target.host}/.s.PGSQL.${target.port}`));
    const pass = (from: Socket, to: Socket, passes: () => boolean): void => {
      from.on('data', (bytes) => passes() && !to.destroyed && to.write(bytes)).on('close', () => passes() && to.destroy());
    };
    pass(client, upstream, () => frozen !== 'all');
    pass(upstream, client, () => frozen === undefined);
  });
  function keep(socket: Socket): Socket {
    open.add(socket);
    return socket.setNoDelay().on('error', () => undefined).on('close', () => open.delete(socket));
  }
  await new Promise<void>((resolve) => server.listen(port, host, resolve));
  return {
    host,
    get accepted() {
      return accepted;
    },
    port: (server.address() as AddressInfo).port,
    moveTo: (next) => void (target = next),
    freeze: (what = 'all') => void (frozen = what),
    close: () => {
      for (const socket of open) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
