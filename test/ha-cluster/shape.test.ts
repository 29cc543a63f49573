import { Lazy } from 'cdktf';
import { describe, expect, it } from 'vitest';
import { AlertChannel, MaintenanceWindow, OsMetrics } from '../../lib/alerting';
import { TenantryError } from '../../lib/core';
import { Duration } from '../../lib/core/duration';
import { Size } from '../../lib/core/size';
import { EncryptionKey } from '../../lib/encryption';
import { Engine, InstanceSize } from '../../lib/engine';
import { HaCluster, type HaClusterProps, ScaleOn, Topology } from '../../lib/ha-cluster';
import { NetworkSource } from '../../lib/network';
import { expectRefusal, importedNetwork, synthesizeStack, testStack } from '../support/synth';

const R8G = InstanceSize.of('db.r8g.large');
const AURORA = { kind: 'aurora', readers: 1 };
const LIMITS = { minimum: 1, maximum: 4 };
const at = 'production-data/Cluster';

const text = (code: string, path: string, problem: string, fix: string): string => `ha-cluster/${code}  at ${path}\n\n  ${problem}\n\n  ${fix}`;
const bad = (path: string, problem: string, fix: string): string => text('invalid-value', `${at}: ${path}`, problem, fix);
const unknown = (path: string, key: string, near: string): string => text('unknown-key', `${at}: ${path}`, `"${key}" is not a property here.`, `Did you mean "${near}"?`);
const missing = (path: string, fix: string): string => text('missing', `${at}: ${path}`, 'Nothing is given here; it is needed.', fix);

function refused(run: () => unknown, messages: readonly string[]): void {
  expectRefusal(run, messages.map((message) => message.split('  ')[0] as string), messages.join('\n\n'));
}

type Untyped = Readonly<Record<string, unknown>>;

/** As JavaScript and JSON would have it. */
const make = (given: Untyped): HaCluster => {
  const stack = testStack({ stage: 'production' });
  return new HaCluster(stack, 'Cluster', { network: importedNetwork(stack), engine: Engine.auroraPostgresql('17'), ...given });
};

