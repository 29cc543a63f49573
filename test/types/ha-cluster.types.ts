/* Compiled by test/ha-cluster/types.test.ts, never run: each @ts-expect-error is an error of its own when the line below it compiles. */
import { Duration } from '../../lib/core/duration';
import { Size } from '../../lib/core/size';
import { Engine, InstanceSize } from '../../lib/engine';
import type { EnvironmentStack } from '../../lib/environment';
import { HaCluster, type HaClusterProps, Topology } from '../../lib/ha-cluster';
import type { IDatabaseNetwork } from '../../lib/network';

declare const stack: EnvironmentStack;
declare const network: IDatabaseNetwork;
const engine = Engine.auroraPostgresql('17');
const instance = InstanceSize.of('db.r8g.large');
const storage = { size: Size.gibibytes(100) };
const cluster = (props: HaClusterProps): HaCluster => new HaCluster(stack, 'Cluster', props);

cluster({ network, engine });
cluster({ network, engine, topology: Topology.aurora({ readers: 2, instance, furtherReaders: InstanceSize.of('db.r8g.xlarge'), promotionOrder: ['b', 'a'], endpoints: { reports: { members: ['c'] } } }) });
cluster({ network, engine, topology: Topology.aurora({ readers: 1, serverless: { minimum: 0.5, maximum: 8 } }) });
cluster({ network, engine, topology: Topology.multiAzInstance({ instance, storage: { ...storage, maximum: Size.tebibytes(1), throughput: 500 } }) });

// @ts-expect-error -- the network is forgotten
cluster({ engine });
// @ts-expect-error -- the engine is forgotten
cluster({ network });
// @ts-expect-error -- an engine is no text: its version is chosen with it
cluster({ network, engine: 'aurora-postgresql' });
// @ts-expect-error -- a duration has a unit
cluster({ network, engine, objectives: { failoverWithin: 60 } });
// @ts-expect-error -- no such objective
cluster({ network, engine, objectives: { failOverWithin: Duration.seconds(60) } });
// @ts-expect-error -- a retention has a unit
cluster({ network, engine, backupRetention: 7 });
// @ts-expect-error -- no such version of TLS is allowed
cluster({ network, engine, minimumTls: '1.1' });
// @ts-expect-error -- no such property
cluster({ network, engine, publiclyAccessible: true });
// @ts-expect-error -- a parameter is no list
cluster({ network, engine, parameters: { shared_preload_libraries: ['pgaudit'] } });

// @ts-expect-error -- how many readers is forgotten
Topology.aurora({});
// @ts-expect-error -- instances have a size or a range, not both
Topology.aurora({ readers: 1, instance, serverless: { minimum: 1, maximum: 2 } });
// @ts-expect-error -- serverless readers have the range of the cluster
Topology.aurora({ readers: 2, serverless: { minimum: 1, maximum: 2 }, furtherReaders: instance });
// @ts-expect-error -- a range has two ends
Topology.aurora({ readers: 1, serverless: { maximum: 2 } });
// @ts-expect-error -- Aurora's storage is not declared
Topology.aurora({ readers: 1, instance, storage });
// @ts-expect-error -- an instance has a size, not a name
Topology.aurora({ readers: 1, instance: 'db.r8g.large' });
// @ts-expect-error -- an endpoint names its members or those that it leaves out
Topology.aurora({ readers: 2, endpoints: { reports: { members: ['c'], except: ['b'] } } });
// @ts-expect-error -- the storage is forgotten
Topology.multiAzCluster({ instance });
// @ts-expect-error -- the storage of a Multi-AZ DB cluster does not grow by itself
Topology.multiAzCluster({ instance, storage: { size: Size.gibibytes(100), maximum: Size.tebibytes(1) } });
// @ts-expect-error -- no serverless range outside Aurora
Topology.multiAzCluster({ serverless: { minimum: 1, maximum: 2 }, storage });
// @ts-expect-error -- a Multi-AZ DB cluster has two standbys, always
Topology.multiAzCluster({ instance, storage, readers: 3 });
// @ts-expect-error -- the standby cannot be read
Topology.multiAzInstance({ instance, storage, readers: 1 });
// @ts-expect-error -- old magnetic and gp2 storage is not offered
Topology.multiAzInstance({ instance, storage: { size: Size.gibibytes(100), type: 'gp2' } });
// @ts-expect-error -- a size has a unit
Topology.single({ instance, storage: { size: 100 } });
// @ts-expect-error -- memory has a unit
InstanceSize.atLeast({ memory: 16 });
// @ts-expect-error -- no such kind of topology
Topology.multiAz({ instance, storage });
