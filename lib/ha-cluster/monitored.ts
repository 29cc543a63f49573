import type { MonitoredDatabase } from '../alerting/monitored-database';
import type { IOsMetrics } from '../alerting/os-metrics-ref';
import { Duration } from '../core/duration';
import { largestStorage, storageIops } from '../engine/rds-storage';
import type { Deployment } from './deployment';
import { hasInsights, limitsOf } from './sizing';
import { readersOf, targetKindOf } from './topology';
import type { ValidationContext } from './validate';

/** Where the parameter group logs no slow statement, an alarm on them has nothing to count. */
const NEVER = Duration.days(365);
/** Of a Multi-AZ DB cluster, both of which can be read. */
const STANDBYS = 2;

export interface MonitoredProps {
  readonly validation: ValidationContext;
  readonly identifier: string;
  readonly deployment: Deployment;
  readonly logGroups: Readonly<Record<string, { readonly name: string }>>;
  readonly osMetrics: IOsMetrics | undefined;
  /** Readers that autoscaling may add. */
  readonly autoscaled: boolean;
}

/** What the catalogue of alarms has to know of a cluster. */
export function monitoredDatabase({ validation, identifier, deployment, logGroups, osMetrics, autoscaled }: MonitoredProps): MonitoredDatabase {
  const { props: { engine, parameters = {}, objectives }, topology, sizing: { capacity, furtherReaders }, environment: { profile } } = validation;
  const storage = topology.kind === 'aurora' ? undefined : topology.storage;
  const iops = storage === undefined ? undefined : storageIops(storage);
  // The environment's figure needs what the user may not have given; what the user asks for is judged.
  const notifyWithin = objectives?.notifyWithin ?? (osMetrics === undefined ? undefined : validation.objectives.notifyWithin);
  const { latencyWithin } = validation.objectives;
  // The writer and the first reader have one size.
  const others = furtherReaders === undefined ? undefined : limitsOf({ kind: 'provisioned', instance: furtherReaders }, engine, parameters);
  return {
    language: engine.language,
    storage: engine.storage,
    dimension: { name: targetKindOf(topology) === 'cluster' ? 'DBClusterIdentifier' : 'DBInstanceIdentifier', value: identifier },
    hasRoles: topology.kind === 'aurora',
    instanceIdentifiers: deployment.instanceIdentifiers,
    readers: topology.kind === 'multi-az-cluster' ? STANDBYS : Math.max(readersOf(topology), autoscaled ? 1 : 0),
    ...limitsOf(capacity, engine, parameters),
    ...(others === undefined ? {} : { otherSizes: Object.fromEntries(deployment.instanceIdentifiers.slice(2).map((id) => [id, others])) }),
    ...(capacity.kind === 'serverless' ? { serverless: { minimum: capacity.range.minimum, maximum: capacity.range.maximum } } : {}),
    pauses: capacity.kind === 'serverless' && capacity.range.minimum === 0,
    ...(storage === undefined ? {} : { allocatedStorage: storage.size, storageType: storage.type ?? 'gp3', ...(iops === undefined ? {} : { iops }) }),
    largestStorage: largestStorage(engine, storage),
    monitoringSeconds: profile.monitoringSeconds,
    insights: hasInsights(validation.sizing),
    osMetrics: osMetrics !== undefined,
    logGroupNames: Object.fromEntries(Object.entries(logGroups).map(([log, { name }]) => [log, name])),
    slowStatement: engine.slowStatement(parameters) ?? NEVER,
    ...(latencyWithin === undefined ? {} : { latencyWithin }),
    ...(notifyWithin === undefined ? {} : { notifyWithin }),
    ...(notifyWithin === undefined || objectives?.notifyWithin !== undefined ? {} : { notifyWithinOfEnvironment: true }),
  };
}
