import { join, sep } from 'node:path';

/** Folders of this library, as sources or compiled. */
const OWN = [join(__dirname, '..') + sep, join(__dirname, '..', '..', 'policies') + sep];
const FRAME = /^ {4}at /;
/** Deep enough to get out of the library and what calls it back. */
const DEPTH = 100;

/**
 * Leaves one line of the error's stack: where the user's code called what threw, or else the place in the library. The message says
 * what is wrong, and what lies between is nobody's business.
 */
export function toUsersFrame(error: Error): void {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = DEPTH;
  Error.captureStackTrace(error, error.constructor);
  Error.stackTraceLimit = stackTraceLimit;
  const { message, name, stack = '' } = error;
  const frames = stack.slice(stack.indexOf(message) + message.length).split('\n').filter((line) => FRAME.test(line));
  const [frame = ''] = [...frames.filter(isUsers), ...frames];
  Object.defineProperty(error, 'stack', { value: [`${name}: ${message}`, frame].join('\n'), enumerable: false, configurable: true, writable: true });
}

const isUsers = (frame: string): boolean => /[/\\]/.test(frame) && !frame.includes('node:') && !frame.includes(`${sep}node_modules${sep}`) && !OWN.some((folder) => frame.includes(folder));