describe('props that the compiler would refuse are refused', () => {
  it.each<[string, Untyped, readonly string[]]>([
    ['a TLS version that is not offered, which would leave the lowest one open', { minimumTls: '1.1' }, [`engine/tls-version  at ${at}

  The lowest TLS version is "1.1"; Aurora PostgreSQL 17 takes "1.2" or "1.3" here.

  Leave it out for '1.3', or for old clients: minimumTls: '1.2'.`]],
    ['a version as a number', { minimumTls: 1.2 }, [bad('minimumTls', '1.2 is not a text.', "In quotes:   minimumTls: '1.2'")]],
    ['what is no construct', { network: 'vpc-1', osMetrics: true, alerts: 'arn:aws:sns:x', encryptionKey: {} }, [
      bad('network', '"vpc-1" is not a DatabaseNetwork.', "For instance network: new DatabaseNetwork(this, 'Network')"),
      bad('encryptionKey', '{} is not an EncryptionKey.', "For instance encryptionKey: new EncryptionKey(this, 'Key')"),
      bad('alerts', '"arn:aws:sns:x" is not an AlertChannel.', "For instance alerts: new AlertChannel(this, 'Alerts', { … })"),
      bad('osMetrics', 'true is not an OsMetrics.', "For instance osMetrics: new OsMetrics(this, 'OsMetrics')"),
    ]],
    ['a construct of another kind', { network: testStack() }, [bad('network', 'An instance of EnvironmentStack is not a DatabaseNetwork.', "For instance network: new DatabaseNetwork(this, 'Network')")]],
    ['nothing where something is needed', { network: undefined, engine: undefined }, [missing('network', "For instance network: new DatabaseNetwork(this, 'Network')"), missing('engine', "For instance engine: Engine.auroraPostgresql('17')")]],
    ['a version instead of an engine', { engine: '17' }, [bad('engine', '"17" is not an engine.', "For instance engine: Engine.auroraPostgresql('17')")]],
    ['numbers in quotes', { port: '5432', target: { connections: '100' }, topology: { ...AURORA, readers: '1', serverless: { minimum: '1', maximum: '8' } } }, [
      bad('topology.readers', '"1" is not a number.', 'Without quotes:   readers: 1'),
      bad('topology.serverless.minimum', '"1" is not a number.', 'Without quotes:   minimum: 1'), bad('topology.serverless.maximum', '"8" is not a number.', 'Without quotes:   maximum: 8'),
      bad('target.connections', '"100" is not a number.', 'Without quotes:   connections: 100'),
      bad('port', '"5432" is not a number.', 'Without quotes:   port: 5432'),
    ]],
    ['numbers without a unit', {
      objectives: { failoverWithin: 60 }, target: { storage: 100 }, backupRetention: 7, topology: { ...AURORA, serverless: { minimum: 0, maximum: 8, pauseAfter: 10 } }, scaling: { readers: { ...LIMITS, cooldown: { in: 300, out: Size.gibibytes(1) } } },
    }, [
      bad('topology.serverless.pauseAfter', '10 is not a Duration.', 'With its unit:   pauseAfter: Duration.minutes(10)'),
      bad('objectives.failoverWithin', '60 is not a Duration.', 'With its unit:   failoverWithin: Duration.seconds(60)'),
      bad('target.storage', '100 is not a Size.', 'With its unit:   storage: Size.gibibytes(100)'),
      bad('scaling.readers.cooldown.out', 'Size.gibibytes(1) is not a Duration.', 'For instance out: Duration.seconds(60)'), bad('scaling.readers.cooldown.in', '300 is not a Duration.', 'With its unit:   in: Duration.seconds(300)'),
      bad('backupRetention', '7 is not a Duration.', 'With its unit:   backupRetention: Duration.days(7)'),
    ]],
    ['a value instead of an object', { objectives: 60, scaling: { readers: { ...LIMITS, cooldown: 300 } }, dashboard: { omit: 'latency' } }, [
      bad('objectives', '60 is not allowed: expected object.', 'It is written   objectives: { failoverWithin: …, zoneLossRpo: …, notifyWithin: …, scalingInterruption: …, latencyWithin: … }'),
      bad('scaling.readers.cooldown', '300 is not allowed: expected object.', 'It is written   cooldown: { out: …, in: … }'),
      bad('dashboard.omit', '"latency" is not allowed: expected array.', 'It is written   omit: [ … ]'),
    ]],
    ['a name that is spelt wrong', { objectives: { failoverWithn: Duration.seconds(60) }, target: { conections: 1 }, scaling: { readers: { ...LIMITS, cooldwn: {} } }, topology: { ...AURORA, promotionOder: [] }, backupWindw: '01:00-02:00' }, [
      unknown('topology.promotionOder', 'promotionOder', 'promotionOrder'), unknown('objectives.failoverWithn', 'failoverWithn', 'failoverWithin'), unknown('target.conections', 'conections', 'connections'),
      unknown('scaling.readers.cooldwn', 'cooldwn', 'cooldown'), unknown('backupWindw', 'backupWindw', 'backupWindow'),
    ]],
    ['a class instead of a size', { topology: { ...AURORA, instance: 'db.r8g.xlarge' } }, [bad('topology.instance', '"db.r8g.xlarge" is not an InstanceSize.', "As a size:   instance: InstanceSize.of('db.r8g.xlarge')")]],
    ['what only Terraform knows as a size', { topology: { ...AURORA, instance: Lazy.anyValue({ produce: () => 'db.r8g.large' }) } }, [bad('topology.instance', 'A value that only Terraform knows is not an InstanceSize.', "For instance instance: InstanceSize.of('db.r8g.large')")]],
    ['a size and a range', { topology: { ...AURORA, instance: R8G, serverless: { minimum: 1, maximum: 8 } } }, [bad('topology.instance', "InstanceSize.of('db.r8g.large') is given besides serverless: instances have one size, or a range.", 'Leave one of the two out: instance or serverless.')]],
    ['a size of further readers alone, which nobody would get', { topology: { ...AURORA, readers: 2, furtherReaders: R8G } }, [bad('topology.furtherReaders', "InstanceSize.of('db.r8g.large') is given without instance: readers have a size of their own only where the writer has one.", 'Give instance too, or leave furtherReaders out.')]],
    ['storage that RDS has elsewhere', { engine: Engine.postgresql('17'), topology: { kind: 'multi-az-instance', instance: R8G, storage: { size: 100, type: 'gp2' } } }, [
      bad('topology.storage.size', '100 is not a Size.', 'With its unit:   size: Size.gibibytes(100)'), bad('topology.storage.type', "\"gp2\" is not 'gp3', 'io1' or 'io2'.", "For instance type: 'gp3'"),
    ]],
    ['what is no topology', { topology: 'aurora' }, [bad('topology', '"aurora" is not a topology.', 'For instance topology: Topology.aurora({ readers: 1 })')]],
    ['endpoints over nobody', { topology: { ...AURORA, endpoints: { a: {}, b: { members: 'b' } } } }, [
      bad('topology.endpoints.a', '{} is not an endpoint: it has members, or except, and not both.', "For instance { members: ['b'] }."), bad('topology.endpoints.b.members', '"b" is not allowed: expected array.', 'It is written   members: [ … ]'),
    ]],
    ['a window as RDS writes it', { maintenanceWindow: 'sun:03:00-sun:04:00' }, [bad('maintenanceWindow', '"sun:03:00-sun:04:00" is not a MaintenanceWindow.', "For instance maintenanceWindow: MaintenanceWindow.weekly('sunday', '03:00')")]],
    ['addresses that do not say what they are', { sources: { vpn: '10.0.0.0/8', app: 'sg-0a1', x: {} } }, [
      bad('sources.vpn', '"10.0.0.0/8" is not a source of connections.', "Say what it is:   vpn: NetworkSource.cidr('10.0.0.0/8')"), bad('sources.app', '"sg-0a1" is not a source of connections.', "Say what it is:   app: NetworkSource.securityGroup('sg-0a1')"),
      bad('sources.x', '{} is not a source of connections.', "Say what it is:   x: NetworkSource.cidr('10.20.0.0/16')"),
    ]],
    ['a metric by its name', { scaling: { readers: { ...LIMITS, on: 'cpu' } } }, [bad('scaling.readers.on', '"cpu" is not a metric to scale on.', 'For instance on: ScaleOn.cpu(60)')]],
    ['a metric with a text for a target', { scaling: { readers: { ...LIMITS, on: [ScaleOn.cpu(60), ScaleOn.connections('700' as unknown as number)] } } }, [bad('scaling.readers.on.1.target', '"700" is not a number.', 'Without quotes:   target: 700')]],
    ['limits and moments that are not given', { scaling: { readers: { maximum: 4, schedule: [{ name: 'morning', ...LIMITS }] } } }, [missing('scaling.readers.minimum', 'Give it as a number.'), missing('scaling.readers.schedule.0.at', 'Give it as a text.')]],
    ['parameters as a list', { parameters: ['work_mem'] }, [bad('parameters', '["work_mem"] is not allowed: expected record.', 'It is written   parameters: { … }')]],
    ['values that no parameter has', { parameters: { 'work_mem': Size.mebibytes(64), 'rds.force_ssl': null, 'x': { value: 5 } } }, [
      bad('parameters.work_mem', 'Size.mebibytes(64) is not the value of a parameter.', 'Give a number in the unit of the server, as engine.parameterCatalogue has it.'),
      bad('parameters.rds.force_ssl', 'null is not the value of a parameter.', "A text, a number, true or false, or a raw value:   'rds.force_ssl': { value: '…', applyMethod: 'immediate' }"),
      bad('parameters.x.value', '5 is not a text.', "In quotes:   value: '5'"), missing('parameters.x.applyMethod', "For instance applyMethod: 'immediate'"),
    ]],
    ['alarms that do not say what changes', { alarms: { cpu: 'off', memory: { disabled: true } } }, [bad('alarms.cpu', '"off" is not allowed: expected object.', 'It is written   cpu: { threshold: … }'), bad('alarms.memory.disabled', 'true is not a text.', 'Give it as a text.')]],
    ['switches in quotes', { admitsNetwork: 'false', allowMajorVersionUpgrade: 1 }, [bad('admitsNetwork', '"false" is neither true nor false.', 'Without quotes:   admitsNetwork: false'), bad('allowMajorVersionUpgrade', '1 is neither true nor false.', 'Give allowMajorVersionUpgrade: true or allowMajorVersionUpgrade: false.')]],
  ])('%s', (_title, given, messages) => refused(() => make(given), messages));

  it('a source that is admitted later, and does not say what it is', () => {
    expectRefusal(() => make({}).admit('vpn', '10.0.0.0/8' as never), 'database-network/source', `database-network/source  at ${at}/Access

  "10.0.0.0/8" of source vpn does not say what it is.

  NetworkSource.cidr('10.20.0.0/16') or NetworkSource.securityGroup('sg-0123456789abcdef0').`);
  });

  it('no props at all', () => {
    refused(() => new HaCluster(testStack({ stage: 'production' }), 'Cluster', undefined as unknown as HaClusterProps), [`ha-cluster/missing  at ${at}\n\n  Nothing is given here; expected object.\n\n  It is written   { network: …, engine: …, topology: …, objectives: …, target: …, scaling: …, encryptionKey: …, backupRetention: …, maintenanceWindow: …, backupWindow: …, minimumTls: …, parameters: …, port: …, sources: …, admitsNetwork: …, masterUsername: …, clusterIdentifier: …, allowMajorVersionUpgrade: …, snapshotIdentifier: …, alerts: …, osMetrics: …, alarms: …, dashboard: …, runbooks: … }`]);
  });
});

