import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Lazy } from 'cdktf';
import { describe, expect, it } from 'vitest';
import { Duration } from '../../lib/core/duration';
import { flawsIn, minorVersionIn, NEXT_MINOR_RELEASES, POSTGRESQL_LIFECYCLES, type VersionLifecycle } from '../../lib/core/postgresql-versions';
import { listOf } from '../../lib/core/text';
import { Capacity, Engine, type EngineDefinition } from '../../lib/engine';
import { HaCluster } from '../../lib/ha-cluster';
import { expectRefusal, importedNetwork, synthesizeStack, testStack } from '../support/synth';

const token = (): string => Lazy.stringValue({ produce: () => '17' });

describe('[DBAAS-1.1] [DBAAS-1.4] the engine registry', () => {
  it.each(['15', '16', '17'])('knows Aurora PostgreSQL %s, with a template of its own', (version) => {
    const engine = Engine.auroraPostgresql(version);
    expect(engine).toMatchObject({ name: 'aurora-postgresql', version, major: version, pinned: false, parameterGroupFamily: `aurora-postgresql${version}`, defaultPort: 5432, logExports: ['iam-db-auth-error', 'postgresql'] });
    expect(engine.parameters.map(({ name, value }) => `${name}=${value}`)).toEqual(['log_connections=1', 'log_disconnections=1', 'password_encryption=scram-sha-256', 'rds.accepted_password_auth_method=scram', 'rds.force_ssl=1']);
    expect([engine.minimumTls('1.2').value, engine.minimumTls('1.3').value]).toEqual(['TLSv1.2', 'TLSv1.3']);
  });

  it('takes a minor version, which AWS then leaves alone', () => {
    expect(Engine.auroraPostgresql('17.5')).toMatchObject({ version: '17.5', major: '17', pinned: true, parameterGroupFamily: 'aurora-postgresql17' });
  });

  it.each(['9.6', '99', '', 'latest', '17.', 'constructor'])('refuses the version %j', (version) => {
    expectRefusal(() => Engine.auroraPostgresql(version), 'engine/unknown-version', `engine/unknown-version

  aurora-postgresql has no version ${JSON.stringify(version)} here; known are 15, 16 and 17.

  Give one of them, with or without a minor version: "15", "16", "17".`);
  });

  it('refuses a version that only Terraform knows, because a family is chosen by it', () => {
    expectRefusal(() => Engine.auroraPostgresql(token()), 'engine/version-unknown', `engine/version-unknown

  The version of aurora-postgresql is a value that only Terraform knows, and the family of its parameters is chosen at synthesis.

  Give the version as text.`);
  });

  it('refuses an engine that nobody registered', () => {
    expectRefusal(() => Engine.of('aurora-postgres', '17'), 'engine/unknown', `engine/unknown

  There is no engine "aurora-postgres"; known are aurora-postgresql.

  Did you mean "aurora-postgresql"?`);
  });
});

describe('minor versions', () => {
  it.each([['15', '15.19'], ['16', '16.15'], ['17', '17.11']])('are known for each Aurora PostgreSQL %s, by AWS’s own calendar', (version, latestMinor) => {
    const { lifecycle } = Engine.auroraPostgresql(version);
    expect(lifecycle).toMatchObject({ latestMinor, knownUntil: '2027-02-11' });
    expect(Engine.lifecycleOf('aurora-postgresql', version)).toEqual(lifecycle);
    expect(Engine.lifecycleOf('aurora-postgresql', `${version}.1`)).toEqual(lifecycle);
    const [community, aurora] = [POSTGRESQL_LIFECYCLES[Number(version)], lifecycle].map((known) => minorVersionIn(known?.latestMinor ?? ''));
    expect(aurora?.minor).toBeLessThanOrEqual(community?.minor ?? 0);
    expect(aurora === undefined ? undefined : flawsIn(aurora)).toEqual([]);
  });

  it('stand in the README as in the code', () => {
    const day = (iso: string): string => new Date(`${iso}T00:00:00Z`).toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' });
    const readme = readFileSync(join(__dirname, '../../lib/engine/README.md'), 'utf8');
    for (const version of ['15', '16', '17']) {
      const { latestMinor, knownUntil, endOfSupport } = Engine.auroraPostgresql(version).lifecycle as VersionLifecycle;
      expect(readme).toContain(`| ${version} | ${latestMinor} | ${day(knownUntil)} | ${day(endOfSupport)} |`);
    }
    const community = Object.values(POSTGRESQL_LIFECYCLES).map(({ latestMinor }) => latestMinor);
    expect(readFileSync(join(__dirname, '../../lib/bootstrap/README.md'), 'utf8').replace(/\s+/g, ' ')).toContain(`the community's: ${listOf(community)}, known until ${day(NEXT_MINOR_RELEASES)}`);
  });

  it('are not known for another engine, another version or one that only Terraform knows', () => {
    expect([Engine.lifecycleOf('oracle', '17'), Engine.lifecycleOf('aurora-postgresql', '99'), Engine.lifecycleOf('aurora-postgresql', token()), Engine.lifecycleOf('aurora-postgresql', 'constructor')]).toEqual([undefined, undefined, undefined, undefined]);
  });

  it('have the flaws of PostgreSQL by their number, where they are pinned', () => {
    const flaws = (version: string): string[] => Engine.auroraPostgresql(version).flaws.map(({ cve }) => cve);
    expect(Object.fromEntries(['17', '17.0', '17.1', '16.4', '16.4.2', '16.5', '15.8', '15.9'].map((version) => [version, flaws(version).length]))).toEqual({ 17: 0, '17.0': 2, '17.1': 0, 16.4: 2, '16.4.2': 2, 16.5: 0, 15.8: 2, 15.9: 0 });
    expect(flaws('17.0')).toEqual(['CVE-2024-10976', 'CVE-2024-10978']);
  });
});

