import type { Declaration } from '../../declaration/schema';
import type { TierDeclaration } from '../../declaration/schema-tiers';
import { kilobytesOf, millisecondsOf } from '../../declaration/units';
import type { WantedSetting } from './role-settings';
import type { Capabilities } from './server';

/** Parameters of the server that a tier can set, each an integer column of `tenantry.tiers` in the parameter's own unit. */
const EVERYBODYS = ['statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout', 'work_mem'] as const;
/** From this version on. */
const TRANSACTION_TIMEOUT_SINCE = 170_000;
export const TEMP_FILE_LIMIT = 'temp_file_limit';

export const TIER_PARAMETERS = [...EVERYBODYS, 'transaction_timeout', TEMP_FILE_LIMIT] as const;
type Parameter = (typeof TIER_PARAMETERS)[number];

export const TIER_COLUMNS = ['connection_limit', 'pool_size', ...TIER_PARAMETERS, 'storage_quota'] as const;

/** A row of `tenantry.tiers`, without the name. */
export type TierRow = Readonly<Record<(typeof TIER_COLUMNS)[number], number | null>>;

const milliseconds = (text: string | undefined): number | null => (text === undefined ? null : Math.round(millisecondsOf(text) ?? 0));
const kilobytes = (text: string | undefined): number | null => (text === undefined ? null : Math.round(kilobytesOf(text) ?? 0));

export const tierRow = (tier: TierDeclaration): TierRow => ({
  connection_limit: tier.connectionLimit ?? null,
  pool_size: tier.poolSize ?? null,
  statement_timeout: milliseconds(tier.statementTimeout),
  lock_timeout: milliseconds(tier.lockTimeout),
  idle_in_transaction_session_timeout: milliseconds(tier.idleInTransactionSessionTimeout),
  work_mem: kilobytes(tier.workMem),
  transaction_timeout: milliseconds(tier.transactionTimeout),
  temp_file_limit: kilobytes(tier.tempFileLimit),
  storage_quota: tier.storageQuota === undefined ? null : (kilobytes(tier.storageQuota) ?? 0) * 1024,
});

/** The declared tiers, by name. */
export const tiersOf = ({ tiers }: Pick<Declaration, 'tiers'>): ReadonlyMap<string, TierRow> =>
  new Map(Object.entries(tiers ?? {}).map(([name, tier]) => [name, tierRow(tier)]));

/**
 * Whether transactions of any tenant are limited.
 *
 * @param inUse - tiers that tenants have: one that is not declared any more limits as it did
 */
export const limitsTransactions = (tiers: ReadonlyMap<string, TierRow>, inUse: readonly string[]): boolean =>
  inUse.some((name) => !tiers.has(name)) || [...tiers.values()].some((row) => TIER_PARAMETERS.some((parameter) => row[parameter] !== null));

export const knowsTransactionTimeout = (versionNumber: number): boolean => versionNumber >= TRANSACTION_TIMEOUT_SINCE;

/**
 * What sessions of a tenant's own login start with, in place of what the role says. What the server does not know, or nobody may set, is left out:
 * `tier limit` says so once.
 */
export function tierSettings(tier: TierRow | undefined, login: string, { versionNumber, settable }: Pick<Capabilities, 'versionNumber' | 'settable'>): WantedSetting[] {
  return TIER_PARAMETERS.flatMap((name) => {
    const value = tier?.[name] ?? null;
    const left = (name === 'transaction_timeout' && !knowsTransactionTimeout(versionNumber)) || (name === TEMP_FILE_LIMIT && !settable.includes(name));
    return value === null || left ? [] : [{ role: login, name, value: `${value}${name.endsWith('timeout') ? 'ms' : 'kB'}` }];
  });
}

const CONDITIONS: Partial<Record<Parameter, string>> = {
  transaction_timeout: ` and current_setting('server_version_num')::integer >= ${TRANSACTION_TIMEOUT_SINCE}`,
  temp_file_limit: ` and has_parameter_privilege('${TEMP_FILE_LIMIT}', 'SET')`,
};

/** Statements of `enter` that set, for the transaction, what the tenant's tier limits. Reading it by itself is cheaper than a join. */
export const SET_TIER_LIMITS = `select ${TIER_PARAMETERS.map((name) => `t.${name}`).join(', ')} into limits from tenantry.tiers t where t.name = tenant_tier and num_nonnulls(${TIER_PARAMETERS.map((name) => `t.${name}`).join(', ')}) > 0;
  if found then
${TIER_PARAMETERS.map((name) => `    if limits.${name} is not null${CONDITIONS[name] ?? ''} then perform set_config('${name}', limits.${name}::text, true); end if;`).join('\n')}
  end if;`;
