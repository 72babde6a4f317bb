import { shortenedCompany } from '../../outgoing/compose/subject.js';
import { readable } from './readable.js';

/**
 * A paragraph with slots in place of what differs from case to case. The case's slots replace only its exact values. All
 * other slots replace strict patterns without words, so two paragraphs with different words never become equal.
 */
export interface Masked {
  paragraph: string;
  /** The dates in its slots, as ISO days. */
  dates: string[];
}

/** The decisive paragraph masks only the case's own values and dates, because a number there may be a condition. */
export type Strictness = 'decisive' | 'other';

interface Slot {
  pattern: RegExp;
  /** It matches only text with a digit. */
  figures?: true;
  /** The slot to write. Undefined if the match does not count. */
  of(match: RegExpExecArray, dates: string[]): string | undefined;
}

export type Mask = (paragraph: string, strictness: Strictness) => Masked;

/** The mask for one case. Compiles the patterns once and caches masked paragraphs. */
export function maskFor(facts: CaseFacts): Mask {
  const known = MASKS.get(facts);
  if (known) return known;
  const ofCase = slotsOf(facts);
  const slots = { decisive: [...ofCase, ...DATES], other: [...ofCase, ...LINKS, ...DATES, TIME, ...NUMBERS] };
  const found = { decisive: new Map<string, Masked>(), other: new Map<string, Masked>() };
  const mask: Mask = (paragraph, strictness) => {
    const before = found[strictness];
    const result = before.get(paragraph) ?? masked(paragraph, slots[strictness]);
    // Otherwise, long-lived facts would keep every email ever read.
    if (before.size >= MASKED_KEPT) before.clear();
    before.set(paragraph, result);
    return result;
  };
  MASKS.set(facts, mask);
  return mask;
}
const MASKS = new WeakMap<CaseFacts, Mask>();
const MASKED_KEPT = 500;

function masked(paragraph: string, slots: Slot[]): Masked {
  const dates: string[] = [];
  let pieces: (string | { slot: string })[] = [bracesEscaped(paragraph)];
  const hasFigures = /\d/.test(paragraph);
  for (const slot of slots.filter(({ figures }) => hasFigures || !figures))
    pieces = pieces.flatMap((piece) => (typeof piece === 'string' ? split(piece, slot, dates) : [piece]));
  return { paragraph: pieces.map((piece) => (typeof piece === 'string' ? piece : piece.slot)).join(''), dates };
}

function split(text: string, { pattern, of }: Slot, dates: string[]): (string | { slot: string })[] {
  const pieces: (string | { slot: string })[] = [];
  let from = 0;
  // Uses the pattern itself, because matchAll would copy it for each piece.
  pattern.lastIndex = 0;
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
    const slot = of(match, dates);
    if (slot === undefined) continue;
    pieces.push(text.slice(from, match.index), { slot });
    from = match.index + match[0].length;
  }
  pieces.push(text.slice(from));
  return pieces;
}

// The case's own values -----------------------------------------------------------------------------------------------

const BEFORE = '(?<![\\p{L}\\p{N}])';
const AFTER = '(?![\\p{L}\\p{N}])';

function slotsOf({ company, importerNumbers, owner }: CaseFacts): Slot[] {
  return [
    ...(company && isName(company) ? [companySlot(company)] : []),
    ...importerNumbers.map((number, at) =>
      numberSlot(number, at === 0 ? '{importer number}' : `{importer number ${at + 1}}`),
    ),
    ...(owner && isName(`${owner.firstName} ${owner.lastName}`)
      ? [nameSlot([`${owner.firstName} ${owner.lastName}`], '{owner}')]
      : []),
  ];
}

/**
 * The name as we have it, as our subject shortens it, or in capitals. A period after it is part of it: at the end of a
 * sentence, "LLC" has one, and the period of "Inc." does both jobs.
 */
