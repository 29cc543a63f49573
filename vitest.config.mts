import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const report = process.env.TENANTRY_TEST_REPORT;

/**
 * They start nothing and leave nothing behind, so that many share a process: most of their time is the loading of CDKTF.
 * A test that changes the environment, a prototype or a module belongs elsewhere.
 */
const SYNTHESIS = [
  ...['core', 'declaration', 'encryption', 'engine', 'environment', 'examples', 'manifest', 'network', 'policies', 'stacks', 'support', 'tenant-database'].map((folder) => `test/${folder}/**/*.test.ts`),
  'test/alerting/!(escalation-emulated|log-metrics|os-metrics|rehearsal).test.ts', 'test/connection-pool/!(rehearsal).test.ts', 'test/ha-cluster/!(topologies).test.ts',
];

/** They replace programs and folders of their process, or end processes: each has one of its own. */
const PROGRAMS = ['embedded', 'package', 'runner', 'targets'].map((folder) => `test/${folder}/**/*.test.ts`).concat('test/*.test.ts');

/** What takes longest first. One project after the other: a process is kept for the next file only where that is of the same one. */
const ORDER = ['servers', 'programs', 'synthesis'];

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
      { extends: true, test: { name: 'synthesis', include: SYNTHESIS, isolate: false } },
      // What they change in their process they change back, so that many share one: a tenth of their time would be the loading of what they test.
      { extends: true, test: { name: 'servers', include: ['test/**/*.test.ts'], exclude: [...SYNTHESIS, ...PROGRAMS], isolate: false } },
      { extends: true, test: { name: 'programs', include: PROGRAMS } },
    ],
    sequence: { sequencer: ByProject },
    globalSetup: [here('test/support/run-folder.ts')],
    setupFiles: [here('test/support/each-file.ts')],
    // Forks, because tests kill processes, change their folder and load native code.
    pool: 'forks',
    // Tests of servers wait as much as they work.
    maxWorkers: 4,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // A server that has to recover may take longer than the ten seconds that are usual here.
    teardownTimeout: 30_000,
    reporters: ['default', here('test/support/summary-reporter.ts'), ...(report ? [['json', { outputFile: report }] as [string, object]] : [])],
  },
});
