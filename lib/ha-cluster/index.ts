export { HaCluster } from './ha-cluster';
export type { HaClusterProps } from './ha-cluster-props';
export type { HaClusterAttributes, IHaCluster } from './ha-cluster-ref';
export type { ClusterMonitoring, MonitoringProps } from './monitoring';
export type { HaClusterObjectives } from './objectives';
export {
  type AuroraEndpointProps, type AuroraTopologyProps, type InstanceStorageProps, type MultiAzClusterTopologyProps, type MultiAzInstanceTopologyProps, type SingleTopologyProps, type StorageProps,
  Topology, type TopologyKind,
} from './topology';
export { ScaleOn, type ReaderMetric, type ReaderScalingProps, type ScalingProps, type ScheduledReaders } from './scaling';
