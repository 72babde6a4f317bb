/**
 * How a value is written into a box. The map names a format, and every value has a kind that says which formats make
 * sense for it. Only `zip5` drops something, by choice: what any other format cannot write in full is refused.
 */

export type ValueKind = 'text' | 'email' | 'number' | 'phone' | 'postalCode' | 'date' | 'dayOfYear' | 'choice' | 'tick';

export interface FormatProblem {
  problem: string;
  remedy: string;
}

export interface ValueAbout {
  kind: ValueKind;
  /** The company's country, ISO 3166-1 alpha-2. */
  country: string;
}

interface Format {
  /** As docs/bring-your-own-form.md lists it. */
  shown: string;
  kinds: readonly ValueKind[];
  about: string;
  example: { value: string; written: string };
  fits(format: string): boolean;
  write(value: string, format: string, about: ValueAbout): string | FormatProblem;
  /** The most characters it writes for a value of at most `longest` characters. */
  longest(longest: number, format: string, kind: ValueKind): number;
}

/** What people type beside a number. A box for ten digits has no room for it. */
const EXTENSION = /\s*(?:x|ext\.?|extension)\s*\d{1,6}$/i;

/** Countries and territories whose telephone numbers begin with +1. */
const NORTH_AMERICA = new Set('US CA AG AI AS BB BM BS DM DO GD GU JM KN KY LC MP MS PR SX TC TT VC VG VI'.split(' '));

/** The ten digits of a number of the US, Canada, or another country that shares +1. */
function tenDigits(value: string, country: string): string | FormatProblem {
  if (EXTENSION.test(value))
    return {
      problem: `is "${value}", whose extension has no place in a box for ten digits.`,
      remedy: 'Write the number without the extension, or use a form box without a phone format.',
    };
  const digits = value.replace(/\D/g, '');
  const national = digits.length === 11 && digits.startsWith('1') ? digits.slice(1) : digits;
  const abroad = value.startsWith('+') ? !digits.startsWith('1') || digits.length !== 11 : !NORTH_AMERICA.has(country);
  if (!abroad && /^[2-9]\d{2}[2-9]\d{6}$/.test(national)) return national;
  return {
    problem: `is "${value}", but the box takes ten digits, as in the US and Canada.`,
    remedy:
      'Write +1 before a US or Canadian number. For a number of another country, use a form box without a phone format, or have a person fill the form.',
  };
}

/** Five digits and the four that may follow. */
function zipOf(value: string): { five: string; four: string } | FormatProblem {
  const match = /^(\d{5})(?:[- ]?(\d{4}))?$/.exec(value);
  if (match) return { five: match[1] ?? '', four: match[2] ?? '' };
  return {
    problem: `is "${value}", but the box takes a US ZIP code.`,
    remedy: 'Map the postal code without a ZIP format if the form has room for codes of other countries.',
  };
}

const zip =
  (write: (code: { five: string; four: string }) => string): Format['write'] =>
  (value) => {
    const code = zipOf(value);
    return 'five' in code ? write(code) : code;
  };

const MONTHS = [
  ...['January', 'February', 'March', 'April', 'May', 'June', 'July'],
  ...['August', 'September', 'October', 'November', 'December'],
];

const DATE_PARTS = ['YYYY', 'YY', 'MMMM', 'MMM', 'MM', 'M', 'DD', 'D'] as const;
type DatePart = (typeof DATE_PARTS)[number];

const SEPARATOR = /^[/\-., ]+$/;

/** A date format in its parts and separators. Undefined when it is not one. */
function datePattern(format: string): (DatePart | string)[] | undefined {
  const tokens = format.match(/YYYY|YY|M{1,4}|D{1,2}|[/\-., ]+|[\s\S]/g) ?? [];
  const parts = tokens.filter(isDatePart);
  if (parts.length === 0 || tokens.some((token) => !isDatePart(token) && !SEPARATOR.test(token))) return undefined;
  // Each part once, and nothing right beside a part whose length varies: 1112026 could be two days.
  if (new Set(parts.map((part) => part[0])).size !== parts.length) return undefined;
  const varying = tokens.some(
    (token, index) =>
      ['M', 'D', 'MMMM'].includes(token) &&
      [tokens[index - 1], tokens[index + 1]].some((beside) => beside !== undefined && isDatePart(beside)),
  );
  return varying ? undefined : tokens;
}

