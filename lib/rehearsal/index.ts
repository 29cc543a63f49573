export type { ApplicationOptions } from './run/application';
export { prepareEnvironment, type PreparedEnvironment } from './run/environment';
export { rehearse, type RehearsalOptions, type Until } from './run/rehearse';
export { type OnStep, type RehearsalReport, type StackReport, type Step, SYNTHESIS_WARNING } from './run/report';
export type { PlannedAction, PlannedChange } from './terraform/changes';
