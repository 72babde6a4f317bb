import type { Application } from '../../../src/application/application.js';

/** A client whose form has nothing special about it; tests change what they are about. */
export function sampleApplication(change: (application: Application) => void = () => {}): Application {
  const application: Application = {
    reference: 'QC-104',
    company: {
      legalName: 'Importations Café Québec Inc.',
      organization: 'corporation',
      address: {
        street: '1200 rue de l’Église',
        city: 'Montréal',
        state: 'QC',
        postalCode: 'H2X 1Y4',
        country: 'CA',
      },
      phone: '+1 514 555 0100',
      fiscalYearEnd: '12-31',
      duns: '123456789',
    },
    importerNumber: '00-123456700',
    furtherImporterNumbers: [],
    officer: { firstName: 'Zoë', lastName: 'Tremblay', title: 'Présidente', dateOfBirth: '1970-02-28' },
    accountOwner: { firstName: 'Ana', lastName: 'Núñez', email: 'ana@cafe.example', phone: '+1 514 555 0101' },
    acknowledgements: {
      officer: { name: 'Zoë Tremblay', at: '2026-11-02', evidence: 'doc-1' },
      accountOwner: { name: 'Ana Núñez', at: '2026-11-03T10:00:00Z', evidence: 'doc-2' },
    },
    route: { existingAccount: 'none', form5106OnFile: true, channel: { kind: 'email' } },
  };
  change(application);
  return application;
}
