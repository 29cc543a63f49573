import { type ChangedTenant, resumeTenant, suspendTenant } from '../../bootstrap';
import { count } from '../../core/text';
import { json, tenantDocument } from '../documents';
import { EXIT } from '../exit';
import type { Streams } from '../streams';
import { type CommonOptions, type LockOptions, withTenantTarget } from '../target';

const CHANGES = { suspend: suspendTenant, resume: resumeTenant } as const;

/** `tenant suspend` and `tenant resume`. */
export async function stateCommand(change: keyof typeof CHANGES, key: string, options: CommonOptions & LockOptions, streams: Streams): Promise<number> {
  const changed = await withTenantTarget(options, key, ({ access, loaded }) => CHANGES[change]({ access, loaded, lockWait: options.lockWait * 1000 }, key));
  streams.out.write(options.format === 'json' ? json(tenantDocument(changed)) : `\n${textOf(changed).map((line) => `  ${line}`).join('\n')}\n`);
  return EXIT.done;
}

function textOf({ key, isolation, state, logins, sessions: { ended, left }, milliseconds }: ChangedTenant): string[] {
  return [
    `tenant ${key} (${isolation}) is ${state}   ${(milliseconds / 1000).toFixed(1)} s`,
    ...(ended > 0 ? [`${count(ended, 'session')} of its own logins ${ended === 1 ? 'was' : 'were'} ended`] : []),
    ...(left > 0 ? [
      `${count(left, 'session')} of its own logins ${left === 1 ? 'is' : 'are'} still connected: tenants.with serves none of them, their own SQL does what it did`,
      `end them as a member of pg_signal_backend: select pg_terminate_backend(pid) from pg_stat_activity where usename in (${logins.map((login) => `'${login}'`).join(', ')})`,
    ] : []),
  ];
}
