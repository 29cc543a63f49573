import { defineConfig, mergeConfig } from 'vitest/config';
import usual from './vitest.config.mts';

/** `npm run test:load`: what takes minutes, at the size that the requirements name. The usual run has a smaller case of each. */
const config = mergeConfig(usual, defineConfig({ test: { testTimeout: 1_800_000, hookTimeout: 300_000, fileParallelism: false } }));
delete config.test.projects;
config.test.include = ['test/load/**/*.load.ts'];

export default config;
