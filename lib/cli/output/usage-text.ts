import { exceedsQuota, type TenantUsage } from '../../bootstrap';
import type { Colors } from '../streams';
import { columnsText } from './columns-text';

const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB'] as const;

/** The storage of tenants for people, one a line. */
export function usageText(tenants: readonly TenantUsage[], colors: Colors): string {
  if (tenants.length === 0) return '\n  No tenants yet, so that there is nothing to measure.\n';
  return columnsText(['key', 'mode', 'tier', 'used', 'quota', 'used of it', 'measured as'], tenants.map((tenant) => ({
    cells: [
      tenant.key, tenant.isolation, tenant.tier, sizeText(tenant.bytes), tenant.quota === null ? '' : sizeText(tenant.quota), tenant.quota === null ? '' : `${percentOf(tenant)} %`,
      tenant.method === 'rows' ? `share of ${tenant.rows} rows (estimate)` : tenant.method,
    ],
    marked: exceedsQuota(tenant),
  })), colors);
}

/** With one decimal; a quota of nothing is exceeded by anything. */
export const percentOf = ({ bytes, quota }: Pick<TenantUsage, 'bytes' | 'quota'>): number | null => (quota === null || quota === 0 ? null : Math.round((1000 * bytes) / quota) / 10);

function sizeText(bytes: number): string {
  let unit = 0;
  let amount = bytes;
  while (amount >= 1024 && unit < UNITS.length - 1) {
    amount /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? amount : amount.toFixed(1)} ${UNITS[unit]}`;
}
