import { connect, type NetConnectOpts, type Socket } from 'node:net';
import { connect as encrypt } from 'node:tls';

/** Asks whether TLS is spoken: the one message that a server, or a pooler, answers before it knows who asks. (PostgreSQL, Message Formats, SSLRequest.) */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);
/** It is spoken. */
const YES = 'S'.charCodeAt(0);
/** Milliseconds to say goodbye in. */
const GOODBYE = 2_000;

/** Whether a server at an address answers in time, without logging in. The server's log does not mention it. */
export function answers(address: NetConnectOpts, timeout: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(address, () => socket.write(SSL_REQUEST));
    const end = (answered: boolean, leave = (): unknown => socket.destroy()): void => {
      clearTimeout(timer);
      resolve(answered);
      leave();
    };
    // In a program that was busy all the time the answer may be there, and nobody has looked yet.
    const timer = setTimeout(() => setImmediate(end, false), timeout);
    timer.unref();
    socket.once('data', ([answer]: Buffer) => end(true, () => (answer === YES ? hangUp(socket) : socket.destroy()))).once('error', () => end(false)).once('end', () => end(false));
    socket.unref();
  });
}

/** A server that has said yes writes into its log who leaves before TLS is there, and not who leaves behind that. Nothing is sent, so that it does not matter whose certificate it is. */
function hangUp(socket: Socket): void {
  const leave = (): unknown => socket.destroy();
  const late = setTimeout(leave, GOODBYE).unref();
  socket.once('close', () => clearTimeout(late));
  const encrypted = encrypt({ socket, rejectUnauthorized: false }, () => encrypted.end()).once('error', leave);
}
