import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';

/** PostgreSQL's own number (`scram_iterations`). The passwords are random, so that more would add nothing. */
const ITERATIONS = 4096;

/** A password of 256 random bits, in letters that need no escape in URLs and shells. */
export const randomPassword = (): string => randomBytes(32).toString('base64url');

/**
 * What PostgreSQL stores of a password (RFC 5803): computed here, so that the password itself is never sent. The password is ASCII, which
 * SASLprep leaves as it is.
 */
export function scramVerifier(password: string, salt = randomBytes(16)): string {
  const salted = pbkdf2Sync(password, salt, ITERATIONS, 32, 'sha256');
  const key = (name: string): Buffer => createHmac('sha256', salted).update(name).digest();
  const stored = createHash('sha256').update(key('Client Key')).digest('base64');
  return `SCRAM-SHA-256$${ITERATIONS}:${salt.toString('base64')}$${stored}:${key('Server Key').toString('base64')}`;
}
