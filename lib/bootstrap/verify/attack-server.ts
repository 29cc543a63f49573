import type { Client } from 'pg';
import type { ServerTarget } from './attack';
import { SERVER_ATTACKS } from './attacks/registry';
import type { AttackResult } from './evidence';
import { pipelined, ProbeSession } from './session';

/** Asks what roles and logins could reach on the server as a whole. Ends the connection. */
export async function attackServer(client: Client, target: ServerTarget): Promise<AttackResult[]> {
  const session = new ProbeSession(pipelined(client));
  await session.begin();
  try {
    await session.keep();
    const found = await Promise.all(SERVER_ATTACKS.map(async ({ id, inapplicable, run }): Promise<AttackResult[]> => {
      const base = { attack: id, mode: 'server', place: 'server' } as const;
      const reason = inapplicable?.(target);
      if (reason !== undefined) return [{ ...base, verdict: 'not applicable', expected: '', observed: '', control: '', reason }];
      return (await run(session, target)).map((finding) => ({ ...base, ...finding }));
    }));
    return found.flat();
  } finally {
    await session.end();
    await client.end();
  }
}
