import { exampleOf, isoDateAs, isWrittenAs, mapFormatOf } from './acrobat-date.js';
import { type OwnScript, scriptOutcome } from './script-outcome.js';

/**
 * What a box accepts, as plain data. The rules of Acrobat's own functions come from Adobe's AForm.js, which every Acrobat
 * runs; https://github.com/mozilla/pdf.js/blob/master/src/scripting_api/aform.js has the same ones.
 */
export type ValueRule =
  /** Acrobat's pattern, such as `mm/dd/yyyy` or `h:MM tt`. */
  | { kind: 'date'; pattern: string }
  | NumberRule
  | { kind: 'special'; shape: SpecialShape; shown: boolean }
  /** 9 is a digit, A a letter, O a letter or digit, X anything; any other character stands for itself. */
  | { kind: 'mask'; mask: string }
  | { kind: 'range'; least?: number; most?: number }
  /** A script of the form's own. */
  | ({ kind: 'script' } & OwnScript)
  | { kind: 'all'; of: ValueRule[] }
  /** Alternatives. */
  | { kind: 'any'; of: ValueRule[] };

export interface NumberRule {
  kind: 'number';
  decimals: number;
  /** As Acrobat counts them: 1,234.56 then 1234.56, 1.234,56, 1234,56, 1'234.56. */
  separators: 0 | 1 | 2 | 3 | 4;
  /** -1, red without a sign, (1), red (1). */
  negative: 0 | 1 | 2 | 3;
  currency: string;
  currencyFirst: boolean;
  /** The box stores 0.5 and shows 50%. */
  percent?: true;
  /** False: the box shows what was typed. */
  shown: boolean;
  /** Most digits before the decimal mark, and after it: a number with more is refused or rounded. Undefined: no limit. */
  mostWhole?: number;
  mostDecimals?: number;
}

export type SpecialShape = 'zip' | 'zip+4' | 'phone' | 'ssn';

type Problem = { problem: string; remedy: string };

/**
 * Why Acrobat would refuse a value, would change it, or would show something else that cannot be told.
 * @param isTrusted a person has tried such values in Acrobat: what cannot be told is no problem
 */
export function ruleProblem(rule: ValueRule, value: string, isTrusted = false): Problem | undefined {
  if (value === '') return undefined;
  switch (rule.kind) {
    case 'date':
      return dateProblem(rule.pattern, value);
    case 'number':
      return numberProblem(rule, value);
    case 'special':
      return SPECIAL[rule.shape].accepts.test(value) ? undefined : specialProblem(rule.shape);
    case 'mask':
      return isMasked(rule.mask, value) ? undefined : maskProblem(rule.mask, value);
    case 'range':
      return rangeProblem(rule, value);
    case 'script':
      return scriptProblem(rule, value, isTrusted);
    case 'all':
      for (const one of rule.of) {
        const problem = ruleProblem(one, value, isTrusted);
        if (problem) return problem;
      }
      return undefined;
    case 'any': {
      const problems = rule.of.map((one) => ruleProblem(one, value));
      return problems.includes(undefined) ? undefined : problems[0];
    }
  }
}

/**
 * The text that Acrobat shows for a value that the rule accepts: $5.00 for 5. The file then has the value as Acrobat
 * would store it, so that its sums go on working, and the drawing is what every reader sees.
 */
export function shownAs(rule: ValueRule, value: string): string {
  if (value === '') return value;
  switch (rule.kind) {
    case 'number':
      return rule.shown ? numberShown(rule, value) : value;
    case 'special':
      return rule.shown ? specialShown(rule.shape, value) : value;
    case 'script': {
      const outcome = rule.on === 'format' ? scriptOutcome(rule, value) : undefined;
      return outcome?.kind === 'takes' ? outcome.value : value;
    }
    case 'all':
      return rule.of.map((one) => shownAs(one, value)).find((shown) => shown !== value) ?? value;
    case 'any': {
      const taken = rule.of.find((one) => ruleProblem(one, value) === undefined);
      return taken ? shownAs(taken, value) : value;
    }
    default:
      return value;
  }
}

function dateProblem(pattern: string, value: string): Problem | undefined {
  if (isWrittenAs(pattern, value)) return undefined;
  const format = mapFormatOf(pattern);
  const example = isoDateAs(pattern, value) ?? exampleOf(pattern);
  return {
    problem: `is ${quoted(value)}, but the box takes ${/[ymd]/.test(pattern) ? 'dates' : 'times'} written as ${pattern}.`,
    remedy: `Write it as in "${example}"${format ? `: give the box the format ${format} in the field map` : ''}.`,
  };
}

/** Beyond this many digits Acrobat's numbers are no longer exact. */
const EXACT_DIGITS = 15;

