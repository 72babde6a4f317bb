import type { ChaosReport } from '../run-chaos.js';

/** The figures for people: CONTRIBUTING.md says what each means. */
export function readable(report: ChaosReport): string[] {
  const { violations } = report;
  const listed = (counts: object) =>
    Object.entries(counts)
      .map(([name, count]) => `${name} ${count}`)
      .join(', ');
  return [
    `${report.closed} of ${report.onboardings} onboardings closed in ${Math.round(report.seconds)} s, at rest ${report.rest === undefined ? 'never' : `${Math.round(report.rest)} s after the last fault`}`,
    `faults: ${listed(report.faults)}`,
    `at the final dot: ${listed(report.dotFaults)}`,
    `mail: ${listed(report.mail)}; workers killed ${report.kills}, ended by themselves ${report.ownEnds}`,
    `people: ${listed(report.acts)}`,
    `${report.sends} applications sent, ${report.duplicates} duplicates, ${report.lost} lost, ${report.stuck} stuck, ${report.documentsWithoutOwner} documents without an owner, ${report.failedWorkflowTasks} failed workflow tasks`,
    ...violations.map(({ kind, what }) => `VIOLATION (${kind}): ${what}`),
    violations.length === 0
      ? `No violation. SEED=${report.seed}`
      : `${violations.length} violations. SEED=${report.seed}`,
    ...(report.kept ? [`Logs, spool and archive: ${report.kept}`] : []),
  ];
}
