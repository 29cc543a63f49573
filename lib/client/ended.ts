/** SQLSTATE of a session that an administrator ends, and what the system says of a connection that the other end has left. */
const ENDED = new Set(['57P01', 'EPIPE', 'ECONNRESET']);

/** Whether a session had ended before it was used: a pool hears of it a moment later. */
export function isEnded(error: unknown): boolean {
  const { code, message } = error as Error & { readonly code?: string };
  return ENDED.has(code ?? '') || message.startsWith('Connection terminated');
}
