import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const report = process.env.TENANTRY_TEST_REPORT;

/** They replace programs and folders of their process, end processes, or register engines, which others list: each has a process of its own. */
const ISOLATED = [
  ...['embedded', 'package', 'runner', 'targets'].map((folder) => `test/${folder}/**/*.test.ts`), 'test/*.test.ts',
  'test/engine/engines.test.ts', 'test/engine/shape.test.ts', 'test/ha-cluster/escape-hatch.test.ts',
];

/** What takes longest first. One project after the other: a process is kept for the next file only where that is of the same one. */
const ORDER = ['shared', 'isolated'];

class ByProject extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ project }: TestSpecification): number => ORDER.indexOf(project.name);
    return (await super.sort(files)).sort((a, b) => place(a) - place(b));
  }
}

export default defineConfig({
  resolve: {
    alias: [
      { find: /^tenantry$/, replacement: here('lib/index.ts') },
      { find: /^tenantry\/policies$/, replacement: here('policies/index.ts') },
      { find: /^tenantry\/([^/]+)$/, replacement: here('lib/$1/index.ts') },
    ],
  },
  test: {
    projects: [
      // What they change in their process they change back, so that many share one: loading what they test would be a quarter of their time.
      { extends: true, test: { name: 'shared', include: ['test/**/*.test.ts'], exclude: ISOLATED, isolate: false } },
      { extends: true, test: { name: 'isolated', include: ISOLATED } },
    ],
    sequence: { sequencer: ByProject },
    globalSetup: [here('test/support/run-folder.ts')],
    setupFiles: [here('test/support/each-file.ts')],
    // Forks, because tests kill processes, change their folder and load native code.
    pool: 'forks',
    // Terraform runs a thousand times, for a second each: it has no time to collect garbage.
    env: { GOGC: '800' },
    // Tests of servers wait as much as they work.
    maxWorkers: 4,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // A server that has to recover may take longer than the ten seconds that are usual here.
    teardownTimeout: 30_000,
    reporters: ['default', here('test/support/summary-reporter.ts'), ...(report ? [['json', { outputFile: report }] as [string, object]] : [])],
  },
});
