export { ReaderScaling, type ReaderScalingContext } from './autoscaling';
export { type ReaderMetric, ScaleOn } from './scale-on';
export type { ReaderScalingProps, ScalingProps, ScheduledReaders } from './scaling-props';
