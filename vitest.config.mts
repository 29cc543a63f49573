import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const report = process.env.TENANTRY_TEST_REPORT;

export default defineConfig({
  resolve: {
    alias: [
      { find: /^tenantry$/, replacement: here('lib/index.ts') },
      { find: /^tenantry\/policies$/, replacement: here('policies/index.ts') },
      { find: /^tenantry\/([^/]+)$/, replacement: here('lib/$1/index.ts') },
    ],
  },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: [here('test/support/run-folder.ts')],
    // Forks, because tests kill processes, change their folder and load native code.
    pool: 'forks',
    // Tests of servers wait as much as they work.
    maxWorkers: 3,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // A server that has to recover may take longer than the ten seconds that are usual here.
    teardownTimeout: 30_000,
    reporters: ['default', here('test/support/summary-reporter.ts'), ...(report ? [['json', { outputFile: report }] as [string, object]] : [])],
  },
});
