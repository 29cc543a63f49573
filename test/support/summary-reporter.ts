import type { Reporter, TestCase, TestModule } from 'vitest/node' with { 'resolution-mode': 'import' };

/** Ends the output with what was skipped and why, and with one line of figures. */
export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly unknown[]): void {
    const counts = { passed: 0, failed: unhandled.length, skipped: 0 };
    const reasons = new Map<string, number>();
    for (const module of modules) {
      let failedTests = 0;
      for (const test of module.children.allTests()) {
        const state = test.result().state;
        if (state === 'pending') continue;
        counts[state] += 1;
        if (state === 'failed') failedTests += 1;
        if (state === 'skipped') reasons.set(reasonOf(test), (reasons.get(reasonOf(test)) ?? 0) + 1);
      }
      // A file that could not be loaded, or a hook that failed.
      if (module.state() === 'failed' && failedTests === 0) counts.failed += 1;
    }
    for (const [reason, tests] of reasons) console.log(` skipped ${tests}: ${reason}`);
    console.log(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
  }
}

/** The reason stands in the title of a skipped group, or is the note of a test that skipped itself. */
function reasonOf(test: TestCase): string {
  const result = test.result();
  if (result.state === 'skipped' && result.note) return result.note;
  return /\(skipped: ([^)]*)\)/.exec(test.fullName)?.[1] ?? 'no reason given';
}
