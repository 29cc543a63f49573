import { Annotations } from 'cdktf';
import type { IConstruct } from 'constructs';
import { EnvironmentStack } from '../environment/environment-stack';
import { AccountWide } from './account-wide';

/**
 * Of an account in a region, as AWS gives them first; ap-south-1 has fewer DB instances and DB subnet groups, 20.
 *
 * Source: Amazon RDS User Guide, Quotas in Amazon RDS.
 */
const QUOTAS = {
  'DB instances': { most: 40, adjustable: true },
  'DB clusters': { most: 40, adjustable: true },
  'DB cluster parameter groups': { most: 50, adjustable: false },
  'parameter groups': { most: 50, adjustable: true },
  'DB subnet groups': { most: 50, adjustable: true },
  'event subscriptions': { most: 20, adjustable: true },
  'proxies': { most: 20, adjustable: true },
} as const;

export type Quota = keyof typeof QUOTAS;

const used = new AccountWide<number>();

/**
 * Counts what an application makes in an account and region, and warns once where it gets more than AWS gives without being asked: no plan tells, and the apply stops
 * half-way. What is there already, and what others make, is not known.
 */
export function useQuota(construct: IConstruct, quota: Quota, amount: number): void {
  const { account, region } = EnvironmentStack.of(construct).environment;
  const counts = used.of(construct);
  const before = counts.get(quota) ?? 0;
  counts.set(quota, before + amount);
  const { most, adjustable } = QUOTAS[quota];
  if (before > most || before + amount <= most) return;
  const way = adjustable ? `${most} unless it was asked for more: Service Quotas, Amazon RDS, before the apply` : `${most}, and no more when it is asked: use several accounts`;
  Annotations.of(construct).addWarning(`With this the application makes ${before + amount} ${quota} in the account ${account}, ${region}. AWS gives ${way}. What is there already is not counted. Source: Amazon RDS User Guide, Quotas in Amazon RDS.`);
}
