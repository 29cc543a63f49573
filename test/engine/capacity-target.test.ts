import { Token } from 'cdktf';
import { describe, expect, it } from 'vitest';
import { TenantryError } from '../../lib/core/errors';
import { Size } from '../../lib/core/size';
import { InstanceSize, type InstanceUse, type RdsStorage, type ServerlessRange, type SizedEngine } from '../../lib/engine';
import { type CapacityOffer, type CapacityTarget, checkCapacityTarget, unjudgedTargets } from '../../lib/engine/capacity-target';
import { checkStorage, largestStorage, storageIops } from '../../lib/engine/rds-storage';
import { checkServerless } from '../../lib/engine/serverless-range';
import { expectRefusal } from '../support/synth';
import { auroraMysql, auroraPostgresql, rdsMysql, rdsPostgresql } from './sized';

interface Shape {
  readonly engine: SizedEngine;
  readonly instance: string | ServerlessRange;
  readonly use?: InstanceUse;
  readonly storage?: RdsStorage;
  readonly pooled?: boolean;
}

/** As HaCluster describes what it makes. */
function offer({ engine, instance, use, storage, pooled = false }: Shape): CapacityOffer {
  return {
    engine, pooled, ...(use === undefined ? {} : { use }), label: `${engine.label} on ${typeof instance === 'string' ? instance : 'a serverless range'}`,
    instance: typeof instance === 'string' ? InstanceSize.of(instance).resolve(engine, use) : { serverless: instance },
    largestStorage: largestStorage(engine, storage),
    ...(storage === undefined ? {} : { allocatedStorage: storage.size, iops: storageIops(storage) }),
  };
}

const tib = Size.tebibytes;
const codes = (target: CapacityTarget, shape: Shape): string[] => checkCapacityTarget(target, offer(shape)).map(({ code }) => code.replace('engine/target-', ''));

describe('10 TB, 10,000 connections and 5,000 transactions a second', () => {
  const target: CapacityTarget = { storage: tib(10), connections: 10_000, writesPerSecond: 5000 };
  const gp3 = (size: Size, more: Partial<RdsStorage> = {}): RdsStorage => ({ size, ...more });

  // Which class on which topology holds it: what is refused, and what nobody can say.
  it.each<[string, Shape, refused: readonly string[], unjudged: readonly string[]]>([
    ['the largest Aurora PostgreSQL', { engine: auroraPostgresql(), instance: 'db.r8g.48xlarge' }, ['connections'], ['writesPerSecond']],
    ['Aurora PostgreSQL behind a pool', { engine: auroraPostgresql(), instance: 'db.r8g.2xlarge', pooled: true }, [], ['writesPerSecond', 'connections']],
    ['the largest Aurora MySQL', { engine: auroraMysql(), instance: 'db.r8g.48xlarge' }, ['connections'], ['writesPerSecond']],
    ['a serverless range', { engine: auroraPostgresql(), instance: { minimum: 8, maximum: 256 } }, ['connections'], ['writesPerSecond']],
    ['a serverless range behind a pool', { engine: auroraPostgresql(), instance: { minimum: 8, maximum: 256 }, pooled: true }, [], ['writesPerSecond', 'connections']],
    ['a Multi-AZ DB cluster of 10 TiB behind a pool', { engine: rdsPostgresql(), use: 'multi-az-cluster', instance: 'db.r8gd.2xlarge', storage: gp3(tib(10)), pooled: true }, [], ['connections']],
    ['a Multi-AZ DB cluster of 10 TiB', { engine: rdsPostgresql(), use: 'multi-az-cluster', instance: 'db.r8gd.48xlarge', storage: gp3(tib(10)) }, ['connections'], []],
    ['a large Multi-AZ instance of MySQL', { engine: rdsMysql(), instance: 'db.r8g.4xlarge', storage: gp3(tib(1), { maximum: tib(12) }) }, [], []],
    ['a smaller one of MySQL', { engine: rdsMysql(), instance: 'db.r8g.2xlarge', storage: gp3(tib(1), { maximum: tib(12) }) }, ['connections'], []],
    ['storage that does not grow so far', { engine: rdsMysql(), instance: 'db.r8g.4xlarge', storage: gp3(tib(1), { maximum: tib(8) }) }, ['storage'], []],
    ['io2 with fewer operations than commits', { engine: rdsMysql(), instance: 'db.r8g.4xlarge', storage: { size: tib(10), type: 'io2', iops: 4999 } }, ['writes'], []],
    ['as many operations as commits', { engine: rdsMysql(), instance: 'db.r8g.4xlarge', storage: { size: tib(10), type: 'io2', iops: 5000 } }, [], []],
    ['a small single instance, by everything', { engine: rdsPostgresql(), use: 'single', instance: 'db.m8g.large', storage: gp3(Size.gibibytes(100)) }, ['storage', 'connections', 'writes'], []],
  ])('%s', (_, shape, refused, unjudged) => {
    expect(codes(target, shape)).toEqual(refused);
    expect(unjudgedTargets(target, offer(shape)).map((text) => /^target\.(\w+)/.exec(text)?.[1])).toEqual(unjudged);
  });
});

