import { changeTier } from '../../bootstrap';
import { json, retieredDocument } from '../documents';
import { EXIT } from '../exit';
import type { Streams } from '../streams';
import { type CommonOptions, type LockOptions, withTenantTarget } from '../target';

export async function tierCommand(key: string, tier: string, options: CommonOptions & LockOptions, streams: Streams): Promise<number> {
  const changed = await withTenantTarget(options, key, ({ access, loaded }) => changeTier({ access, loaded, lockWait: options.lockWait * 1000 }, key, tier));
  const { was, logins, milliseconds } = changed;
  streams.out.write(options.format === 'json' ? json(retieredDocument(changed)) : `\n${[
    `tenant ${key} has tier ${tier}${was === tier ? ', as before' : `; it was ${was}`}   ${(milliseconds / 1000).toFixed(1)} s`,
    ...(logins.length === 0 ? [] : [`its own logins have the limits of it: ${logins.join(', ')}`]),
  ].map((line) => `  ${line}`).join('\n')}\n`);
  return EXIT.done;
}
