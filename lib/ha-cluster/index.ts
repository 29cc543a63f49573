export { HaCluster, type HaClusterObjectives, type HaClusterProps } from './ha-cluster';
export type { HaClusterAttributes, IHaCluster } from './ha-cluster-ref';
export { type AuroraTopologyProps, type BoundTopology, Topology, type TopologyInstance } from './topology';
