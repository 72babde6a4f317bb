import type { Application } from '../../../src/application/application.js';

/** An application with nothing wrong; every call gives a new one. */
export function sampleApplication(): Application {
  return {
    reference: 'maple-imports',
    company: {
      legalName: 'Maple Imports LLC',
      organization: 'limited-liability-company',
      address: { street: '12 Harbor St', city: 'Portland', state: 'ME', postalCode: '04101', country: 'US' },
      phone: '+1 207 555 0123',
      fiscalYearEnd: '12-31',
    },
    importerNumber: '12-345678900',
    furtherImporterNumbers: [],
    officer: { firstName: 'Ann', lastName: 'Lee', title: 'President', dateOfBirth: '1975-04-09' },
    accountOwner: { firstName: 'Bo', lastName: 'Park', email: 'bo.park@maple.example', phone: '207-555-0124' },
    acknowledgements: {
      officer: { name: 'Ann Lee', at: '2026-02-20', evidence: 'DMS-1001' },
      accountOwner: { name: 'Bo Park', at: '2026-02-20T10:15:00-05:00', evidence: 'DMS-1002' },
    },
    route: { existingAccount: 'none', form5106OnFile: true, channel: { kind: 'email' } },
  };
}
