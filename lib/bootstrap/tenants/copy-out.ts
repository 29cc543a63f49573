import { PassThrough, type Writable } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import type { Client } from 'pg';
import { to as copyTo } from 'pg-copy-streams';

/**
 * Sends what COPY … TO STDOUT gives through streams. Where one of them fails, for instance on a full disk, the rest is read and thrown away: a session whose
 * COPY nobody reads any more answers nothing else, not even a ROLLBACK.
 */
export async function copyOut(client: Client, sql: string, ...into: readonly [...NodeJS.ReadWriteStream[], Writable]): Promise<void> {
  const source = client.query(copyTo(sql));
  const tap = new PassThrough();
  const ended = finished(source);
  source.once('error', (error) => tap.destroy(error)).pipe(tap);
  try {
    await Promise.all([pipeline([tap, ...into]), ended]);
  } catch (error) {
    source.unpipe(tap);
    source.resume();
    await ended.catch(() => undefined);
    throw error;
  }
}
