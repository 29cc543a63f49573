import { DISKS_ON_NEW_RDS, type InstanceFamily, ON_NEW_RDS, ON_RDS, type SizeName, sizes, TO_16, TO_32, TO_48 } from './family';

const notLarge = (all: readonly SizeName[]): SizeName[] => all.filter((size) => size !== 'large');

/** Sources: see the catalogue. */
export const MEMORY_OPTIMIZED: readonly InstanceFamily[] = [
  {
    name: 'r8g', generation: 8, processor: 'graviton', gibibytesPerVcpu: 8, sizes: TO_48,
    engines: { 'aurora-postgresql': { since: ['17.4', '16.3', '15.7'] }, 'aurora-mysql': { since: ['3.08'] }, ...ON_NEW_RDS },
  },
  {
    name: 'r8gd', generation: 8, processor: 'graviton', gibibytesPerVcpu: 8, sizes: TO_48, localStorage: true, rds: 'both',
    engines: { 'aurora-postgresql': { sizes: notLarge(TO_48), since: ['17.4', '16.3', '15.7'] }, ...DISKS_ON_NEW_RDS },
  },
  {
    name: 'r7g', generation: 7, processor: 'graviton', gibibytesPerVcpu: 8, sizes: TO_16,
    engines: { 'aurora-postgresql': { since: ['17.4', '16.1', '15.2'] }, 'aurora-mysql': { since: ['3.03'] }, ...ON_RDS },
  },
  {
    name: 'r7i', generation: 7, processor: 'intel', gibibytesPerVcpu: 8, sizes: TO_48,
    engines: { 'aurora-postgresql': { since: ['17.4', '16.3', '15.7'] }, 'aurora-mysql': { since: ['3.08'] }, ...ON_NEW_RDS },
  },
  {
    name: 'r6g', generation: 6, processor: 'graviton', gibibytesPerVcpu: 8, sizes: TO_16,
    engines: { 'aurora-postgresql': { since: ['17.4', '16.1', '15.2'] }, 'aurora-mysql': {}, ...ON_RDS },
  },
  {
    name: 'r6gd', generation: 6, processor: 'graviton', gibibytesPerVcpu: 8, sizes: TO_16, localStorage: true, rds: 'both',
    engines: { 'aurora-postgresql': { sizes: notLarge(TO_16), since: ['17.4', '16.1', '15.4'] }, ...ON_RDS },
  },
  {
    name: 'r6i', generation: 6, processor: 'intel', gibibytesPerVcpu: 8, sizes: TO_32,
    engines: { 'aurora-postgresql': { since: ['17.4', '16.1', '15.2'] }, 'aurora-mysql': {}, ...ON_RDS },
  },
  {
    name: 'r6id', generation: 6, processor: 'intel', gibibytesPerVcpu: 8, sizes: TO_32, localStorage: true, rds: 'both',
    engines: { 'aurora-postgresql': { sizes: ['24xlarge', '32xlarge'], since: ['17.4', '16.1', '15.4'] }, ...ON_RDS },
  },
  { name: 'r6idn', generation: 6, processor: 'intel', gibibytesPerVcpu: 8, sizes: sizes('xlarge', '32xlarge'), localStorage: true, rds: 'both', engines: ON_RDS },
  {
    name: 'x2g', generation: 2, processor: 'graviton', gibibytesPerVcpu: 16, sizes: TO_16,
    engines: { 'aurora-postgresql': { since: ['17.4', '16.1', '15.2'] }, 'aurora-mysql': {}, ...ON_RDS },
  },
  { name: 'x2iedn', generation: 2, processor: 'intel', gibibytesPerVcpu: 32, sizes: sizes('xlarge', '32xlarge', ['12xlarge']), localStorage: true, rds: 'both', engines: ON_RDS },
];