describe('what a factory is given is looked at where it stands', () => {
  it.each<[string, () => unknown, readonly string[]]>([
    ['Topology.aurora', () => Topology.aurora({} as never), [text('missing', 'Topology.aurora: readers', 'Nothing is given here; it is needed.', 'Give it as a number.')]],
    ['Topology.single', () => Topology.single({ instance: 'db.r8g.large', storage: 100 } as never), [
      text('invalid-value', 'Topology.single: instance', '"db.r8g.large" is not an InstanceSize.', "As a size:   instance: InstanceSize.of('db.r8g.large')"),
      text('invalid-value', 'Topology.single: storage', '100 is not allowed: expected object.', 'It is written   storage: { size: …, type: …, iops: …, throughput: …, maximum: … }'),
    ]],
    ['Topology.multiAzCluster', () => Topology.multiAzCluster({ instanse: R8G, storage: { size: Size.gibibytes(100) } } as never), [
      text('missing', 'Topology.multiAzCluster: instance', 'Nothing is given here; it is needed.', "For instance instance: InstanceSize.of('db.r8g.large')"), text('unknown-key', 'Topology.multiAzCluster: instanse', '"instanse" is not a property here.', 'Did you mean "instance"?'),
    ]],
    ['ScaleOn.metric', () => ScaleOn.metric({ name: 'Reports', target: '12' } as never), [text('invalid-value', 'ScaleOn.metric: target', '"12" is not a number.', 'Without quotes:   target: 12')]],
  ])('%s', (_title, run, messages) => refused(run, messages));
});

