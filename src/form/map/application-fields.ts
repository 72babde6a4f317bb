import type { Application } from '../../application/application.js';
import { FULL_TEXT } from '../../application/shorter-forms.js';
import type { ValueKind } from './value-format.js';

/**
 * Everything an application offers to a form, by name. A field map binds boxes to these names and to nothing else, so
 * that what the guide's rules speak of (the importer's P, the two acknowledgements) is known whatever CBP calls its boxes.
 */

interface FieldAbout {
  about: string;
  kind: ValueKind;
  /** The most characters that an application may give it. */
  longest: number;
  /** Undefined: the application has none, and the box stays empty. */
  value(application: Application): string | undefined;
  /** A form without a box for it is not the one the guide describes. */
  required?: true;
}

/** Value of a choice or tick that is to be made. */
export const CHOSEN = 'yes';

/** As in `schema.ts`. */
const LONGEST_TEXT = 200;

const text = (about: string, value: FieldAbout['value'], longest = LONGEST_TEXT) =>
  ({ about, kind: 'text', longest, value }) as const;
const name = (about: string, value: FieldAbout['value']) => text(about, value, 2 * LONGEST_TEXT + 2);
const address = (about: string, value: FieldAbout['value']) => text(about, value, 4 * LONGEST_TEXT + 10);
const phone = (about: string, value: FieldAbout['value']) =>
  ({ about, kind: 'phone', longest: LONGEST_TEXT, value }) as const;
const importerNumber = (about: string, value: FieldAbout['value']) =>
  ({ about, kind: 'number', longest: 'NN-NNNNNNNXX'.length, value }) as const;
const date = (about: string, value: FieldAbout['value']) =>
  ({ about, kind: 'date', longest: 'YYYY-MM-DD'.length, value }) as const;
const tick = (about: string, value: FieldAbout['value']) =>
  ({ about, kind: 'tick', longest: CHOSEN.length, value }) as const;

export const APPLICATION_FIELDS = {
  reference: text("The back office's own key for the client.", (a) => a.reference, 40),
  'company.legalName': { ...text('Legal name as on the 5106.', FULL_TEXT['company.legalName']), required: true },
  'company.organization': {
    about: 'corporation, limited-liability-company, partnership, sole-proprietorship or other: map each to an option.',
    kind: 'choice',
    longest: 'limited-liability-company'.length,
    value: (a) => a.company.organization,
    required: true,
  },
  'company.address': address('The whole address in lines.', FULL_TEXT['company.address']),
  'company.address.oneLine': address('The whole address in one line.', FULL_TEXT['company.address.oneLine']),
  'company.address.street': text('Street number and street.', FULL_TEXT['company.address.street']),
  'company.address.city': text('City.', FULL_TEXT['company.address.city']),
  'company.address.state': text('State or province, if any.', (a) => a.company.address.state),
  'company.address.postalCode': {
    about: 'ZIP or postal code.',
    kind: 'postalCode',
    longest: LONGEST_TEXT,
    value: (a) => a.company.address.postalCode,
  },
  'company.address.country': {
    about: 'ISO 3166-1 alpha-2; map to words with "options".',
    kind: 'choice',
    longest: 2,
    value: (a) => a.company.address.country,
  },
  'company.phone': { ...phone("The company's telephone number.", (a) => a.company.phone), required: true },
  'company.fax': phone('If any.', (a) => a.company.fax),
  'company.duns': { about: 'If any.', kind: 'number', longest: 9, value: (a) => a.company.duns },
  'company.website': text('If any.', (a) => a.company.website),
  'company.fiscalYearEnd': {
    about: 'A date without year: give a format such as MM/DD.',
    kind: 'dayOfYear',
    longest: 'MM-DD'.length,
    value: (a) => a.company.fiscalYearEnd,
    required: true,
  },
  importerNumber: {
    ...importerNumber('Full importer number with suffix, hyphens included.', (a) => a.importerNumber),
    required: true,
  },
  'importer.primary': {
    ...tick('The P on the importer row. Give the option in "options": {"yes": "P"}.', () => CHOSEN),
    required: true,
  },
  'furtherImporterNumber.1': importerNumber('A further importer number, if any.', (a) => a.furtherImporterNumbers[0]),
  'furtherImporterNumber.2': importerNumber('A third importer number, if any.', (a) => a.furtherImporterNumbers[1]),
  'officer.name': name('First and last name.', FULL_TEXT['officer.name']),
  'officer.nameReversed': name('Last name, first name.', FULL_TEXT['officer.nameReversed']),
  'officer.firstName': text("The company officer's first name.", FULL_TEXT['officer.firstName']),
  'officer.lastName': text("The company officer's last name.", FULL_TEXT['officer.lastName']),
  'officer.title': { ...text("The company officer's title.", FULL_TEXT['officer.title']), required: true },
  'officer.dateOfBirth': { ...date('A date: give a format.', (a) => a.officer.dateOfBirth), required: true },
  'accountOwner.name': name('First and last name.', FULL_TEXT['accountOwner.name']),
  'accountOwner.nameReversed': name('Last name, first name.', FULL_TEXT['accountOwner.nameReversed']),
  'accountOwner.firstName': text("The account owner's first name.", FULL_TEXT['accountOwner.firstName']),
  'accountOwner.lastName': text("The account owner's last name.", FULL_TEXT['accountOwner.lastName']),
  'accountOwner.title': text('If any.', FULL_TEXT['accountOwner.title']),
  'accountOwner.email': {
    about: "The account owner's email address.",
    kind: 'email',
    longest: 254,
    value: (a) => a.accountOwner.email,
    required: true,
  },
  'accountOwner.phone': {
    ...phone("The account owner's telephone number.", (a) => a.accountOwner.phone),
    required: true,
  },
  'acknowledgement.officer': {
    ...tick("The officer's tick in Section D.", (a) => (a.acknowledgements.officer.evidence ? CHOSEN : undefined)),
    required: true,
  },
  'acknowledgement.officer.name': name('Printed beside the tick.', FULL_TEXT['acknowledgement.officer.name']),
  'acknowledgement.officer.date': date('A date: give a format.', (a) => a.acknowledgements.officer.at),
  'acknowledgement.accountOwner': {
    ...tick("The account owner's tick in Section D.", (a) =>
      a.acknowledgements.accountOwner.evidence ? CHOSEN : undefined,
    ),
    required: true,
  },
  'acknowledgement.accountOwner.name': name('Printed beside the tick.', FULL_TEXT['acknowledgement.accountOwner.name']),
  'acknowledgement.accountOwner.date': date('A date: give a format.', (a) => a.acknowledgements.accountOwner.at),
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

/** What kind of value a slot has, which says how it can be written. */
export function valueKindOf(slot: ApplicationField): ValueKind {
  return APPLICATION_FIELDS[slot].kind;
}

/** The most characters that an application may give a slot. */
export function longestOf(slot: ApplicationField): number {
  return APPLICATION_FIELDS[slot].longest;
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
