import { Lazy } from 'cdktf';
import { describe, expect, it } from 'vitest';
import { flawsIn, minorVersionIn, POSTGRESQL_LIFECYCLES } from '../../lib/core/postgresql-versions';
import { type DatabaseEngine, Engine } from '../../lib/engine';
import { refused } from '../support/refused';
import { expectRefusal } from '../support/synth';

const token = (): string => Lazy.stringValue({ produce: () => '17' });

describe('the engine registry', () => {
  it('takes a minor version, which AWS then leaves alone', () => {
    expect(Engine.auroraPostgresql('17.5')).toMatchObject({ version: '17.5', major: '17', pinned: true, parameterGroupFamily: 'aurora-postgresql17' });
    expect(Engine.postgresql('14.24')).toMatchObject({ major: '14', pinned: true, parameterGroupFamily: 'postgres14' });
    expect(Engine.mysql('8.0.46')).toMatchObject({ major: '8.0', pinned: true, parameterGroupFamily: 'mysql8.0' });
    expect(Engine.auroraMysql('8.0.mysql_aurora.3.08.0')).toMatchObject({ major: '8.0', pinned: true, parameterGroupFamily: 'aurora-mysql8.0' });
    expect(Engine.auroraMysql('8.4.mysql_aurora.8.4.8')).toMatchObject({ major: '8.4', pinned: true, parameterGroupFamily: 'aurora-mysql8.4' });
  });

  it.each(['9.6', '99', '', 'latest', '17.', 'constructor', '8.0'])('refuses the version %j of Aurora PostgreSQL', (version) => {
    expectRefusal(() => Engine.auroraPostgresql(version), 'engine/unknown-version', `engine/unknown-version

  aurora-postgresql has no version ${JSON.stringify(version)} here; known are 15, 16, 17 and 18.

  Give one of them, with or without a minor version: "15", "16", "17", "18".`);
  });

  it.each(['8', '8.0.40', '8.0.mysql_aurora', '8.0.mysql_aurora.3', '3.08.0', '8.1.mysql_aurora.3.08.0', '5.7'])('refuses the version %j of Aurora MySQL', (version) => {
    expectRefusal(() => Engine.auroraMysql(version), 'engine/unknown-version', `engine/unknown-version

  aurora-mysql has no version ${JSON.stringify(version)} here; known are 8.0 and 8.4.

  Give one of them, with or without a minor version: "8.0", "8.4".`);
  });

  it('refuses a version that only Terraform knows, because a family is chosen by it', () => {
    expectRefusal(() => Engine.auroraPostgresql(token()), 'engine/version-unknown', `engine/version-unknown

  The version of aurora-postgresql is a value that only Terraform knows, and the family of its parameters is chosen at synthesis.

  Give the version as text.`);
  });

  it('refuses an engine that nobody registered', () => {
    // Other tests of this process may have registered some.
    expect(refused(() => Engine.of('aurora-postgres', '17'))?.message).toMatch(/^engine\/unknown\n\n {2}There is no engine "aurora-postgres"; known are aurora-postgresql, aurora-mysql, postgres(,| and) mysql.*\.\n\n {2}Did you mean "aurora-postgresql"\?$/);
    expect(refused(() => Engine.of('oracle-ee', '19'))?.message).toMatch(/^engine\/unknown\n\n {2}There is no engine "oracle-ee"; .*\n\n {2}Register it first: Engine\.register\(\{ name, versions, … \}\)$/);
  });
});

describe('minor versions', () => {
  it.each([['aurora-postgresql', '15', '15.19'], ['aurora-postgresql', '18', '18.6'], ['postgres', '14', '14.24'], ['postgres', '17', '17.11']])('of %s %s are known, and are none with a flaw', (name, version, latestMinor) => {
    const { lifecycle } = Engine.of(name, version);
    expect(lifecycle).toMatchObject({ latestMinor });
    expect(Engine.lifecycleOf(name, version)).toEqual(lifecycle);
    expect(Engine.lifecycleOf(name, `${version}.1`)).toEqual(lifecycle);
    const [community, aws] = [POSTGRESQL_LIFECYCLES[Number(version)], lifecycle].map((known) => minorVersionIn(known?.latestMinor ?? ''));
    expect(aws?.minor).toBeLessThanOrEqual(community?.minor ?? Infinity);
    expect(aws === undefined ? undefined : flawsIn(aws)).toEqual([]);
  });

  it('of MySQL are known by their own numbers', () => {
    expect([Engine.lifecycleOf('mysql', '8.4')?.latestMinor, Engine.lifecycleOf('mysql', '8.0.40')?.latestMinor, Engine.lifecycleOf('aurora-mysql', '8.0.mysql_aurora.3.08.0')?.latestMinor]).toEqual(['8.4.11', '8.0.46', '8.0.mysql_aurora.3.13.0']);
  });

  it('are not known for another engine, another version or one that only Terraform knows', () => {
    expect([Engine.lifecycleOf('oracle', '17'), Engine.lifecycleOf('aurora-postgresql', '99'), Engine.lifecycleOf('aurora-postgresql', token()), Engine.lifecycleOf('aurora-postgresql', 'constructor'), Engine.lifecycleOf(token(), '17')]).toEqual([undefined, undefined, undefined, undefined, undefined]);
  });

  it('are behind the latest, number by number', () => {
    const behind = (engine: DatabaseEngine): boolean => engine.isBehindLatest;
    expect([Engine.auroraPostgresql('17.9'), Engine.auroraPostgresql('17.10.2'), Engine.mysql('8.4.9'), Engine.auroraMysql('8.0.mysql_aurora.3.12.0'), Engine.auroraMysql('8.0.mysql_aurora.3.10.4')].map(behind)).toEqual([true, true, true, true, true]);
    expect([Engine.auroraPostgresql('17'), Engine.auroraPostgresql('17.11'), Engine.mysql('8.4.11'), Engine.mysql('8.4.12'), Engine.auroraMysql('8.4.mysql_aurora.8.4.8'), Engine.auroraMysql('8.0'), Engine.auroraMysql('8.0.mysql_aurora.3.10.5')].map(behind)).toEqual([false, false, false, false, false, false, false]);
  });

  it('have the flaws of PostgreSQL by their number, where they are pinned', () => {
    const flaws = (version: string): string[] => Engine.auroraPostgresql(version).flaws.map(({ cve }) => cve);
    expect(Object.fromEntries(['17', '17.0', '17.1', '16.4', '16.4.2', '16.5', '15.8', '15.9'].map((version) => [version, flaws(version).length]))).toEqual({ 17: 0, '17.0': 2, '17.1': 0, 16.4: 2, '16.4.2': 2, 16.5: 0, 15.8: 2, 15.9: 0 });
    expect(flaws('17.0')).toEqual(['CVE-2024-10976', 'CVE-2024-10978']);
    expect([Engine.postgresql('16.4').flaws.length, Engine.postgresql('14.13').flaws.length, Engine.postgresql('14.14').flaws.length, Engine.mysql('8.0.4').flaws.length]).toEqual([2, 2, 0, 0]);
  });
});
