import type { AnyNode } from 'acorn';
import { functionsNamedIn, parseScript } from './parse-script.js';
import { type OwnScript, scriptMayDecide } from './script-outcome.js';
import type { NumberRule, SpecialShape, ValueRule } from './value-rule.js';

/** Acrobat's own checks and formats, which people choose in a dialog, as rules. */

/** The rule of a box with these scripts. Undefined when it takes anything. */
export function ruleOf(
  scripts: Partial<Record<OwnScript['on'], string[]>>,
  library: Map<string, string>,
): ValueRule | undefined {
  const rules: ValueRule[] = [];
  for (const on of ['keystroke', 'validate', 'calculate', 'format', 'blur'] as const)
    for (const text of scripts[on] ?? []) rules.push(...rulesIn(on, text, library));
  const unlike = rules.filter(
    (rule, index) => !rules.some((other, at) => at !== index && covers(other, rule, at > index)),
  );
  const [only, ...others] = unlike;
  return only && others.length > 0 ? { kind: 'all', of: unlike } : only;
}

/** A format says what the keystroke script beside it says, and how the value is shown. */
function covers(one: ValueRule, other: ValueRule, isLater: boolean): boolean {
  if (one.kind === 'number' && other.kind === 'number') return one.shown && !other.shown;
  if (one.kind === 'special' && other.kind === 'special') return one.shape === other.shape && one.shown && !other.shown;
  return isLater && JSON.stringify(one) === JSON.stringify(other);
}

function rulesIn(on: OwnScript['on'], text: string, library: Map<string, string>): ValueRule[] {
  const program = parseScript(text);
  const rules: ValueRule[] = [];
  let own = text;
  for (const statement of program?.body ?? []) {
    const rule = acrobatRule(statement);
    if (!rule) continue;
    rules.push(rule);
    own = own.slice(0, statement.start) + ' '.repeat(statement.end - statement.start) + own.slice(statement.end);
  }
  const script: OwnScript = { on, text: own, functions: functionsNamedIn(own, library) };
  return scriptMayDecide(script) ? [...rules, { kind: 'script', ...script }] : rules;
}

const DATE_PATTERNS = [
  ...['m/d', 'm/d/yy', 'mm/dd/yy', 'mm/yy', 'd-mmm', 'd-mmm-yy', 'dd-mmm-yy', 'yy-mm-dd'],
  ...['mmm-yy', 'mmmm-yy', 'mmm d, yyyy', 'mmmm d, yyyy', 'm/d/yy h:MM tt', 'm/d/yy HH:MM'],
];
const TIME_PATTERNS = ['HH:MM', 'h:MM tt', 'HH:MM:ss', 'h:MM:ss tt'];
const SHAPES: SpecialShape[] = ['zip', 'zip+4', 'phone', 'ssn'];

/** A call of one of Acrobat's functions with values that are spelled out. */
function acrobatRule(statement: AnyNode): ValueRule | undefined {
  if (statement.type !== 'ExpressionStatement' || statement.expression.type !== 'CallExpression') return undefined;
  const { callee, arguments: given } = statement.expression;
  const match = callee.type === 'Identifier' ? /^AF(\w+)_(Keystroke|Format|Validate)(Ex)?$/.exec(callee.name) : null;
  if (!match) return undefined;
  const [, what, does, ex] = match;
  const values = given.map(literal);
  if (values.includes(undefined)) return undefined;
  const [first, second, third, , fifth, sixth] = values;
  const shown = does === 'Format';
  switch (what) {
    case 'Date':
    case 'Time': {
      const pattern = ex ? first : (what === 'Date' ? DATE_PATTERNS : TIME_PATTERNS)[Number(first)];
      return typeof pattern === 'string' && pattern !== '' ? { kind: 'date', pattern } : undefined;
    }
    case 'Number':
      return {
        ...numbers(first, second),
        negative: atMost(third, 3) as NumberRule['negative'],
        currency: String(fifth ?? ''),
        currencyFirst: Boolean(sixth),
        shown,
      };
    case 'Percent':
      return {
        ...numbers(first, second),
        negative: 0,
        currency: '%',
        currencyFirst: third === true,
        percent: true,
        shown,
      };
    case 'Special': {
      if (ex) return typeof first === 'string' && first !== '' && !shown ? { kind: 'mask', mask: first } : undefined;
      const shape = SHAPES[Number(first)];
      return shape && { kind: 'special', shape, shown };
    }
    case 'Range': {
      const [, least, , most] = values.map(Number);
      return {
        kind: 'range',
        ...(values[0] && Number.isFinite(least) ? { least: least as number } : {}),
        ...(values[2] && Number.isFinite(most) ? { most: most as number } : {}),
      };
    }
    default:
      return undefined;
  }
}

function numbers(decimals: Literal, separators: Literal) {
  return {
    kind: 'number' as const,
    decimals: atMost(decimals, 20),
    separators: atMost(separators, 4) as NumberRule['separators'],
  };
}

function atMost(value: Literal, most: number): number {
  return Math.min(Math.max(0, Math.trunc(Number(value) || 0)), most);
}

type Literal = string | number | boolean | undefined;

function literal(node: AnyNode): Literal {
  if (node.type === 'UnaryExpression' && node.operator === '-') {
    const value = literal(node.argument);
    return value === undefined ? undefined : -Number(value);
  }
  if (node.type !== 'Literal') return undefined;
  const { value } = node;
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : undefined;
}
