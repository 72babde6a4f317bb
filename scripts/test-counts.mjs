// What a test run came to, from vitest's JSON report of what really ran.

/**
 * @typedef {object} Report
 * @property {number} numPassedTests
 * @property {number} numFailedTests
 * @property {number} numPendingTests
 * @property {number} numTodoTests
 * @property {{ status: string, assertionResults: unknown[] }[]} testResults
 *
 * @param {Report | undefined} report undefined when the run ended without one
 * @param {number} exitCode of vitest
 */
export function countTests(report, exitCode) {
  // A file that cannot be loaded has no failed test in it, and is no success either.
  const unloaded =
    report?.testResults.filter((f) => f.status === 'failed' && f.assertionResults.length === 0).length ?? 0;
  const counts = {
    passed: report?.numPassedTests ?? 0,
    failed: (report?.numFailedTests ?? 0) + unloaded,
    skipped: (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0),
  };
  // An error outside every test, or no test at all: red without a failed test to point at.
  if (counts.failed === 0 && (exitCode !== 0 || counts.passed === 0)) counts.failed = 1;
  return counts;
}

/** @param {{ passed: number, failed: number, skipped: number }} counts */
export const closingLine = ({ passed, failed, skipped }) => `${passed} passed, ${failed} failed, ${skipped} skipped`;

/**
 * The files that took longest, a line each: where a suite that has become slow is to be shortened.
 *
 * @param {{ testResults: { name: string, startTime: number, endTime: number }[] } | undefined} report
 * @param {string} root what the names of files are printed without
 */
export function slowestFiles(report, root) {
  return (report?.testResults ?? [])
    .map(({ name, startTime, endTime }) => ({ file: name.replace(root, ''), seconds: (endTime - startTime) / 1000 }))
    .sort((a, b) => b.seconds - a.seconds)
    .slice(0, 25)
    .map(({ file, seconds }) => `${seconds.toFixed(1).padStart(7)} s  ${file}`);
}
