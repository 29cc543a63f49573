export type { ClusterKind, ClusterMember, ExplainedCluster } from './cluster';
export { explainAlarm, type ExplainedAlarm } from './explain-alarm';
export { explainCode, type ExplainedCode } from './explain-code';
export type { Interruption } from './interruptions';
export { type ScalingExplanation, scalingOrder, type ScalingStep } from './order';
export { clustersOfPlan } from './read-plan';
export { clustersOfStacks } from './read-stacks';
