import { countryCode } from '../../application/regions.js';
import { type FormField, isTick } from '../document/form-field.js';
import { type ApplicationField, valueKindOf } from '../map/application-fields.js';
import type { InspectedField } from '../map/inspect-form.js';
import { formatMistake } from '../map/value-format.js';
import type { ValueRule } from '../scripts/value-rule.js';
import { type BoxWords, boxWords, sectionOfName } from './caption.js';

/**
 * What a person would most likely put into the boxes of a form. A wrong suggestion costs more than none, so there is none
 * for a box that could ask two things, that asks for someone else's data, or that has twins in its section.
 */
export interface SlotSuggestion {
  fill: ApplicationField;
  format?: string;
  options?: Record<string, string>;
}

export interface SuggestedBox {
  words: BoxWords;
  suggestion?: SlotSuggestion;
}

/** In the order of `fields`. */
export function slotSuggestions(fields: InspectedField[]): SuggestedBox[] {
  const named = fields.some(({ name }) => sectionOfName(name) !== undefined);
  const all = fields.map((field) => ({ field, words: boxWords(field, named) }));
  // On a form with the guide's sections, a box outside of them asks for something else.
  const sectioned = all.some(({ words }) => words.known && words.section !== 'other');
  const numbered = all.some(({ words }) => words.known && words.section === 'other');
  const guessed = all.map(({ field, words }) => {
    const free = words.section !== 'other' || (!sectioned && !numbered);
    return { field, words, fill: slotFor(field, words, free) };
  });
  const streets = withoutStrays(withTown(guessed));
  return streets.map(({ field, words, fill }) => {
    const twins = streets.filter((other) => other.fill === fill && other.words.section === words.section);
    if (!fill || (twins.length > 1 && !areOneChoice(twins, fill))) return { words };
    return { words, suggestion: howToWrite(field, words, fill) };
  });
}

interface Guess {
  field: InspectedField;
  words: BoxWords;
  fill: ApplicationField | undefined;
}

/** Check boxes of one question: Corporation, Partnership, … */
function areOneChoice(twins: Guess[], fill: ApplicationField): boolean {
  return fill === 'company.organization' && twins.every(({ field }) => field.type === 'checkbox');
}

/** A state or a country without a town is not the company's address: it asks where something else is. */
function withoutStrays(guesses: Guess[]): Guess[] {
  return guesses.map((guess) => {
    if (!guess.fill?.startsWith('company.address.') || guess.words.section !== 'other') return guess;
    const beside = new Set(guesses.filter(({ words }) => words.section === 'other').map(({ fill }) => fill));
    return beside.has('company.address.city') && beside.has('company.address.street')
      ? guess
      : { ...guess, fill: undefined };
  });
}

/** "Address" in front of a box for the city is the street; alone, it is all of it. */
function withTown(guesses: Guess[]): Guess[] {
  return guesses.map((guess) => {
    if (guess.fill !== 'company.address') return guess;
    const town = guesses.some(
      ({ fill, words }) => fill === 'company.address.city' && words.section === guess.words.section,
    );
    if (town) return { ...guess, fill: guess.field.multiline ? undefined : 'company.address.street' };
    return { ...guess, fill: guess.field.multiline ? 'company.address' : 'company.address.oneLine' };
  });
}

/** Other people and things, whose names and addresses an application does not have. */
const OTHERS =
  /\b(?:foreign|spouse|husband|wife|attorney|lawyer|counsel|broker|carrier|interpreter|preparer|employer|employee|father|mother|parents?|child|children|sibling|relative|petitioner|beneficiary|sponsor|physician|doctor|surgeon|driver|crew|surety|filer|agent|representative|witness|notary|bank|insurer|landlord|guardian|school|emergency|references?|dependent|principal applicant|household|consignee|seller|buyer|manufacturer|supplier|shipper|vendor|subsidiary|consultant|service provider|facility|operator|warehouse|exporter|third party|previous|prior|former|maiden|alias|trade name|dba|doing business|alternate|alternative|in care of|care of|birth(?!\s*date)(?<!date of birth)|citizenship|nationality|passport|travel|issued|expir\w+|arrival|license|licence|receipt|mobile|cell|cellular|home|evening|extension)\b/i;

