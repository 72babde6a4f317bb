import type { XmlElement } from '@rgrove/parse-xml';
import type { AnyNode } from 'acorn';
import { addressIn } from '../document/button-notes.js';
import type { Click } from '../document/form-field.js';
import { everyNode, parseScript, propertyOf } from '../scripts/parse-script.js';
import { children, childrenNamed, localName } from './xfa-xml.js';

/** The scripts of a template's elements: what they read and what they do to boxes. They are read, never run. */

export interface XfaScript {
  /** `calculate`, `validate`, or the event: `change`, `exit`, `initialize`, `ready`, `click` … */
  on: string;
  /** JavaScript; FormCalc in its words. */
  text: string;
  /** Undefined when it cannot be read. */
  program: AnyNode | undefined;
  /** The name of a box is its value. */
  isFormCalc: boolean;
}

/** When a form is opened, before anybody does anything. */
export const ON_OPENING = new Set(['initialize', 'ready', 'docReady', 'calculate']);
/** Whatever a person does in the boxes. */
export const BY_ITSELF = new Set([...ON_OPENING, 'prePrint', 'preSave', 'preSubmit', 'docClose']);

export function scriptsOf(element: XmlElement): XfaScript[] {
  return children(element).flatMap((child) => {
    const kind = localName(child);
    if (!['calculate', 'validate', 'event'].includes(kind)) return [];
    const on = kind === 'event' ? (child.attributes.activity ?? 'click') : kind;
    return childrenNamed(child, 'script').flatMap((script) => {
      const isJavaScript = /javascript/i.test(script.attributes.contentType ?? '');
      const text = isJavaScript ? script.text : asJavaScript(script.text);
      return text.trim() ? [{ on, text, program: parseScript(text), isFormCalc: !isJavaScript }] : [];
    });
  });
}

/** FormCalc, which is much like it, in the words of JavaScript. */
function asJavaScript(formCalc: string): string {
  return formCalc
    .replace(/;/g, '//')
    .replace(/\$(?![\w.])/g, 'this.rawValue')
    .replace(/#\w+(?:\[\d+\])?\s*\./g, '')
    .replace(/\[\s*\*\s*\]/g, '')
    .replace(/\.\./g, '.')
    .replace(/<>/g, '!=')
    .replace(/\belseif\b/gi, '} else if')
    .replace(/\bif\b/gi, (word, at: number, text: string) =>
      /\}\s*else\s*$/.test(text.slice(0, at)) ? 'if' : word.toLowerCase(),
    )
    .replace(/\bthen\b/gi, '{')
    .replace(/\bendif\b/gi, '}')
    .replace(/\belse\b(?!\s*if\b)/gi, '} else {')
    .replace(/\beq\b/gi, '==')
    .replace(/\bne\b/gi, '!=')
    .replace(/\blt\b/gi, '<')
    .replace(/\ble\b/gi, '<=')
    .replace(/\bgt\b/gi, '>')
    .replace(/\bge\b/gi, '>=')
    .replace(/\band\b/gi, '&&')
    .replace(/\bor\b/gi, '||');
}

/** A box or container as a script names it. `self` is the owner of the script. */
export type Named = { self: true } | { name: string; index: number };

/** What must be so for a script to do something: the value of its own box. */
export type When =
  | { kind: 'always' }
  | { kind: 'is'; option: string }
  | { kind: 'filled' }
  | { kind: 'empty' }
  | { kind: 'unknown' };

export interface Effect {
  on: string;
  target: Named;
  when: When;
  does: 'opens' | 'closes' | 'shows' | 'hides' | 'clears' | 'sets';
}

/** What a script does to boxes. A script that cannot be read does nothing known. */
export function boxEffectsOf({ on, program, isFormCalc }: XfaScript): Effect[] {
  const effects: Effect[] = [];
  const walk = (node: AnyNode, when: When): void => {
    switch (node.type) {
      case 'IfStatement': {
        const test = whenOf(node.test);
        walk(node.consequent, both(when, test));
        if (node.alternate) walk(node.alternate, both(when, otherThan(test)));
        return;
      }
      case 'AssignmentExpression': {
        const effect = effectOf(node, isFormCalc);
        if (effect) effects.push({ on, when, ...effect });
        return;
      }
      case 'Program':
      case 'BlockStatement':
        for (const statement of node.body) walk(statement, when);
        return;
      case 'ExpressionStatement':
        walk(node.expression, when);
        return;
      default:
        for (const inner of everyNode(node))
          if (inner.type === 'AssignmentExpression') walk(inner, { kind: 'unknown' });
    }
  };
  if (program) walk(program, { kind: 'always' });
  return effects;
}

function effectOf(
  node: AnyNode & { type: 'AssignmentExpression' },
  isFormCalc: boolean,
): Pick<Effect, 'target' | 'does'> | undefined {
  const property = propertyOf(node.left);
  if (isFormCalc && !PROPERTIES.has(property ?? '')) {
    const target = namedBy(node.left);
    const does = doneBy('rawValue', node.right);
    return target && does && { target, does };
  }
  if (node.left.type !== 'MemberExpression' || property === undefined) return undefined;
  const target = namedBy(node.left.object);
  const does = doneBy(property, node.right);
  return target && does ? { target, does } : undefined;
}

/** What a box has. Other names are boxes below it. */
const PROPERTIES = new Set([
  'access',
  'presence',
  'rawValue',
  'value',
  'mandatory',
  'formattedValue',
  'borderColor',
  'fillColor',
  'fontColor',
]);

