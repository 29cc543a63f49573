export type { IsolationFlaw, VersionLifecycle } from '../core/postgresql-versions';
export { Capacity, type ServerlessCapacityProps } from './capacity';
export { type DatabaseEngine, Engine } from './engine';
export type { EngineDefinition, EngineParameter, EngineVersionDefinition, TlsVersion } from './engine-definition';
