import { homeDatabase } from '../../declaration/names';
import type { DatabasePlan } from '../model/place';
import type { Change } from '../plan/difference';
import { OBJECTS_IN_A_TRANSACTION } from './execute';
import { placeName, tenantPlacesOf } from './tenant-result';

/** What is to be done for one tenant that has a schema or a database of its own. */
export interface Unit {
  readonly tenant: string;
  readonly database: string;
  /** Database and schema. */
  readonly place: string;
  readonly isHome: boolean;
  /** Of its place, in their order. */
  readonly changes: readonly Change[];
  /** In the home database, when everything of its place is done. */
  readonly final: readonly Change[];
  /** Whether it needs a table or a publication that tenants share to itself: places that do cannot change side by side. */
  readonly locksShared: boolean;
}

/** Units that one worker does one after the other, and in one transaction where that is possible. */
export type Task = readonly Unit[];

const UNITS_IN_A_TRANSACTION = 50;
/** What a new table brings with it: its TOAST table and the index of that, and those of its keys. */
const OBJECTS_OF_A_TABLE = 5;

/** Tells what is one tenant's from what all share, which comes first. */
export function unitsOf(declaration: string, databases: readonly DatabasePlan[], changes: readonly Change[]): { readonly units: Unit[]; readonly shared: Change[] } {
  const home = homeDatabase(declaration);
  const found = tenantPlacesOf(databases).map((place) => ({ ...place, isHome: place.database === home, changes: [] as Change[], final: [] as Change[] }));
  type Found = (typeof found)[number];
  const bySchema = new Map<string | undefined, Found>(found.filter(({ isHome }) => isHome).map((unit) => [unit.schema, unit]));
  const byDatabase = new Map(found.filter(({ isHome }) => !isHome).map((unit) => [unit.database, unit]));
  const byTenant = new Map<string | undefined, Found>(found.map((unit) => [unit.tenant, unit]));
  const shared: Change[] = [];
  for (const change of changes) {
    const final = change.target === home && change.stage === 'final' ? byTenant.get(change.tenant) : undefined;
    const unit = final ?? (change.target === home ? bySchema.get(change.place) : byDatabase.get(change.target));
    (final?.final ?? unit?.changes ?? shared).push(change);
  }
  const referring = new Set(databases.flatMap(({ places }) => places).filter(({ kind, tables }) => kind === 'schema' && tables.some(({ foreignKeys }) => foreignKeys.some(({ targetTenancy }) => targetTenancy === 'reference'))).map(({ schema }) => schema));
  const units = found.filter((unit) => unit.changes.length + unit.final.length > 0)
    .map(({ schema, ...unit }) => ({ ...unit, place: placeName({ database: unit.database, schema }), locksShared: (unit.isHome && referring.has(schema) && unit.changes.some(({ lock }) => lock === 'ShareRowExclusive')) || unit.final.some(({ kind }) => kind === 'publication') }));
  return { units, shared };
}

/** Small units of the home database share a transaction; a database has those of its own. */
export function tasksOf(units: readonly Unit[]): Task[] {
  const tasks: Task[] = units.filter(({ isHome }) => !isHome).map((unit) => [unit]);
  let task: Unit[] = [];
  let objects = 0;
  const inHome: Task[] = [];
  for (const unit of units.filter(({ isHome }) => isHome)) {
    const needs = unit.changes.reduce((sum, { kind, action, sql }) => sum + sql.length + (kind === 'table' && action === 'create' ? OBJECTS_OF_A_TABLE : 0), unit.final.length);
    if (task.length > 0 && (task.length >= UNITS_IN_A_TRANSACTION || objects + needs > OBJECTS_IN_A_TRANSACTION || task[0]?.locksShared !== unit.locksShared)) {
      inHome.push(task);
      task = [];
      objects = 0;
    }
    task.push(unit);
    objects += needs;
  }
  return [...inHome, ...(task.length === 0 ? [] : [task]), ...tasks];
}

export const isLater = ({ stage }: Change): boolean => stage === 'outside' || stage === 'after';
