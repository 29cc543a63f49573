import { type ApplyResult, type ChangedTenant, exceedsQuota, type ListedTenant, type Plan, type RetieredTenant, type TenantOperation, type TenantUsage, termsOf } from '../bootstrap';
import { type Complaint, TenantryError } from '../core/errors';
import type { Manifest } from '../manifest';
import { percentOf } from './output/usage-text';

/** What `--format json` prints. Fields are added, never renamed or removed, while the number behind @ stays. */
export const planDocument = (plan: Plan) => ({
  format: 'tenantry/plan@1',
  declaration: plan.declaration, address: plan.address, ...(plan.cell === undefined ? {} : { cell: plan.cell }), serverVersion: plan.serverVersion, tenants: plan.tenants,
  status: plan.differences.every(({ type }) => type === 'finding') ? 'as declared' : plan.drifted ? 'drift' : 'pending',
  lastApply: plan.lastApply ?? null, failedTenants: plan.failedTenants,
  fingerprint: plan.fingerprint,
  changes: plan.differences.filter((difference) => difference.type === 'change').map((change) => ({ ...change, ...termsOf(change) })),
  refusals: plan.differences.filter(({ type }) => type === 'refusal'),
  findings: plan.differences.filter(({ type }) => type === 'finding'),
});

export const applyDocument = (result: ApplyResult, failed: readonly Complaint[] = []) => ({
  format: 'tenantry/apply@1', outcome: failed.length === 0 ? 'done' : 'failed',
  generation: result.generation, tenants: result.tenants, serverVersion: result.serverVersion, milliseconds: result.milliseconds,
  changes: result.changes, refusals: result.refusals, findings: result.findings, tenantResults: result.tenantResults,
  ...(failed.length === 0 ? {} : { complaints: failed }),
});

export const tenantsDocument = ({ declaration, address }: Manifest, tenants: readonly ListedTenant[]) => ({
  format: 'tenantry/tenants@1',
  declaration: declaration.name, address, tenants,
});

export const tenantDocument = (changed: ChangedTenant) => ({
  format: 'tenantry/tenant@1',
  key: changed.key, isolation: changed.isolation, state: changed.state, logins: changed.logins, sessions: changed.sessions, milliseconds: changed.milliseconds,
});

export const historyDocument = ({ declaration, address }: Manifest, tenant: string, operations: readonly TenantOperation[]) => ({
  format: 'tenantry/history@1',
  declaration: declaration.name, address, tenant, operations,
});

export const retieredDocument = ({ key, tier, was, logins, milliseconds }: RetieredTenant) => ({ format: 'tenantry/tier@1', key, tier, was, logins, milliseconds });

export const usageDocument = ({ declaration, address }: Manifest, tenants: readonly TenantUsage[]) => ({
  format: 'tenantry/usage@1',
  declaration: declaration.name, address,
  tenants: tenants.map((tenant) => ({ ...tenant, percent: percentOf(tenant), exceeded: exceedsQuota(tenant) })),
});

/** The fingerprint of a plan that `bootstrap plan --plan FILE` or `--format json` wrote; of several servers, `server=fingerprint` of each. */
export function fingerprintIn(text: string, file: string): string {
  const data = parsed(text);
  if ((data?.format === 'tenantry/plan@1' || data?.format === 'tenantry/cells@1') && typeof data.fingerprint === 'string') return data.fingerprint;
  throw new TenantryError('input', { code: 'cli/plan-file', at: file, problem: 'The file is not a plan that this version can read.', fix: 'Make one with tenantry bootstrap plan --plan FILE.' });
}

function parsed(text: string): { format?: unknown; fingerprint?: unknown } | null {
  try {
    return JSON.parse(text) as { format?: unknown; fingerprint?: unknown } | null;
  } catch {
    return null;
  }
}

export const json = (document: unknown): string => `${JSON.stringify(document, null, 2)}\n`;
