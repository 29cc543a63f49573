/** SQLSTATEs of a session that an administrator ends, and of one that was idle for too long; and what the system says of a connection that the other end has left. */
const ENDED = new Set(['57P01', '57P05', 'EPIPE', 'ECONNRESET']);

/** Whether a session had ended before it was used: a pool hears of it a moment later. */
export function isEnded(error: unknown): boolean {
  const { code, message } = error as Error & { readonly code?: string };
  return ENDED.has(code ?? '') || message.startsWith('Connection terminated') || message.startsWith('Client has encountered a connection error');
}
