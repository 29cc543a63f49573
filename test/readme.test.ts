import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(__dirname, '..');
const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');

describe('the README', () => {
  const snippets = [...readme.matchAll(/<!-- (\S+\.ts) -->\n```ts\n(.*?)```/gs)];

  it('shows at least one file of the repository', () => {
    expect(snippets.length).toBeGreaterThan(0);
  });

  it.each(snippets.map(([, file, code]) => ({ file: file ?? '', code })))('shows $file as it is', ({ file, code }) => {
    expect(code).toBe(readFileSync(join(ROOT, file), 'utf8'));
  });

  it('links to files that exist', () => {
    const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(([, target]) => target as string);
    expect(links.length).toBeGreaterThan(5);
    for (const link of links) expect(() => readFileSync(join(ROOT, link)), link).not.toThrow(/ENOENT/);
  });
});