function doneBy(property: string, value: AnyNode): Effect['does'] | undefined {
  const literal = value.type === 'Literal' ? value.value : undefined;
  switch (property) {
    case 'access':
      return literal === 'open' ? 'opens' : typeof literal === 'string' ? 'closes' : undefined;
    case 'presence':
      return literal === 'visible' ? 'shows' : typeof literal === 'string' ? 'hides' : undefined;
    case 'rawValue':
    case 'value':
      if (literal === '' || literal === null || literal === 0 || literal === '0') return 'clears';
      return 'sets';
    default:
      return undefined;
  }
}

/** Undefined for anything but a box: `xfa.host`. */
export function namedBy(node: AnyNode): Named | undefined {
  if (node.type === 'ThisExpression' || (node.type === 'Identifier' && node.name === '$')) return { self: true };
  if (node.type === 'Identifier') return { name: node.name, index: 0 };
  if (node.type === 'CallExpression') {
    const [path] = node.arguments;
    const isResolved = node.callee.type === 'MemberExpression' && propertyOf(node.callee) === 'resolveNode';
    return isResolved && path?.type === 'Literal' ? lastOf(String(path.value)) : undefined;
  }
  if (node.type !== 'MemberExpression') return undefined;
  const name = propertyOf(node);
  if (!node.computed) return name === undefined ? undefined : { name, index: 0 };
  // `City[2]` of FormCalc.
  const outer = namedBy(node.object);
  return outer && 'name' in outer && /^\d+$/.test(name ?? '') ? { ...outer, index: Number(name) } : undefined;
}

function lastOf(path: string): Named | undefined {
  const match = /(?:^|\.)([\w-]+)(?:\[(\d+)\])?$/.exec(path.trim());
  return match?.[1] ? { name: match[1], index: Number(match[2] ?? 0) } : undefined;
}

/** Which value of its own box a test asks for. */
function whenOf(test: AnyNode): When {
  if (test.type === 'ParenthesizedExpression') return whenOf(test.expression);
  if (isOwnValue(test)) return { kind: 'filled' };
  if (test.type !== 'BinaryExpression') return { kind: 'unknown' };
  const [own, literal] = isOwnValue(test.left) ? [test.left, test.right] : [test.right, test.left];
  if (!isOwnValue(own) || literal.type !== 'Literal') return { kind: 'unknown' };
  const asked: When =
    literal.value === null || literal.value === '' ? { kind: 'empty' } : { kind: 'is', option: String(literal.value) };
  if (test.operator === '==' || test.operator === '===') return asked;
  return test.operator === '!=' || test.operator === '!==' ? otherThan(asked) : { kind: 'unknown' };
}

function isOwnValue(node: AnyNode): boolean {
  if (node.type === 'Identifier') return node.name === '$';
  if (node.type !== 'MemberExpression') return false;
  const target = namedBy(node.object);
  return target !== undefined && 'self' in target && ['rawValue', 'value'].includes(propertyOf(node) ?? '');
}

function otherThan(when: When): When {
  if (when.kind === 'empty') return { kind: 'filled' };
  return when.kind === 'filled' ? { kind: 'empty' } : { kind: 'unknown' };
}

function both(one: When, other: When): When {
  if (one.kind === 'always') return other;
  return other.kind === 'always' || JSON.stringify(one) === JSON.stringify(other) ? one : { kind: 'unknown' };
}

/**
 * The names that a script reads: of boxes, of containers, of anything else. `unknown` when it takes boxes by other
 * means. What it only writes to is not listed.
 */
export function namesRead({ program }: XfaScript): string[] | 'unknown' {
  if (!program) return 'unknown';
  const names = new Set<string>();
  const written = new Set<AnyNode>();
  for (const node of everyNode(program)) {
    if (node.type === 'AssignmentExpression' && node.operator === '=')
      for (const inner of everyNode(node.left)) written.add(inner);
    if (written.has(node)) continue;
    if (node.type === 'Identifier') names.add(node.name);
    if (node.type !== 'CallExpression' || node.callee.type !== 'MemberExpression') continue;
    if (!/^resolveNodes?$/.test(propertyOf(node.callee) ?? '')) continue;
    const [path] = node.arguments;
    if (path?.type !== 'Literal') return 'unknown';
    for (const name of String(path.value).match(/[\w-]+/g) ?? []) names.add(name);
  }
  return [...names].some((name) => BEYOND_BOXES.has(name)) ? 'unknown' : [...names];
}

/** Ways to the data itself, to boxes by number, and to code that is made while it runs. */
const BEYOND_BOXES = new Set([
  '$record',
  '$data',
  'record',
  'datasets',
  'dataset',
  'nodes',
  'eval',
  'Eval',
  'getElement',
  'fields',
]);

/** The functions that a script calls in objects of the form's own: `Tools.fill()`. */
export function callsIn({ program }: XfaScript): { object: string; name: string }[] {
  return (program ? everyNode(program) : []).flatMap((node) => {
    if (node.type !== 'CallExpression' || node.callee.type !== 'MemberExpression') return [];
    const { object } = node.callee;
    const name = propertyOf(node.callee);
    const owner = object.type === 'Identifier' ? object.name : propertyOf(object);
    return owner !== undefined && name !== undefined ? [{ object: owner, name }] : [];
  });
}

/** What a click on a button does. Undefined when it does nothing. */
export function clickOn(button: XmlElement): Click | undefined {
  const events = childrenNamed(button, 'event').filter(({ attributes }) =>
    ['click', 'mouseUp', 'mouseDown', undefined].includes(attributes.activity),
  );
  const actions = events
    .flatMap(children)
    .filter((action) => ['submit', 'script', 'execute'].includes(localName(action)));
  if (actions.length === 0) return undefined;
  const sends = actions
    .map((action) => (localName(action) === 'submit' ? (action.attributes.target ?? '') : addressIn(action.text)))
    .find((target) => target !== undefined);
  return sends === undefined ? {} : { sends };
}
