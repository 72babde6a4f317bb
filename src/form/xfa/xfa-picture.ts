import { isoDateAs, isoDateOf, isWrittenAs } from '../scripts/acrobat-date.js';
import { ruleProblem, type ValueRule } from '../scripts/value-rule.js';

/**
 * Pictures of XFA, which say how a value is shown and typed: `date{MM/DD/YYYY}`, `text{999-99-9999}`, `num{z,zz9.99}`.
 * Source: Adobe, XML Forms Architecture Specification 3.3, "Picture Clause Specification".
 */

/** What can be typed into a box with this picture. Undefined when the picture says nothing that is known here. */
export function ruleOfPicture(picture: string, holds: 'text' | 'date' | 'number'): ValueRule | undefined {
  // What the box shows when it is empty or zero says nothing about other values.
  const clauses = clausesOf(picture, holds).filter(({ kind }) => kind !== 'null' && kind !== 'zero');
  const rules = clauses.map(ruleOfClause);
  const [first, ...others] = rules;
  if (!first || rules.includes(undefined)) return undefined;
  return others.length > 0 ? { kind: 'any', of: rules.filter((rule) => rule !== undefined) } : first;
}

/** The picture that takes what is typed, or the first of several. */
export function chosenRule(rule: ValueRule, typed: string): ValueRule {
  if (rule.kind !== 'any') return rule;
  return rule.of.find((one) => storedAs(one, typed) !== undefined && isTaken(one, typed)) ?? rule.of[0] ?? rule;
}

/** A mask's own characters are not typed. */
const isTaken = (rule: ValueRule, typed: string) => rule.kind === 'mask' || ruleProblem(rule, typed) === undefined;

function ruleOfClause(clause: Clause): ValueRule | undefined {
  switch (clause.kind) {
    case 'date':
      return dateRule(clause.symbols);
    case 'text':
      return maskRule(clause.symbols);
    case 'num':
      return numberRule(clause.symbols);
    default:
      return undefined;
  }
}

/**
 * The value that the data has for what is typed: dates are kept as YYYY-MM-DD, text without the picture's own
 * characters. Undefined when the picture does not take it.
 */
export function storedAs(rule: ValueRule, typed: string): string | undefined {
  switch (rule.kind) {
    case 'date':
      return isWrittenAs('yyyy-mm-dd', typed) && isoDateAs(rule.pattern, typed) !== undefined
        ? typed
        : isoDateOf(rule.pattern, typed);
    case 'mask':
      return unmasked(rule.mask, typed);
    default:
      return typed;
  }
}

/** The text with the picture's own characters between its own. */
export function masked(mask: string, text: string): string {
  const characters = [...text];
  return [...mask].map((sign) => (MASK_SIGNS[sign] ? (characters.shift() ?? '') : sign)).join('');
}

interface Clause {
  kind: string;
  /** Signs of the picture; text in quotes is one literal each. */
  symbols: { text: string; literal: boolean }[];
}

function clausesOf(picture: string, holds: 'text' | 'date' | 'number'): Clause[] {
  const usual = { text: 'text', date: 'date', number: 'num' }[holds];
  return split(picture, '|').map((part) => {
    const match =
      /^\s*(date|time|datetime|num|text|null|zero)(?:\.\w+)?(?:\([^)]*\))?(?:\.\w+)?(?:\([^)]*\))?\{(.*)\}\s*$/s.exec(
        part,
      );
    // With the name of a format of the language, such as date.short{}, it depends on the reader.
    if (match && /^\s*\w+\.\w/.test(part)) return { kind: 'unknown', symbols: [] };
    return { kind: match?.[1] ?? usual, symbols: symbolsOf(match?.[2] ?? part) };
  });
}

/** Not within quotes or braces. */
function split(text: string, at: string): string[] {
  const parts = [''];
  let quoted = false;
  for (const sign of text) {
    if (sign === "'") quoted = !quoted;
    if (sign === at && !quoted) parts.push('');
    else parts[parts.length - 1] += sign;
  }
  return parts;
}

function symbolsOf(text: string): Clause['symbols'] {
  return [...text.matchAll(/'((?:[^']|'')*)'|([A-Za-z])\2*|./gs)].map(([whole, quoted, letter]) =>
    quoted !== undefined
      ? { text: quoted.replaceAll("''", "'"), literal: true }
      : { text: whole, literal: letter === undefined && !/\d/.test(whole) },
  );
}

/** Acrobat's names for the parts of a date. */
const DATE_PARTS: Record<string, string> = {
  ...{ D: 'd', DD: 'dd', M: 'm', MM: 'mm', MMM: 'mmm', MMMM: 'mmmm' },
  ...{ YY: 'yy', YYYY: 'yyyy', EEE: 'ddd', EEEE: 'dddd' },
};

function dateRule(symbols: Clause['symbols']): ValueRule | undefined {
  const parts = symbols.map(({ text, literal }) => (literal ? text.replace(/[A-Za-z\\]/g, '\\$&') : DATE_PARTS[text]));
  return parts.length > 0 && parts.every((part) => part !== undefined)
    ? { kind: 'date', pattern: parts.join('') }
    : undefined;
}

/** The signs of a picture that take a character, and those of a mask for them. */
const MASK_SIGNS: Record<string, string> = { '9': '9', '0': 'O', O: 'O', A: 'A', X: 'X' };

function maskRule(symbols: Clause['symbols']): ValueRule | undefined {
  const signs = symbols.flatMap(({ text, literal }) =>
    literal
      ? [...text].map((sign) => (MASK_SIGNS[sign] ? undefined : sign))
      : [...text].map((sign) => MASK_SIGNS[sign]),
  );
  return signs.length > 0 && signs.every((sign) => sign !== undefined)
    ? { kind: 'mask', mask: signs.join('') }
    : undefined;
}

function unmasked(mask: string, typed: string): string | undefined {
  const places = [...mask].filter((sign) => MASK_SIGNS[sign]);
  const fits = (sign: string, character: string) =>
    ({ '9': /\d/, A: /[a-z]/i, O: /[a-z\d]/i, X: /./s })[sign]?.test(character) ?? sign === character;
  const isAll = (signs: string[], text: string) =>
    signs.length === text.length && signs.every((sign, index) => fits(sign, text[index] ?? ''));
  if (isAll(places, typed)) return typed;
  if (!isAll([...mask], typed)) return undefined;
  return [...typed].filter((_, index) => MASK_SIGNS[mask[index] ?? '']).join('');
}

function numberRule(symbols: Clause['symbols']): ValueRule | undefined {
  const text = symbols.map((symbol) => symbol.text).join('');
  const match = /^([sS]?)(\$?)([zZ9,]+)(?:([.v])([zZ89]*))?(%?)$/.exec(text);
  if (!match) return undefined;
  const [, , currency = '', whole = '', , fraction = '', percent] = match;
  if (percent || /8/.test(fraction)) return undefined;
  return {
    kind: 'number',
    decimals: fraction.length,
    separators: whole.includes(',') ? 0 : 1,
    negative: 0,
    currency,
    currencyFirst: true,
    shown: true,
    mostWhole: whole.replaceAll(',', '').length,
  };
}
