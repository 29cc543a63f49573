import { Lazy, Token } from 'cdktf';
import { describe, expect, it } from 'vitest';
import { holdsToken, tokenPaths } from '../../lib/core/tokens';

const text = (): string => Lazy.stringValue({ produce: () => 'x' });
const number = (): number => Lazy.numberValue({ produce: () => 1 });

describe('placeholders of CDKTF, told without it', () => {
  it('knows its texts, numbers, lists and maps', () => {
    expect(holdsToken(text())).toBe(true);
    expect(holdsToken(`before ${text()} after`)).toBe(true);
    expect(holdsToken(number())).toBe(true);
    expect(holdsToken(`${number()}`)).toBe(true);
    expect(Token.asNumberList(Lazy.anyValue({ produce: () => [1] })).map(holdsToken)).toEqual([true]);
    expect(Lazy.listValue({ produce: () => ['x'] }).map(holdsToken)).toEqual([true]);
    expect(Object.keys(Token.asStringMap(Lazy.anyValue({ produce: () => ({}) }))).map(holdsToken)).toEqual([true]);
  });

  it.each(['', 'text', '${var.x}', '$${x}', '#{x}', '-1.5e+10', 0, -1, 1e300])('leaves %s alone', (value) => {
    expect(holdsToken(value)).toBe(false);
  });

  it('finds them in plain data, with their paths', () => {
    const data = { a: [1, text()], b: { c: number(), d: null, e: true }, [text()]: 1 };
    expect(tokenPaths(data)).toEqual(['a.1', 'b.c', '<key>']);
  });
});
