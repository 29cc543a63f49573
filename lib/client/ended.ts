/** SQLSTATEs of a session that an administrator ends, of one that ends because another crashed, and of one that was idle for too long; and what the system says of a connection that the other end has left. */
const ENDED = new Set(['57P01', '57P02', '57P05', 'EPIPE', 'ECONNRESET', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH']);
/** SQLSTATE of a server that starts or shuts down; and what the system says where nobody listens, or the name leads nowhere for the moment. */
const AWAY = new Set(['57P03', 'ECONNREFUSED', 'ENOENT', 'EHOSTDOWN', 'ENOTFOUND', 'EAI_AGAIN']);

/** Whether a session had ended before it was used: a pool hears of it a moment later. */
export function isEnded(error: unknown): boolean {
  const { code, message } = error as Error & { readonly code?: string };
  return ENDED.has(code ?? '') || message.startsWith('Connection terminated') || message.startsWith('Client has encountered a connection error');
}

/** Whether an attempt to connect met no server, or one that is on its way. */
export const isAway = (error: unknown): boolean => AWAY.has((error as { readonly code?: string }).code ?? '') || isEnded(error);

/** Where the address is right, this passes: a paused cluster wakes up, and the name of a cluster comes to lead to its new writer. */
export const isPassing = (error: unknown): boolean => error instanceof StandbyServer || error instanceof ServerSilent;

/** Nothing came from the other end. */
export class ServerSilent extends Error {}

/** Somebody else takes the writes. */
export class StandbyServer extends Error {
  constructor(isStandby: boolean) {
    super(isStandby ? 'it is a standby, which takes no writes' : 'transactions of this login are read-only there unless they ask for more');
  }
}