function numberProblem(rule: NumberRule, value: string): Problem | undefined {
  const { mark, shape } = TYPED[rule.separators];
  const match = shape.exec(value);
  if (!match)
    return {
      problem: `is ${quoted(value)}, but the box takes a number.`,
      remedy: `Write it in digits, without currency or separators of thousands, as in 1234${rule.decimals > 0 ? `${mark}50` : ''}; in a field map the format "digits" drops hyphens.`,
    };
  const [, minus, whole = '', fraction = ''] = match;
  if (rule.mostWhole !== undefined && whole.replace(/^0+(?=\d)/, '').length > rule.mostWhole)
    return {
      problem: `has ${whole.length} digits before the decimal mark, but the box takes ${rule.mostWhole}.`,
      remedy: 'Map another box.',
    };
  if (!rule.shown && rule.mostDecimals === undefined) return undefined;
  const kept = rule.shown ? rule.decimals + (rule.percent ? 2 : 0) : (rule.mostDecimals ?? 0);
  if (/[^0]/.test(fraction.slice(kept)))
    return {
      problem: `is ${quoted(value)}, but the box ${rule.shown ? 'shows' : 'takes'} ${kept === 0 ? 'no decimals' : `${rule.shown ? rule.decimals : kept} decimals`}: the rest would be rounded.`,
      remedy: 'Round it, or map another box.',
    };
  if (/^0\d/.test(whole))
    return {
      problem: `begins with 0, which the box drops: it would show ${quoted(numberShown(rule, value))}.`,
      remedy: 'Write it without the 0 if it is an amount. If it is a code, have a person fill the form.',
    };
  if (whole.length + kept > EXACT_DIGITS)
    return {
      problem: `has more than ${EXACT_DIGITS} digits, and Acrobat would show others than these.`,
      remedy: 'Map another box.',
    };
  if (!minus) return undefined;
  if (rule.negative === 1 || rule.negative === 3)
    return {
      problem: `is ${quoted(value)}, which the box would show in red.`,
      remedy: 'Have a person fill the form.',
    };
  return /[1-9]/.test(value) ? undefined : { problem: 'is zero with a minus sign.', remedy: 'Write 0.' };
}

const POINT = { mark: '.', shape: /^(-?)(\d+)(?:\.(\d+))?$/ };
const COMMA = { mark: ',', shape: /^(-?)(\d+)(?:,(\d+))?$/ };
/** Decimals as they are typed. With the last style, Acrobat and pdf.js do not agree on the mark, so there are none. */
const TYPED = [POINT, POINT, COMMA, COMMA, { mark: '.', shape: /^(-?)(\d+)$/ }] as const;

const SEPARATORS = [',.', '.', '.,', ',', "'."] as const;

/** Only digits are moved and added: nothing is computed, so nothing is rounded. */
function numberShown({ decimals, separators, negative, currency, currencyFirst, percent }: NumberRule, value: string) {
  const [, minus = '', wholeGiven = '0', fractionGiven = ''] = /^(-?)(\d+)(?:[.,](\d+))?$/.exec(value) ?? [];
  const shift = percent ? 2 : 0;
  const padded = fractionGiven.padEnd(shift + decimals, '0');
  const whole = `${wholeGiven}${padded.slice(0, shift)}`.replace(/^0+(?=\d)/, '');
  const fraction = padded.slice(shift, shift + decimals);
  const marks = SEPARATORS[separators];
  const [thousands, point] = marks.length === 2 ? [marks[0] ?? '', marks[1] ?? ''] : ['', marks];
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, thousands);
  const plain = `${grouped}${fraction ? `${point}${fraction}` : ''}`;
  const priced = currencyFirst ? `${currency}${plain}` : `${plain}${currency}`;
  if (!minus) return priced;
  return negative === 2 || negative === 3 ? `(${priced})` : `-${priced}`;
}

const SPECIAL: Record<SpecialShape, { takes: string; remedy: string; accepts: RegExp }> = {
  zip: {
    takes: 'a ZIP code of five digits',
    remedy: 'Write the five digits alone, as in 20001: give the box the format "zip5" in the field map.',
    accepts: /^\d{5}$/,
  },
  'zip+4': {
    takes: 'a ZIP code of nine digits (ZIP+4)',
    remedy: 'Write all nine digits, as in 20001-0001: "zip9" is the format in the field map.',
    accepts: /^\d{5}-?\d{4}$/,
  },
  phone: {
    takes: 'a US telephone number',
    remedy: 'Write ten digits, as in (202) 555-0100: give the box the format "phone10" in the field map.',
    accepts: /^(?:(?:\(\d{3}\) ?|\d{3}[- ]?)?\d{3}[- ]?\d{4})$/,
  },
  ssn: {
    takes: 'nine digits, shown as 999-99-9999',
    remedy: 'Write all nine digits.',
    accepts: /^\d{3}-?\d{2}-?\d{4}$/,
  },
};

