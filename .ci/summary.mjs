// Prints the figures of a run. Arguments: vitest's JSON report, and the checks that failed. The exit code tells whether all is well.
import { existsSync, readFileSync } from 'node:fs';

const [report, ...failedChecks] = process.argv.slice(2);
const counts = { passed: 0, failed: 0, skipped: 0 };

for (const file of existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')).testResults : []) {
  const states = file.assertionResults.map((test) => test.status);
  counts.passed += states.filter((state) => state === 'passed').length;
  counts.failed += states.filter((state) => state === 'failed').length;
  counts.skipped += states.filter((state) => state !== 'passed' && state !== 'failed').length;
  // A file that could not be loaded, or a hook that failed.
  if (file.status === 'failed' && !states.includes('failed')) counts.failed += 1;
}

for (const check of failedChecks) {
  console.log(`failed: ${check}`);
  // Tests are counted already, one by one.
  if (check !== 'tests' || counts.failed === 0) counts.failed += 1;
}
if (counts.passed === 0) {
  console.log('failed: no test has passed');
  counts.failed = Math.max(counts.failed, 1);
}
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exitCode = counts.failed === 0 ? 0 : 1;
