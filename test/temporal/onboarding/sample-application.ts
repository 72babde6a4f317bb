import type { Application } from '../../../src/application/application.js';

/** A valid application. A test overrides the fields that it is about. */
export function sampleApplication(overrides: Partial<Application> = {}): Application {
  return {
    reference: 'lakeside-candles',
    company: {
      legalName: 'Lakeside Candles Inc.',
      organization: 'corporation',
      address: { street: '12 Harbor Road', city: 'Duluth', state: 'MN', postalCode: '55802', country: 'US' },
      phone: '+1 218 555 0100',
      fiscalYearEnd: '12-31',
    },
    importerNumber: '07-123456700',
    furtherImporterNumbers: [],
    officer: { firstName: 'Mara', lastName: 'Quist', title: 'President', dateOfBirth: '1970-03-14' },
    accountOwner: {
      firstName: 'Ivo',
      lastName: 'Brandt',
      email: 'ivo@lakeside-candles.example',
      phone: '+1 218 555 0101',
    },
    acknowledgements: {
      officer: { name: 'Mara Quist', at: '2026-11-20', evidence: 'e-sign 1' },
      accountOwner: { name: 'Ivo Brandt', at: '2026-11-20', evidence: 'e-sign 2' },
    },
    route: { existingAccount: 'none', form5106OnFile: true, channel: { kind: 'email' } },
    ...overrides,
  };
}
