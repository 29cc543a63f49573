/** Codes behind which more lies than an error says; `tenantry explain` tells it. Data, because whoever only throws loads no texts. */
const CODES = [
  'ha-cluster/failover-not-kept',
  'ha-cluster/zone-loss-not-kept',
  'ha-cluster/scaling-not-kept',
  'ha-cluster/scaling-below-topology',
  'ha-cluster/schedule-never-ends',
  'ha-cluster/storage-maximum',
  'ha-cluster/single-instance',
  'ha-cluster/topology-engine',
  'ha-cluster/isolation-flaw',
  'ha-cluster/promotion-size',
  'engine/pause-blocked',
  'engine/parameter-unknown',
  'engine/target-connections',
  'alerting/notice-not-kept',
  'connection-pool/pinning-filter',
  'tenant-database/no-tenant-cluster',
  'tenant-database/shared-cluster',
] as const;

export type ExplainedErrorCode = (typeof CODES)[number];

export const EXPLAINED_CODES: ReadonlySet<string> = new Set(CODES);
