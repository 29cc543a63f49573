import { TenantryError } from '../core/errors';

/** SQLSTATE of a write that a server takes none of, for instance a standby. */
export const READ_ONLY = '25006';

/** The driver tells by these words that it sent nothing. */
export const wasNotSent = (error: Error): boolean => error.message.startsWith('Client has encountered a connection error') || error.message.startsWith('Client was closed');

export const connectionLost = (error: Error): TenantryError => new TenantryError('failed', {
  code: 'client/connection-lost', problem: `The connection was terminated before the commit was sent: ${error.message}. Nothing of the transaction was stored.`,
  fix: 'Run it again: the next transaction has another connection, to whichever server has taken over.',
}, { cause: error });

export const commitUnknown = (error: Error): TenantryError => new TenantryError('failed', {
  code: 'client/commit-unknown', problem: `The connection was terminated while the commit was under way: ${error.message}. Whether the transaction was stored is not known.`,
  fix: 'Look whether it was before you run it again. A row with a key that the program chose, and insert … on conflict do nothing, can be written twice.',
}, { cause: error });

export const readOnlyServer = (error: Error): TenantryError => new TenantryError('failed', {
  code: 'client/read-only-server', problem: 'The server has become a standby, which takes no writes. Nothing of the transaction was stored, and the connections to it are left.',
  fix: 'Run it again: the next transaction looks for the server that has taken over.',
}, { cause: error });
