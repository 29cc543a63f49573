import { connect, type NetConnectOpts } from 'node:net';

/** Asks whether TLS is spoken: the one message that a server, or a pooler, answers before it knows who asks. (PostgreSQL, Message Formats, SSLRequest.) */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

/** Whether a server at an address answers in time, without logging in. The server's log does not mention it. */
export function answers(address: NetConnectOpts, timeout: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(address, () => socket.write(SSL_REQUEST));
    const end = (answered: boolean): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answered);
    };
    // In a program that was busy all the time the answer may be there, and nobody has looked yet.
    const timer = setTimeout(() => setImmediate(end, false), timeout);
    timer.unref();
    socket.once('data', () => end(true)).once('error', () => end(false)).once('end', () => end(false));
    socket.unref();
  });
}
