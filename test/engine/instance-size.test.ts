import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Token } from 'cdktf';
import { describe, expect, it } from 'vitest';
import { Size } from '../../lib/core/size';
import * as library from '../../lib/engine';
import { instanceClasses, InstanceSize, type InstanceUse, type SizedEngine } from '../../lib/engine';
import { FAMILIES } from '../../lib/engine/instance-classes/catalogue';
import { classesOf, type InstanceFamily } from '../../lib/engine/instance-classes/family';
import { defaultMaxConnections } from '../../lib/engine/max-connections';
import { runSample, samplesOf } from '../support/readme-samples';
import { expectRefusal } from '../support/synth';
import { auroraMysql, auroraPostgresql, rdsMysql, rdsPostgresql } from './sized';

const SOURCE = 'Source: AWS, Hardware specifications for DB instance classes, and Supported DB engines for DB instance classes';
const NEWER = "A class that is newer than the catalogue needs its hardware:   InstanceSize.of('db.x9g.large', { vcpu: 2, memory: Size.gibibytes(32) })";
const gibibytes = Size.gibibytes;

describe('the catalogue of instance classes', () => {
  // As AWS prints them: the smallest and the largest of each family, and everything between that the rule could get wrong.
  it.each<[string, number, number]>([
    ['db.r8g.large', 2, 16], ['db.r8g.12xlarge', 48, 384], ['db.r8g.48xlarge', 192, 1536], ['db.r8gd.24xlarge', 96, 768], ['db.r7g.16xlarge', 64, 512], ['db.r7i.48xlarge', 192, 1536],
    ['db.r6g.4xlarge', 16, 128], ['db.r6gd.xlarge', 4, 32], ['db.r6i.32xlarge', 128, 1024], ['db.r6id.24xlarge', 96, 768], ['db.r6idn.xlarge', 4, 32], ['db.x2g.large', 2, 32], ['db.x2g.16xlarge', 64, 1024],
    ['db.x2iedn.xlarge', 4, 128], ['db.x2iedn.32xlarge', 128, 4096], ['db.m8g.48xlarge', 192, 768], ['db.m8gd.large', 2, 8], ['db.m7g.2xlarge', 8, 32], ['db.m7i.24xlarge', 96, 384], ['db.m6g.8xlarge', 32, 128],
    ['db.m6gd.16xlarge', 64, 256], ['db.m6i.32xlarge', 128, 512], ['db.m6id.12xlarge', 48, 192], ['db.m6idn.4xlarge', 16, 64], ['db.c6gd.medium', 1, 2], ['db.c6gd.large', 2, 4], ['db.c6gd.16xlarge', 64, 128],
    ['db.t4g.micro', 2, 1], ['db.t4g.small', 2, 2], ['db.t4g.medium', 2, 4], ['db.t4g.large', 2, 8], ['db.t4g.xlarge', 4, 16], ['db.t4g.2xlarge', 8, 32], ['db.t3.micro', 2, 1], ['db.t3.2xlarge', 8, 32],
  ])('has %s with %i vCPU and %i GiB', (name, vcpu, memory) => {
    const found = FAMILIES.flatMap(classesOf).find((one) => one.name === name);
    expect([found?.vcpu, found?.memory.toGibibytes()]).toEqual([vcpu, memory]);
  });

  it.each<[string, SizedEngine, InstanceUse, string, string]>([
    ['Aurora PostgreSQL', auroraPostgresql(), 'aurora', 'r6g r6gd r6i r6id r7g r7i r8g r8gd t3 t4g x2g', 'db.t3.large db.t3.medium db.t4g.large db.t4g.medium'],
    ['Aurora MySQL', auroraMysql(), 'aurora', 'r6g r6i r7g r7i r8g t3 t4g x2g', 'db.t3.large db.t3.medium db.t4g.large db.t4g.medium'],
    ['RDS PostgreSQL', rdsPostgresql(), 'multi-az-instance', 'm6g m6gd m6i m6id m6idn m7g m7i m8g m8gd r6g r6gd r6i r6id r6idn r7g r7i r8g r8gd t3 t4g x2g x2iedn', 'db.t3.2xlarge db.t3.large db.t3.medium db.t3.micro db.t3.small db.t3.xlarge db.t4g.2xlarge db.t4g.large db.t4g.medium db.t4g.micro db.t4g.small db.t4g.xlarge'],
    ['a Multi-AZ DB cluster of MySQL', rdsMysql(), 'multi-az-cluster', 'c6gd m6gd m6id m6idn m8gd r6gd r6id r6idn r8gd x2iedn', ''],
  ])('knows what %s takes', (_, engine, use, families, burstable) => {
    const all = instanceClasses(engine, use);
    expect([...new Set(all.map(({ name }) => name.split('.')[1]!))].sort().join(' ')).toBe(families);
    expect(all.filter((one) => one.burstable).map(({ name }) => name).sort().join(' ')).toBe(burstable);
  });

  it('knows the engines by what the registry says of them', () => {
    const { Engine } = library;
    expect([Engine.auroraPostgresql('17'), Engine.auroraMysql('8.0'), Engine.postgresql('17'), Engine.mysql('8.4')].map(({ name, label, version, language, storage }) => ({ name, label, version, language, storage })))
      .toEqual([auroraPostgresql(), auroraMysql(), rdsPostgresql(), rdsMysql()]);
  });

  it('is what SIZES.md prints', () => {
    const printed = readFileSync(join(__dirname, '../../lib/engine/SIZES.md'), 'utf8').split('\n').filter((line) => /^\| `[a-z]\d/.test(line));
    expect(printed).toEqual(FAMILIES.map(row));
  });

  it('is used as SIZES.md shows', () => {
    const samples = samplesOf('lib/engine/SIZES.md').filter(({ language }) => language === 'ts');
    expect(samples).toHaveLength(1);
    for (const sample of samples) expect(() => runSample(sample, '', { tenantry: { ...library, Size } })).not.toThrow();
  });
});

function row(family: InstanceFamily): string {
  const { engines, rds = 'instances', sizes } = family;
  const of = (offering: 'aurora-postgresql' | 'aurora-mysql'): string => {
    const support = engines[offering];
    if (support === undefined) return '–';
    return support.sizes === undefined ? 'all' : support.sizes.length > 2 ? `from ${support.sizes[0]}` : support.sizes.join(', ');
  };
  const all = classesOf(family);
  const [first, last] = [all[0]!, all.at(-1)!];
  return `| \`${family.name}\` | ${sizes[0]} – ${sizes.at(-1)} | ${first.vcpu} – ${last.vcpu} | ${first.memory.toGibibytes()} – ${last.memory.toGibibytes().toLocaleString('en-US')} | ${of('aurora-postgresql')} | ${of('aurora-mysql')} | ${rds === 'clusters' ? '–' : 'all'} | ${rds === 'instances' ? '–' : 'all'} |`;
}

describe('the default of max_connections', () => {
  // Every figure that AWS prints: PostgreSQL and MySQL by class, serverless by its maximum.
  const published: readonly (readonly [SizedEngine, gib: number, connections: number])[] = [
    ...[[4, 405], [4, 420], [8, 844], [16, 1722], [32, 3479], [64, 5000], [128, 5000], [512, 5000], [1536, 5000], [2, 189], [8, 823], [16, 1669], [32, 3360]].map(([gib, limit]) => [auroraPostgresql(), gib!, limit!] as const),
    [rdsMysql(), 8, 630], [rdsMysql(), 1, 60],
  ];

  it.each(published.map(([engine, ...rest]) => [engine.label, engine, ...rest] as const))('of %s is at most what AWS prints, and not a tenth below', (_, engine, gib, connections) => {
    const counted = defaultMaxConnections(engine, gibibytes(gib));
    expect(counted).toBeLessThanOrEqual(connections);
    expect(counted).toBeGreaterThan(connections * 0.9);
  });

  it.each([[1, 0], [2, 45], [4, 90], [8, 135], [12, 135], [16, 1000], [32, 2000], [64, 3000], [128, 4000], [256, 5000], [384, 6000], [512, 6000], [768, 7000], [1024, 7000], [1536, 8000]])('of Aurora MySQL with %i GiB is %i, as AWS prints it', (gib, connections) => {
    expect(defaultMaxConnections(auroraMysql(), gibibytes(gib))).toBe(connections);
  });
});

describe('InstanceSize.of', () => {
  it('is that class, with what the engine makes of it', () => {
    const { memory, ...rest } = InstanceSize.of('db.r8g.2xlarge').resolve(auroraPostgresql());
    expect({ ...rest, memory: `${memory}` }).toEqual({ name: 'db.r8g.2xlarge', vcpu: 8, memory: '64 GiB', maxConnections: 5000, burstable: false, insights: true });
    expect(InstanceSize.of('db.r8g.2xlarge').resolve(auroraMysql()).maxConnections).toBe(3000);
  });

  it('says what runs on credits, and where insights do not work', () => {
    const facts = (name: string, engine: SizedEngine): unknown => { const { burstable, insights } = InstanceSize.of(name).resolve(engine); return { burstable, insights }; };
    expect(facts('db.t4g.medium', auroraPostgresql())).toEqual({ burstable: true, insights: true });
    expect(facts('db.t3.medium', auroraMysql())).toEqual({ burstable: true, insights: false });
    expect(facts('db.t4g.medium', auroraMysql())).toEqual({ burstable: true, insights: true });
    expect(facts('db.t4g.small', rdsMysql())).toEqual({ burstable: true, insights: false });
    expect(facts('db.t4g.small', rdsPostgresql())).toEqual({ burstable: true, insights: true });
  });

  it('takes a newer class by its hardware, and does not judge who takes it', () => {
    const { name, maxConnections, burstable } = InstanceSize.of('db.r9g.large', { vcpu: 2, memory: gibibytes(16) }).resolve(auroraPostgresql(), 'aurora');
    expect({ name, maxConnections, burstable }).toEqual({ name: 'db.r9g.large', maxConnections: 1663, burstable: false });
    expect(InstanceSize.of('db.t9g.large', { vcpu: 2, memory: gibibytes(8) }).resolve(rdsMysql()).burstable).toBe(true);
    expect(InstanceSize.of('db.r8g.large', { vcpu: 2, memory: gibibytes(16) }).resolve(rdsMysql()).name).toBe('db.r8g.large');
  });

  it.each<[string, () => unknown, string, string]>([
    ['a mistyped class', () => InstanceSize.of('db.r8g.2xlarg'), 'engine/instance-class', `"db.r8g.2xlarg" is not in the catalogue of instance classes.\n\n  Did you mean "db.r8g.2xlarge"?\n  ${NEWER}\n\n  ${SOURCE}`],
    ['a class without its prefix', () => InstanceSize.of('r8g.large', { vcpu: 2, memory: gibibytes(16) }), 'engine/instance-class', `"r8g.large" is not the name of an instance class.\n\n  Did you mean "db.r8g.large"?\n  ${NEWER}\n\n  ${SOURCE}`],
    ['a class that is nothing like another', () => InstanceSize.of('db.quantum.enormous'), 'engine/instance-class', `"db.quantum.enormous" is not in the catalogue of instance classes.\n\n  ${NEWER}\n\n  ${SOURCE}`],
    ['serverless', () => InstanceSize.of('db.serverless'), 'engine/instance-class', '"db.serverless" is no size: it needs a range of capacity.\n\n  Topology.aurora({ readers: 1, serverless: { minimum: 0.5, maximum: 8 } })'],
    ['a token', () => InstanceSize.of(Token.asString({ ref: 1 })), 'engine/instance-class-unknown', 'The class of instances is a value that only Terraform knows, and limits of connections and thresholds of alarms follow from it at synthesis.\n\n  Give the class as text, from the data of the environment for instance.'],
    ['hardware that a known class does not have', () => InstanceSize.of('db.r8g.large', { vcpu: 4, memory: gibibytes(16) }), 'engine/instance-hardware', `db.r8g.large is given 4 vCPU and 16 GiB, but it has 2 and 16 GiB.\n\n  Leave the hardware out:   InstanceSize.of('db.r8g.large')\n\n  ${SOURCE}`],
    ['half a vCPU', () => InstanceSize.of('db.r9g.large', { vcpu: 0.5, memory: gibibytes(16) }), 'engine/instance-hardware', "db.r9g.large is given 0.5 vCPU and 16 GiB; whole vCPU from 1 and some memory are needed, at synthesis.\n\n  As AWS describes the class:   InstanceSize.of('db.x9g.large', { vcpu: 2, memory: Size.gibibytes(32) })"],
  ])('refuses %s', (_, run, code, text) => {
    expectRefusal(run, code, `${code}\n\n  ${text}`);
  });

  it.each<[string, SizedEngine, InstanceUse | undefined, string, string]>([
    ['db.m8g.xlarge', auroraPostgresql(), undefined, 'Aurora PostgreSQL does not take db.m8g.xlarge.', 'db.r8g.xlarge'],
    ['db.r8gd.large', auroraPostgresql(), undefined, 'Aurora PostgreSQL does not take db.r8gd.large.', 'db.r8g.large'],
    ['db.r8gd.xlarge', auroraMysql(), undefined, 'Aurora MySQL does not take db.r8gd.xlarge.', 'db.r8g.xlarge'],
    ['db.t4g.small', auroraPostgresql(), undefined, 'Aurora PostgreSQL does not take db.t4g.small.', 'db.t4g.medium'],
    ['db.r8g.large', rdsPostgresql(), 'multi-az-cluster', 'A Multi-AZ DB cluster does not take db.r8g.large: it needs classes with disks of their own.', 'db.r8gd.large'],
    ['db.c6gd.large', rdsMysql(), 'single', 'db.c6gd.large is for Multi-AZ DB clusters alone.', 'db.m8g.large'],
    ['db.r8g.large', auroraPostgresql('16.2'), undefined, 'db.r8g.large needs Aurora PostgreSQL 16.3 or later, and 16.2 is given.', 'db.r7g.large'],
    ['db.r8gd.large', rdsMysql('8.0.39'), 'multi-az-cluster', 'db.r8gd.large needs RDS MySQL 8.0.40 or later, and 8.0.39 is given.', 'db.r6gd.large'],
    ['db.r8g.large', auroraMysql('8.0.mysql_aurora.3.07.1'), undefined, 'db.r8g.large needs Aurora MySQL 3.08 or later, and 8.0.mysql_aurora.3.07.1 is given.', 'db.r7g.large'],
  ])('refuses %s where it is not taken, and names what is', (name, engine, use, problem, instead) => {
    expectRefusal(() => InstanceSize.of(name).resolve(engine, use, 'production-data/Cluster'), 'engine/instance-class-not-offered', `engine/instance-class-not-offered  at production-data/Cluster

  ${problem}

  The smallest that is as large:   InstanceSize.of('${instead}')

  ${SOURCE}`);
  });
});

describe('InstanceSize.atLeast', () => {
  // State is the user's: another answer is another class, and that restarts instances. A change here needs a release note.
  it.each<[string, Parameters<typeof InstanceSize.atLeast>[0], SizedEngine, InstanceUse | undefined, string]>([
    ['the least of Aurora', { vcpu: 1 }, auroraPostgresql(), undefined, 'db.r8g.large'],
    ['4 vCPU of Aurora', { vcpu: 4 }, auroraPostgresql(), undefined, 'db.r8g.xlarge'],
    ['128 GiB of Aurora', { memory: gibibytes(128) }, auroraMysql(), undefined, 'db.r8g.4xlarge'],
    ['a terabyte of memory', { memory: Size.tebibytes(1) }, auroraPostgresql(), undefined, 'db.r6i.32xlarge'],
    ['2,000 connections of PostgreSQL', { connections: 2000 }, auroraPostgresql(), undefined, 'db.r8g.xlarge'],
    ['all that PostgreSQL has by default', { connections: 4997 }, auroraPostgresql(), undefined, 'db.r8g.2xlarge'],
    ['2,000 connections of Aurora MySQL', { connections: 2000 }, auroraMysql(), undefined, 'db.r8g.xlarge'],
    ['4 vCPU of RDS', { vcpu: 4 }, rdsPostgresql(), undefined, 'db.m8g.xlarge'],
    ['4 vCPU with 32 GiB of RDS', { vcpu: 4, memory: gibibytes(32) }, rdsMysql(), 'single', 'db.r8g.xlarge'],
    ['4 vCPU of a Multi-AZ DB cluster', { vcpu: 4 }, rdsPostgresql(), 'multi-az-cluster', 'db.c6gd.xlarge'],
    ['the newest of a Multi-AZ DB cluster', { vcpu: 4, generation: 8 }, rdsPostgresql(), 'multi-az-cluster', 'db.m8gd.xlarge'],
    ['a pinned version that the newest generation does not run', { vcpu: 4 }, auroraPostgresql('16.2'), undefined, 'db.r7g.xlarge'],
    ['what runs on credits', { memory: gibibytes(4), burstable: true }, auroraPostgresql(), undefined, 'db.t4g.medium'],
    ['the largest of all', { memory: Size.tebibytes(4) }, rdsMysql(), undefined, 'db.x2iedn.32xlarge'],
  ])('is the smallest for %s', (_, requirements, engine, use, name) => {
    expect(InstanceSize.atLeast(requirements).resolve(engine, use).name).toBe(name);
  });

  it.each<[string, Parameters<typeof InstanceSize.atLeast>[0], SizedEngine, string]>([
    ['more connections than PostgreSQL has', { connections: 10_000 }, auroraPostgresql(), `No class of Aurora PostgreSQL is that large: connections is 10,000, and by the engine's default clients have 4,997 at most.\n\n  Lower what cannot be had or share connections between clients with a ConnectionPool.\n\n  Source: AWS, Aurora user guide, Maximum connections to a DB instance`],
    ['more vCPU and memory than there are', { vcpu: 500, memory: Size.tebibytes(8) }, auroraPostgresql(), `No class of Aurora PostgreSQL is that large: vcpu is 500, and the largest has 192; memory is 8 TiB, and the largest has 1,536 GiB.\n\n  Lower what cannot be had.\n\n  ${SOURCE}`],
    ['what no class has together', { memory: Size.tebibytes(4), generation: 8 }, rdsPostgresql(), `No class of RDS PostgreSQL has memory and generation together, though there is one for each.\n\n  Lower what cannot be had.\n\n  ${SOURCE}`],
    ['a generation that is not there', { generation: 9 }, rdsPostgresql(), `No class of RDS PostgreSQL is that large: generation is 9, and the newest is 8.\n\n  Lower what cannot be had.\n\n  ${SOURCE}`],
  ])('refuses %s, with the most there is', (_, requirements, engine, text) => {
    expectRefusal(() => InstanceSize.atLeast(requirements).resolve(engine), 'engine/instance-size', `engine/instance-size\n\n  ${text}`);
  });

  it('refuses all requirements that are none, at once', () => {
    const code = 'engine/instance-requirements';
    expectRefusal(() => InstanceSize.atLeast({ burstable: true }), code, `${code}\n\n  InstanceSize.atLeast names nothing that the class must have.\n\n  For instance InstanceSize.atLeast({ vcpu: 4, memory: Size.gibibytes(32) })`);
    expectRefusal(() => InstanceSize.atLeast({ vcpu: 1.5, connections: Token.asNumber({ ref: 1 }) }), [code, code], `${code}\n\n  vcpu is 1.5; whole numbers from 1 are allowed.\n\n  Give the number itself.\n\n${code}\n\n  connections is a number that only Terraform knows, and the class is chosen at synthesis.\n\n  Give the number itself.`);
  });
});
