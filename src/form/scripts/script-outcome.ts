import type { AnyNode, Function as FunctionNode } from 'acorn';
import { everyNode, functionsIn, isNamed, parseScript, propertyOf } from './parse-script.js';
import {
  binary,
  EVENT,
  GLOBALS,
  isPlain,
  type Known,
  limited,
  MATH,
  methodOf,
  NotKnown,
  regularExpression,
  TARGET,
  UNKNOWN,
  unary,
} from './script-values.js';

/**
 * What a script of a form would make of a value. The script is not run: this follows the few things such scripts do with
 * the text of one box, on plain strings and numbers, for a limited number of steps. Whatever else it does is unknown.
 */

/** Plain data: the text of the script, and of the document's functions that it names. */
export interface OwnScript {
  on: 'keystroke' | 'validate' | 'calculate' | 'format' | 'blur';
  text: string;
  functions: string;
}

export type ScriptOutcome =
  /** The value after the script: another one if the script changed it. */
  | { kind: 'takes'; value: string }
  /** With the words that the form would show to the person who types. */
  | { kind: 'refuses'; says?: string }
  | { kind: 'unknown' };

/** What Acrobat does to a value that is typed into the box. */
export function scriptOutcome(script: OwnScript, value: string): ScriptOutcome {
  if (script.on !== 'keystroke') return outcomeOfEvent(script, { value, change: '', willCommit: true });
  // It runs for what is typed, here all at once as when it is pasted, and again when the box is left.
  const typed = outcomeOfEvent(script, { value: '', change: value, willCommit: false });
  if (typed.kind !== 'takes' || typed.value !== value) return typed;
  return outcomeOfEvent(script, { value, change: '', willCommit: true });
}

/** Whether a script may have a say in what goes into the box or what it shows. One that cannot be read may. */
export function scriptMayDecide({ on, text, functions }: OwnScript): boolean {
  if (on === 'blur') return true;
  const programs = [parseScript(text), parseScript(functions)];
  return programs.some((program) => !program || everyNode(program).some(mayTouchEvent));
}

interface Typing {
  value: string;
  change: string;
  willCommit: boolean;
}

function outcomeOfEvent({ on, text, functions }: OwnScript, typing: Typing): ScriptOutcome {
  const program = parseScript(text);
  const library = parseScript(functions);
  if (!program || !library) return { kind: 'unknown' };
  const reading = new Reading(on, typing, new Map([...functionsIn(library), ...functionsIn(program)]));
  try {
    reading.statements(program.body);
    return reading.outcome();
  } catch (error) {
    if (!(error instanceof NotKnown)) throw error;
    const all = [...everyNode(program), ...everyNode(library)];
    return on === 'blur' || all.some(mayTouchEvent) ? { kind: 'unknown' } : { kind: 'takes', value: reading.whole() };
  }
}

/** Whether a node may change the value or refuse it: it writes to `event`, passes it on, or calls a check of Acrobat's own. */
function mayTouchEvent(node: AnyNode): boolean {
  switch (node.type) {
    case 'AssignmentExpression':
      return isEventItself(node.right) || (node.left.type === 'MemberExpression' && mayBeOwn(node.left));
    case 'UpdateExpression':
      return node.argument.type === 'MemberExpression' && mayBeOwn(node.argument);
    case 'VariableDeclarator':
      return node.init ? isEventItself(node.init) : false;
    case 'CallExpression':
      if (isNamed(node.callee, 'AFMergeChange')) return false;
      if (node.callee.type === 'Identifier' && /^AF|^eval$/.test(node.callee.name)) return true;
      return node.arguments.some(isEventItself);
    default:
      return false;
  }
}

/** The event or the box itself, which may get another name. */
function isEventItself(node: AnyNode): boolean {
  return isNamed(node, 'event') || (propertyOf(node) === 'target' && mayBeOwn(node));
}

type Completion = { kind: 'return'; value: Known } | { kind: 'break' | 'continue' } | undefined;

