import { Duration } from '../core/duration';
import { TenantryError } from '../core/errors';

/** One instance of a cluster. */
export interface TopologyInstance {
  /** Becomes part of its address: the letter of its zone, with a number from the second one there. */
  readonly id: string;
  readonly zone: string;
  /** The lower, the sooner it becomes the writer; 0 and 1 follow a serverless writer's capacity. */
  readonly promotionTier: number;
}

/** A topology in the zones of one network. */
export interface BoundTopology {
  readonly instances: readonly TopologyInstance[];
  readonly readers: number;
  /** The longest failover that AWS describes for it, and why. */
  readonly failover: { readonly within: Duration; readonly because: string; readonly source: string };
}

/** How the instances of a cluster are spread. Another kind is another factory here, and nothing else changes. */
export interface Topology {
  bind(zones: readonly string[]): BoundTopology;
}

export interface AuroraTopologyProps {
  /** Instances besides the writer, each in the next zone, 0 to 15. */
  readonly readers: number;
}

const MAX_READERS = 15;
const SOURCE = 'AWS, Aurora fault tolerance';

export const Topology = {
  /** Aurora: one copy of the data in three zones, and a writer with readers on it. */
  aurora({ readers }: AuroraTopologyProps): Topology {
    if (!Number.isInteger(readers) || readers < 0 || readers > MAX_READERS) {
      throw new TenantryError('input', { code: 'ha-cluster/readers', problem: `readers is ${readers}; Aurora takes 0 to ${MAX_READERS}.`, source: 'AWS, Aurora replication' });
    }
    return { bind: (zones) => ({ instances: spread(readers + 1, zones), readers, failover: readers === 0 ? ALONE : PROMOTED }) };
  },
};

const ALONE: BoundTopology['failover'] = {
  within: Duration.minutes(10), because: 'this topology has no second instance:\nAurora creates a new one first, which takes minutes', source: SOURCE,
};
const PROMOTED: BoundTopology['failover'] = {
  within: Duration.seconds(60), because: 'promoting a reader of Aurora\nusually takes less than 60 seconds, and nothing shorter is described', source: SOURCE,
};

function spread(count: number, zones: readonly string[]): TopologyInstance[] {
  return Array.from({ length: count }, (_, i) => {
    const zone = zones[i % zones.length] as string;
    const nth = Math.floor(i / zones.length) + 1;
    return { id: `${zone.slice(-1)}${nth === 1 ? '' : nth}`, zone, promotionTier: Math.min(i, MAX_READERS) };
  });
}