function specialProblem(shape: SpecialShape): Problem {
  const { takes, remedy } = SPECIAL[shape];
  return { problem: `does not fit a box for ${takes}.`, remedy };
}

function specialShown(shape: SpecialShape, value: string): string {
  const digits = value.replace(/\D/g, '');
  const cut = (...lengths: number[]) => {
    let from = 0;
    return lengths.map((length) => {
      from += length;
      return digits.slice(from - length, from);
    });
  };
  if (shape === 'zip') return digits;
  if (shape === 'zip+4') return cut(5, 4).join('-');
  if (shape === 'ssn') return cut(3, 2, 4).join('-');
  if (digits.length === 7) return cut(3, 4).join('-');
  const [area, exchange, line] = cut(3, 3, 4);
  return `(${area}) ${exchange}-${line}`;
}

const MASKS: Record<string, RegExp> = { '9': /^\d$/, A: /^[a-z]$/i, O: /^[a-z\d]$/i, X: /^.$/s };

function isMasked(mask: string, value: string): boolean {
  return (
    mask.length === value.length &&
    [...mask].every((sign, index) => (MASKS[sign] ? MASKS[sign].test(value[index] ?? '') : sign === value[index]))
  );
}

/** Masks are often for tax numbers, so the value is not quoted. */
function maskProblem(mask: string, value: string): Problem {
  const places = [...mask].filter((sign) => MASKS[sign]).join('');
  const bare = [...value].filter((character) => /[\p{L}\p{N}]/u.test(character)).join('');
  const told = 'where 9 is a digit, A a letter, O a letter or digit, and X any character';
  return {
    problem: `does not fit the box, which takes ${mask.length === 1 ? 'one character' : `${mask.length} characters`} written as ${mask}, ${told}.`,
    remedy:
      isMasked(places, bare) && isMasked(mask, bare)
        ? 'Write it without other characters: in a field map, the format "digits".'
        : isMasked(places, bare)
          ? `Write it with ${[...new Set([...mask].filter((sign) => !MASKS[sign]))].map((sign) => (sign === ' ' ? 'spaces' : `"${sign}"`)).join(' and ')} where the box has them.`
          : 'Write it in this way, or map another box.',
  };
}

function rangeProblem({ least, most }: { least?: number; most?: number }, value: string): Problem | undefined {
  const number = Number(value.replace(',', '.'));
  const low = least !== undefined && !(number >= least);
  const high = most !== undefined && !(number <= most);
  if (!low && !high) return undefined;
  const range =
    least !== undefined && most !== undefined
      ? `from ${least} to ${most}`
      : least !== undefined
        ? `of at least ${least}`
        : `of at most ${most}`;
  return {
    problem: `is ${quoted(value)}, but the box takes a number ${range}.`,
    remedy: 'Correct the value, or map another box.',
  };
}

function scriptProblem(rule: OwnScript, value: string, isTrusted: boolean): Problem | undefined {
  const outcome = scriptOutcome(rule, value);
  if (outcome.kind === 'refuses')
    return {
      problem: outcome.says
        ? `is refused by the form itself, which says: "${short(outcome.says)}"`
        : 'is refused by a script of the form.',
      remedy: 'Write it as the form wants it, or map another box.',
    };
  // A format changes only the drawing, which `shownAs` gives.
  if (outcome.kind === 'takes' && (outcome.value === value || (rule.on === 'format' && outcome.value.trim() !== '')))
    return undefined;
  if (outcome.kind === 'takes' && outcome.value === value.toUpperCase())
    return {
      problem: `is ${quoted(value)}, but the box takes upper case only.`,
      remedy: 'Write it in capitals: give the box the format "upper" in the field map.',
    };
  if (outcome.kind === 'takes')
    return {
      problem: `is ${quoted(value)}, which the form would change to ${quoted(outcome.value)}.`,
      remedy: 'Write it that way, or map another box.',
    };
  if (isTrusted) return undefined;
  return {
    problem: `goes into a box that ${DOES[rule.on]} with a script of its own: only Acrobat can tell what becomes of it.`,
    remedy:
      'Type such values into the form in Acrobat. If it takes and shows them as they are, say so in the field map with "triedInAcrobat": "who and when". Otherwise map another box, or have a person fill this one.',
  };
}

const DOES: Record<OwnScript['on'], string> = {
  keystroke: 'checks what is typed',
  validate: 'checks its value',
  calculate: 'changes its value',
  format: 'shows its value in another way',
  blur: 'changes its value when it is left',
};

/** A value in a message. A number of nine digits or more may be a tax number. */
function quoted(value: string): string {
  return value.replace(/\D/g, '').length >= 9 ? 'a long number' : `"${short(value)}"`;
}

function short(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > 120 ? `${line.slice(0, 119)}…` : line;
}