function companySlot(name: string): Slot {
  return nameSlot([name, shortenedCompany(name)], '{company}', '(?:\\.(?!\\S))?');
}

function nameSlot(names: string[], slot: string, behind = ''): Slot {
  const forms = names.map((form) => bracesEscaped(plainSpaces(form)));
  const alternatives = [...new Set(forms.flatMap((form) => [form, form.toUpperCase()]))]
    .map((form) => escaped(form).replace(/(?<!\\\.)\\\.$/, '\\.?'))
    .join('|');
  return { pattern: new RegExp(`${BEFORE}(?:${alternatives})${AFTER}${behind}`, 'gu'), of: () => slot };
}

const LEGAL_FORM =
  /\b(?:inc|incorporated|corp|corporation|co|company|llc|l\.l\.c|llp|lp|ltd|limited|plc|gmbh|sa|srl|bv|ag)\.?$/i;

/** A name that could be a letter's own words is not masked: "Approved Goods", "Delta". */
function isName(name: string): boolean {
  const parts = plainSpaces(name).split(' ');
  return (parts.length > 1 || LEGAL_FORM.test(name)) && !parts.some(mayDecide);
}

/** Whether a decision may depend on a word. */
export function mayDecide(word: string): boolean {
  return DECIDING.test(word);
}
const DECIDING =
  /^\W*(?:not?|never|without|unless|until|if|pending|cannot|un\w*able|(?:dis)?approv\w*|den(?:y|ied|ial)|reject\w*|refus\w*|declin\w*|grant\w*|creat\w*|establish\w*|(?:in)?activ\w*|clos\w*|cancel\w*|revok\w*|suspend\w*|terminat\w*|void\w*|withdraw\w*|rescind\w*|condition\w*)\W*$/i;

/** Matches the number with hyphens, without them, or with spaces instead. */
function numberSlot(canonical: string, slot: string): Slot {
  const [first = '', ...rest] = canonical.replace(/[^0-9A-Za-z]/g, '');
  const pattern = `(?<![\\p{L}\\p{N}]|\\d[- ])${[first, ...rest].join('[- ]?')}(?![\\p{L}\\p{N}]|-[\\p{L}\\p{N}])`;
  return { pattern: new RegExp(pattern, 'giu'), of: () => slot };
}

// Links, dates, numbers ---------------------------------------------------------------------------------------------

