import { isKnown } from '../construct/known';
import { type Complaint, TenantryError } from '../core/errors';
import type { Size } from '../core/size';
import type { DatabaseEngine } from '../engine/engine';
import type { ParameterValues } from '../engine/parameters/value';
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

/** @param parameters - of the user, of which `max_connections` takes the place of the engine's default */
export function limitsOf(capacity: InstanceCapacity, engine: DatabaseEngine, parameters: ParameterValues = {}): InstanceLimits {
  const declared = declaredConnections(parameters);
  if (capacity.kind === 'provisioned') {
    const { vcpu, memory, maxConnections } = capacity.instance;
    return { vcpu, memory, maxConnections: declared ?? maxConnections };
  }
  return { ...serverlessHardware(capacity.range), maxConnections: serverlessMaxConnections(capacity.range, engine, declared) };
}

/** What the parameters set; undefined where they set nothing, a formula of AWS's, or what only Terraform knows. */
export function declaredConnections({ max_connections: given }: ParameterValues): number | undefined {
  const value = typeof given === 'object' ? given.value : given;
  const connections = value === undefined || !isKnown(value) ? Number.NaN : Number(value);
  return Number.isNaN(connections) ? undefined : connections;
}

/** Whether all of them can have query statistics: some small classes cannot. */
export const hasInsights = ({ capacity, furtherReaders }: Sizing): boolean => capacity.kind === 'serverless' || (capacity.instance.insights && furtherReaders?.insights !== false);
