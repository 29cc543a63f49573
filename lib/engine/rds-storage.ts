import type { Complaint } from '../core/errors';
import { Size } from '../core/size';
import { holdsToken } from '../core/tokens';
import type { InstanceUse } from './instance-classes/family';
import { neededRelease, releaseOf, type SizedEngine } from './sized-engine';

/** Storage that is declared: that of RDS, which belongs to an instance, not Aurora's, which all instances share. */
export interface RdsStorage {
  /** In whole gibibytes: 20 GiB to 64 TiB of gp3, 100 GiB to 64 TiB of `io1` and `io2`. It never shrinks. */
  readonly size: Size;
  /**
   * Of an instance it is changed in place. Of a Multi-AZ DB cluster it is not: another type is another cluster, which begins empty. Source: hashicorp/aws 6.25, aws_rds_cluster, storage_type.
   *
   * @default 'gp3'
   */
  readonly type?: 'gp3' | 'io1' | 'io2';
  /** Input and output operations a second. @default - what comes with gp3 at this size; `io1` and `io2` need it */
  readonly iops?: number;
  /** In MiB a second, of gp3 alone. @default - what comes with gp3 at this size */
  readonly throughput?: number;
  /** RDS raises the size up to it when the storage runs full. @default - it does not grow, and an alarm tells of the end */
  readonly maximum?: Size;
}

type Range = readonly [lowest: number, highest: number];
type Type = NonNullable<RdsStorage['type']>;

/** Of AWS, RDS user guide, "Amazon RDS DB instance storage": what it says of PostgreSQL and MySQL. */
export const STORAGE = {
  /** In GiB. */
  size: { gp3: [20, 65_536], io1: [100, 65_536], io2: [100, 65_536] } satisfies Record<Type, Range>,
  /** From this size on, in GiB, gp3 and io1 are spread over four volumes: more comes with them, and more can be had. */
  striped: 400,
  gp3: { small: { iops: 3000, throughput: 125 }, striped: { iops: 12_000, throughput: 500 }, iops: [12_000, 64_000], throughput: [500, 4000], throughputPerIops: 0.25, iopsPerGibibyte: [0, 500] },
  /** MySQL raises the throughput of gp3 with the operations above 32,000: at least a MiB for 64 of them. */
  mysql: { iops: 32_000, iopsPerThroughput: 64 },
  provisioned: { small: [1000, 19_950], iops: [1000, 256_000], iopsPerGibibyte: { io1: [0.5, 50], io2: [0.5, 1000] } },
} as const;
export const STORAGE_SOURCE = 'AWS, RDS user guide, Amazon RDS DB instance storage';
const CODE = 'engine/storage';

const number = (n: number): string => n.toLocaleString('en-US');
const within = (value: number, [lowest, highest]: Range): boolean => value >= lowest && value <= highest;
const isStriped = ({ size }: RdsStorage): boolean => size.toGibibytes() >= STORAGE.striped;

/** What RDS would refuse of size, operations and throughput; figures that only Terraform knows are not judged, and how far storage may grow is not judged here. */
export function checkStorage(storage: RdsStorage, engine: SizedEngine, use: InstanceUse = 'multi-az-instance'): Complaint[] {
  return [...checkSize(storage), ...(storage.type === 'io1' || storage.type === 'io2' ? checkProvisioned(storage, storage.type) : checkGp3(storage, engine, use))];
}

/** What RDS wants at least of storage whose operations are provisioned. */
const leastIops = (size: Size, type: 'io1' | 'io2'): number => Math.ceil(size.toGibibytes() * STORAGE.provisioned.iopsPerGibibyte[type][0]);

/** The least `io2` that carries so many operations a second and is not smaller than a size. */
export function provisionedFor(operations: number, size: Size): { readonly size: Size; readonly iops: number } {
  const needed = Size.gibibytes(Math.max(STORAGE.size.io2[0], Math.ceil(operations / STORAGE.provisioned.iopsPerGibibyte.io2[1])));
  const enough = size.isSmallerThan(needed) ? needed : size;
  return { size: enough, iops: Math.max(Math.ceil(operations), leastIops(enough, 'io2')) };
}

/** Operations a second that the storage is provisioned for; undefined where only Terraform knows it, or where it must be given and is not. */
export function storageIops(storage: RdsStorage): number | undefined {
  if (storage.iops !== undefined) return holdsToken(storage.iops) ? undefined : storage.iops;
  if (storage.type === 'io1' || storage.type === 'io2') return undefined;
  return STORAGE.gp3[isStriped(storage) ? 'striped' : 'small'].iops;
}

/**
 * Operations to declare: what is given, and what comes with gp3 of 400 GiB and more, so that storage can grow past it; undefined where RDS takes none. Source:
 * hashicorp/terraform-provider-aws#47411 (the provider would send those of the smaller size), #41203.
 */
export const declaredIops = (storage: RdsStorage): number | undefined => storage.iops ?? (isStriped(storage) ? storageIops(storage) : undefined);

/** As the operations: MiB a second. */
export const declaredThroughput = (storage: RdsStorage): number | undefined => storage.throughput ?? (isStriped(storage) && (storage.type ?? 'gp3') === 'gp3' && storage.iops === undefined ? STORAGE.gp3.striped.throughput : undefined);

/** The first release of each series whose cluster volume grows to 256 TiB, as its whole series does from 18 on; the others grow to 128. Source: AWS, Aurora user guide, Amazon Aurora size limits. */
const LARGE_VOLUMES: Readonly<Record<SizedEngine['language'], readonly string[]>> = { postgresql: ['17.5', '16.9', '15.13'], mysql: ['3.10'] };
const LARGE_SINCE = 18;

