import { z } from 'zod';
import { isCalendarDay, isTimeZone } from '../calendar/day.js';
import { tidied, unprintable } from './plain-text.js';
import { quoting } from './tax-numbers-in-text.js';

/** Small zod types for the fields of an application. Each says what is wrong and what to do, and never shows a value that may be confidential. */

/** What is wrong with one value, before it is known which field has it. */
export class Refusal {
  constructor(
    readonly problem: string,
    readonly remedy: string,
  ) {}
}

const LONGEST = 200;

/** A value that is null if its key is missing, so that a missing value gets a remedy of its own. */
export const given = z.unknown().prefault(null);

/** A required field of text. `remedy` says what to do if it is missing; `read` converts or refuses it. */
export function field<T = string>(remedy: string, read?: (text: string) => T | Refusal): z.ZodType<T> {
  return given.transform((input, context): T => {
    const result = readText(input, remedy, read);
    return result instanceof Refusal ? refuse(context, result) : result;
  });
}

/** An optional field of text. A missing value, null, and blank text are undefined. */
export function optional<T = string>(remedy: string, read?: (text: string) => T | Refusal): z.ZodType<T | undefined> {
  return given.transform((input, context): T | undefined => {
    if (isBlank(input)) return undefined;
    const result = readText(input, remedy, read);
    return result instanceof Refusal ? refuse(context, result) : result;
  });
}

/** One of a few words. */
export function choice<const T extends string>(words: readonly T[], remedy: string): z.ZodType<T> {
  return field(remedy, (text) => {
    const word = words.find((candidate) => candidate === text.toLowerCase());
    return word ?? new Refusal(`is ${quoting(text)}not one of: ${words.join(', ')}.`, remedy);
  });
}

/** Adds an issue that carries its remedy; `schema.ts` turns it into a complaint. */
export function refuse(context: z.RefinementCtx, refusal: Refusal): never {
  context.addIssue({ code: 'custom', message: refusal.problem, params: { remedy: refusal.remedy } });
  return z.NEVER;
}

export function isBlank(input: unknown): boolean {
  return input === undefined || input === null || (typeof input === 'string' && input.trim() === '');
}

function readText<T>(input: unknown, remedy: string, read?: (text: string) => T | Refusal): T | Refusal {
  if (isBlank(input)) return new Refusal('is missing.', remedy);
  if (typeof input !== 'string') return new Refusal(`is not text but ${kindOf(input)}.`, 'Put it in quotes.');
  const text = tidied(input);
  if (unprintable(text))
    return new Refusal('contains characters that do not print.', 'Retype it instead of pasting it.');
  if (text.includes('\ufffd'))
    return new Refusal(
      'contains a letter that was lost when it was saved (\ufffd).',
      'Retype it, and save files as UTF-8.',
    );
  // Names appear in email subjects and addresses, where this starts an encoded word (RFC 2047).
  if (text.includes('=?'))
    return new Refusal(
      `is ${quoting(text)}encoded like an email header (=?), so mail programs would show something else.`,
      'Write the letters themselves, such as "Québec".',
    );
  if (text.length > LONGEST)
    return new Refusal(
      `has ${text.length} characters; the limit is ${LONGEST}.`,
      'Shorten it the way the CBP Form 5106 does.',
    );
  // Without `read`, T is string.
  return read ? read(text) : (text as T);
}

export function kindOf(input: unknown): string {
  if (input === null) return 'null';
  if (Array.isArray(input)) return 'a list';
  return typeof input === 'object' ? 'an object' : `a ${typeof input}`;
}

/** An ISO instant with its offset, or a calendar day. */
export function isInstantOrDay(text: string): boolean {
  if (isCalendarDay(text)) return true;
  return (
    isCalendarDay(text.slice(0, 10)) &&
    /T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})$/.test(text) &&
    !Number.isNaN(Date.parse(text))
  );
}

export function calendarDay(text: string): string | Refusal {
  if (isCalendarDay(text)) return text;
  if (/^\d{4,5}$/.test(text))
    return new Refusal("is a spreadsheet's day number.", 'Format the column as text and write YYYY-MM-DD.');
  return new Refusal('is not a date in the form YYYY-MM-DD.', 'Write it as YYYY-MM-DD, such as 2026-03-02.');
}

export function instantOrDay(text: string): string | Refusal {
  return isInstantOrDay(text)
    ? text
    : new Refusal(
        'is neither a date nor a time with a time zone.',
        'Write YYYY-MM-DD, or a date and time such as 2026-03-02T14:05:00-05:00.',
      );
}

export function phoneNumber(text: string): string | Refusal {
  const digits = text.replace(/\s*(x|ext\.?|extension)\s*\d{1,6}$/i, '');
  const count = digits.replace(/\D/g, '').length;
  return /^\+?[\d\s().\-/]+$/.test(digits) && count >= 7 && count <= 15
    ? text
    : new Refusal(
        'is not a telephone number.',
        'Write it with its area code, such as +1 514 555 0123 or 212-555-0100 ext. 4.',
      );
}

export function mailAddress(text: string): string | Refusal {
  if (
    /^[\x21-\x7e]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$/.test(text) &&
    !/[<>()[\],;:\\"]|@.*@/.test(text) &&
    text.length <= 254
  )
    return text;
  if ((text.match(/@/g) ?? []).length > 1) return new Refusal('is more than one email address.', 'Enter exactly one.');
  return new Refusal('is not an email address.', 'Write only the address, such as name@company.example.');
}

export function fiscalYearEnd(text: string): string | Refusal {
  const match = /^(\d{2})-(\d{2})$/.exec(text);
  // A leap year, so that 02-29 is allowed.
  if (match && isCalendarDay(`2024-${text}`)) return text;
  return new Refusal(
    'is not a day in the form MM-DD.',
    'Write the month and day, such as 12-31, in a column formatted as text.',
  );
}

export function dunsNumber(text: string): string | Refusal {
  const digits = text.replace(/[\s-]/g, '');
  return /^\d{9}$/.test(digits)
    ? digits
    : new Refusal('is not a nine-digit DUNS number.', 'Correct it, or leave it out: it is optional.');
}

export function website(text: string): string | Refusal {
  return /^(https?:\/\/)?[^\s/@]+\.[^\s/@]{2,}(\/\S*)?$/i.test(text)
    ? text
    : new Refusal('is not a web address.', 'Write it like www.company.example, or leave it out: it is optional.');
}

/** `en`, `fr-CA`. */
export function languageCode(text: string): string | Refusal {
  if (/^[a-z]{2}(-[A-Z]{2})?$/.test(text)) return text;
  return new Refusal(
    `is ${quoting(text)}not the code of a language.`,
    'Write it like en, es or fr-CA, as the folder with the templates in that language is named.',
  );
}

export function timeZoneName(text: string): string | Refusal {
  if (isTimeZone(text)) return text;
  return new Refusal(
    `is ${quoting(text)}not the IANA name of a time zone.`,
    'Write it like America/Chicago, or leave it out: it is then taken from the address of the company.',
  );
}
