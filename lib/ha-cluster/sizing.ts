import { type Complaint, TenantryError } from '../core/errors';
import type { Size } from '../core/size';
import type { DatabaseEngine } from '../engine/engine';
import type { InstanceClass, InstanceSize } from '../engine/instance-size';
import { PAUSE, type ServerlessRange, serverlessHardware, serverlessMaxConnections } from '../engine/serverless-range';
import type { Profile } from '../environment/profile';
import type { Topology } from './topology';

/** Size of one instance, or the range that it moves in. */
export type InstanceCapacity =
  | { readonly kind: 'provisioned'; readonly instance: InstanceClass }
  | { readonly kind: 'serverless'; readonly range: ServerlessRange; readonly pauseSeconds: number | undefined };

/** How large the instances are. */
export interface Sizing {
  readonly capacity: InstanceCapacity;
  /** Of the readers of Aurora behind the first one, where it differs. */
  readonly furtherReaders?: InstanceClass;
}

/** What one instance has, or grows to. */
export interface InstanceLimits {
  readonly vcpu: number;
  readonly memory: Size;
  readonly maxConnections: number;
}

/** @returns complaints where a size does not exist, or does not go with the engine */
export function sizingOf(topology: Topology, engine: DatabaseEngine, profile: Profile): Sizing | readonly Complaint[] {
  if (topology.instance === undefined) {
    const range = topology.serverless ?? { minimum: profile.minimumCapacity, maximum: profile.maximumCapacity };
    return { capacity: { kind: 'serverless', range, pauseSeconds: range.minimum === 0 ? (range.pauseAfter ?? PAUSE.shortest).toSeconds() : undefined } };
  }
  const complaints: Complaint[] = [];
  const resolve = (size: InstanceSize): InstanceClass | undefined => {
    try {
      return size.resolve(engine, topology.kind);
    } catch (error) {
      if (!TenantryError.is(error)) throw error;
      complaints.push(...error.complaints);
      return undefined;
    }
  };
  const instance = resolve(topology.instance);
  const furtherReaders = topology.kind !== 'aurora' || topology.furtherReaders === undefined ? undefined : resolve(topology.furtherReaders);
  if (instance === undefined || complaints.length > 0) return complaints;
  return { capacity: { kind: 'provisioned', instance }, ...(furtherReaders === undefined ? {} : { furtherReaders }) };
}

export const isSizing = (result: Sizing | readonly Complaint[]): result is Sizing => 'capacity' in result;

export const limitsOf = (capacity: InstanceCapacity, engine: DatabaseEngine): InstanceLimits => (capacity.kind === 'provisioned'
  ? capacity.instance
  : { ...serverlessHardware(capacity.range), maxConnections: serverlessMaxConnections(capacity.range, engine) });
