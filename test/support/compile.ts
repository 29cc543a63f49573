import { join } from 'node:path';
import ts from 'typescript';

const ROOT = join(__dirname, '../..');

/** What the compiler says about one file, as this project is compiled. */
export function compilerErrors(file: string): string[] {
  const { config } = ts.readConfigFile(join(ROOT, 'tsconfig.json'), (path) => ts.sys.readFile(path));
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files: [file] }, ts.sys, ROOT);
  return ts.getPreEmitDiagnostics(ts.createProgram([file], { ...options, noEmit: true })).map(({ messageText, file: source, start }) =>
    `${source === undefined || start === undefined ? '' : `line ${source.getLineAndCharacterOfPosition(start).line + 1}: `}${ts.flattenDiagnosticMessageText(messageText, '\n')}`);
}
