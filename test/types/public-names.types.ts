/* Compiled by the type check, never run: what an exported signature names can be named by its users, and what only this library uses cannot. */
import type * as tenantry from 'tenantry';
import type { RoleKind, RoleSettings, SizeText, SupportAccessInput, TimeText } from 'tenantry/declaration';

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : never;
type Made<Name extends 'aurora' | 'multiAzCluster' | 'multiAzInstance' | 'single'> = ReturnType<(typeof tenantry.Topology)[Name]>;

export const same: readonly true[] = [
  true satisfies Same<tenantry.HaCluster['blindSpots'], readonly tenantry.BlindSpot[]>,
  true satisfies Same<Made<'aurora'>, tenantry.AuroraTopology>,
  true satisfies Same<Made<'multiAzCluster'>, tenantry.MultiAzClusterTopology>,
  true satisfies Same<Made<'multiAzInstance'>, tenantry.MultiAzInstanceTopology>,
  true satisfies Same<Made<'single'>, tenantry.SingleTopology>,
  true satisfies Same<tenantry.MultiAzClusterTopologyProps['storage'], tenantry.ClusterStorageProps>,
  true satisfies Same<tenantry.MultiAzInstanceTopologyProps['storage'], tenantry.RdsStorage>,
  true satisfies Same<tenantry.AlarmDefinition['comparison'], tenantry.Comparison>,
  true satisfies Same<tenantry.AlarmDefinition['missing'], tenantry.MissingData>,
  true satisfies Same<tenantry.AlarmDefinition['signal'], tenantry.Signal>,
  true satisfies Same<Extract<tenantry.Signal, { metric: unknown }>['metric'], tenantry.MetricUse>,
  true satisfies Same<tenantry.MetricUse['statistic'], tenantry.Statistic>,
  true satisfies Same<tenantry.MetricUse['origin'], tenantry.MetricOrigin>,
  true satisfies Same<tenantry.PoolAlarmDefinition['role'], tenantry.PoolRole | undefined>,
  true satisfies Same<tenantry.RoleInput['kind'], tenantry.RoleKind | undefined>,
  true satisfies Same<tenantry.RoleInput['settings'], tenantry.RoleSettings | undefined>,
  true satisfies Same<Parameters<tenantry.RunnerCompute['bind']>[1], tenantry.RunnerTask>,
  true satisfies Same<ReturnType<tenantry.RunnerCompute['bind']>, tenantry.BoundCompute>,
  true satisfies Same<[RoleKind, RoleSettings, SizeText, SupportAccessInput, TimeText], [tenantry.RoleKind, tenantry.RoleSettings, tenantry.SizeText, tenantry.SupportAccessInput, tenantry.TimeText]>,
];
export const tags: Readonly<Record<tenantry.RequiredTag, string>> = {} as tenantry.Environment['tags'];

// @ts-expect-error -- has one name: RdsStorage
export type InstanceStorageProps = tenantry.InstanceStorageProps;
// @ts-expect-error -- said nothing of which storage: ClusterStorageProps
export type StorageProps = tenantry.StorageProps;

type Own =
  | 'checkCapacityTarget' | 'unjudgedTargets' | 'checkServerless' | 'serverlessWarnings' | 'serverlessHardware' | 'serverlessMaxConnections' | 'pauseBlockers' | 'checkStorage' | 'largestStorage' | 'storageIops'
  | 'judgeDetection' | 'checkWindows';
export const none: Same<Extract<keyof typeof tenantry, Own>, never> = true;
