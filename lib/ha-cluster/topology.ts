import type { Duration } from '../core/duration';
import type { InstanceSize } from '../engine/instance-size';
import type { RdsStorage } from '../engine/rds-storage';
import type { ServerlessRange } from '../engine/serverless-range';
import { shapedTopology } from './topology-shape';

export type TopologyKind = Topology['kind'];

/** A further address of Aurora's, over chosen readers. */
export type AuroraEndpointProps =
  | { /** Ids of instances: the letter of the zone, with a number from the second one there. */ readonly members: readonly string[]; readonly except?: never }
  | { /** Every reader but these, those of autoscaling included. */ readonly except: readonly string[]; readonly members?: never };

interface AuroraProps {
  /** Instances besides the writer, each in the next zone, 0 to 15. */
  readonly readers: number;
  /**
   * Ids of instances, in the order in which they are promoted; the first two have promotion tiers 0 and 1. A change is made in place.
   *
   * @default - the order of the zones
   */
  readonly promotionOrder?: readonly string[];
  /**
   * Addresses of their own for some readers, by name: for instance one that reports go to.
   *
   * @default - the reader endpoint alone
   */
  readonly endpoints?: Readonly<Record<string, AuroraEndpointProps>>;
  /**
   * `io-optimized` costs more by the gibibyte and nothing by the request.
   *
   * @default 'standard'
   */
  readonly storage?: 'standard' | 'io-optimized';
}

interface AuroraServerless {
  /** Capacity that each instance grows and shrinks in, in ACU. */
  readonly serverless: ServerlessRange;
  readonly instance?: never;
  readonly furtherReaders?: never;
}

interface AuroraProvisioned {
  /** Size of the writer, and of the first reader, which takes its place. */
  readonly instance: InstanceSize;
  /** Size of the readers behind the first one. @default - that of the writer */
  readonly furtherReaders?: InstanceSize;
  readonly serverless?: never;
}

interface AuroraOfEnvironment {
  readonly serverless?: undefined;
  readonly instance?: undefined;
  readonly furtherReaders?: never;
}

/** Give `instance` for instances of one size, `serverless` for a range; neither is the serverless range of the environment. */
export type AuroraTopologyProps = AuroraProps & (AuroraServerless | AuroraProvisioned | AuroraOfEnvironment);

/** Storage of a Multi-AZ DB cluster, which does not grow by itself, and whose throughput follows from its operations. */
export type ClusterStorageProps = Pick<RdsStorage, 'size' | 'type' | 'iops'>;

export interface MultiAzClusterTopologyProps {
  /** Size of all three instances. */
  readonly instance: InstanceSize;
  /** Of each instance: none is shared. */
  readonly storage: ClusterStorageProps;
}

export interface MultiAzInstanceTopologyProps {
  /** Size of the instance, and of its standby where there is one. */
  readonly instance: InstanceSize;
  /** It can grow. */
  readonly storage: RdsStorage;
}

export type SingleTopologyProps = MultiAzInstanceTopologyProps;

export type AuroraTopology = { readonly kind: 'aurora' } & AuroraTopologyProps;
export type MultiAzClusterTopology = { readonly kind: 'multi-az-cluster' } & MultiAzClusterTopologyProps;
export type MultiAzInstanceTopology = { readonly kind: 'multi-az-instance' } & MultiAzInstanceTopologyProps;
export type SingleTopology = { readonly kind: 'single' } & SingleTopologyProps;

/** How the instances of a cluster are spread. Plain data: what it becomes is decided where its engine and environment are known. */
export type Topology = AuroraTopology | MultiAzClusterTopology | MultiAzInstanceTopology | SingleTopology;

export const Topology = {
  /** Aurora: one copy of the data in three zones, and a writer with readers on it. Engines of Aurora take no other. */
  aurora: (props: AuroraTopologyProps): AuroraTopology => shapedTopology('Topology.aurora', { ...props, kind: 'aurora' }),

  /** RDS Multi-AZ DB cluster: a writer and two standbys that can be read, each in a zone and with storage of its own; a commit waits for one of them. */
  multiAzCluster: (props: MultiAzClusterTopologyProps): MultiAzClusterTopology => shapedTopology('Topology.multiAzCluster', { ...props, kind: 'multi-az-cluster' }),

  /** RDS Multi-AZ DB instance: an instance and a synchronous standby in another zone, which nobody can read. */
  multiAzInstance: (props: MultiAzInstanceTopologyProps): MultiAzInstanceTopology => shapedTopology('Topology.multiAzInstance', { ...props, kind: 'multi-az-instance' }),

  /** One instance in one zone: for development alone. */
  single: (props: SingleTopologyProps): SingleTopology => shapedTopology('Topology.single', { ...props, kind: 'single' }),
};

/** For people. */
export const TOPOLOGY_NAMES: Readonly<Record<TopologyKind, string>> = {
  'aurora': 'Aurora', 'multi-az-cluster': 'a Multi-AZ DB cluster', 'multi-az-instance': 'a Multi-AZ DB instance', 'single': 'a single instance',
};

/** One instance of a cluster. */
interface TopologyInstance {
  /** Becomes part of its address: the letter of its zone, with a number from the second one there. */
  readonly id: string;
  readonly zone: string;
  /** The lower, the sooner it becomes the writer; 0 and 1 follow a serverless writer's capacity. */
  readonly promotionTier: number;
  /** Whether it can take the writer's place with the same size. */
  readonly follows: boolean;
}

export const MAX_READERS = 15;

/** The instances of Aurora in the zones of one network: the first one is the writer's to begin with. */
export function auroraInstances({ readers, promotionOrder = [] }: AuroraTopology, zones: readonly string[]): TopologyInstance[] {
  const members = Array.from({ length: readers + 1 }, (_, i) => {
    const zone = zones[i % zones.length] as string;
    const nth = Math.floor(i / zones.length) + 1;
    return { id: `${zone.slice(-1)}${nth === 1 ? '' : nth}`, zone, follows: i < 2 };
  });
  const order = [...promotionOrder, ...members.map(({ id }) => id).filter((id) => !promotionOrder.includes(id))];
  return members.map((member) => ({ ...member, promotionTier: Math.min(order.indexOf(member.id), MAX_READERS) }));
}

/** What decides which figures a topology keeps: of a declared one, or of one that could take its place. */
export interface TopologyFacts {
  readonly kind: TopologyKind;
  /** Of Aurora. */
  readonly readers: number;
  readonly serverless: boolean;
  /** Whether a `ConnectionPool` stands in front. */
  readonly pooled: boolean;
}

/** What a proxy, a metric or a log group names: the cluster, or the only instance that there is to name. */
export const targetKindOf = ({ kind }: Topology): 'cluster' | 'instance' => (kind === 'aurora' || kind === 'multi-az-cluster' ? 'cluster' : 'instance');

/** Declared readers of Aurora; engines of RDS have none to declare. */
export const readersOf = (topology: Topology): number => (topology.kind === 'aurora' ? topology.readers : 0);

export type Objective = 'failoverWithin' | 'zoneLossRpo' | 'scalingInterruption';

/** What AWS describes: a figure with its reason; without one, nothing is promised. */
export interface Figure {
  readonly within?: Duration;
  readonly because: string;
  readonly source: string;
}
