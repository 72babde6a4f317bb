// The result of a test run, from vitest's JSON report.

/**
 * @typedef {object} Report
 * @property {number} numPassedTests
 * @property {number} numFailedTests
 * @property {number} numPendingTests
 * @property {number} numTodoTests
 * @property {{ status: string, assertionResults: unknown[] }[]} testResults
 *
 * @param {Report | undefined} report undefined if the run ended without one
 * @param {number} exitCode of vitest
 */
export function countTests(report, exitCode) {
  // A file that cannot be loaded has no failed tests, but it is a failure.
  const unloaded =
    report?.testResults.filter((f) => f.status === 'failed' && f.assertionResults.length === 0).length ?? 0;
  const counts = {
    passed: report?.numPassedTests ?? 0,
    failed: (report?.numFailedTests ?? 0) + unloaded,
    skipped: (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0),
  };
  // An error outside all tests, or no tests at all: a failure without a failed test.
  if (counts.failed === 0 && (exitCode !== 0 || counts.passed === 0)) counts.failed = 1;
  return counts;
}

/** @param {{ passed: number, failed: number, skipped: number }} counts */
export const closingLine = ({ passed, failed, skipped }) => `${passed} passed, ${failed} failed, ${skipped} skipped`;

/**
 * The files that took longest, one line each, to see where a slow suite can get faster.
 *
 * @param {{ testResults: { name: string, startTime: number, endTime: number }[] } | undefined} report
 * @param {string} root folder to leave out of the file names
 */
export function slowestFiles(report, root) {
  return (report?.testResults ?? [])
    .map(({ name, startTime, endTime }) => ({ file: name.replace(root, ''), seconds: (endTime - startTime) / 1000 }))
    .sort((a, b) => b.seconds - a.seconds)
    .slice(0, 25)
    .map(({ file, seconds }) => `${seconds.toFixed(1).padStart(7)} s  ${file}`);
}
