import { knowsTransactionTimeout, TEMP_FILE_LIMIT } from '../model/tier';
import type { Difference } from '../plan/difference';
import { ident } from '../sql/quote';
import { kind, refusal, serverKey } from './kind';

const TRANSACTION_TIMEOUT = 'transaction_timeout';

/** What tiers limit and this server cannot: said once, whatever the number of tiers and tenants. Everything else of a tier holds. */
export const tierLimit = kind<'server', readonly string[], boolean>({
  name: 'tier limit',
  level: 'server',
  compares: ['privilege'],
  query: {
    text: `select exists (select from pg_catalog.pg_roles r where r.rolname = $1 and has_parameter_privilege(r.oid, '${TEMP_FILE_LIMIT}', 'SET')) as may`,
    values: ({ owner }) => [owner],
  },
  read: ({ may }) => ({ container: serverKey, key: TEMP_FILE_LIMIT, have: may }),
  wants: ({ tiers }) => new Map(([TRANSACTION_TIMEOUT, TEMP_FILE_LIMIT] as const).flatMap((name) => {
    const limiting = [...tiers].filter(([, row]) => row[name] !== null).map(([tier]) => tier);
    return limiting.length === 0 ? [] : [[name, limiting] as const];
  })),
  compare({ owner, capabilities }, name, want, have): Difference[] {
    if (want === undefined) return [];
    const where = { kind: 'tier limit', target: 'server' };
    const which = `${want.length === 1 ? 'tier' : 'tiers'} ${want.join(', ')}`;
    if (name === TRANSACTION_TIMEOUT) {
      return knowsTransactionTimeout(capabilities.versionNumber) ? [] : [refusal({
        ...where, code: 'tier/transaction-timeout', summary: `transactionTimeout of ${which} is not kept: PostgreSQL knows it from version 17 on, and this is ${capabilities.version}`, fix: 'Leave it out, or upgrade the server.',
      })];
    }
    return have === true ? [] : [refusal({
      ...where, code: 'tier/temp-file-limit', summary: `tempFileLimit of ${which} is not kept: the owner may not set the parameter`, fix: `As a superuser: grant set on parameter ${TEMP_FILE_LIMIT} to ${ident(owner)}. Then apply again.`,
    })];
  },
});
