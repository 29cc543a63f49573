import { DISKS_ON_NEW_RDS, type InstanceFamily, ON_NEW_RDS, ON_RDS, sizes, TO_16, TO_32, TO_48 } from './family';

const BURSTABLE = {
  gibibytesPerVcpu: 4, sizes: sizes('micro', '2xlarge'), burstable: true,
  exceptions: { micro: [2, 1], small: [2, 2], medium: [2, 4] },
} as const;
const RDS_BURSTABLE = { 'rds-postgresql': {}, 'rds-mysql': { withoutInsights: ['micro', 'small'] } } as const;

/** General-purpose, compute-optimized and burstable classes. Aurora takes none of them but four burstable ones. Sources: see the catalogue. */
export const GENERAL_PURPOSE: readonly InstanceFamily[] = [
  { name: 'm8g', generation: 8, processor: 'graviton', gibibytesPerVcpu: 4, sizes: TO_48, engines: ON_NEW_RDS },
  { name: 'm8gd', generation: 8, processor: 'graviton', gibibytesPerVcpu: 4, sizes: TO_48, localStorage: true, rds: 'both', engines: DISKS_ON_NEW_RDS },
  { name: 'm7g', generation: 7, processor: 'graviton', gibibytesPerVcpu: 4, sizes: TO_16, engines: ON_RDS },
  { name: 'm7i', generation: 7, processor: 'intel', gibibytesPerVcpu: 4, sizes: TO_48, engines: ON_NEW_RDS },
  { name: 'm6g', generation: 6, processor: 'graviton', gibibytesPerVcpu: 4, sizes: TO_16, engines: ON_RDS },
  { name: 'm6gd', generation: 6, processor: 'graviton', gibibytesPerVcpu: 4, sizes: TO_16, localStorage: true, rds: 'both', engines: ON_RDS },
  { name: 'm6i', generation: 6, processor: 'intel', gibibytesPerVcpu: 4, sizes: TO_32, engines: ON_RDS },
  { name: 'm6id', generation: 6, processor: 'intel', gibibytesPerVcpu: 4, sizes: TO_32, localStorage: true, rds: 'both', engines: ON_RDS },
  { name: 'm6idn', generation: 6, processor: 'intel', gibibytesPerVcpu: 4, sizes: TO_32, localStorage: true, rds: 'both', engines: ON_RDS },
  { name: 'c6gd', generation: 6, processor: 'graviton', gibibytesPerVcpu: 2, sizes: sizes('medium', '16xlarge'), localStorage: true, rds: 'clusters', engines: ON_RDS },
  {
    name: 't4g', generation: 4, processor: 'graviton', ...BURSTABLE,
    engines: { 'aurora-postgresql': { sizes: ['medium', 'large'], since: ['17.4', '16.1', '15.2'] }, 'aurora-mysql': { sizes: ['medium', 'large'] }, ...RDS_BURSTABLE },
  },
  {
    name: 't3', generation: 3, processor: 'intel', ...BURSTABLE,
    engines: { 'aurora-postgresql': { sizes: ['medium', 'large'], since: ['17.4', '16.1', '15.2'] }, 'aurora-mysql': { sizes: ['medium', 'large'], withoutInsights: ['medium', 'large'] }, ...RDS_BURSTABLE },
  },
];
