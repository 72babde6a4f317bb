import { formatIssue } from '../../application/validation-issue.js';

export interface MapFinding {
  /** A section of the form, or `map` for the map as a whole. */
  section: string;
  kind: 'to-complete' | 'other-file' | 'missing' | 'unmapped' | 'mistyped' | 'too-short' | 'cut' | 'hidden' | 'rule';
  field: string;
  problem: string;
  remedy: string;
}

/** One line for each finding. For undecided boxes, which may be all of them, the remedy appears only once. */
export function findingLines(findings: MapFinding[]): string[] {
  const undecided = findings.filter(isUndecided);
  const [first] = undecided;
  return [
    ...findings.filter((finding) => !isUndecided(finding)).map((finding) => `  ${findingLine(finding)}`),
    ...(first ? [`  [${first.kind}] ${undecided.length} boxes: "fill" ${first.problem} ${COMPLETE}`] : []),
    ...undecided.map(({ field, remedy }) => `    ${field.replace(/ fill$/, '')}${remedy.replace(COMPLETE, '')}`),
  ];
}

/** The remedy when a person must decide. */
export const COMPLETE = 'Complete the map.';

function isUndecided({ kind, field, remedy }: MapFinding): boolean {
  return kind === 'to-complete' && field.endsWith(' fill') && remedy.startsWith(COMPLETE);
}

export function findingLine({ field, kind, problem, remedy }: MapFinding): string {
  return `[${kind}] ${formatIssue({ field, problem, remedy })}`;
}
