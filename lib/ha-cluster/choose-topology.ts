import type { Construct } from 'constructs';
import { TenantryError } from '../core/errors';
import type { DatabaseEngine } from '../engine/engine';
import type { Profile } from '../environment/profile';
import { Topology, TOPOLOGY_NAMES } from './topology';

const OF_RDS = 'topology: Topology.multiAzCluster({ instance: InstanceSize.of(\'db.r8gd.large\'), storage: { size: Size.gibibytes(100) } })';

/** The topology that was given, or the environment's; one that the engine does not know is refused. */
export function chooseTopology(scope: Construct, given: Topology | undefined, engine: DatabaseEngine, { readers }: Profile): Topology {
  const topology = given ?? (engine.storage === 'aurora' ? Topology.aurora({ readers }) : undefined);
  if (topology === undefined) {
    throw new TenantryError('input', {
      code: 'ha-cluster/topology-needed', at: scope.node.path,
      problem: `${engine.label} needs a topology: only its size and storage say what it holds, and nobody can guess them.`, fix: OF_RDS,
    });
  }
  if ((topology.kind === 'aurora') === (engine.storage === 'aurora')) return topology;
  throw new TenantryError('input', {
    code: 'ha-cluster/topology-engine', at: scope.node.path,
    problem: `${engine.label} cannot be ${TOPOLOGY_NAMES[topology.kind]}: ${engine.storage === 'aurora' ? 'engines of Aurora take Topology.aurora alone' : 'only engines of Aurora can; RDS takes Topology.multiAzCluster, Topology.multiAzInstance and, in development, Topology.single'}.`,
    fix: engine.storage === 'aurora' ? 'topology: Topology.aurora({ readers: 1 })' : OF_RDS,
  });
}
