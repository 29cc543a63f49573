import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { expect, it } from 'vitest';

const fixture = join(__dirname, '../types/declaration.types.ts');

it('wrong names do not compile, and row types come out of the declaration [DBS-2.1]', () => {
  const { config } = ts.readConfigFile(join(__dirname, '../../tsconfig.json'), (path) => ts.sys.readFile(path));
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files: [fixture] }, ts.sys, join(__dirname, '../..'));
  const program = ts.createProgram([fixture], { ...options, noEmit: true });
  const found = ts.getPreEmitDiagnostics(program).map(({ messageText, file, start }) =>
    `${file === undefined || start === undefined ? '' : `line ${file.getLineAndCharacterOfPosition(start).line + 1}: `}${ts.flattenDiagnosticMessageText(messageText, '\n')}`);
  expect(found).toEqual([]);
  expect(readFileSync(fixture, 'utf8').match(/@ts-expect-error --/g)?.length).toBeGreaterThanOrEqual(18);
});
