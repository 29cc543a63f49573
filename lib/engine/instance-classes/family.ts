import { Size } from '../../core/size';
import type { Offering } from '../sized-engine';

/** What a class can be an instance of. */
export type InstanceUse = 'aurora' | 'multi-az-cluster' | 'multi-az-instance' | 'single';

export type SizeName = keyof typeof VCPUS;

/** Which of a family an engine takes. */
export interface FamilySupport {
  /** @default - all of the family */
  readonly sizes?: readonly SizeName[];
  /** The first release of each series that takes the family, as `17.4`. @default - all */
  readonly since?: readonly string[];
  /** Sizes that Database Insights and Performance Insights do not work on. @default - none */
  readonly withoutInsights?: readonly SizeName[];
}

/** Classes of one processor and one ratio of memory to vCPU. */
export interface InstanceFamily {
  /** `r8g`. */
  readonly name: string;
  readonly generation: number;
  readonly processor: 'graviton' | 'intel';
  readonly gibibytesPerVcpu: number;
  readonly sizes: readonly SizeName[];
  /** What differs from the table of vCPU and the ratio: [vCPU, GiB]. @default - nothing */
  readonly exceptions?: Readonly<Partial<Record<SizeName, readonly [vcpu: number, gibibytes: number]>>>;
  /** Runs on credits. @default false */
  readonly burstable?: boolean;
  /** Has disks of its own beside the storage. @default false */
  readonly localStorage?: boolean;
  readonly engines: Readonly<Partial<Record<Offering, FamilySupport>>>;
  /** What RDS makes of them: single and Multi-AZ DB instances, Multi-AZ DB clusters. @default - instances alone */
  readonly rds?: 'instances' | 'clusters' | 'both';
}

/** A class without an engine. */
export interface CatalogueClass {
  readonly name: string;
  readonly size: SizeName;
  readonly family: InstanceFamily;
  readonly vcpu: number;
  readonly memory: Size;
}

const VCPUS = {
  micro: 2, small: 2, medium: 1, large: 2, xlarge: 4, '2xlarge': 8, '4xlarge': 16, '8xlarge': 32, '12xlarge': 48, '16xlarge': 64, '24xlarge': 96, '32xlarge': 128, '48xlarge': 192,
} as const;
const SIZES = Object.keys(VCPUS) as SizeName[];

export const sizes = (first: SizeName, last: SizeName, without: readonly SizeName[] = []): SizeName[] =>
  SIZES.slice(SIZES.indexOf(first), SIZES.indexOf(last) + 1).filter((size) => !without.includes(size));

/** The sizes that most families have: up to the one that gives the name. */
export const TO_16 = sizes('large', '16xlarge');
export const TO_32 = sizes('large', '32xlarge');
export const TO_48 = sizes('large', '48xlarge', ['32xlarge']);

/** What RDS takes: with both languages, with releases that know the newest processors, and those of these with disks of their own. */
export const ON_RDS = { 'rds-postgresql': {}, 'rds-mysql': {} } as const satisfies InstanceFamily['engines'];
export const ON_NEW_RDS = { 'rds-postgresql': { since: ['17.1', '16.1', '15.4'] }, 'rds-mysql': { since: ['8.0.32'] } } as const satisfies InstanceFamily['engines'];
export const DISKS_ON_NEW_RDS = { 'rds-postgresql': { since: ['18.1', '17.2', '16.6', '15.10'] }, 'rds-mysql': { since: ['8.4.3', '8.0.40'] } } as const satisfies InstanceFamily['engines'];

export const classesOf = (family: InstanceFamily): CatalogueClass[] => family.sizes.map((size) => {
  const [vcpu, gibibytes] = family.exceptions?.[size] ?? [VCPUS[size], VCPUS[size] * family.gibibytesPerVcpu];
  return { name: `db.${family.name}.${size}`, size, family, vcpu, memory: Size.gibibytes(gibibytes) };
});
