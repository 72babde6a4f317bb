import type { Application } from '../../application/application.js';

/**
 * Everything an application offers to a form, by name. A field map binds boxes to these names and to nothing else, so
 * that what the guide's rules speak of (the importer's P, the two acknowledgements) is known whatever CBP calls its boxes.
 */

interface FieldAbout {
  about: string;
  /** Undefined: the application has none, and the box stays empty. */
  value(application: Application): string | undefined;
  /** A form without a box for it is not the one the guide describes. */
  required?: true;
}

/** Value of a choice or tick that is to be made. */
export const CHOSEN = 'yes';

const nameOf = ({ firstName, lastName }: { firstName: string; lastName: string }) => `${firstName} ${lastName}`;
const reversedNameOf = ({ firstName, lastName }: { firstName: string; lastName: string }) =>
  `${lastName}, ${firstName}`;

function addressLines({ company: { address } }: Application): string[] {
  const town = [address.city, address.state].filter(Boolean).join(', ');
  return [address.street, `${town} ${address.postalCode}`, address.country];
}

export const APPLICATION_FIELDS = {
  reference: { about: "The back office's own key for the client.", value: (a) => a.reference },
  'company.legalName': { about: 'Legal name as on the 5106.', value: (a) => a.company.legalName, required: true },
  'company.organization': {
    about: 'corporation, limited-liability-company, partnership, sole-proprietorship or other: map each to an option.',
    value: (a) => a.company.organization,
    required: true,
  },
  'company.address': { about: 'The whole address in lines.', value: (a) => addressLines(a).join('\n') },
  'company.address.oneLine': { about: 'The whole address in one line.', value: (a) => addressLines(a).join(', ') },
  'company.address.street': { about: '', value: (a) => a.company.address.street },
  'company.address.city': { about: '', value: (a) => a.company.address.city },
  'company.address.state': { about: 'State or province, if any.', value: (a) => a.company.address.state },
  'company.address.postalCode': { about: '', value: (a) => a.company.address.postalCode },
  'company.address.country': {
    about: 'ISO 3166-1 alpha-2; map to words with "options".',
    value: (a) => a.company.address.country,
  },
  'company.phone': { about: '', value: (a) => a.company.phone, required: true },
  'company.fax': { about: 'If any.', value: (a) => a.company.fax },
  'company.duns': { about: 'If any.', value: (a) => a.company.duns },
  'company.website': { about: 'If any.', value: (a) => a.company.website },
  'company.fiscalYearEnd': {
    about: 'A date without year: give a format such as MM/DD.',
    value: (a) => a.company.fiscalYearEnd,
    required: true,
  },
  importerNumber: {
    about: 'Full importer number with suffix, hyphens included.',
    value: (a) => a.importerNumber,
    required: true,
  },
  'importer.primary': {
    about: 'The P on the importer row. Give the option in "options": {"yes": "P"}.',
    value: () => CHOSEN,
    required: true,
  },
  'furtherImporterNumber.1': { about: 'A further importer number, if any.', value: (a) => a.furtherImporterNumbers[0] },
  'furtherImporterNumber.2': { about: 'A third importer number, if any.', value: (a) => a.furtherImporterNumbers[1] },
  'officer.name': { about: 'First and last name.', value: (a) => nameOf(a.officer) },
  'officer.nameReversed': { about: 'Last name, first name.', value: (a) => reversedNameOf(a.officer) },
  'officer.firstName': { about: '', value: (a) => a.officer.firstName },
  'officer.lastName': { about: '', value: (a) => a.officer.lastName },
  'officer.title': { about: '', value: (a) => a.officer.title, required: true },
  'officer.dateOfBirth': { about: 'A date: give a format.', value: (a) => a.officer.dateOfBirth, required: true },
  'accountOwner.name': { about: 'First and last name.', value: (a) => nameOf(a.accountOwner) },
  'accountOwner.nameReversed': { about: 'Last name, first name.', value: (a) => reversedNameOf(a.accountOwner) },
  'accountOwner.firstName': { about: '', value: (a) => a.accountOwner.firstName },
  'accountOwner.lastName': { about: '', value: (a) => a.accountOwner.lastName },
  'accountOwner.title': { about: 'If any.', value: (a) => a.accountOwner.title },
  'accountOwner.email': { about: '', value: (a) => a.accountOwner.email, required: true },
  'accountOwner.phone': { about: '', value: (a) => a.accountOwner.phone, required: true },
  'acknowledgement.officer': {
    about: "The officer's tick in Section D.",
    value: (a) => (a.acknowledgements.officer.evidence ? CHOSEN : undefined),
    required: true,
  },
  'acknowledgement.officer.name': { about: 'Printed beside the tick.', value: (a) => a.acknowledgements.officer.name },
  'acknowledgement.officer.date': { about: 'A date: give a format.', value: (a) => a.acknowledgements.officer.at },
  'acknowledgement.accountOwner': {
    about: "The account owner's tick in Section D.",
    value: (a) => (a.acknowledgements.accountOwner.evidence ? CHOSEN : undefined),
    required: true,
  },
  'acknowledgement.accountOwner.name': {
    about: 'Printed beside the tick.',
    value: (a) => a.acknowledgements.accountOwner.name,
  },
  'acknowledgement.accountOwner.date': {
    about: 'A date: give a format.',
    value: (a) => a.acknowledgements.accountOwner.at,
  },
} as const satisfies Record<string, FieldAbout>;