const MOST_STEPS = 50_000;
const DEEPEST_CALL = 16;

class Reading {
  private readonly event: Record<string, Known>;
  private readonly alerts: Known[] = [];
  private scopes: Map<string, Known>[] = [new Map()];
  private steps = 0;

  constructor(
    private readonly on: OwnScript['on'],
    typing: Typing,
    private readonly functions: Map<string, FunctionNode>,
  ) {
    this.event = { ...typing, rc: true, selStart: 0, selEnd: 0 };
  }

  outcome(): ScriptOutcome {
    if (this.event.rc === UNKNOWN) return { kind: 'unknown' };
    const [says] = this.alerts;
    if (!this.event.rc) return { kind: 'refuses', ...(typeof says === 'string' ? { says } : {}) };
    const value = this.merged();
    return typeof value === 'string' || typeof value === 'number'
      ? { kind: 'takes', value: String(value) }
      : { kind: 'unknown' };
  }

  /** What was typed, whatever the script does. */
  whole(): string {
    return String(this.event.willCommit ? this.event.value : this.event.change);
  }

  statements(body: AnyNode[]): Completion {
    for (const node of body) {
      const completion = this.statement(node);
      if (completion) return completion;
    }
    return undefined;
  }

  private merged(): Known {
    return this.event.willCommit ? this.event.value : this.event.change;
  }

  private statement(node: AnyNode): Completion {
    this.count();
    switch (node.type) {
      case 'EmptyStatement':
      case 'FunctionDeclaration':
        return undefined;
      case 'ExpressionStatement':
        this.value(node.expression);
        return undefined;
      case 'VariableDeclaration':
        for (const { id, init } of node.declarations) {
          if (id.type !== 'Identifier') throw new NotKnown();
          if (init || !this.scope().has(id.name)) this.scope().set(id.name, init ? this.value(init) : undefined);
        }
        return undefined;
      case 'BlockStatement':
        return this.statements(node.body);
      case 'ReturnStatement':
        return { kind: 'return', value: node.argument ? this.value(node.argument) : undefined };
      case 'BreakStatement':
      case 'ContinueStatement':
        if (node.label) throw new NotKnown();
        return { kind: node.type === 'BreakStatement' ? 'break' : 'continue' };
      case 'IfStatement': {
        const test = this.value(node.test);
        if (test === UNKNOWN) return this.skip(node.consequent, ...(node.alternate ? [node.alternate] : []));
        if (test) return this.statement(node.consequent);
        return node.alternate ? this.statement(node.alternate) : undefined;
      }
      case 'ForStatement':
        if (node.init?.type === 'VariableDeclaration') this.statement(node.init);
        else if (node.init) this.value(node.init);
        return this.loop(node.test ?? undefined, node.body, node.update ?? undefined);
      case 'WhileStatement':
        return this.loop(node.test, node.body);
      default:
        throw new NotKnown();
    }
  }

  private loop(test: AnyNode | undefined, body: AnyNode, update?: AnyNode): Completion {
    for (;;) {
      this.count();
      const goes = test ? this.value(test) : true;
      if (goes === UNKNOWN) return this.skip(body, ...(update ? [update] : []));
      if (!goes) return undefined;
      const completion = this.statement(body);
      if (completion?.kind === 'return') return completion;
      if (completion?.kind === 'break') return undefined;
      if (update) this.value(update);
    }
  }

  /** Code that may run or not. What it sets is unknown afterward; it must not decide about the value. */
  private skip(...branches: AnyNode[]): undefined {
    for (const node of branches.flatMap((branch) => everyNode(branch))) {
      const leaves =
        node.type === 'ReturnStatement' || node.type === 'ThrowStatement' || node.type === 'BreakStatement';
      const callee = node.type === 'CallExpression' && node.callee.type === 'Identifier' ? node.callee.name : '';
      const called = this.functions.get(callee);
      if (leaves || this.mayTouch(node) || (called && everyNode(called.body).some(mayTouchEvent))) throw new NotKnown();
      if (node.type === 'AssignmentExpression' && node.left.type === 'Identifier') this.assign(node.left.name, UNKNOWN);
      if (node.type === 'VariableDeclarator' && node.id.type === 'Identifier') this.assign(node.id.name, UNKNOWN);
      if (node.type === 'UpdateExpression' && node.argument.type === 'Identifier')
        this.assign(node.argument.name, UNKNOWN);
    }
    return undefined;
  }