describe('a target', () => {
  const aurora: Shape = { engine: auroraPostgresql(), instance: 'db.r8g.large' };
  const single: Shape = { engine: rdsPostgresql(), use: 'single', instance: 'db.m8g.large', storage: { size: Size.gibibytes(100), maximum: Size.gibibytes(200) } };

  it('that is kept says nothing', () => {
    expect(checkCapacityTarget({ storage: tib(128), connections: 1660 }, offer(aurora))).toEqual([]);
    expect(checkCapacityTarget({ storage: Size.gibibytes(200), connections: 800, writesPerSecond: 3000 }, offer(single))).toEqual([]);
    expect(checkCapacityTarget({}, offer(single))).toEqual([]);
  });

  it.each<[string, CapacityTarget, CapacityOffer, string, string]>([
    ['connections with a larger class', { connections: 1661 }, offer(aurora), 'engine/target-connections', `target.connections is 1,661, but an instance of Aurora PostgreSQL on db.r8g.large has 1,660 for clients: max_connections is about 1,663 by default, and 3 are kept for administration.

  Share them between clients:   new ConnectionPool(this, 'Pool', { cluster, network, auth: PoolAuth.iam() })
  or take a larger class:       InstanceSize.of('db.r8g.xlarge')

  Source: AWS, Aurora user guide, Maximum connections to a DB instance · tenantry explain engine/target-connections`],
    ['connections that no class has', { connections: 4998 }, offer({ ...aurora, instance: 'db.r8g.48xlarge' }), 'engine/target-connections', `target.connections is 4,998, but an instance of Aurora PostgreSQL on db.r8g.48xlarge has 4,997 for clients: max_connections is about 5,000 by default, and 3 are kept for administration.

  Share them between clients:   new ConnectionPool(this, 'Pool', { cluster, network, auth: PoolAuth.iam() })

  Source: AWS, Aurora user guide, Maximum connections to a DB instance · tenantry explain engine/target-connections`],
    ['connections above what the parameters say', { connections: 101 }, { ...offer({ engine: rdsMysql(), instance: 'db.m8g.large' }), maxConnections: 100 }, 'engine/target-connections', `target.connections is 101, but an instance of RDS MySQL on db.m8g.large has 100 for clients: max_connections is 100.

  Share them between clients:   new ConnectionPool(this, 'Pool', { cluster, network, auth: PoolAuth.iam() })

  Source: AWS, RDS user guide, Maximum number of database connections · tenantry explain engine/target-connections`],
    ['connections that a low minimum caps', { connections: 4000 }, offer({ engine: auroraPostgresql(), instance: { minimum: 0.5, maximum: 64 } }), 'engine/target-connections', `target.connections is 4,000, but an instance of Aurora PostgreSQL on a serverless range has 1,997 for clients: max_connections is about 2,000 by default, and 3 are kept for administration.

  Share them between clients:   new ConnectionPool(this, 'Pool', { cluster, network, auth: PoolAuth.iam() })
  or widen the range:           serverless: { minimum: 1, maximum: 64 }

  Source: AWS, Aurora user guide, Maximum connections to a DB instance · tenantry explain engine/target-connections`],
    ['storage of Aurora', { storage: tib(200) }, offer(aurora), 'engine/target-storage', `target.storage is 200 TiB, but Aurora PostgreSQL on db.r8g.large holds 128 TiB at most.

  256 TiB need a version that is named: 17.5, 16.9, 15.13 or later.

  Source: AWS, Aurora user guide, Amazon Aurora size limits`],
    ['storage that no cluster holds', { storage: tib(300) }, offer({ ...aurora, engine: auroraPostgresql('17.11') }), 'engine/target-storage', `target.storage is 300 TiB, but Aurora PostgreSQL on db.r8g.large holds 256 TiB at most.

  Spread the tenants over several clusters: no single one has that.

  Source: AWS, Aurora user guide, Amazon Aurora size limits`],
    ['storage that is not declared', { storage: tib(1) }, offer(single), 'engine/target-storage', `target.storage is 1 TiB, but RDS PostgreSQL on db.m8g.large holds 200 GiB at most: it grows from 100 GiB up to that.

  Declare it:   storage: { size: Size.tebibytes(1) }
  or take Aurora, whose storage grows by itself to 128 TiB and more.

  Source: AWS, RDS user guide, Amazon RDS DB instance storage`],
    ['storage that only Aurora has', { storage: tib(100) }, offer(single), 'engine/target-storage', `target.storage is 100 TiB, but RDS PostgreSQL on db.m8g.large holds 200 GiB at most: it grows from 100 GiB up to that.

  Take Aurora, whose storage grows by itself to 128 TiB and more.

  Source: AWS, RDS user guide, Amazon RDS DB instance storage`],
    ['writes that a larger gp3 keeps', { writesPerSecond: 3001 }, offer(single), 'engine/target-writes', `target.writesPerSecond is 3,001, but the storage of RDS PostgreSQL on db.m8g.large is provisioned for 3,000 operations a second, and a commit needs one at least.

  12,000 come with gp3 from 400 GiB on:   storage: { size: Size.gibibytes(400) }

  Source: AWS, RDS user guide, Amazon RDS DB instance storage`],
    ['writes that have to be provisioned', { writesPerSecond: 20_000 }, offer(single), 'engine/target-writes', `target.writesPerSecond is 20,000, but the storage of RDS PostgreSQL on db.m8g.large is provisioned for 3,000 operations a second, and a commit needs one at least.

  Provision them:   storage: { size: Size.gibibytes(100), type: 'io2', iops: 20000 }

  Source: AWS, RDS user guide, Amazon RDS DB instance storage`],
    ['writes beside io2', { writesPerSecond: 5000 }, offer({ ...single, storage: { size: tib(10), type: 'io2', iops: 4999 } }), 'engine/target-writes', `target.writesPerSecond is 5,000, but the storage of RDS PostgreSQL on db.m8g.large is provisioned for 4,999 operations a second, and a commit needs one at least.

  Provision them:   storage: { size: Size.tebibytes(10), type: 'io2', iops: 5120 }

  Source: AWS, RDS user guide, Amazon RDS DB instance storage`],
    ['writes that no storage has', { writesPerSecond: 300_000 }, offer(single), 'engine/target-writes', `target.writesPerSecond is 300,000, but the storage of RDS PostgreSQL on db.m8g.large is provisioned for 3,000 operations a second, and a commit needs one at least.

  Spread the tenants over several clusters: no single one has that.

  Source: AWS, RDS user guide, Amazon RDS DB instance storage`],
    ['a figure that is none', { connections: 0.5 }, offer(aurora), 'engine/target', 'target.connections is 0.5; whole numbers from 1 are allowed.\n\n  Leave out what does not matter.'],
    ['a negative figure', { writesPerSecond: -1 }, offer(aurora), 'engine/target', 'target.writesPerSecond is -1; numbers above 0 are allowed.\n\n  Leave out what does not matter.'],
    ['no storage', { storage: tib(0) }, offer(aurora), 'engine/target', 'target.storage is 0 TiB.\n\n  Leave out what does not matter.'],
  ])('is refused for %s', (_, target, offered, code, text) => {
    expectRefusal(() => { throw new TenantryError('input', checkCapacityTarget(target, offered)); }, code, `${code}\n\n  ${text}`);
  });

  it.each<[number, string, SizedEngine, ServerlessRange, ServerlessRange | undefined]>([
    [1000, 'PostgreSQL that pauses', auroraPostgresql(), { minimum: 0, maximum: 4 }, { minimum: 0, maximum: 5 }],
    [4997, 'PostgreSQL', auroraPostgresql(), { minimum: 2, maximum: 4 }, { minimum: 2, maximum: 24 }],
    [4000, 'MySQL', auroraMysql(), { minimum: 0.5, maximum: 8 }, { minimum: 0.5, maximum: 64 }],
    [4998, 'PostgreSQL', auroraPostgresql(), { minimum: 0.5, maximum: 64 }, undefined],
  ])('of %d connections to serverless %s names a range that has them, where there is one', (connections, _name, engine, range, wider) => {
    const fix = checkCapacityTarget({ connections }, offer({ engine, instance: range })).map((complaint) => /serverless: \{ minimum: (.*), maximum: (.*) \}/.exec(complaint.fix ?? ''))[0] ?? undefined;
    const named = fix === undefined ? undefined : { minimum: Number(fix[1]), maximum: Number(fix[2]) };
    expect(named).toEqual(wider);
    if (named !== undefined) expect([...checkServerless(named, { engine }), ...checkCapacityTarget({ connections }, offer({ engine, instance: named }))]).toEqual([]);
  });

  it.each<[number, RdsStorage]>([
    [12_001, { size: Size.gibibytes(20) }], [20_000, { size: Size.gibibytes(400) }], [200_000, { size: Size.gibibytes(100) }], [5000, { size: tib(10), type: 'io2', iops: 4999 }], [13_000, { size: tib(64) }],
  ])('of %d writes names storage that RDS takes and that carries them', (writesPerSecond, storage) => {
    const shape: Shape = { engine: rdsPostgresql(), instance: 'db.m8g.large', storage };
    const [, unit, amount, iops] = checkCapacityTarget({ writesPerSecond }, offer(shape)).map((complaint) => /size: Size\.(gibi|tebi)bytes\((\d+)\), type: 'io2', iops: (\d+)/.exec(complaint.fix ?? ''))[0] ?? [];
    const named: RdsStorage = { size: unit === 'tebi' ? tib(Number(amount)) : Size.gibibytes(Number(amount)), type: 'io2', iops: Number(iops) };
    expect([...checkStorage(named, shape.engine), ...checkCapacityTarget({ writesPerSecond }, offer({ ...shape, storage: named }))]).toEqual([]);
    expect(named.size.isSmallerThan(storage.size)).toBe(false);
  });

  it('tells what it cannot judge, and how to find out', () => {
    expect(unjudgedTargets({ writesPerSecond: 5000, readsPerSecond: 20_000, connections: 3000 }, offer({ ...aurora, pooled: true }))).toEqual([
      'target.writesPerSecond is 5,000: AWS publishes no figure of writes for instances of Aurora. Load Aurora PostgreSQL on db.r8g.large with your own statements before you promise it, for instance with pgbench.',
      'target.readsPerSecond is 20,000: how many reads an instance answers depends on how much of the data its memory holds. Load Aurora PostgreSQL on db.r8g.large with your own statements before you promise it, for instance with pgbench.',
      'target.connections is 3,000 over about 1,660 connections of the database: that many transactions run at once, and the others wait in the pool, as long as its borrow timeout allows. Load Aurora PostgreSQL on db.r8g.large with your own statements before you promise it, for instance with pgbench.',
    ]);
  });

  it('is not judged by what only Terraform knows', () => {
    const unknown = Token.asNumber({ ref: 1 });
    expect(checkCapacityTarget({ connections: unknown, writesPerSecond: unknown, readsPerSecond: unknown }, offer(single))).toEqual([]);
    const late: CapacityOffer = { ...offer(single), iops: unknown, maxConnections: unknown };
    expect(checkCapacityTarget({ connections: 1_000_000, writesPerSecond: 1_000_000 }, late)).toEqual([]);
    expect(checkCapacityTarget({ connections: 1_000_000 }, offer({ ...aurora, instance: { minimum: 1, maximum: unknown } }))).toEqual([]);
  });
});