describe('what is right passes', () => {
  it('with all that there is, constructs and values of other copies of the package, and what only Terraform knows', () => {
    const stack = testStack({ stage: 'production' });
    const text = (value: string): string => Lazy.stringValue({ produce: () => value });
    const copyOf = <T extends object>(value: T): T => Object.defineProperties(Object.create(null), { ...Object.getOwnPropertyDescriptors(Object.getPrototypeOf(value)), ...Object.getOwnPropertyDescriptors(value) }) as T;
    const cluster = new HaCluster(stack, 'Cluster', {
      network: importedNetwork(stack), engine: copyOf(Engine.auroraPostgresql('17')), alerts: AlertChannel.fromAlertChannelAttributes(stack, 'Alerts', { criticalTopicArn: 'arn:aws:sns:eu-central-1:1:c', warningTopicArn: 'arn:aws:sns:eu-central-1:1:w', infoTopicArn: 'arn:aws:sns:eu-central-1:1:i' }),
      osMetrics: OsMetrics.fromOsMetricsAttributes(stack, 'OsMetrics', {}), encryptionKey: new EncryptionKey(stack, 'Key'), backupRetention: copyOf(Duration.days(35)), maintenanceWindow: copyOf(MaintenanceWindow.weekly('sunday', '03:00')), backupWindow: text('01:00-02:00'),
      topology: Topology.aurora({ readers: 2, instance: copyOf(InstanceSize.of('db.r8g.large')), furtherReaders: InstanceSize.atLeast({ vcpu: 4 }), promotionOrder: ['a'], endpoints: { reports: { members: ['c'] } }, storage: 'io-optimized' }),
      objectives: { failoverWithin: Duration.minutes(2), zoneLossRpo: Duration.seconds(0), notifyWithin: Duration.minutes(1), latencyWithin: Duration.milliseconds(250) },
      target: { storage: copyOf(Size.tebibytes(1)), connections: Lazy.numberValue({ produce: () => 100 }) }, masterUsername: text('root'), port: Lazy.numberValue({ produce: () => 5432 }),
      parameters: { work_mem: 65_536, log_statement: text('none'), recovery_prefetch: { value: text('try'), applyMethod: 'pending-reboot' } }, sources: { vpn: NetworkSource.cidr('10.20.0.0/16'), app: NetworkSource.securityGroup(text('sg-1')) }, admitsNetwork: false, minimumTls: '1.2',
      scaling: { readers: { minimum: 2, maximum: 4, on: [ScaleOn.cpu(60), ScaleOn.metric({ name: 'Reports', namespace: 'Shop', target: 12 })], cooldown: { in: Duration.minutes(5) } } },
      alarms: { 'cpu': { threshold: 90 } }, dashboard: { omit: ['cpu'] }, runbooks: 'https://runbooks.example', allowMajorVersionUpgrade: false,
    });
    expect(cluster.resource.engineInput).toBe('aurora-postgresql');
    expect(() => synthesizeStack(stack)).not.toThrow();
  });

  it('is a topology as data too', () => {
    expect(() => make({ topology: { kind: 'aurora', readers: 1, instance: undefined, serverless: undefined } })).not.toThrow(TenantryError);
  });
});