const isDatePart = (token: string): token is DatePart => (DATE_PARTS as readonly string[]).includes(token);

/** Dates are `YYYY-MM-DD`, ISO instants, or `MM-DD` without a year. */
function writeDate(value: string, format: string): string | FormatProblem {
  const date = /^(?:(\d{4})-)?(\d{2})-(\d{2})(?:T.*)?$/.exec(value);
  if (!date) return { problem: `is "${value}", which is not a date.`, remedy: 'Write it as YYYY-MM-DD.' };
  const [, year, month = '', day = ''] = date;
  if (year === undefined && /Y/.test(format))
    return {
      problem: 'has no year, but the field map asks for one.',
      remedy: 'Give the field a format such as MM/DD.',
    };
  const name = MONTHS[Number(month) - 1] ?? '';
  const written: Record<DatePart, string> = {
    YYYY: year ?? '',
    YY: year?.slice(2) ?? '',
    MMMM: name,
    MMM: name.slice(0, 3),
    MM: month,
    M: String(Number(month)),
    DD: day,
    D: String(Number(day)),
  };
  return (datePattern(format) ?? []).map((token) => (isDatePart(token) ? written[token] : token)).join('');
}

const LONGEST_PART: Partial<Record<DatePart, number>> = { MMMM: 'September'.length, M: 2, D: 2 };

/** Without the hyphens. */
const DIGITS: Partial<Record<ValueKind, number>> = { date: 8, dayOfYear: 4, number: 'NNNNNNNNNXX'.length };