export type ApplicationField = keyof typeof APPLICATION_FIELDS;

export function isApplicationField(name: string): name is ApplicationField {
  return Object.hasOwn(APPLICATION_FIELDS, name);
}

/** What the application has for a slot; undefined when it has nothing. */
export function fieldValue(application: Application, slot: ApplicationField): string | undefined {
  const about: FieldAbout = APPLICATION_FIELDS[slot];
  return about.value(application) || undefined;
}

/** Where in the application a slot comes from, where that is not the slot's own name. */
const PATHS: Partial<Record<ApplicationField, string>> = {
  'importer.primary': 'importerNumber',
  'officer.name': 'officer',
  'officer.nameReversed': 'officer',
  'accountOwner.name': 'accountOwner',
  'accountOwner.nameReversed': 'accountOwner',
  'company.address.oneLine': 'company.address',
  'furtherImporterNumber.1': 'furtherImporterNumbers.0',
  'furtherImporterNumber.2': 'furtherImporterNumbers.1',
  'acknowledgement.officer': 'acknowledgements.officer.evidence',
  'acknowledgement.officer.name': 'acknowledgements.officer.name',
  'acknowledgement.officer.date': 'acknowledgements.officer.at',
  'acknowledgement.accountOwner': 'acknowledgements.accountOwner.evidence',
  'acknowledgement.accountOwner.name': 'acknowledgements.accountOwner.name',
  'acknowledgement.accountOwner.date': 'acknowledgements.accountOwner.at',
};

/** Dotted path in the application, for complaints. */
export function pathOf(slot: ApplicationField): string {
  return PATHS[slot] ?? slot;
}

/** Either of these gives the slot its box: a form may ask a name in one box or in two. */
const ALTERNATIVES: ApplicationField[][] = [
  ['officer.firstName', 'officer.nameReversed', 'officer.name'],
  ['officer.lastName', 'officer.nameReversed', 'officer.name'],
  ['accountOwner.firstName', 'accountOwner.name', 'accountOwner.nameReversed'],
  ['accountOwner.lastName', 'accountOwner.name', 'accountOwner.nameReversed'],
  ['company.address.street', 'company.address', 'company.address.oneLine'],
  ['company.address.city', 'company.address', 'company.address.oneLine'],
  ['company.address.postalCode', 'company.address', 'company.address.oneLine'],
  ['company.address.country', 'company.address', 'company.address.oneLine'],
];

/** Slots the guide's form has a box for, of each group any one. */
export function requiredFields(): ApplicationField[][] {
  const required = (Object.keys(APPLICATION_FIELDS) as ApplicationField[]).filter(
    (slot) => (APPLICATION_FIELDS[slot] as FieldAbout).required,
  );

  return [...required.map((slot) => [slot]), ...ALTERNATIVES];
}
