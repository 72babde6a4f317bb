import { readFile } from 'node:fs/promises';
import { readApplicationsCsv } from '../../src/application/files/csv.js';
import { formatIssue, type ValidationIssue } from '../../src/application/validation-issue.js';
import { domainOf } from '../../src/config/variable.js';
import { BROKER } from '../rehearsal/actors.js';
import type { ScenarioRun } from '../rehearsal/rehearsal.js';
import { isScenarioName, SCENARIO_NAMES, SCENARIOS, untroubled } from '../rehearsal/scenarios.js';

/**
 * The clients of a rehearsal: a CSV of applications, whose optional column `scenario` says what happens to each.
 * @param options.once a script approves the newcomer's client too
 * @returns every problem of the file at once, if there are any
 */
export async function readParts(
  file: string,
  options: { once: boolean },
): Promise<{ parts: ScenarioRun[] } | { problems: string }> {
  const bytes = await readFile(file).catch((error: Error) => error);
  if (bytes instanceof Error) return { problems: `${file} cannot be read: ${bytes.message}` };
  const read = readApplicationsCsv(bytes, {
    brokerDomains: [domainOf(BROKER.mailbox)],
    otherColumns: ['scenario'],
  });
  if ('complaints' in read) return { problems: listed(file, read.complaints) };

  const parts: ScenarioRun[] = [];
  const problems: string[] = [];
  for (const row of read.rows) {
    const scenarioName = row.other.scenario;
    if ('complaints' in row) {
      problems.push(
        ...row.complaints.map((complaint) => `Row ${row.row} (${row.reference}): ${formatIssue(complaint)}`),
      );
    } else if (!scenarioName) {
      parts.push({ application: row.application, scenario: untroubled(row.application), scenarioName: 'untroubled' });
    } else if (!isScenarioName(scenarioName)) {
      problems.push(
        `Row ${row.row} (${row.reference}): scenario is "${scenarioName}". Use ${SCENARIO_NAMES.join(', ')}.`,
      );
    } else {
      const leftToNewcomer = scenarioName === 'newcomer' && !options.once;
      parts.push({ application: row.application, scenario: SCENARIOS[scenarioName], scenarioName, leftToNewcomer });
    }
  }
  if (problems.length > 0) return { problems: [`${file} cannot be used:`, ...problems].join('\n  - ') };
  return parts.length > 0 ? { parts } : { problems: `${file} has no rows.` };
}

function listed(file: string, complaints: ValidationIssue[]): string {
  return [`${file} cannot be used:`, ...complaints.map(formatIssue)].join('\n  - ');
}