  private value(node: AnyNode): Known {
    this.count();
    switch (node.type) {
      case 'Literal':
        if ('regex' in node && node.regex) return regularExpression(node.regex.pattern, node.regex.flags);
        return isPlain(node.value) ? node.value : UNKNOWN;
      case 'Identifier':
        if (node.name === 'undefined') return undefined;
        return this.isEvent(node) ? EVENT : this.variable(node.name);
      case 'ParenthesizedExpression':
        return this.value(node.expression);
      case 'ArrayExpression':
        return node.elements.map((element) => (element ? this.value(element) : undefined));
      case 'UnaryExpression':
        return unary(node.operator, this.value(node.argument));
      case 'LogicalExpression': {
        const left = this.value(node.left);
        if (left === UNKNOWN) {
          this.skip(node.right);
          return UNKNOWN;
        }
        return (node.operator === '&&' ? left : !left) ? this.value(node.right) : left;
      }
      case 'ConditionalExpression': {
        const test = this.value(node.test);
        if (test === UNKNOWN) {
          this.skip(node.consequent, node.alternate);
          return UNKNOWN;
        }
        return this.value(test ? node.consequent : node.alternate);
      }
      case 'BinaryExpression':
        return binary(node.operator, this.value(node.left), this.value(node.right));
      case 'SequenceExpression':
        return node.expressions.map((one) => this.value(one)).at(-1);
      case 'UpdateExpression': {
        const was = this.value(node.argument);
        this.put(node.argument, binary(node.operator === '++' ? '+' : '-', unary('+', was), 1));
        return was;
      }
      case 'AssignmentExpression': {
        const given = this.value(node.right);
        const result = node.operator === '=' ? given : binary(node.operator.slice(0, -1), this.value(node.left), given);
        this.put(node.left, result);
        return result;
      }
      case 'MemberExpression':
        return this.member(node);
      case 'CallExpression':
        return this.call(node);
      case 'NewExpression':
        return isNamed(node.callee, 'RegExp') ? this.newExpression(node.arguments) : UNKNOWN;
      default:
        return UNKNOWN;
    }
  }

  private newExpression(given: AnyNode[]): Known {
    const [pattern, flags = ''] = given.map((one) => this.value(one));
    return typeof pattern === 'string' && typeof flags === 'string' ? regularExpression(pattern, flags) : UNKNOWN;
  }

  private member(node: AnyNode & { type: 'MemberExpression' }): Known {
    const name = propertyOf(node);
    if (this.isEvent(node.object) && name === 'target') return TARGET;
    if (this.isEvent(node.object))
      return name !== undefined && Object.hasOwn(this.event, name) ? this.event[name] : UNKNOWN;
    const object = this.value(node.object);
    // Until a value is kept, the box itself still has the one before.
    if (object === TARGET)
      return this.on === 'blur' && (name === 'value' || name === 'valueAsString') ? this.event.value : UNKNOWN;
    const key = name ?? this.value(node.property);
    if (key === 'length') return typeof object === 'string' || Array.isArray(object) ? object.length : UNKNOWN;
    const index = typeof key === 'number' || (typeof key === 'string' && /^\d+$/.test(key)) ? Number(key) : undefined;
    if (index === undefined || !(typeof object === 'string' || Array.isArray(object))) return UNKNOWN;
    return object[index];
  }

