import { describe, expect, it } from 'vitest';
import { fromTerraformTemplate, manifestText, toTerraformTemplate } from '../../lib/manifest';

const TOKEN = '${TfToken[TOKEN.7]}';
/** Pieces that mean something to Terraform, to JSON or to neither. */
const PIECES = ['$', '%', '{', '}', '$${', '%%{', '${', '%{', '"', '\\', '\n', '\0', 'ä', 'a\u0308', '\u{1F600}', '\ud800', '${file("/etc/hostname")}', '%{if true}', 'TfToken[', '~', ' ', 'x'];

/** A small generator: the same texts in every run. */
function* texts(n: number): Generator<string> {
  let state = 42;
  const next = (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return (state >> 8) % below;
  };
  for (let i = 0; i < n; i++) yield Array.from({ length: 1 + next(8) }, () => PIECES[next(PIECES.length)]).join('');
}

/** What Terraform makes of a template that holds no expression: it fails on one. */
function terraform(template: string): string {
  const out = template.replace(/\$\$\{|%%\{|\$\{|%\{/g, (found) => {
    if (found === '${' || found === '%{') throw new Error(`An expression begins at ${found}`);
    return found.slice(1);
  });
  return out;
}

describe('a declaration in a Terraform template', () => {
  it('comes out as it went in, whatever it holds, and nothing of it is evaluated', () => {
    for (const text of texts(5_000)) {
      const value = { [text]: [text, { nested: text }] };
      const template = toTerraformTemplate(value);
      expect(terraform(template), JSON.stringify(text)).toBe(manifestText(value));
      expect(fromTerraformTemplate(template)).toBe(manifestText(value));
      expect(JSON.parse(terraform(template))).toEqual(value);
    }
  });

  it('is ASCII, so that Terraform has nothing to normalise', () => {
    for (const text of texts(500)) expect(manifestText({ text })).toMatch(/^[\x20-\x7e]*$/);
  });

  it('leaves the tokens of CDKTF alone, and what stands around them not', () => {
    expect(toTerraformTemplate({ host: TOKEN, text: `a\${b}${TOKEN}%{c}` })).toBe(`{"host":"${TOKEN}","text":"a$\${b}${TOKEN}%%{c}"}`);
  });
});