const OFFICER = /\bofficer\b/i;
const OWNER = /\baccount owner\b|\bpoint of contact\b|\bcontact\b(?! information| details)|\bowner\b/i;

type Asked =
  | 'importerNumber'
  | 'fiscalYearEnd'
  | 'dateOfBirth'
  | 'organization'
  | 'legalName'
  | 'duns'
  | 'website'
  | 'fax'
  | 'email'
  | 'lastName'
  | 'firstName'
  | 'reversedName'
  | 'title'
  | 'postalCode'
  | 'state'
  | 'city'
  | 'country'
  | 'street'
  | 'phone'
  | 'address'
  | 'name'
  | 'date';

/** What is asked, in words. A pattern takes its words away, so that "email address" does not ask for an address, too. */
const ASKED: [Asked, RegExp][] = [
  ['reversedName', /\blast(?: name)?,? (?:and )?first(?: name)?(?:,? (?:and )?(?:middle|m\.?i\.?))?\b/i],
  ['importerNumber', /\b(?:importer(?: of record)?|i\.?o\.?r\.?|ir) ?(?:number|no\b\.?|#)(?: ?\d\b)?|\bir ?#? ?\d\b/i],
  ['fiscalYearEnd', /\bfiscal year(?: end)?\b/i],
  ['dateOfBirth', /\bdate of birth\b|\bbirth ?date\b|\bdob\b/i],
  [
    'organization',
    /\b(?:type|form|kind|structure) of (?:organi[sz]ation|business|entity|company)\b|\b(?:organi[sz]ation(?:al)?|org|business|legal|entity) (?:structure|type)\b/i,
  ],
  [
    'legalName',
    /\b(?:full )?(?:legal|company|business|entity|corporate|corporation|firm)(?: entity)?(?:'s)?(?: legal)? name(?: of (?:the )?(?:company|business|entity|legal entity|corporation))?\b|\bname of (?:the |your )?(?:legal entity|company|business|corporation|firm|entity|organi[sz]ation)\b/i,
  ],
  ['duns', /\bd-?u-?n-?s\b(?: number)?/i],
  ['website', /\bweb ?site(?: address)?\b|\bweb address\b|\burl\b/i],
  ['email', /\be-?mail(?: address)?\b/i],
  ['fax', /\bfax(?: number)?\b/i],
  ['phone', /\b(?:tele)?phone(?: number)?\b/i],
  ['lastName', /\b(?:family name|surname|last name)(?:,? \(?(?:last name|surname|family name)\)?)?/i],
  ['firstName', /\b(?:given name|first name)(?:,? \(?(?:first name|given name)\)?)?/i],
  ['title', /\btitle\b/i],
  ['postalCode', /\b(?:zip|postal)(?: ?(?:or|\/) ?postal)?(?: ?code)?\b/i],
  ['state', /\bstates?(?: ?(?:or|\/) ?province)?\b(?: from list of states)?|\bprovince\b/i],
  ['city', /\bcity(?: ?(?:or|\/) ?town)?\b|\btown\b/i],
  ['country', /\bcountry\b/i],
  ['street', /\bstreet(?: number)?(?:,? (?:and|&) (?:street|name|number))?(?: address)?\b|\baddress line ?1\b/i],
  ['address', /\baddress\b(?! line ?[2-9])/i],
  ['date', /\bdate(?: (?:of signature|signed))?\b/i],
  ['name', /\bname\b/i],
];

/** Words that only look as if they asked for something. */
const SILENT =
  /\bunited states\b|\bwith suffix\b|\bas on c ?b ?p form [\d ]+|\bof (?:company |the )?officer\b|\bof account owner\b/gi;
/** "Middle name" asks for nothing that an application has. */
const NOTHING =
  /\bmiddle\b|\bsuffix\b(?! ?\))|\bapt\b|\bapartment\b|\bunit\b|\bsuite\b|\bline ?[2-9]\b|\bcode\b|\bnumber of\b|\bhow many\b/i;

function askedIn(text: string): Asked[] {
  let rest = text.replace(SILENT, ' ');
  const found: Asked[] = [];
  for (const [asked, pattern] of ASKED) {
    if (!pattern.test(rest)) continue;
    found.push(asked);
    rest = rest.replace(new RegExp(pattern.source, 'gi'), ' ');
  }
  if (NOTHING.test(rest)) return [];
  return found;
}

/** Longer than any question for one value. */
const MOST_WORDS = 16;

function slotFor(field: InspectedField, words: BoxWords, free: boolean): ApplicationField | undefined {
  if (words.agency || words.section === 'B Part 1') return undefined;
  if (field.unfillable || field.computed || !['text', 'checkbox', 'radio', 'dropdown', 'listbox'].includes(field.type))
    return undefined;
  if (words.activity && words.activity !== 'importer') return undefined;
  const fill = isTick(field) ? tickFor(field, words) : textFor(field, words, free);
  if (!fill) return undefined;
  // Text for a tick and a tick for text are never meant; a dropdown may take either.
  const kind = valueKindOf(fill);
  if (isTick(field)) return kind === 'tick' || kind === 'choice' ? fill : undefined;
  if (kind === 'tick') return undefined;
  if (field.type !== 'text' && !['choice', 'text'].includes(kind)) return undefined;
  return fill;
}

function tickFor(field: FormField, words: BoxWords): ApplicationField | undefined {
  if (words.activity === 'importer') {
    const says = `${words.ask} ${words.own}`;
    if (field.type === 'radio') return optionNamed(field, PRIMARY) === undefined ? undefined : 'importer.primary';
    return /\bprimary\b|\(P\)|\bP\b/.test(says) && !/\bsecondary\b|\bS\b/.test(says) ? 'importer.primary' : undefined;
  }
  if (words.section === 'D') {
    const who = whoIn(words);
    if (/\bor\b|\bif\b/i.test(words.context) || OTHERS.test(words.ask)) return undefined;
    return who && `acknowledgement.${who}`;
  }
  if (words.section !== 'A' && words.section !== 'B Part 2') return undefined;
  const asked = askedIn(field.type === 'radio' ? words.ask || words.own : words.context);
  if (asked.length === 1 && asked[0] === 'organization')
    return field.type === 'radio' || organizationIn(words.ask) ? 'company.organization' : undefined;
  return undefined;
}

const PRIMARY = /^(?:P|primary)$/i;

/** Whose data: as the box itself says, or what is written right above it, or its section. */
function whoIn({ ask, own, context, heading, section }: BoxWords): 'officer' | 'accountOwner' | undefined {
  for (const text of [own, ask, context]) {
    const [officer, owner] = [OFFICER.exec(text)?.index, OWNER.exec(text)?.index];
    if (officer !== undefined && owner === undefined) return 'officer';
    if (owner !== undefined && officer === undefined) return 'accountOwner';
    // "The company officer designates the account owner" is the officer's.
    if (officer !== undefined && owner !== undefined) {
      const first = Math.min(officer, owner);
      if (first > 'the company '.length + 1) return undefined;
      return officer < owner ? 'officer' : 'accountOwner';
    }
  }
  if (section === 'B Part 2' && /\baccount owner\b/i.test(heading)) return 'accountOwner';
  if (section === 'C' && OWNER.test(heading)) return 'accountOwner';
  if ((section === 'A' || section === 'D') && OFFICER.test(heading) !== OWNER.test(heading))
    return OFFICER.test(heading) ? 'officer' : 'accountOwner';
  return undefined;
}

function textFor(field: InspectedField, words: BoxWords, free: boolean): ApplicationField | undefined {
  // Titles of sections name all whom the section is about, the importer among them.
  const aboutOthers = `${words.ask} ${words.context} ${words.own} ${/\bimporter\b/i.test(words.heading) ? '' : words.heading}`;
  if (OTHERS.test(aboutOthers)) return undefined;
  if (words.ask.split(' ').length > MOST_WORDS) return undefined;
  const asked = askedIn(words.ask.replace(/^company officer|^officer'?s?/i, '') || words.own);
  const [only, second] = asked;
  if (only === undefined || second !== undefined) return undefined;
  const who = whoIn(words);
  if (!free && !isExplicit(only)) return undefined;
  return meaning(only, words, who, field);
}

/** Means the same on any form. */
function isExplicit(asked: Asked): boolean {
  return ['importerNumber', 'fiscalYearEnd', 'duns'].includes(asked);
}

const FURTHER = /\b(?:additional|further|other|second|another)\b|#? ?2\b/i;
const THIRD = /\bthird\b|#? ?3\b/i;

function meaning(
  asked: Asked,
  words: BoxWords,
  who: 'officer' | 'accountOwner' | undefined,
  field: InspectedField,
): ApplicationField | undefined {
  const { section, ask, own } = words;
  switch (asked) {
    case 'importerNumber': {
      if (section !== 'A.1' && section !== 'A' && section !== 'other') return undefined;
      if (words.activity !== 'importer' && section === 'A.1') return undefined;
      const says = `${ask} ${own}`;
      return THIRD.test(says)
        ? 'furtherImporterNumber.2'
        : FURTHER.test(says)
          ? 'furtherImporterNumber.1'
          : 'importerNumber';
    }
    case 'fiscalYearEnd':
      return 'company.fiscalYearEnd';
    case 'dateOfBirth':
      return who === 'officer' || (who === undefined && section === 'A') ? 'officer.dateOfBirth' : undefined;
    case 'organization':
      return 'company.organization';
    case 'legalName':
      return 'company.legalName';
    case 'duns':
    case 'website':
      return `company.${asked}`;
    case 'fax':
      return who === undefined ? 'company.fax' : undefined;
    case 'email':
      return who === 'accountOwner' ? 'accountOwner.email' : undefined;
    case 'phone':
      if (who === 'accountOwner') return section === 'A' ? undefined : 'accountOwner.phone';
      return who === undefined && (section === 'A' || section === 'other') ? 'company.phone' : undefined;
    case 'lastName':
    case 'firstName':
      return who && `${who}.${asked}`;
    case 'reversedName':
      return who && `${who}.nameReversed`;
    case 'title':
      return who && section !== 'D' ? `${who}.title` : undefined;
    case 'name':
      if (who && section === 'D') return `acknowledgement.${who}.name`;
      return who && `${who}.name`;
    case 'date':
      return who && section === 'D' ? `acknowledgement.${who}.date` : undefined;
    case 'city':
    case 'country':
    case 'postalCode':
    case 'state':
    case 'street':
      if (section === 'C' || section === 'D' || (who && section !== 'B Part 2')) return undefined;
      if (asked === 'state' && field.type === 'text' && field.multiline) return undefined;
      return `company.address.${asked}`;
    case 'address':
      return who && section !== 'B Part 2' ? undefined : 'company.address';
  }
}

const ORGANIZATIONS: [string, RegExp][] = [
  ['limited-liability-company', /\bllc\b|limited liability/i],
  ['sole-proprietorship', /\bsole propriet/i],
  ['partnership', /\bpartnership\b/i],
  ['corporation', /\bcorporation\b|\bcorp\b|\bincorporated\b/i],
  ['other', /^(?:select )?other\b/i],
];

function organizationIn(text: string): string | undefined {
  return ORGANIZATIONS.find(([, pattern]) => pattern.test(text))?.[0];
}

function howToWrite(field: InspectedField, words: BoxWords, fill: ApplicationField): SlotSuggestion {
  const options = optionsFor(field, words, fill);
  if (options) return { fill, options };
  const format = field.type === 'text' ? formatFor(field, words, fill) : undefined;
  return { fill, ...(format && !formatMistake(format, valueKindOf(fill)) ? { format } : {}) };
}

function optionsFor(
  field: InspectedField,
  words: BoxWords,
  fill: ApplicationField,
): Record<string, string> | undefined {
  if (fill === 'importer.primary') {
    const option = field.type === 'radio' ? optionNamed(field, PRIMARY) : undefined;
    return option === undefined ? undefined : { yes: option };
  }
  if (fill === 'company.organization' && field.type === 'checkbox') {
    const [option] = field.options;
    const value = organizationIn(words.ask);
    return value && option ? { [value]: option } : undefined;
  }
  if (fill === 'company.address.country') return countriesIn(field);
  return fill === 'company.organization' ? meantBy(field, organizationIn) : undefined;
}

/** The codes of the countries that a list names. */
export function countriesIn(field: FormField): Record<string, string> | undefined {
  return meantBy(field, countryCode);
}

/** Our value for each option, where exactly one option has it. */
function meantBy(
  { options, optionLabels: labels = options }: FormField,
  read: (label: string) => string | undefined,
): Record<string, string> | undefined {
  const meant = labels.flatMap((label) => {
    const value = label.trim() ? read(label.trim()) : undefined;
    return value === undefined ? [] : [[value, label] as const];
  });
  const sure = meant.filter(([value]) => meant.filter(([other]) => other === value).length === 1);
  return sure.length > 0 ? Object.fromEntries(sure) : undefined;
}

function optionNamed(field: FormField, pattern: RegExp): string | undefined {
  return field.options.find((option, index) => pattern.test(option) || pattern.test(field.optionLabels?.[index] ?? ''));
}

/** How the box wants the value written, as far as it says. */
export function formatFor(field: InspectedField, words: BoxWords, fill: ApplicationField): string | undefined {
  const said = words.all;
  switch (valueKindOf(fill)) {
    case 'date':
      return datePattern(field.accepts) ?? dateIn(said) ?? (field.maxLength === 8 ? 'MMDDYYYY' : undefined);
    case 'dayOfYear':
      return (
        datePattern(field.accepts) ??
        dateIn(said)?.replace(/[/\-. ]?Y+$/, '') ??
        (field.maxLength === 4 ? 'MMDD' : field.maxLength === 5 ? 'MM/DD' : undefined)
      );
    case 'phone':
      return field.maxLength === 10 || /\b10[- ]digit/i.test(said) ? 'phone10' : undefined;
    case 'postalCode':
      if (field.maxLength === 5 || /\b5[- ]digit/i.test(said)) return 'zip5';
      return field.maxLength === 4 ? 'zip4' : field.maxLength === 9 ? 'zip9' : undefined;
    case 'number':
      return field.maxLength === 11 && fill !== 'company.duns' ? 'digits' : undefined;
    default:
      return undefined;
  }
}

/** The pattern that the form's own script checks dates against. */
function datePattern(rule: ValueRule | undefined): string | undefined {
  if (rule?.kind === 'all') return rule.of.map(datePattern).find((pattern) => pattern !== undefined);
  return rule?.kind === 'date' ? rule.pattern.toUpperCase() : undefined;
}

/** "(mm/dd/yyyy)", "MMDD", or in words: "as 2-digit Month, 2-digit Day and 4-digit Year". */
function dateIn(said: string): string | undefined {
  const pattern =
    /\bm{1,2}([/\-. ]?)d{1,2}(?:\1y{2,4})?\b|\by{4}([/\-. ]?)m{2}\2d{2}\b|\bd{2}([/\-. ]?)m{2,3}\3y{2,4}\b/i.exec(said);
  if (pattern) return pattern[0].toUpperCase();
  if (/2[- ]digit month,? 2[- ]digit day,? and 4[- ]digit year/i.test(said)) return 'MM/DD/YYYY';
  return undefined;
}
