/**
 * The plain values that a script of a form works with while it is read, and the few things it does with them. No value is
 * one of our objects: a script cannot reach anything through it.
 */

/** What cannot be told without running the form in Acrobat. */
export const UNKNOWN = Symbol('unknown');
/** Acrobat's event: what is typed, where it goes, and whether the box takes it. */
export const EVENT = Symbol('event');
/** The box itself, as an object of Acrobat. */
export const TARGET = Symbol('target');
type Plain = string | number | boolean | null | undefined;
export type Known = Plain | RegExp | Known[] | typeof UNKNOWN | typeof EVENT | typeof TARGET;

/** Ends the reading of a script. */
export class NotKnown extends Error {}

const LONGEST_TEXT = 50_000;

export function isPlain(value: unknown): value is Plain {
  return value === null || ['string', 'number', 'boolean', 'undefined'].includes(typeof value);
}

/** A form may bring one that takes forever: forms are read and filled in a process that is stopped when it takes too long. */
export function regularExpression(pattern: string, flags: string): Known {
  try {
    return new RegExp(pattern, flags);
  } catch {
    return UNKNOWN;
  }
}

export function unary(operator: string, value: Known): Known {
  if (operator === 'void') return undefined;
  if (value === UNKNOWN) return UNKNOWN;
  if (operator === '!') return !value;
  if (!isPlain(value)) return UNKNOWN;
  if (operator === '-') return -Number(value);
  if (operator === '+') return Number(value);
  return operator === 'typeof' ? (value === null ? 'object' : typeof value) : UNKNOWN;
}

export function binary(operator: string, left: Known, right: Known): Known {
  if (!isPlain(left) || !isPlain(right)) return UNKNOWN;
  const [one, other] = [left as never, right as never];
  switch (operator) {
    case '+':
      return limited(one + other);
    case '-':
      return Number(left) - Number(right);
    case '*':
      return Number(left) * Number(right);
    case '/':
      return Number(left) / Number(right);
    case '%':
      return Number(left) % Number(right);
    case '<':
      return one < other;
    case '>':
      return one > other;
    case '<=':
      return one <= other;
    case '>=':
      return one >= other;
    case '===':
      return left === right;
    case '!==':
      return left !== right;
    case '==':
      // biome-ignore lint/suspicious/noDoubleEquals: it is the script's own.
      return left == right;
    case '!=':
      // biome-ignore lint/suspicious/noDoubleEquals: it is the script's own.
      return left != right;
    default:
      return UNKNOWN;
  }
}

export function limited(value: Known): Known {
  if (typeof value === 'string' && value.length > LONGEST_TEXT) throw new NotKnown();
  return value;
}

/** What both Acrobat and browsers take for an email address. */
const EMAIL =
  /^[a-zA-Z\d](?:[\w.+-]*[a-zA-Z\d])?@[a-zA-Z\d](?:[a-zA-Z\d-]*[a-zA-Z\d])?(?:\.[a-zA-Z\d](?:[a-zA-Z\d-]*[a-zA-Z\d])?)+$/;

export const GLOBALS = new Map<string, (...given: Known[]) => Known>([
  ['Number', (value) => (isPlain(value) ? Number(value) : UNKNOWN)],
  ['String', (value) => (isPlain(value) ? String(value) : UNKNOWN)],
  ['parseInt', (value, radix) => (isPlain(value) ? Number.parseInt(String(value), Number(radix ?? 10)) : UNKNOWN)],
  ['parseFloat', (value) => (isPlain(value) ? Number.parseFloat(String(value)) : UNKNOWN)],
  ['isNaN', (value) => (isPlain(value) ? Number.isNaN(Number(value)) : UNKNOWN)],
  // Acrobat's own. A number with anything else beside it is read in several ways.
  [
    'AFMakeNumber',
    (value) => (/^-?\d+(?:\.\d+)?$/.test(String(isPlain(value) ? value : '')) ? Number(value) : UNKNOWN),
  ],
  ['eMailValidate', (value) => (typeof value === 'string' ? EMAIL.test(value) : UNKNOWN)],
  ['getField', () => UNKNOWN],
  ['isFinite', (value) => (isPlain(value) ? Number.isFinite(Number(value)) : UNKNOWN)],
]);

export const MATH = new Map<string, (...given: number[]) => number>([
  ['floor', Math.floor],
  ['ceil', Math.ceil],
  ['round', Math.round],
  ['abs', Math.abs],
  ['min', Math.min],
  ['max', Math.max],
]);

export function methodOf(object: Known, name: string, given: Known[]): Known {
  const [first, second] = given;
  const numbers = given.map((one) => (typeof one === 'number' ? one : Number.NaN));
  if (object instanceof RegExp && typeof first === 'string') {
    if (name === 'test') return object.test(first);
    return name === 'exec' ? listOf(object.exec(first)) : UNKNOWN;
  }
  if (typeof object === 'number') {
    if (name === 'toString' && given.length === 0) return String(object);
    return name === 'toFixed' && typeof first === 'number' && first >= 0 && first <= 20
      ? object.toFixed(first)
      : UNKNOWN;
  }
  if (Array.isArray(object))
    return name === 'join' && object.every(isPlain) ? object.join(typeof first === 'string' ? first : ',') : UNKNOWN;
  if (typeof object !== 'string') return UNKNOWN;
  const pattern = typeof first === 'string' || first instanceof RegExp ? first : undefined;
  switch (name) {
    case 'toString':
      return object;
    case 'toUpperCase':
      return object.toUpperCase();
    case 'toLowerCase':
      return object.toLowerCase();
    case 'trim':
      return object.trim();
    case 'charAt':
      return object.charAt(numbers[0] ?? 0);
    case 'charCodeAt':
      return object.charCodeAt(numbers[0] ?? 0);
    case 'substring':
      return object.substring(numbers[0] ?? 0, numbers[1]);
    case 'substr':
      return numbers[1] === undefined
        ? object.slice(numbers[0] ?? 0)
        : object.slice(numbers[0] ?? 0).slice(0, Math.max(0, numbers[1]));
    case 'slice':
      return object.slice(numbers[0] ?? 0, numbers[1]);
    case 'indexOf':
      return object.indexOf(String(first as Plain), numbers[1]);
    case 'lastIndexOf':
      return object.lastIndexOf(String(first as Plain));
    case 'concat':
      return given.every(isPlain) ? object.concat(...given.map(String)) : UNKNOWN;
    case 'split':
      return typeof first === 'string' ? object.split(first) : UNKNOWN;
    case 'search':
      return pattern === undefined ? UNKNOWN : object.search(pattern);
    case 'match':
      return pattern === undefined ? UNKNOWN : listOf(object.match(pattern));
    case 'replace':
      return pattern !== undefined && typeof second === 'string' ? object.replace(pattern, second) : UNKNOWN;
    default:
      return UNKNOWN;
  }
}

function listOf(match: readonly (string | undefined)[] | null): Known {
  return match === null ? null : [...match];
}