describe('[DBAAS-1.3] another engine', () => {
  const synthesized = (): string => {
    const stack = testStack();
    new HaCluster(stack, 'Cluster', { network: importedNetwork(stack), engine: Engine.auroraPostgresql('17') });
    return synthesizeStack(stack).text;
  };
  const other: EngineDefinition = {
    name: 'other-sql', defaultPort: 1234, reservedUsernames: [], tls: { parameter: 'tls', values: { '1.2': 'a', '1.3': 'b' } },
    versions: { 17: { parameterGroupFamily: 'other17', parameters: [{ name: 'p', value: 'v', applyMethod: 'pending-reboot' }], logExports: ['log'] } },
  };

  it('leaves existing stacks as they are, byte for byte', () => {
    const before = synthesized();
    Engine.register(other);
    expect(synthesized()).toBe(before);
    expect(Engine.of('other-sql', '17')).toMatchObject({ parameterGroupFamily: 'other17', defaultPort: 1234, lifecycle: undefined });
    expect(Engine.of('other-sql', '17.0').flaws).toEqual([]);
  });

  it('cannot take the place of one that stacks depend on', () => {
    expectRefusal(() => Engine.register({ ...other, name: 'aurora-postgresql' }), 'engine/registered', `engine/registered

  There is an engine "aurora-postgresql" already.

  Existing stacks depend on it; choose another name.`);
  });
});

describe('[DBAAS-2.3] Capacity', () => {
  it('is a range of capacity units, with a pause when it begins at 0', () => {
    expect(Capacity.serverless({ minimum: 0.5, maximum: 8 })).toEqual({ kind: 'serverless', minimum: 0.5, maximum: 8, pauseAfter: undefined });
    expect(Capacity.serverless({ minimum: 0, maximum: 1 })).toEqual({ kind: 'serverless', minimum: 0, maximum: 1, pauseAfter: Duration.minutes(5) });
    expect(Capacity.serverless({ minimum: 0, maximum: 256, pauseAfter: Duration.days(1) })).toMatchObject({ pauseAfter: Duration.days(1) });
  });

  it('is a class of instances', () => {
    expect(Capacity.provisioned('db.r8g.large')).toEqual({ kind: 'provisioned', instanceClass: 'db.r8g.large' });
    expect(Capacity.provisioned(token())).toMatchObject({ kind: 'provisioned' });
  });

  it.each([
    [{ minimum: -0.5, maximum: 8 }, 'minimum is -0.5 ACU; 0 to 256 in steps of 0.5 are allowed.'],
    [{ minimum: 0.7, maximum: 8 }, 'minimum is 0.7 ACU; 0 to 256 in steps of 0.5 are allowed.'],
    [{ minimum: 0, maximum: 0.5 }, 'maximum is 0.5 ACU; 1 to 256 in steps of 0.5 are allowed.'],
    [{ minimum: 1, maximum: 256.5 }, 'maximum is 256.5 ACU; 1 to 256 in steps of 0.5 are allowed.'],
    [{ minimum: 8, maximum: 4 }, 'minimum, 8 ACU, is above maximum, 4 ACU.'],
  ])('refuses the range %j', (range, problem) => {
    expectRefusal(() => Capacity.serverless(range), 'engine/capacity', `engine/capacity\n\n  ${problem}`);
  });

  it('takes figures that only Terraform knows', () => {
    const number = Lazy.numberValue({ produce: () => 4 });
    expect(Capacity.serverless({ minimum: number, maximum: 8 })).toMatchObject({ minimum: number });
    expect(Capacity.serverless({ minimum: 8, maximum: number })).toMatchObject({ maximum: number });
  });

  it.each([[Duration.minutes(4), '4 minutes'], [Duration.hours(25), '25 hours']])('refuses a pause after %s', (pauseAfter, text) => {
    expectRefusal(() => Capacity.serverless({ minimum: 0, maximum: 4, pauseAfter }), 'engine/pause', `engine/pause\n\n  pauseAfter is ${text}; 5 minutes to 1 day are allowed.`);
  });

  it('refuses a pause where nothing pauses', () => {
    expectRefusal(() => Capacity.serverless({ minimum: 1, maximum: 4, pauseAfter: Duration.hours(1) }), 'engine/pause', `engine/pause

  pauseAfter is given, but only a minimum of 0 ACU pauses, and it is 1.

  Give minimum: 0, or leave pauseAfter out.`);
  });

  it.each(['r8g.large', 'db.', 'db.R8G.large', ''])('refuses the class %j', (instanceClass) => {
    expectRefusal(() => Capacity.provisioned(instanceClass), 'engine/instance-class', `engine/instance-class

  ${JSON.stringify(instanceClass)} is not the name of an instance class.

  For instance Capacity.provisioned('db.r8g.large').`);
  });

  it('refuses a serverless class without its range', () => {
    expectRefusal(() => Capacity.provisioned('db.serverless'), 'engine/instance-class', `engine/instance-class

  "db.serverless" needs a range of capacity.

  Capacity.serverless({ minimum: 0.5, maximum: 8 })`);
  });
});