/** The most that the storage can hold. Of Aurora, 256 TiB need a release that is named, because AWS may begin with an older one. */
export function largestStorage(engine: SizedEngine, storage?: RdsStorage): Size {
  if (engine.storage === 'rds') return storage?.maximum ?? storage?.size ?? Size.gibibytes(STORAGE.size.gp3[1]);
  const all = LARGE_VOLUMES[engine.language];
  const [major] = engine.version.split('.');
  const given = releaseOf(engine);
  const isLarge = (engine.language === 'postgresql' && Number(major) >= LARGE_SINCE)
    || (given !== undefined && all.some((first) => first.startsWith(`${given.series}.`)) && neededRelease(engine, all) === undefined);
  return Size.tebibytes(isLarge ? 256 : 128);
}

function checkSize({ size, type = 'gp3' }: RdsStorage): Complaint[] {
  const gibibytes = size.toGibibytes();
  const [lowest, highest] = STORAGE.size[type];
  if (within(gibibytes, [lowest, highest]) && Number.isInteger(gibibytes)) return [];
  return [{ code: CODE, problem: `storage.size is ${size}; ${type} takes whole GiB, ${number(lowest)} to ${number(highest)}.`, ...(gibibytes > highest ? { fix: 'Aurora holds up to 256 TiB; or spread the tenants over several clusters.' } : {}), source: STORAGE_SOURCE }];
}

function checkGp3(storage: RdsStorage, engine: SizedEngine, use: InstanceUse): Complaint[] {
  const { size, iops, throughput } = storage;
  if (!isStriped(storage)) {
    const { small } = STORAGE.gp3;
    return (['iops', 'throughput'] as const).filter((name) => storage[name] !== undefined).map((name) => ({
      code: CODE, problem: `storage.${name} is given, but gp3 below ${STORAGE.striped} GiB has ${name === 'iops' ? `${number(small.iops)} operations a second` : `${small.throughput} MiB a second`}, and nothing else; ${size} is given.`,
      fix: `Leave it out, or give size: Size.gibibytes(${STORAGE.striped}).`, source: STORAGE_SOURCE,
    }));
  }
  const complaints: Complaint[] = [];
  const add = (problem: string, fix?: string): number => complaints.push({ code: CODE, problem, ...(fix === undefined ? {} : { fix }), source: STORAGE_SOURCE });
  const known = (value: number | undefined): value is number => value !== undefined && !holdsToken(value);
  const { gp3, mysql } = STORAGE;
  const ratio = (iops ?? 0) / size.toGibibytes();
  if (known(iops) && !within(iops, gp3.iops)) add(`storage.iops is ${number(iops)}; gp3 of ${size} takes ${number(gp3.iops[0])} to ${number(gp3.iops[1])}.`, iops < gp3.iops[0] ? `Leave it out: ${number(gp3.striped.iops)} come with it.` : "For more:   type: 'io2'");
  else if (known(iops) && ratio > gp3.iopsPerGibibyte[1]) add(`storage.iops is ${number(iops)}, which is more than ${gp3.iopsPerGibibyte[1]} for each of ${size}.`);
  if (throughput === undefined) return complaints;
  if (use === 'multi-az-cluster') add('storage.throughput is given, but a Multi-AZ DB cluster sets it by the iops.', 'Leave it out.');
  else if (known(throughput)) {
    const operations = storageIops(storage);
    const [most, least] = operations === undefined ? [Infinity, 0] : [operations * gp3.throughputPerIops, engine.language === 'mysql' && operations > mysql.iops ? Math.ceil(operations / mysql.iopsPerThroughput) : 0];
    if (!within(throughput, gp3.throughput)) add(`storage.throughput is ${number(throughput)} MiB a second; gp3 of ${size} takes ${number(gp3.throughput[0])} to ${number(gp3.throughput[1])}.`, throughput < gp3.throughput[0] ? `Leave it out: ${gp3.striped.throughput} come with it.` : undefined);
    else if (throughput > most) add(`storage.throughput is ${number(throughput)} MiB a second, but ${number(operations ?? 0)} operations a second carry ${number(most)} at most.`, `Give iops: ${throughput / gp3.throughputPerIops}, or less throughput.`);
    else if (throughput < least) add(`storage.throughput is ${number(throughput)} MiB a second, but MySQL needs ${number(least)} with ${number(operations ?? 0)} operations a second.`, `Give throughput: ${least}, or leave it out.`);
  }
  return complaints;
}

function checkProvisioned({ size, iops, throughput }: RdsStorage, type: 'io1' | 'io2'): Complaint[] {
  const complaints: Complaint[] = [];
  const add = (problem: string, fix?: string): number => complaints.push({ code: CODE, problem, ...(fix === undefined ? {} : { fix }), source: STORAGE_SOURCE });
  if (throughput !== undefined) add(`storage.throughput is given, but that of ${type} follows from its iops.`, 'Leave it out.');
  if (iops === undefined) add(`storage.iops is not given, and ${type} needs it.`, `For instance iops: ${Math.max(3000, leastIops(size, type))}`);
  if (iops === undefined || holdsToken(iops)) return complaints;
  const { provisioned } = STORAGE;
  const range = type === 'io1' && size.toGibibytes() < STORAGE.striped ? provisioned.small : provisioned.iops;
  const [lowest, highest] = provisioned.iopsPerGibibyte[type];
  if (!within(iops, range)) add(`storage.iops is ${number(iops)}; ${type} of ${size} takes ${number(range[0])} to ${number(range[1])}.`);
  else if (!within(iops / size.toGibibytes(), [lowest, highest])) add(`storage.iops is ${number(iops)}; ${type} takes ${lowest} to ${number(highest)} for each GiB, which is ${number(Math.ceil(size.toGibibytes() * lowest))} to ${number(size.toGibibytes() * highest)} for ${size}.`);
  return complaints;
}
