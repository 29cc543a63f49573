export { Environment } from './environment';
export type { EnvironmentData, EnvironmentInput, StateBackend } from './environment-data';
export { EnvironmentStack, type EnvironmentStackProps } from './environment-stack';
export { type PhysicalNameOptions, physicalName } from './physical-name';
export { type Profile, PROFILES, type ProfileKey, profileOf, type Stage, STAGES } from './profile';
