import { afterAll } from 'vitest';
import { endFile } from './after-file';

// Runs for each test file, where other modules are loaded once for many.
afterAll(endFile);