const LINKS: Slot[] = [
  {
    pattern: /\bhttps?:\/\/([^\s/?#<>"'()[\]\\]{1,253})[^\s<>"')\]]*/gi,
    of: ([written, host = '']) => `{link to ${host.toLowerCase()}}${/[.,;:!?]+$/.exec(written)?.[0] ?? ''}`,
  },
];

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const MONTH =
  '(Jan(?:uary|\\.)?|Feb(?:ruary|\\.)?|Mar(?:ch|\\.)?|Apr(?:il|\\.)?|May|June?\\.?|July?\\.?|Aug(?:ust|\\.)?|Sept?(?:ember|\\.)?|Oct(?:ober|\\.)?|Nov(?:ember|\\.)?|Dec(?:ember|\\.)?)';
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const WEEKDAY = '(?:(Mon|Tues?|Wed(?:nes)?|Thu(?:rs?)?|Fri|Sat(?:ur)?|Sun)(?:day)?\\.?,? )?';
const DAY = '(\\d{1,2})(?:st|nd|rd|th)?';
const YEAR = '(\\d{4})';

function date(source: string, read: (groups: string[]) => [year: string, month: number, day: string]): Slot {
  return {
    figures: true,
    pattern: new RegExp(`(?<![\\p{L}\\p{N}/-])${WEEKDAY}${source}(?![\\p{L}\\p{N}/]|-[\\p{L}\\p{N}])`, 'giu'),
    of: ([, weekday, ...groups], dates) => {
      const [year, month, day] = read(groups.map((group) => group ?? ''));
      const iso = isoDay(Number(year), month, Number(day));
      if (!iso || (weekday && WEEKDAYS[new Date(iso).getUTCDay()] !== weekday.slice(0, 3).toLowerCase()))
        return undefined;
      dates.push(iso);
      return '{date}';
    },
  };
}

const monthOf = (written: string) => MONTHS.indexOf(written.slice(0, 3).toLowerCase()) + 1;

/** Dates with a year, in American and machine formats. */
const DATES: Slot[] = [
  date(`${MONTH} ${DAY}(?:,? |,)${YEAR}`, ([month = '', day = '', year = '']) => [year, monthOf(month), day]),
  date(`${DAY}[ -]${MONTH},?[ -]${YEAR}`, ([day = '', month = '', year = '']) => [year, monthOf(month), day]),
  date(`(\\d{1,2})[/-](\\d{1,2})[/-]((?:\\d{2}){1,2})`, ([month = '', day = '', year = '']) => [
    year.length === 2 ? `20${year}` : year,
    Number(month),
    day,
  ]),
  date(`${YEAR}-(\\d{2})-(\\d{2})`, ([year = '', month = '', day = '']) => [year, Number(month), day]),
];

const TIME: Slot = {
  figures: true,
  pattern:
    /(?<![\p{L}\p{N}:.])(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d)?(?: ?[AP]\.?M\.?(?![\p{L}\p{N}]))?(?: (?:E[SD]?T|UTC|GMT)(?![\p{L}\p{N}]))?(?![\p{N}:])/giu,
  of: () => '{time}',
};

function isoDay(year: number, month: number, day: number): string | undefined {
  const at = new Date(Date.UTC(year, month - 1, day));
  const isReal = at.getUTCFullYear() === year && at.getUTCMonth() === month - 1 && at.getUTCDate() === day;
  return isReal && year >= 1900 ? at.toISOString().slice(0, 10) : undefined;
}

const NUMBERS: Slot[] = [
  {
    figures: true,
    pattern:
      /(?<![\p{L}\p{N}-])(?:\+?1[-. ])?(?:\(\d{3}\) ?|\d{3}[-. ])\d{3}[-. ]\d{4}(?![\p{L}\p{N}]|-[\p{L}\p{N}])/gu,
    of: () => '{phone}',
  },
  {
    // Letters before a ticket number stay, and no word is among its digits. Nine or eleven digits may be someone's importer
    // number.
    figures: true,
    pattern:
      /(?<![\p{L}\p{N}-])([A-Z]{2,6}[-#]?)?((?:\d[A-Z0-9]{0,11})?\d{4}[A-Z0-9]{0,12}(?:-[A-Z0-9]{0,12}\d[A-Z0-9]{0,12}){0,3})(?![\p{L}\p{N}]|-[\p{L}\p{N}])/gu,
    of: ([, prefix = '', number = '']) => {
      const digits = number.replace(/\D/g, '');
      const isLong = digits.length >= (prefix ? 4 : 5) && digits.length !== 9 && digits.length !== 11;
      const isBare = prefix !== '' || /^\d+$/.test(number);
      return isLong && isBare && !/[A-Z]{2}/.test(number) ? `${prefix}{number}` : undefined;
    },
  },
];

/** In the form of a paragraph, with straight apostrophes and quotation marks. */
function plainSpaces(text: string): string {
  return readable(text).replace(/\s+/g, ' ').trim();
}

/** Escapes braces, because in a masked paragraph they mark a slot. */
function bracesEscaped(text: string): string {
  return text.replace(/[{}\\]/g, '\\$&');
}

/** Escapes what a pattern with the u flag allows to escape, which excludes the hyphen. */
function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}
/** The values of one case's slots. */
export interface CaseFacts {
  company?: string;
  /** Canonical. The first one is the number that we applied for. */
  importerNumbers: string[];
  owner?: { firstName: string; lastName: string };
}
