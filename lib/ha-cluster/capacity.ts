import type { Complaint } from '../core/errors';
import { type CapacityOffer, checkCapacityTarget, unjudgedTargets } from '../engine/capacity-target';
import { largestStorage, storageIops } from '../engine/rds-storage';
import { declaredConnections } from './sizing';
import type { ValidationContext } from './validate';

type Given = Pick<ValidationContext, 'props' | 'topology' | 'sizing'>;

/** What the target asks for and the topology does not have. @param pooled - whether clients share connections */
export const checkTarget = (context: Given, pooled: boolean): Complaint[] => (context.props.target === undefined ? [] : checkCapacityTarget(context.props.target, offerOf(context, pooled)));

export const targetWarnings = (context: Given): string[] => (context.props.target === undefined ? [] : unjudgedTargets(context.props.target, offerOf(context, false)));

const PINNED = 'RDS Proxy pins the sessions of tenants.with, so that each open one holds a connection of the database: for more of them, put PgBouncer in transaction mode in front (lib/connection-pool/README.md).';

/** What is worth knowing when a pool stands in front, and was not before. */
export function pooledWarnings(context: Given): string[] {
  const { target } = context.props;
  const before = targetWarnings(context);
  return target === undefined ? [] : unjudgedTargets(target, offerOf(context, true)).filter((warning) => !before.includes(warning)).map((warning) => `${warning} ${PINNED}`);
}

function offerOf({ props: { engine, parameters = {} }, topology, sizing: { capacity } }: Given, pooled: boolean): CapacityOffer {
  const storage = topology.kind === 'aurora' ? undefined : topology.storage;
  const iops = storage === undefined ? undefined : storageIops(storage);
  const maxConnections = declaredConnections(parameters);
  return {
    label: capacity.kind === 'provisioned' ? `${engine.label} on ${capacity.instance.name}` : `${engine.label}, serverless to ${capacity.range.maximum} ACU`,
    engine,
    instance: capacity.kind === 'provisioned' ? capacity.instance : { serverless: capacity.range },
    use: topology.kind,
    largestStorage: largestStorage(engine, storage),
    ...(storage === undefined ? {} : { allocatedStorage: storage.size }),
    ...(iops === undefined ? {} : { iops }),
    pooled,
    ...(maxConnections === undefined ? {} : { maxConnections }),
  };
}
