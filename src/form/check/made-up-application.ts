import type { Application } from '../../application/application.js';
import { CHOSEN } from '../map/application-fields.js';

/** A fictional importer with a value for everything a form can ask. */
export const PROBE: Application = {
  reference: 'PROBE',
  company: {
    legalName: 'Sample Trading Company of Nowhere, Inc.',
    organization: 'corporation',
    address: {
      street: '1000 Sample Boulevard, Suite 200',
      city: 'Springfield',
      state: 'IL',
      postalCode: '62701-0000',
      country: 'US',
    },
    phone: '+1 217 555 0100',
    fiscalYearEnd: '12-31',
    duns: '000000000',
    website: 'https://trading.example',
    fax: '+1 217 555 0101',
  },
  importerNumber: '00-123456700',
  furtherImporterNumbers: ['00-1234567A1', '00-1234567A2'],
  officer: {
    firstName: 'Alexandra',
    lastName: 'Featherstonehaugh',
    title: 'Chief Executive Officer',
    dateOfBirth: '1970-01-31',
  },
  accountOwner: {
    firstName: 'Christopher',
    lastName: 'Vanderbilt-Jones',
    title: 'Compliance Manager',
    email: 'christopher.vj@trading.example',
    phone: '+1 217 555 0102',
  },
  acknowledgements: {
    officer: { name: 'Alexandra Featherstonehaugh', at: '2026-01-05', evidence: CHOSEN },
    accountOwner: { name: 'Christopher Vanderbilt-Jones', at: '2026-01-06', evidence: CHOSEN },
  },
  route: { existingAccount: 'none', form5106OnFile: true, channel: { kind: 'email' } },
};
