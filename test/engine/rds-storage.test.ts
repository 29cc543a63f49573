import { Token } from 'cdktf';
import { describe, expect, it } from 'vitest';
import { TenantryError } from '../../lib/core/errors';
import { Size } from '../../lib/core/size';
import type { InstanceUse, RdsStorage, SizedEngine } from '../../lib/engine';
import { checkStorage, largestStorage, storageIops } from '../../lib/engine/rds-storage';
import { expectRefusal } from '../support/synth';
import { auroraMysql, auroraPostgresql, rdsMysql, rdsPostgresql } from './sized';

const gib = Size.gibibytes;
const SOURCE = 'Source: AWS, RDS user guide, Amazon RDS DB instance storage';

describe('storage of RDS', () => {
  it.each<[RdsStorage, SizedEngine?, InstanceUse?]>([
    [{ size: gib(20) }], [{ size: gib(65_536) }], [{ size: gib(400), iops: 12_000, throughput: 500 }], [{ size: gib(400), iops: 64_000, throughput: 4000 }], [{ size: Size.tebibytes(1), throughput: 3000 }],
    [{ size: gib(1000), maximum: gib(1100) }], [{ size: gib(100), type: 'io1', iops: 1000 }], [{ size: gib(400), type: 'io1', iops: 20_000 }], [{ size: gib(256), type: 'io2', iops: 256_000 }],
    [{ size: gib(400), iops: 40_000, throughput: 500 }, rdsPostgresql()], [{ size: gib(400), iops: 40_000, throughput: 625 }, rdsMysql()], [{ size: gib(400), iops: 40_000 }, rdsPostgresql(), 'multi-az-cluster'],
    [{ size: gib(400), iops: Token.asNumber({ ref: 1 }), throughput: Token.asNumber({ ref: 2 }) }], [{ size: gib(400), type: 'io2', iops: Token.asNumber({ ref: 1 }) }],
  ])('may be %j', (storage, engine = rdsPostgresql(), use = undefined) => {
    expect(checkStorage(storage, engine, use)).toEqual([]);
  });

  it.each<[string, RdsStorage, SizedEngine, InstanceUse | undefined, readonly string[]]>([
    ['too small', { size: gib(19) }, rdsPostgresql(), undefined, [`storage.size is 19 GiB; gp3 takes whole GiB, 20 to 65,536.\n\n  ${SOURCE}`]],
    ['a fraction', { size: gib(20.5) }, rdsPostgresql(), undefined, [`storage.size is 20.5 GiB; gp3 takes whole GiB, 20 to 65,536.\n\n  ${SOURCE}`]],
    ['too large', { size: Size.tebibytes(65) }, rdsPostgresql(), undefined, [`storage.size is 65 TiB; gp3 takes whole GiB, 20 to 65,536.\n\n  Aurora holds up to 256 TiB; or spread the tenants over several clusters.\n\n  ${SOURCE}`]],
    ['too small for io2', { size: gib(99), type: 'io2', iops: 1000 }, rdsPostgresql(), undefined, [`storage.size is 99 GiB; io2 takes whole GiB, 100 to 65,536.\n\n  ${SOURCE}`]],
    ['iops and throughput of a small gp3', { size: gib(399), iops: 6000, throughput: 250 }, rdsPostgresql(), undefined, [
      `storage.iops is given, but gp3 below 400 GiB has 3,000 operations a second, and nothing else; 399 GiB is given.\n\n  Leave it out, or give size: Size.gibibytes(400).\n\n  ${SOURCE}`,
      `storage.throughput is given, but gp3 below 400 GiB has 125 MiB a second, and nothing else; 399 GiB is given.\n\n  Leave it out, or give size: Size.gibibytes(400).\n\n  ${SOURCE}`]],
    ['fewer iops than come with gp3', { size: gib(400), iops: 6000 }, rdsPostgresql(), undefined, [`storage.iops is 6,000; gp3 of 400 GiB takes 12,000 to 64,000.\n\n  Leave it out: 12,000 come with it.\n\n  ${SOURCE}`]],
    ['more iops than gp3 has', { size: gib(400), iops: 64_001 }, rdsPostgresql(), undefined, [`storage.iops is 64,001; gp3 of 400 GiB takes 12,000 to 64,000.\n\n  For more:   type: 'io2'\n\n  ${SOURCE}`]],
    ['less throughput than comes with gp3', { size: gib(400), throughput: 250 }, rdsPostgresql(), undefined, [`storage.throughput is 250 MiB a second; gp3 of 400 GiB takes 500 to 4,000.\n\n  Leave it out: 500 come with it.\n\n  ${SOURCE}`]],
    ['more throughput than the iops carry', { size: gib(400), iops: 12_000, throughput: 4000 }, rdsPostgresql(), undefined, [`storage.throughput is 4,000 MiB a second, but 12,000 operations a second carry 3,000 at most.\n\n  Give iops: 16000, or less throughput.\n\n  ${SOURCE}`]],
    ['less throughput than MySQL needs', { size: gib(400), iops: 40_000, throughput: 500 }, rdsMysql(), undefined, [`storage.throughput is 500 MiB a second, but MySQL needs 625 with 40,000 operations a second.\n\n  Give throughput: 625, or leave it out.\n\n  ${SOURCE}`]],
    ['throughput of a Multi-AZ DB cluster', { size: gib(400), throughput: 500 }, rdsPostgresql(), 'multi-az-cluster', [`storage.throughput is given, but a Multi-AZ DB cluster sets it by the iops.\n\n  Leave it out.\n\n  ${SOURCE}`]],
    ['io2 without iops', { size: gib(100), type: 'io2', throughput: 500 }, rdsPostgresql(), undefined, [`storage.throughput is given, but that of io2 follows from its iops.\n\n  Leave it out.\n\n  ${SOURCE}`, `storage.iops is not given, and io2 needs it.\n\n  For instance iops: 3000\n\n  ${SOURCE}`]],
    ['much io1 without iops', { size: Size.tebibytes(10), type: 'io1' }, rdsPostgresql(), undefined, [`storage.iops is not given, and io1 needs it.\n\n  For instance iops: 5120\n\n  ${SOURCE}`]],
    ['too many iops for a small io1', { size: gib(399), type: 'io1', iops: 20_000 }, rdsPostgresql(), undefined, [`storage.iops is 20,000; io1 of 399 GiB takes 1,000 to 19,950.\n\n  ${SOURCE}`]],
    ['too many iops for each GiB of io1', { size: gib(400), type: 'io1', iops: 20_001 }, rdsPostgresql(), undefined, [`storage.iops is 20,001; io1 takes 0.5 to 50 for each GiB, which is 200 to 20,000 for 400 GiB.\n\n  ${SOURCE}`]],
    ['too few iops for each GiB of io2', { size: Size.tebibytes(10), type: 'io2', iops: 5000 }, rdsPostgresql(), undefined, [`storage.iops is 5,000; io2 takes 0.5 to 1,000 for each GiB, which is 5,120 to 10,240,000 for 10 TiB.\n\n  ${SOURCE}`]],
  ])('may not be or have %s', (_, storage, engine, use, texts) => {
    expectRefusal(() => { throw new TenantryError('input', checkStorage(storage, engine, use)); }, texts.map(() => 'engine/storage'), texts.map((text) => `engine/storage\n\n  ${text}`).join('\n\n'));
  });

  it('is provisioned for what is given, or for what comes with gp3', () => {
    expect([{ size: gib(399) }, { size: gib(400) }, { size: gib(400), iops: 20_000 }, { size: gib(400), type: 'io2' as const }, { size: gib(400), iops: Token.asNumber({ ref: 1 }) }].map(storageIops)).toEqual([3000, 12_000, 20_000, undefined, undefined]);
  });
});