  private call(node: AnyNode & { type: 'CallExpression' }): Known {
    const { callee } = node;
    if (callee.type === 'Identifier') {
      const own = this.functions.get(callee.name);
      if (own) return this.enter(own, node.arguments);
      if (callee.name === 'AFMergeChange') return this.merged();
      const given = node.arguments.map((one) => this.value(one));
      const builtIn = GLOBALS.get(callee.name);
      if (!builtIn) throw new NotKnown();
      return given.includes(UNKNOWN) ? UNKNOWN : builtIn(...given);
    }
    if (callee.type !== 'MemberExpression') throw new NotKnown();
    const name = propertyOf(callee);
    const given = node.arguments.map((one) => this.value(one));
    if (isNamed(callee.object, 'app') && name === 'alert') {
      this.alerts.push(given[0]);
      return 1;
    }
    if (isNamed(callee.object, 'Math')) {
      const work = name === undefined ? undefined : MATH.get(name);
      return work && given.every((one) => typeof one === 'number') ? work(...given) : UNKNOWN;
    }
    const object = this.value(callee.object);
    if (object === UNKNOWN || object === EVENT || object === TARGET || name === undefined || given.includes(UNKNOWN))
      return UNKNOWN;
    return limited(methodOf(object, name, given));
  }

  private enter(callee: FunctionNode, given: AnyNode[]): Known {
    if (this.scopes.length > DEEPEST_CALL) throw new NotKnown();
    const scope = new Map<string, Known>();
    for (const [index, parameter] of callee.params.entries()) {
      const argument = given[index];
      if (parameter.type !== 'Identifier') throw new NotKnown();
      scope.set(parameter.name, argument ? this.value(argument) : undefined);
    }
    this.scopes.push(scope);
    try {
      if (callee.body.type !== 'BlockStatement') return this.value(callee.body);
      const completion = this.statement(callee.body);
      return completion?.kind === 'return' ? completion.value : undefined;
    } finally {
      this.scopes.pop();
    }
  }

  private put(target: AnyNode, value: Known): void {
    if (target.type === 'Identifier') this.assign(target.name, value);
    else if (target.type === 'MemberExpression' && this.isEvent(target.object)) {
      const name = propertyOf(target);
      if (name === undefined) throw new NotKnown();
      this.event[name] = value;
    } else if (target.type !== 'MemberExpression') throw new NotKnown();
    // Whatever belongs to another box, and this box's own color and the like, has no say in its value.
    else if (propertyOf(target) === 'value') {
      const object = this.value(target.object);
      if (object === TARGET && this.on === 'blur') this.event.value = value;
      else if (object === TARGET || mayBeOwn(target.object) || this.on === 'blur') throw new NotKnown();
    }
  }

  private isEvent(node: AnyNode): boolean {
    return node.type === 'Identifier' && (node.name === 'event' || this.variable(node.name) === EVENT);
  }

  private mayTouch(node: AnyNode): boolean {
    const isAssignment = node.type === 'AssignmentExpression' && node.left.type === 'MemberExpression';
    if (mayTouchEvent(node)) return true;
    const object = isAssignment ? (node.left as { object: AnyNode }).object : undefined;
    return object?.type === 'Identifier' && (this.isEvent(object) || this.variable(object.name) === TARGET);
  }

  private assign(name: string, value: Known): void {
    const scope = this.scope().has(name) ? this.scope() : this.scopes[0];
    scope?.set(name, value);
  }

  private variable(name: string): Known {
    if (this.scope().has(name)) return this.scope().get(name);
    const outermost = this.scopes[0];
    return outermost?.has(name) ? outermost.get(name) : UNKNOWN;
  }

  private scope(): Map<string, Known> {
    return this.scopes.at(-1) ?? new Map();
  }

  private count(): void {
    this.steps += 1;
    if (this.steps > MOST_STEPS) throw new NotKnown();
  }
}

/** `event.target` and whatever else may be the box itself. */
function mayBeOwn(node: AnyNode): boolean {
  return everyNode(node).some((one) => isNamed(one, 'event'));
}
