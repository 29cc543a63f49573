export { HaCluster } from './ha-cluster';
export type { HaClusterProps } from './ha-cluster-props';
export type { HaClusterAttributes, IHaCluster } from './ha-cluster-ref';
export type { ClusterMonitoring, MonitoringProps } from './monitoring';
export type { HaClusterObjectives } from './objectives';
export {
  type AuroraEndpointProps, type AuroraTopology, type AuroraTopologyProps, type ClusterStorageProps, type MultiAzClusterTopology, type MultiAzClusterTopologyProps,
  type MultiAzInstanceTopology, type MultiAzInstanceTopologyProps, type SingleTopology, type SingleTopologyProps, Topology, type TopologyKind,
} from './topology';
export { ScaleOn, type ReaderMetric, type ReaderScalingProps, type ScalingProps, type ScheduledReaders } from './scaling';
