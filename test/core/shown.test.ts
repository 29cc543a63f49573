import { Fn, Lazy, Token } from 'cdktf';
import { describe, expect, it } from 'vitest';
import { isKnown, isLeftToTerraform } from '../../lib/construct/known';
import { Duration } from '../../lib/core/duration';
import { codeOf, shown, shownFirst } from '../../lib/core/shown';
import { Size } from '../../lib/core/size';
import { holdsToken } from '../../lib/core/tokens';
import { InstanceSize } from '../../lib/engine';
import { testStack } from '../support/synth';

const UNKNOWN = 'a value that only Terraform knows';
const circular: { self?: unknown } = {};
circular.self = circular;

describe('what was given', () => {
  it.each<[unknown, string]>([
    [undefined, 'nothing'], [null, 'null'], [5432, '5432'], ['5432', '"5432"'], [true, 'true'], [Number.NaN, 'NaN'], [10n, '10n'], [(): void => undefined, 'a function'], [Symbol('x'), 'a symbol'],
    [[1, '2'], '[1,"2"]'], [{ a: Size.gibibytes(1) }, '{"a":"Size.gibibytes(1)"}'], [Duration.seconds(60), 'Duration.seconds(60)'], [InstanceSize.of('db.r8g.large'), "InstanceSize.of('db.r8g.large')"],
    [circular, 'an object'], [[circular], 'a list'], [new Date(0), 'an instance of Date'], [Object.create(null), '{}'], ['x'.repeat(100), `"${'x'.repeat(76)}…`],
    [Lazy.numberValue({ produce: () => 1 }), UNKNOWN], [`port ${Lazy.stringValue({ produce: () => 'x' })}`, UNKNOWN], [Lazy.anyValue({ produce: () => 1 }), UNKNOWN], [{ a: Token.asNumber(Fn.abs(1)) }, `{"a":"${UNKNOWN}"}`],
  ])('%# is shown so that its kind is seen', (value, text) => expect(shown(value)).toBe(text));

  it('is no tree of constructs, and begins a sentence', () => {
    expect([testStack(), undefined, Size.gibibytes(1), Lazy.anyValue({ produce: () => 1 })].map(shownFirst)).toEqual(['An instance of EnvironmentStack', 'Nothing', 'Size.gibibytes(1)', 'A value that only Terraform knows']);
  });

  it('is written as it is typed', () => {
    const value = { readers: 1, instance: InstanceSize.of('db.x9g.large', { vcpu: 2, memory: Size.gibibytes(32) }), endpoints: { 'a-b': { members: ["b'"] } }, storage: undefined, port: Lazy.numberValue({ produce: () => 1 }), on: true };
    expect(codeOf(value)).toBe("{ readers: 1, instance: InstanceSize.of('db.x9g.large', { vcpu: 2, memory: Size.gibibytes(32) }), endpoints: { 'a-b': { members: ['b\\''] } }, port: …, on: true }");
    expect([{}, [], InstanceSize.atLeast({ vcpu: 4, memory: Size.gibibytes(32) })].map(codeOf)).toEqual(['{}', '[]', 'InstanceSize.atLeast({ vcpu: 4, memory: Size.gibibytes(32) })']);
  });
});

describe('what only Terraform knows', () => {
  it('is neither what is not given, nor something that happens to resolve', () => {
    const values = [undefined, null, 1, 'x', {}, InstanceSize.of('db.r8g.large'), () => undefined, Lazy.anyValue({ produce: () => 1 }), Fn.abs(1)];
    expect(values.map(holdsToken)).toEqual([false, false, false, false, false, false, false, true, true]);
    const token = Lazy.numberValue({ produce: () => 1 });
    expect([undefined, 1, token].map((value) => [isKnown(value), isLeftToTerraform(value)])).toEqual([[false, false], [true, false], [false, true]]);
  });
});
