import { isKnown } from '../../construct/known';
import type { Complaint } from '../../core/errors';
import { Size } from '../../core/size';
import type { RdsStorage } from '../../engine/rds-storage';
import type { TopologyKind } from '../topology';

const SOURCE = 'AWS, Managing capacity automatically with Amazon RDS storage autoscaling';
/** The least that a ceiling lies above the storage; and from where RDS does not tell of the ceiling at once. */
const ROOM = { needed: 1.1, recommended: 1.26 };
/** Of PostgreSQL and MySQL. Source: AWS, Amazon RDS DB instance storage. */
const LARGEST = Size.tebibytes(64);
/** Operations a second that `io1` and `io2` need for each gibibyte of the ceiling. */
const LEAST_IOPS = 0.5;

/**
 * What is wrong with the ceiling that storage grows to. RDS adds the most of 10 GiB, 10 % and what the next 7 hours will need, when a tenth or less was free for
 * five minutes, and not again until the change before has settled.
 */
export function checkStorageGrowth(kind: Exclude<TopologyKind, 'aurora'>, { size, maximum, type = 'gp3', iops }: RdsStorage): Complaint[] {
  if (maximum === undefined) return [];
  const code = 'ha-cluster/storage-maximum';
  if (kind === 'multi-az-cluster') {
    return [{ code: 'ha-cluster/storage-growth', problem: `storage.maximum is ${maximum}, but the storage of a Multi-AZ DB cluster does not grow by itself.`, fix: 'Leave it out: an alarm tells days before the storage is full, and storage.size can be raised at any time.', source: 'AWS, Limitations of Multi-AZ DB clusters' }];
  }
  if (maximum.toGibibytes() < Math.ceil(size.toGibibytes() * ROOM.needed)) {
    return [{ code, problem: `storage.maximum is ${maximum}, and storage.size ${size}; the ceiling has to lie at least 10 % above it.`, fix: `Give maximum: Size.gibibytes(${recommendedFor(size)}), 26 % above it, or more.`, source: SOURCE }];
  }
  if (LARGEST.isSmallerThan(maximum)) {
    return [{ code, problem: `storage.maximum is ${maximum}; an instance of RDS holds ${LARGEST} at most.`, fix: `Give maximum: ${LARGEST.toCode()} or less.`, source: 'AWS, Amazon RDS DB instance storage' }];
  }
  if (!Number.isInteger(maximum.toGibibytes())) {
    return [{ code, problem: `storage.maximum is ${maximum}; whole gibibytes are allowed.`, fix: `Give maximum: Size.gibibytes(${Math.ceil(maximum.toGibibytes())}).` }];
  }
  const needed = Math.ceil(maximum.toGibibytes() * LEAST_IOPS);
  if (type === 'gp3' || !isKnown(iops) || iops >= needed) return [];
  return [{
    code, problem: `storage.maximum is ${maximum} with ${iops} operations a second; ${type} needs ${LEAST_IOPS} for each gibibyte of it, ${needed.toLocaleString('en-US')}.`,
    fix: `Give iops: ${needed} or more, or a lower maximum.`, source: SOURCE,
  }];
}

/** In GiB. */
const recommendedFor = (size: Size): number => Math.ceil(size.toGibibytes() * ROOM.recommended);

/** What is worth knowing of a ceiling that is allowed. */
export function storageGrowthWarnings({ size, maximum }: RdsStorage): string[] {
  if (maximum === undefined || maximum.toGibibytes() >= size.toGibibytes() * ROOM.recommended) return [];
  return [`storage.maximum, ${maximum}, lies less than 26 % above storage.size, ${size}: RDS tells at once that the ceiling is near. Give Size.gibibytes(${recommendedFor(size)}) or more. Source: ${SOURCE}.`];
}
