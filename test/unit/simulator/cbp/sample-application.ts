import type { Application } from '../../../../src/application/application.js';

/** A client that does not exist: an EIN prefix that is never assigned, an address that reaches nobody. */
export function sampleApplication(changed: Partial<Application> = {}): Application {
  return {
    reference: 'MAPLE-1',
    company: {
      legalName: 'Maple Grove Imports LLC',
      organization: 'limited-liability-company',
      address: { street: '12 Harbor St', city: 'Buffalo', state: 'NY', postalCode: '14201', country: 'US' },
      phone: '+1 555 0101',
      fiscalYearEnd: '12-31',
    },
    importerNumber: '00-100000100',
    furtherImporterNumbers: [],
    officer: { firstName: 'Ada', lastName: 'Moreau', title: 'President', dateOfBirth: '1970-04-02' },
    accountOwner: { firstName: 'Ben', lastName: 'Okafor', email: 'owner@maple.example', phone: '+1 555 0102' },
    acknowledgements: {
      officer: { name: 'Ada Moreau', at: '2026-11-20', evidence: 'DOC-1' },
      accountOwner: { name: 'Ben Okafor', at: '2026-11-20', evidence: 'DOC-2' },
    },
    route: { existingAccount: 'none', form5106OnFile: true, channel: { kind: 'email' } },
    ...changed,
  };
}