describe('the most that a storage holds', () => {
  it.each(([
    [auroraPostgresql('17'), undefined, '128 TiB'], [auroraPostgresql('17.4'), undefined, '128 TiB'], [auroraPostgresql('17.5'), undefined, '256 TiB'], [auroraPostgresql('17.11'), undefined, '256 TiB'], [auroraPostgresql('16.9'), undefined, '256 TiB'],
    [auroraPostgresql('16.8'), undefined, '128 TiB'], [auroraPostgresql('15.13'), undefined, '256 TiB'], [auroraPostgresql('14.19'), undefined, '128 TiB'], [auroraPostgresql('18'), undefined, '256 TiB'],
    [auroraMysql('8.0'), undefined, '128 TiB'], [auroraMysql('8.0.mysql_aurora.3.09.0'), undefined, '128 TiB'], [auroraMysql('8.0.mysql_aurora.3.10.0'), undefined, '256 TiB'],
    [rdsPostgresql(), { size: gib(100) }, '100 GiB'], [rdsPostgresql(), { size: gib(100), maximum: Size.tebibytes(2) }, '2 TiB'], [rdsMysql(), undefined, '65,536 GiB'],
  ] as readonly (readonly [SizedEngine, RdsStorage | undefined, string])[]).map(([engine, ...rest]) => [`${engine.label} ${engine.version}`, engine, ...rest] as const))('of %s is that of the version and the declaration', (_, engine, storage, largest) => {
    expect(`${largestStorage(engine, storage)}`).toBe(largest);
  });
});
