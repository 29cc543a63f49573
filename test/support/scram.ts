import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import type { TestServer } from './postgres';

/** From now on only the superuser and the bootstrap are let in without a password. */
export async function requirePasswords(server: TestServer): Promise<void> {
  writeFileSync(join(server.dataDirectory, 'pg_hba.conf'), `local all ${server.superuser},${server.bootstrapUser} trust\nlocal all all scram-sha-256\n`);
  const admin = await server.admin();
  await admin.query('select pg_reload_conf()');
  await admin.end();
  // The reload is only a signal.
  for (let tries = 0; tries < 100; tries++) {
    const client = new Client({ host: server.host, port: server.port, database: 'postgres', user: 'nobody', password: 'nothing' });
    const answer = await client.connect().then(() => client.end(), (error: { code?: string }) => error.code);
    if (answer === '28P01') return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('the server does not ask for passwords');
}
