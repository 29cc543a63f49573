import { neededRelease, offeringOf, type SizedEngine } from '../sized-engine';
import { type CatalogueClass, classesOf, type InstanceUse } from './family';
import { GENERAL_PURPOSE } from './general-purpose';
import { MEMORY_OPTIMIZED } from './memory-optimized';

/**
 * DB instance classes in use today: those of the fifth generation and before are left out, and those that neither PostgreSQL nor MySQL takes.
 *
 * Of AWS: Aurora user guide, "Hardware specifications for DB instance classes for Aurora" and "Supported DB engines for DB instance
 * classes"; RDS user guide, the same two, and "Instance class availability for Multi-AZ DB clusters"; "DB engine, Region, and instance class support for
 * Database Insights" of both.
 */
export const FAMILIES = [...MEMORY_OPTIMIZED, ...GENERAL_PURPOSE];
export const CATALOGUE: readonly CatalogueClass[] = FAMILIES.flatMap(classesOf);
export const CATALOGUE_SOURCE = 'AWS, Hardware specifications for DB instance classes, and Supported DB engines for DB instance classes';

const byName = new Map(CATALOGUE.map((one) => [one.name, one]));

export const catalogued = (name: string): CatalogueClass | undefined => byName.get(name);

/** Why a class cannot be an instance of this kind with this engine; undefined where it can. */
export function obstacle({ name, size, family }: CatalogueClass, engine: SizedEngine, use: InstanceUse): string | undefined {
  const support = family.engines[offeringOf(engine)];
  if (support === undefined || support.sizes?.includes(size) === false) return `${engine.label} does not take ${name}`;
  if (use === 'multi-az-cluster' && (family.rds ?? 'instances') === 'instances') return `a Multi-AZ DB cluster does not take ${name}: it needs classes with disks of their own`;
  if (use !== 'multi-az-cluster' && family.rds === 'clusters') return `${name} is for Multi-AZ DB clusters alone`;
  const needed = neededRelease(engine, support.since ?? []);
  return needed === undefined ? undefined : `${name} needs ${engine.label} ${needed} or later, and ${engine.version} is given`;
}

/**
 * All that this engine takes for this use, the smallest memory first. Where two have the same, the newest generation comes first, then the fewest vCPU,
 * Graviton before Intel, and one without disks of its own before one with them.
 */
export const offered = (engine: SizedEngine, use: InstanceUse): CatalogueClass[] => CATALOGUE
  .filter((one) => obstacle(one, engine, use) === undefined)
  .sort((a, b) => a.memory.toBytes() - b.memory.toBytes() || b.family.generation - a.family.generation || a.vcpu - b.vcpu || rank(a) - rank(b) || a.name.localeCompare(b.name, 'en'));

const rank = ({ family: { processor, localStorage } }: CatalogueClass): number => (processor === 'graviton' ? 0 : 2) + (localStorage === true ? 1 : 0);

export const takesInsights = ({ size, family }: CatalogueClass, engine: SizedEngine): boolean => family.engines[offeringOf(engine)]?.withoutInsights?.includes(size) !== true;
