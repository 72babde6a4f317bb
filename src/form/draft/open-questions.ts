import { type ApplicationField, requiredFields } from '../map/application-fields.js';
import type { MapEntry, Section } from '../map/field-map.js';
import type { DraftMap, OpenEntry } from './draft-map.js';

/** What a person must still say about a form, in the words of Clearit's guide to the application. */

/** The guide's sections, in its order, and what it says about each. */
export const GUIDE: { section: Section; words: string }[] = [
  { section: 'A', words: "Complete Section A with the company's information." },
  {
    section: 'A.1',
    words: 'Make IMPORTER the primary account type, by clicking and choosing P, and enter the full importer number.',
  },
  { section: 'B Part 2', words: 'Skip to Section B and complete Part 2, Legal Entity.' },
  { section: 'C', words: 'Complete Section C.' },
  { section: 'D', words: 'Complete Section D.' },
];

/** The other sections, and why an importer leaves their boxes alone. */
export const LEFT: { section: Section; reason: string }[] = [
  { section: 'B Part 1', reason: 'Part 1 is for individuals; a company completes Part 2.' },
  { section: 'other', reason: 'Not asked of an importer.' },
];

export interface MissingBox {
  section: Section;
  /** Any of them will do. */
  slots: ApplicationField[];
  /** What the box is for. */
  words: string;
}

/** By the first slot of what `requiredFields` lists. */
const ASKS: Partial<Record<ApplicationField, { section: Section; words: string }>> = {
  'company.legalName': { section: 'A', words: "the company's legal name, exactly as on the CBP Form 5106" },
  'company.organization': { section: 'A', words: "the company's organizational structure: corporation, LLC, …" },
  'company.address.street': { section: 'A', words: "the company's street, or its whole address" },
  'company.address.city': { section: 'A', words: "the company's city, or its whole address" },
  'company.address.postalCode': { section: 'A', words: "the company's ZIP or postal code, or its whole address" },
  'company.address.country': { section: 'A', words: "the company's country, or its whole address" },
  'company.phone': { section: 'A', words: "the company's telephone number" },
  'company.fiscalYearEnd': { section: 'A', words: "the end of the company's fiscal year" },
  'officer.firstName': { section: 'A', words: "the company officer's first name, or the whole name" },
  'officer.lastName': { section: 'A', words: "the company officer's last name, or the whole name" },
  'officer.title': { section: 'A', words: "the company officer's title" },
  'officer.dateOfBirth': { section: 'A', words: "the company officer's date of birth" },
  'importer.primary': { section: 'A.1', words: 'the P in front of IMPORTER' },
  importerNumber: {
    section: 'A.1',
    words: 'the full importer number, including the suffix that CBP assigned: EIN plus suffix',
  },
  'accountOwner.firstName': { section: 'B Part 2', words: "the account owner's first name, or the whole name" },
  'accountOwner.lastName': { section: 'B Part 2', words: "the account owner's last name, or the whole name" },
  'accountOwner.email': { section: 'B Part 2', words: "the account owner's email address" },
  'accountOwner.phone': { section: 'B Part 2', words: "the account owner's telephone number" },
  'acknowledgement.officer': { section: 'D', words: "the company officer's acknowledgement, a tick" },
  'acknowledgement.accountOwner': { section: 'D', words: "the account owner's acknowledgement, a tick" },
};

/** What the guide asks and no box is for yet. */
export function missingBoxes(fields: DraftMap['fields']): MissingBox[] {
  const mapped = new Set(fields.flatMap((entry) => ('fill' in entry && entry.fill !== '?' ? [entry.fill] : [])));
  return requiredFields()
    .filter((slots) => !slots.some((slot) => mapped.has(slot)))
    .flatMap((slots) => {
      const [first] = slots;
      const about = first && ASKS[first];
      return about ? [{ ...about, slots }] : [];
    });
}

export function isOpenEntry(entry: MapEntry | OpenEntry): entry is OpenEntry {
  return 'fill' in entry && entry.fill === '?';
}
