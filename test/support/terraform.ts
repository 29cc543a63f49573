import { spawnSync } from 'node:child_process';
import { describe } from 'vitest';

const found = spawnSync('terraform', ['version'], { env: { ...process.env, CHECKPOINT_DISABLE: '1' } }).status === 0;

/** Tests that run the real Terraform. Where it is not installed they count as skipped, with the reason in the title. */
export function describeTerraform(title: string, tests: () => void): void {
  if (found) describe(title, tests);
  else describe.skip(`${title} (skipped: terraform is not on the PATH)`, tests);
}
