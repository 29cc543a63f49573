import { Lazy } from 'cdktf';
import { describe, expect, it } from 'vitest';
import { TenantryError } from '../../lib/core';
import { Size } from '../../lib/core/size';
import { Engine, type EngineDefinition, InstanceSize } from '../../lib/engine';
import { AURORA_POSTGRESQL } from '../../lib/engine/aurora-postgresql';
import { checkCapacityTarget } from '../../lib/engine/capacity-target';
import { checkServerless } from '../../lib/engine/serverless-range';
import { expectRefusal } from '../support/synth';
import { auroraPostgresql } from './sized';

const untyped = (value: unknown): never => value as never;
const text = (code: string, at: string, problem: string, fix: string): string => `engine/${code}  at ${at}\n\n  ${problem}\n\n  ${fix}`;

describe('what the compiler would refuse of an engine or a size is refused', () => {
  it.each<[string, () => unknown, readonly string[]]>([
    ['a version as a number', () => Engine.auroraPostgresql(untyped(17)), [text('invalid-value', 'Engine.of: version', '17 is not a text.', "In quotes:   '17'")]],
    ['no version', () => Engine.mysql(untyped(undefined)), [text('missing', 'Engine.of: version', 'Nothing is given here; it is needed.', 'Give it as a text.')]],
    ['no name', () => Engine.of(untyped(undefined), '17'), [text('missing', 'Engine.of: name', 'Nothing is given here; it is needed.', 'Give it as a text.')]],
    ['half a definition', () => Engine.register(untyped({ ...AURORA_POSTGRESQL, name: 'half', language: 'sql', tls: undefined, versions: { 17: { parameterGroupFamily: 'x', parameters: [{ name: 'y', value: 1, applyMethod: 'now' }], logExports: 'postgresql' } } })), [
      text('invalid-value', 'Engine.register: language', "\"sql\" is not 'postgresql' or 'mysql'.", "For instance language: 'postgresql'"), text('missing', 'Engine.register: tls', 'Nothing is given here; expected object.', 'It is written   tls: { parameter: …, values: … }'),
      text('invalid-value', 'Engine.register: versions.17.parameters.0.value', '1 is not a text.', "In quotes:   value: '1'"), text('invalid-value', 'Engine.register: versions.17.parameters.0.applyMethod', "\"now\" is not 'immediate' or 'pending-reboot'.", "For instance applyMethod: 'immediate'"),
      text('invalid-value', 'Engine.register: versions.17.logExports', '"postgresql" is not allowed: expected array.', 'It is written   logExports: [ … ]'),
    ]],
    ['a class as a number', () => InstanceSize.of(untyped(8)), [text('invalid-value', 'InstanceSize.of', '8 is not a text.', "In quotes:   '8'")]],
    ['hardware without units', () => InstanceSize.of('db.x9g.large', untyped({ vcpu: '2', memory: 16 })), [text('invalid-value', 'InstanceSize.of: vcpu', '"2" is not a number.', 'Without quotes:   vcpu: 2'), text('invalid-value', 'InstanceSize.of: memory', '16 is not a Size.', 'With its unit:   memory: Size.gibibytes(16)')]],
    ['requirements of another name', () => InstanceSize.atLeast(untyped({ vcpus: 4, memory: Size.gibibytes(32) })), [text('unknown-key', 'InstanceSize.atLeast: vcpus', '"vcpus" is not a property here.', 'Did you mean "vcpu"?')]],
    ['no requirements', () => InstanceSize.atLeast(untyped(undefined)), [text('missing', 'InstanceSize.atLeast', 'Nothing is given here; expected object.', 'It is written   { vcpu: …, memory: …, connections: …, generation: …, burstable: … }')]],
  ])('%s', (_what, make, messages) => expectRefusal(make, messages.map((message) => message.split('  ')[0] as string), messages.join('\n\n')));

  it('a lowest TLS version that nobody offers, wherever it is asked for', () => {
    const engine = Engine.postgresql('17');
    const message = `engine/tls-version

  The lowest TLS version is "1.1"; RDS PostgreSQL 17 takes "1.2" or "1.3" here.

  Leave it out for '1.3', or for old clients: minimumTls: '1.2'.`;
    for (const ask of [engine.minimumTls, engine.fixedParameters, (version: never) => engine.parameterGroup({}, version)]) expectRefusal(() => ask(untyped('1.1')), 'engine/tls-version', message);
    expect([...engine.checkTls('1.2'), ...engine.checkTls('1.3')]).toEqual([]);
    expect([undefined, 1.3, 'toString'].map((version) => engine.checkTls(version).map(({ problem }) => /is (.*?);/.exec(problem)?.[1]))).toEqual([['nothing'], ['1.3'], ['"toString"']]);
  });

  it('nothing that is whole', () => {
    const whole: EngineDefinition = { ...AURORA_POSTGRESQL, name: 'shape-test' };
    expect(() => Engine.register(whole)).not.toThrow(TenantryError);
    expect(Engine.of('shape-test', '17').label).toBe('Aurora PostgreSQL');
  });
});

describe('parameters of another kind', () => {
  it.each<[string, unknown, string]>([
    ['a list', ['work_mem'], text('invalid-value', 'parameters', '["work_mem"] is not allowed: expected record.', 'It is written   { … }')],
    ['a size', { work_mem: Size.mebibytes(64) }, text('invalid-value', 'parameters: work_mem', 'Size.mebibytes(64) is not the value of a parameter.', 'Give a number in the unit of the server, as engine.parameterCatalogue has it.')],
    ['nothing', { work_mem: null }, text('invalid-value', 'parameters: work_mem', 'null is not the value of a parameter.', "A text, a number, true or false, or a raw value:   work_mem: { value: '…', applyMethod: 'immediate' }")],
  ])('%s is refused', (_what, values, message) => {
    expectRefusal(() => { throw new TenantryError('input', Engine.postgresql('17').checkParameters(untyped(values))); }, 'engine/invalid-value', message);
  });

  it('is shown without the placeholder that stands for it', () => {
    const token = Lazy.stringValue({ produce: () => 'x' });
    expect(Engine.auroraPostgresql('17').checkParameters({ my_own: token, log_timezone: token }).map(({ problem, fix }) => [problem, fix])).toEqual([
      ['The catalogue of Aurora PostgreSQL 17 has no parameter "my_own".', "One that exists all the same is set with its apply method:\n  parameters: { my_own: { value: …, applyMethod: 'pending-reboot' } }"],
      ["parameters.log_timezone is given, but log_timezone of Aurora PostgreSQL 17 is AWS's own: it cannot be set.", 'Remove it.'],
    ]);
  });
});

describe('figures are shown as they were given', () => {
  it('of ranges and targets, a text as a text', () => {
    const engine = auroraPostgresql();
    const range = { minimum: '1', maximum: '8' };
    expect(checkServerless(untyped(range)).map(({ problem }) => problem)).toEqual(['minimum is "1" ACU; 0 to 256 in steps of 0.5 are allowed.', 'maximum is "8" ACU; 1 to 256 in steps of 0.5 are allowed.']);
    expect(checkServerless(untyped({ minimum: 1 })).map(({ problem }) => problem)).toEqual(['maximum is nothing ACU; 1 to 256 in steps of 0.5 are allowed.']);
    const offer = { label: 'Aurora', engine, instance: { serverless: { minimum: 1, maximum: 8 } }, largestStorage: Size.tebibytes(128), pooled: false };
    expect(checkCapacityTarget(untyped({ connections: '100' }), offer).map(({ problem }) => problem)).toEqual(['target.connections is "100"; whole numbers from 1 are allowed.']);
  });
});
