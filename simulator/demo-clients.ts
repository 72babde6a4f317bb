import type { Application } from '../src/application/application.js';
import type { Part } from './rehearsal.js';
import { SCENARIO_NAMES, SCENARIOS } from './scenarios.js';

/** The clients of a rehearsal and what shall happen to each, or what is wrong with the file. */
export async function readParts(
  _file: string,
  { once }: { once: boolean },
): Promise<{ parts: Part[] } | { problems: string }> {
  return {
    parts: SCENARIO_NAMES.map((name, index) => ({
      application: placeholder(name, index),
      scenario: SCENARIOS[name],
      scenarioName: name,
      ...(name === 'newcomer' && !once ? { leftToNewcomer: true } : {}),
    })),
  };
}

function placeholder(name: string, index: number): Application {
  const number = `00-${String(1000001 + index)}00`;
  return {
    reference: `C-${String(index + 1).padStart(2, '0')}-${name}`.slice(0, 40),
    company: {
      legalName: `Sample ${name} Imports`,
      organization: 'limited-liability-company',
      address: { street: '12 Harbor St', city: 'Buffalo', state: 'NY', postalCode: '14201', country: 'US' },
      phone: '+1 555 555 0101',
      fiscalYearEnd: '12-31',
    },
    importerNumber: number,
    furtherImporterNumbers: name === 'partial-grant' ? ['00-200000100'] : [],
    officer: { firstName: 'Ada', lastName: 'Moreau', title: 'President', dateOfBirth: '1970-04-02' },
    accountOwner: { firstName: 'Ben', lastName: 'Okafor', email: `owner@${name}.example`, phone: '+1 555 555 0102' },
    acknowledgements: {
      officer: { name: 'Ada Moreau', at: '2026-11-20', evidence: 'DOC-1' },
      accountOwner: { name: 'Ben Okafor', at: '2026-11-20', evidence: 'DOC-2' },
    },
    route: { existingAccount: 'none', form5106OnFile: true, channel: { kind: 'email' } },
  };
}