const PHONE_PATTERN = /^(?:\+?1[ .-]?)?[#() .\-/]+$/;

/** The one list of formats: for the schema of the map, the filling, the check, and the page that documents them. */
export const FORMATS: readonly Format[] = [
  {
    shown: 'digits',
    kinds: ['number', 'phone', 'postalCode', 'date', 'dayOfYear'],
    about: 'Letters and digits only: hyphens, spaces and other punctuation are left out.',
    example: { value: '12-345678900', written: '12345678900' },
    fits: (format) => format === 'digits',
    write: (value, _, { kind }) => {
      if (kind === 'phone' && EXTENSION.test(value))
        return {
          problem: `is "${value}", whose extension would run into the number.`,
          remedy: 'Write the number without the extension, or map it without a format.',
        };
      return (kind === 'date' ? value.slice(0, 'YYYY-MM-DD'.length) : value).replace(/[^\p{L}\p{N}]/gu, '');
    },
    longest: (longest, _, kind) => Math.min(longest, DIGITS[kind] ?? longest),
  },
  {
    shown: 'upper',
    kinds: ['text', 'email', 'number', 'postalCode', 'choice'],
    about: 'In capitals.',
    example: { value: 'Harbor Light Imports LLC', written: 'HARBOR LIGHT IMPORTS LLC' },
    fits: (format) => format === 'upper',
    write: (value) => value.toUpperCase(),
    longest: (longest) => longest,
  },
  {
    shown: 'phone10',
    kinds: ['phone'],
    about: 'The ten digits of a US or Canadian number, written with or without +1. Other numbers are refused.',
    example: { value: '+1 207 555 0142', written: '2075550142' },
    fits: (format) => format === 'phone10',
    write: (value, _, { country }) => tenDigits(value, country),
    longest: () => 10,
  },
  {
    shown: '(###) ###-####',
    kinds: ['phone'],
    about:
      'The same ten digits, each in place of a #, with any of ( ) . - / and spaces around them, and +1 before them.',
    example: { value: '+1 207 555 0142', written: '(207) 555-0142' },
    fits: (format) => PHONE_PATTERN.test(format) && format.split('#').length === 11,
    write: (value, format, { country }) => {
      const digits = tenDigits(value, country);
      if (typeof digits !== 'string') return digits;
      let next = 0;
      return format.replaceAll('#', () => digits[next++] ?? '');
    },
    longest: (_, format) => format.length,
  },
  {
    shown: 'zip5',
    kinds: ['postalCode'],
    about:
      'The first five digits of a ZIP code. This is the one format that leaves something out: four digits that follow.',
    example: { value: '62701-0123', written: '62701' },
    fits: (format) => format === 'zip5',
    write: zip(({ five }) => five),
    longest: () => 5,
  },
  {
    shown: 'zip4',
    kinds: ['postalCode'],
    about: 'The last four digits alone; nothing when the code has only five. The first five must have a box, too.',
    example: { value: '62701-0123', written: '0123' },
    fits: (format) => format === 'zip4',
    write: zip(({ four }) => four),
    longest: () => 4,
  },
  {
    shown: 'zip9',
    kinds: ['postalCode'],
    about: 'All nine digits without the hyphen; five when the code has only five.',
    example: { value: '62701-0123', written: '627010123' },
    fits: (format) => format === 'zip9',
    write: zip(({ five, four }) => five + four),
    longest: () => 9,
  },
  {
    shown: 'MM/DD/YYYY',
    kinds: ['date', 'dayOfYear'],
    about:
      'A date from the parts YYYY or YY, MMMM (March), MMM (Mar), MM (03) or M (3), DD (07) or D (7), in any order, with or without / - . , and spaces. M, D and MMMM need something between them and the next part. A box may take one part, such as MM, when other boxes of its section take the rest.',
    example: { value: '2026-03-07', written: '03/07/2026' },
    fits: (format) => datePattern(format) !== undefined,
    write: writeDate,
    longest: (_, format) =>
      (datePattern(format) ?? []).reduce(
        (sum, token) => sum + ((isDatePart(token) ? LONGEST_PART[token] : undefined) ?? token.length),
        0,
      ),
  },
];

const formatFor = (format: string) => FORMATS.find((known) => known.fits(format));

/** Why a format cannot be used for a value of this kind, as the end of a sentence about it. */
export function formatMistake(format: string, kind: ValueKind): string | undefined {
  const known = formatFor(format);
  const usable = FORMATS.filter(({ kinds }) => kinds.includes(kind)).map(({ shown }) => shown);
  const choose = usable.length > 0 ? `Use one like ${usable.join(', ')}, or none.` : 'Leave it out.';
  if (!known) {
    const capitals = format.toUpperCase();
    const meant = capitals !== format && formatFor(capitals) ? ` Write "${capitals}".` : '';
    return `"${format}" is not a format.${meant || ` ${choose}`}`;
  }
  if (!known.kinds.includes(kind)) return `"${format}" is not for a value of this kind. ${choose}`;
  if (kind === 'dayOfYear' && format.includes('Y')) return `"${format}" has a year, but the value has none.`;
  return undefined;
}

/** A value as its box gets it. Undefined `format`: as it is. */
export function written(value: string, format: string | undefined, about: ValueAbout): string | FormatProblem {
  if (format === undefined) return value;
  const known = formatFor(format);
  return known
    ? known.write(value, format, about)
    : { problem: `has the unknown format "${format}" in the field map.`, remedy: 'Correct the map.' };
}

/** The most characters that a box gets for values of at most `longest` characters. */
export function longestWritten(longest: number, format: string | undefined, kind: ValueKind): number {
  const known = format === undefined ? undefined : formatFor(format);
  return known && format !== undefined ? known.longest(longest, format, kind) : longest;
}

/** What a format writes of a value: the parts of a date, the groups of a ZIP code, or `whole` for all of it. */
export function piecesIn(format: string | undefined): string[] {
  if (format === 'zip5') return ['the first five digits'];
  if (format === 'zip4') return ['the last four digits'];
  if (format === undefined || formatFor(format)?.shown !== 'MM/DD/YYYY') return ['whole'];
  return (datePattern(format) ?? []).flatMap((token) => (isDatePart(token) ? PIECE[token[0] as 'Y' | 'M' | 'D'] : []));
}

const PIECE = { Y: 'the year', M: 'the month', D: 'the day' };

/** What the boxes of a value must have between them when none has all of it. */
export function piecesOf(kind: ValueKind): string[] {
  if (kind === 'date') return ['the year', 'the month', 'the day'];
  if (kind === 'dayOfYear') return ['the month', 'the day'];
  // With zip5 the rest is left out by choice. With zip4 alone the first five would be left out by mistake.
  return kind === 'postalCode' ? ['the first five digits'] : [];
}
