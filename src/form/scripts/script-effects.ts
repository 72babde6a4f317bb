import type { AnyNode, Function as FunctionNode, Program } from 'acorn';
import { assignmentsIn, functionsIn, isNamed, parseScript, propertyOf, within } from './parse-script.js';
import { GLOBALS } from './script-values.js';

/**
 * What a script does to boxes, as far as its text names them. The script is read, never run. Long because one walk through
 * the tree tells all of it, and every kind of node needs the names and conditions that the walk has met.
 */
export interface ScriptEffects {
  /** Boxes whose values it reads, other than its own. */
  reads: Boxes[];
  /** It sets the value of its own box. */
  setsOwn: boolean;
  /** It calls functions that the form does not define: they may do anything to its own box. */
  callsOthers: boolean;
  /** It looks at the value of its own box. */
  readsOwn: boolean;
  /** Values it writes into other boxes. */
  writes: { boxes: Boxes; when: Condition; empties: boolean }[];
  /** Boxes that it opens or closes: typing, or being seen at all. */
  toggles: { boxes: Boxes; when: Condition; opens: boolean }[];
}

/** Full names or patterns of names, as sources of regular expressions; the box that the script belongs to; or not told. */
export type Boxes = { like: string[] } | 'own' | 'unknown';

/** When something happens: when a box has a value, or one of its options. */
export type Condition = 'always' | 'unknown' | { boxes: Boxes; option?: string; holds: boolean };

/** Undefined when it is not JavaScript. */
export function effectsOf(text: string, library: Map<string, FunctionNode>): ScriptEffects | undefined {
  const program = parseScript(text);
  if (!program) return undefined;
  const reader = new EffectReader(new Map([...library, ...functionsIn(program)]));
  reader.read(program);
  return reader.effects;
}

interface Binding {
  boxes: Boxes | undefined;
  names: string[] | undefined;
  isEvent: boolean;
}
/** What the variables of a script may be: what they are set to, or what a caller passes. */
interface Scope {
  assigned: Map<string, AnyNode[]>;
  bound: Map<string, Binding>;
}

const DEEPEST_CALL = 8;
/** Functions that call each other could be followed without end. */
const MOST_CALLS = 2000;
const ANYTHING = '.*';
/** More names in one place than any script spells out. */
const MOST_NAMES = 500;

const VALUES = new Set(['value', 'valueAsString', 'rawValue', 'currentValueIndices', 'isBoxChecked', 'formattedValue']);
const DISPLAYS: Record<string, boolean> = { visible: true, hidden: false, noView: false, noPrint: false };
const DISPLAY_NUMBERS = [true, false, false, false];

class EffectReader {
  readonly effects: ScriptEffects = {
    reads: [],
    setsOwn: false,
    callsOthers: false,
    readsOwn: false,
    writes: [],
    toggles: [],
  };
  private depth = 0;
  private calls = 0;
  private readonly resolving = new Set<string>();

  constructor(private readonly functions: Map<string, FunctionNode>) {}

  read(program: Program): void {
    this.visit(program, 'always', { assigned: assignmentsIn(program), bound: new Map() });
  }

  private visit(node: AnyNode, when: Condition, scope: Scope): void {
    switch (node.type) {
      case 'FunctionDeclaration':
      case 'FunctionExpression':
      case 'ArrowFunctionExpression':
        return;
      case 'IfStatement':
      case 'ConditionalExpression': {
        this.visit(node.test, when, scope);
        const condition = this.condition(node.test, scope);
        this.visit(node.consequent, both(when, condition), scope);
        if (node.alternate) this.visit(node.alternate, both(when, otherwise(condition)), scope);
        return;
      }
      case 'LogicalExpression':
        this.visit(node.left, when, scope);
        this.visit(node.right, both(when, 'unknown'), scope);
        return;
      case 'SwitchStatement':
        this.visit(node.discriminant, when, scope);
        for (const { test, consequent } of node.cases) {
          const chosen = test ? this.equals(node.discriminant, test, true, scope) : 'unknown';
          for (const one of consequent) this.visit(one, both(when, chosen), scope);
        }
        return;
      case 'WithStatement':
        // Names in it may be those of the event: what it reads and sets is not told.
        if (this.isEvent(node.object, scope)) this.effects.callsOthers = true;
        for (const inner of within(node)) this.visit(inner, when, scope);
        return;
      case 'TryStatement':
        this.visit(node.block, when, scope);
        if (node.handler) this.visit(node.handler.body, both(when, 'unknown'), scope);
        if (node.finalizer) this.visit(node.finalizer, when, scope);
        return;
      case 'AssignmentExpression':
        this.assignment(node, when, scope);
        return;
      case 'UpdateExpression':
        if (node.argument.type === 'MemberExpression' && propertyOf(node.argument) === 'value') {
          const boxes = this.isEvent(node.argument.object, scope) ? 'own' : this.boxes(node.argument.object, scope);
          if (boxes === 'own') this.effects.setsOwn = true;
          else if (boxes) this.effects.writes.push({ boxes, when, empties: false });
        }
        this.visit(node.argument, when, scope);
        return;
      case 'CallExpression':
        this.call(node, when, scope);
        return;
      case 'MemberExpression':
        this.noteRead(node, scope);
        for (const inner of within(node)) this.visit(inner, when, scope);
        return;
      default:
        for (const inner of within(node)) this.visit(inner, when, scope);
    }
  }

  private assignment(node: AnyNode & { type: 'AssignmentExpression' }, when: Condition, scope: Scope): void {
    this.visit(node.right, when, scope);
    const target = node.left;
    if (target.type !== 'MemberExpression') return;
    this.visit(target.object, when, scope);
    const property = propertyOf(target);
    if (this.isEvent(target.object, scope)) {
      if (property === 'value') this.effects.setsOwn = true;
      if (property === 'value' && node.operator !== '=') this.effects.readsOwn = true;
      return;
    }
    const boxes = this.boxes(target.object, scope);
    if (!boxes || property === undefined) return;
    if (property === 'value' || property === 'rawValue') {
      if (node.operator !== '=') this.noteRead(target, scope);
      if (boxes === 'own') this.effects.setsOwn = true;
      else this.effects.writes.push({ boxes, when, empties: isEmptyText(node.right) });
    } else if (/^(?:readonly|hidden|display)$/i.test(property))
      for (const { opens, condition } of this.toggled(property.toLowerCase(), node.right, scope))
        this.effects.toggles.push({ boxes, when: both(when, condition), opens });
  }

  /** Whether `box.readonly = …` or `box.display = …` opens it, and when. Nothing for what cannot be told. */
  private toggled(property: string, value: AnyNode, scope: Scope): { opens: boolean; condition: Condition }[] {
    if (value.type === 'ConditionalExpression') {
      const condition = this.condition(value.test, scope);
      return [
        ...this.toggled(property, value.consequent, scope).map(({ opens }) => ({ opens, condition })),
        ...this.toggled(property, value.alternate, scope).map(({ opens }) => ({
          opens,
          condition: otherwise(condition),
        })),
      ];
    }
    if (property === 'display') {
      const name = value.type === 'MemberExpression' ? propertyOf(value) : undefined;
      const opens =
        value.type === 'Literal'
          ? DISPLAY_NUMBERS[Number(value.value)]
          : name === undefined
            ? undefined
            : DISPLAYS[name];
      return opens === undefined ? [] : [{ opens, condition: 'always' }];
    }
    if (value.type === 'Literal') return [{ opens: !value.value, condition: 'always' }];
    const condition = this.condition(value, scope);
    if (condition === 'unknown') return [];
    return [
      { opens: false, condition },
      { opens: true, condition: otherwise(condition) },
    ];
  }

  private call(node: AnyNode & { type: 'CallExpression' }, when: Condition, scope: Scope): void {
    const { callee } = node;
    for (const argument of node.arguments) {
      // Another function calls it, such as `forEach` with each of a list.
      const passed = argument.type === 'Identifier' ? this.functions.get(argument.name) : asFunction(argument);
      if (passed && this.mayEnter()) this.enter(passed, this.elements(node, scope), when);
      else this.visit(argument, when, scope);
    }
    if (this.isGetField(callee, scope)) return;
    const called = callee.type === 'Identifier' ? callee.name : propertyOf(callee);
    if (callee.type === 'Identifier' && called === 'AFSimple_Calculate') {
      this.effects.setsOwn = true;
      this.effects.reads.push(this.listed(node.arguments[1], scope));
      return;
    }
    const [later] = node.arguments;
    if (/^(?:eval|setTimeOut|setInterval)$/.test(called ?? '') && later?.type === 'Literal') {
      const program = parseScript(String(later.value));
      if (program) this.visit(program, when, { ...scope, assigned: assignmentsIn(program) });
      return;
    }
    if (called === 'resetForm') {
      const names = node.arguments[0] && this.names(node.arguments[0], scope);
      if (names) this.effects.writes.push({ boxes: { like: names }, when, empties: true });
      return;
    }
    const isLent = callee.type === 'MemberExpression' && (called === 'call' || called === 'apply');
    const own = this.functionOf(isLent ? callee.object : callee);
    if (own && this.mayEnter()) {
      const given = isLent ? node.arguments.slice(1) : node.arguments;
      this.enter(
        own,
        given.map((one) => this.binding(one, scope)),
        when,
      );
      return;
    }
    if (callee.type === 'Identifier') {
      if (own || !(/^AF/.test(callee.name) || GLOBALS.has(callee.name))) this.effects.callsOthers = true;
      return;
    }
    this.visit(callee, when, scope);
    if (called === 'setAction') this.setAction(node, scope);
    if (own || (callee.type === 'MemberExpression' && isForeign(callee.object, scope))) this.effects.callsOthers = true;
  }

  /** The function that a call runs: one of the form's by its name, also as `Tools.sum()`, or one that is written there. */
  private functionOf(callee: AnyNode): FunctionNode | undefined {
    const written = asFunction(callee);
    if (written) return written;
    const name = callee.type === 'Identifier' ? callee.name : propertyOf(callee);
    return name === undefined ? undefined : this.functions.get(name);
  }

  private enter({ params, body }: FunctionNode, given: (Binding | undefined)[], when: Condition): void {
    const bound = new Map<string, Binding>();
    for (const [index, parameter] of params.entries()) {
      const binding = given[index];
      if (parameter.type === 'Identifier' && binding) bound.set(parameter.name, binding);
    }
    this.depth += 1;
    this.calls += 1;
    this.visit(body, when, { assigned: assignmentsIn(body), bound });
    this.depth -= 1;
  }

  private mayEnter(): boolean {
    return this.depth < DEEPEST_CALL && this.calls < MOST_CALLS;
  }

  private binding(node: AnyNode, scope: Scope): Binding {
    return { boxes: this.boxes(node, scope), names: this.names(node, scope), isEvent: this.isEvent(node, scope) };
  }

  /** What a function that is passed to `list.forEach` and the like gets: each element. `reduce` has a sum before it. */
  private elements({ callee }: AnyNode & { type: 'CallExpression' }, scope: Scope): (Binding | undefined)[] {
    if (callee.type !== 'MemberExpression') return [];
    const element = this.binding(callee.object, scope);
    return /^reduce/.test(propertyOf(callee) ?? '') ? [undefined, element] : [element];
  }

  /** The event, which may have another name. */
  private isEvent(node: AnyNode, scope: Scope): boolean {
    if (node.type !== 'Identifier') return false;
    if (node.name === 'event') return true;
    const bound = scope.bound.get(node.name);
    if (bound) return bound.isEvent;
    const assigned = scope.assigned.get(node.name) ?? [];
    return this.once(node.name, () => assigned.some((one) => this.isEvent(one, scope))) ?? false;
  }

  /** `getField`, `this.getField`, a variable that is set to it, and `.call` of any. */
  private isGetField(callee: AnyNode, scope: Scope): boolean {
    if (callee.type === 'Identifier') {
      if (callee.name === 'getField') return true;
      const assigned = scope.assigned.get(callee.name) ?? [];
      return this.once(callee.name, () => assigned.some((one) => this.isGetField(one, scope))) ?? false;
    }
    if (callee.type !== 'MemberExpression') return false;
    return (
      propertyOf(callee) === 'getField' || (propertyOf(callee) === 'call' && this.isGetField(callee.object, scope))
    );
  }

  /** A script that gives another box its calculation. */
  private setAction(node: AnyNode & { type: 'CallExpression' }, scope: Scope): void {
    const [trigger, script] = node.arguments;
    const boxes = node.callee.type === 'MemberExpression' ? this.boxes(node.callee.object, scope) : undefined;
    if (!boxes || trigger?.type !== 'Literal' || trigger.value !== 'Calculate') return;
    const text = script?.type === 'Literal' ? String(script.value) : undefined;
    const effects = text === undefined ? undefined : effectsOf(text, this.functions);
    this.effects.reads.push(...(effects?.reads ?? ['unknown' as const]));
    this.effects.writes.push({ boxes, when: 'always', empties: false });
  }

  /** The list of a sum: an array of names, or one text with commas. */
  private listed(list: AnyNode | undefined, scope: Scope): Boxes {
    const names = list ? this.names(list, scope) : undefined;
    if (!names) return 'unknown';
    return { like: names.flatMap((name) => name.split(/,\s*/)).filter((name) => name.trim() !== '') };
  }

  private noteRead(node: AnyNode, scope: Scope): void {
    const property = propertyOf(node);
    // Set by any other script.
    if (node.type === 'MemberExpression' && isNamed(node.object, 'global')) this.effects.reads.push('unknown');
    if (node.type !== 'MemberExpression' || property === undefined || !VALUES.has(property)) return;
    const boxes = this.isEvent(node.object, scope) ? 'own' : this.boxes(node.object, scope);
    if (boxes === 'own') this.effects.readsOwn = true;
    else if (boxes) this.effects.reads.push(boxes);
  }

  /** The boxes that an expression stands for. Undefined when it is not a box. */
  private boxes(node: AnyNode, scope: Scope): Boxes | undefined {
    if (node.type === 'Identifier') {
      const bound = scope.bound.get(node.name);
      if (bound) return bound.boxes;
      return this.once(node.name, () =>
        union((scope.assigned.get(node.name) ?? []).map((one) => this.boxes(one, scope))),
      );
    }
    if (node.type === 'MemberExpression') {
      if (this.isEvent(node.object, scope))
        return { target: 'own' as const, source: 'unknown' as const }[propertyOf(node) ?? ''];
      // One of `box.getArray()`, or of a list of boxes.
      return node.computed ? this.boxes(node.object, scope) : undefined;
    }
    if (node.type === 'ArrayExpression')
      return union(node.elements.map((one) => (one ? this.boxes(one, scope) : undefined)));
    if (node.type !== 'CallExpression') return undefined;
    const { callee } = node;
    const called = callee.type === 'Identifier' ? callee.name : propertyOf(callee);
    if (called === 'getArray' && callee.type === 'MemberExpression') return this.boxes(callee.object, scope);
    if (!this.isGetField(callee, scope)) return undefined;
    const given = node.arguments[called === 'call' ? 1 : 0];
    const names = given ? this.names(given, scope) : undefined;
    return names && !names.includes(ANYTHING) ? { like: names } : 'unknown';
  }

  /** The texts that an expression may be, as sources of regular expressions. Undefined when nothing of it is known. */
  private names(node: AnyNode, scope: Scope): string[] | undefined {
    switch (node.type) {
      case 'Literal':
        return node.value === null || 'regex' in node ? undefined : [escaped(String(node.value))];
      case 'ParenthesizedExpression':
        return this.names(node.expression, scope);
      case 'ConditionalExpression':
        return this.all([node.consequent, node.alternate], scope);
      case 'ArrayExpression':
        return this.all(node.elements, scope);
      case 'NewExpression':
        return isNamed(node.callee, 'Array') ? this.all(node.arguments, scope) : undefined;
      case 'TemplateLiteral':
        return node.quasis.reduce<string[] | undefined>(
          (before, { value }, index) => {
            const expression = node.expressions[index];
            const inside = expression ? (this.names(expression, scope) ?? [ANYTHING]) : [''];
            return joined(joined(before, [escaped(value.cooked ?? '')]), inside);
          },
          [''],
        );
      case 'BinaryExpression': {
        if (node.operator !== '+') return undefined;
        return joined(this.names(node.left, scope) ?? [ANYTHING], this.names(node.right, scope) ?? [ANYTHING]);
      }
      case 'MemberExpression':
        // One of a list that is spelled out.
        return node.computed && propertyOf(node) === undefined ? this.names(node.object, scope) : undefined;
      case 'Identifier': {
        const bound = scope.bound.get(node.name);
        if (bound) return bound.names;
        const assigned = scope.assigned.get(node.name);
        return assigned && this.once(node.name, () => this.all(assigned, scope));
      }
      default:
        return undefined;
    }
  }

  private all(nodes: (AnyNode | null)[], scope: Scope): string[] | undefined {
    const found: string[] = [];
    for (const node of nodes) {
      const names = node ? this.names(node, scope) : [];
      if (!names) return undefined;
      found.push(...names);
    }
    return found.length > MOST_NAMES ? undefined : found;
  }

  /** A variable that is set from itself stays unknown. */
  private once<T>(name: string, work: () => T): T | undefined {
    if (this.resolving.has(name)) return undefined;
    this.resolving.add(name);
    try {
      return work();
    } finally {
      this.resolving.delete(name);
    }
  }

  private condition(node: AnyNode, scope: Scope): Condition {
    switch (node.type) {
      case 'ParenthesizedExpression':
        return this.condition(node.expression, scope);
      case 'UnaryExpression':
        return node.operator === '!' ? otherwise(this.condition(node.argument, scope)) : 'unknown';
      case 'Identifier': {
        const [only, ...others] = scope.assigned.get(node.name) ?? [];
        if (!only || others.length > 0) return 'unknown';
        return this.once(node.name, () => this.condition(only, scope)) ?? 'unknown';
      }
      case 'BinaryExpression':
        if (/^===?$/.test(node.operator)) return this.equals(node.left as AnyNode, node.right, true, scope);
        if (/^!==?$/.test(node.operator)) return this.equals(node.left as AnyNode, node.right, false, scope);
        return 'unknown';
      case 'CallExpression': {
        const [which] = node.arguments;
        const isFirst = !which || (which.type === 'Literal' && which.value === 0);
        const boxes =
          isFirst && propertyOf(node.callee) === 'isBoxChecked' ? this.valueOf(node.callee, scope) : undefined;
        return boxes ? { boxes, holds: true } : 'unknown';
      }
      default:
        return 'unknown';
    }
  }

  private equals(left: AnyNode, right: AnyNode, same: boolean, scope: Scope): Condition {
    if (left.type === 'Literal' && right.type !== 'Literal') return this.equals(right, left, same, scope);
    if (right.type !== 'Literal') return 'unknown';
    const checked = left.type === 'CallExpression' ? this.condition(left, scope) : 'unknown';
    if (checked !== 'unknown') return Boolean(right.value) === same ? checked : otherwise(checked);
    const read = left.type === 'Identifier' ? only(scope.assigned.get(left.name)) : left;
    const boxes = read && this.valueOf(read, scope);
    if (!boxes) return 'unknown';
    const option = String(right.value);
    return NOTHING.has(option) ? { boxes, holds: !same } : { boxes, option, holds: same };
  }

  /** The box whose value an expression is. */
  private valueOf(node: AnyNode, scope: Scope): Boxes | undefined {
    const property = propertyOf(node);
    if (node.type !== 'MemberExpression' || property === undefined || !VALUES.has(property)) return undefined;
    return this.isEvent(node.object, scope) ? 'own' : this.boxes(node.object, scope);
  }
}

function asFunction(node: AnyNode): FunctionNode | undefined {
  return node.type === 'FunctionExpression' || node.type === 'ArrowFunctionExpression' ? node : undefined;
}

/** Objects that every Acrobat has. */
const HOST = new Set([
  ...['app', 'border', 'color', 'console', 'display', 'event', 'font', 'global', 'identity', 'util'],
  ...['Array', 'Date', 'JSON', 'Math', 'Number', 'Object', 'RegExp', 'String'],
]);

/** An object that neither Acrobat nor the script has: another script's, which may do anything. */
function isForeign(node: AnyNode, { assigned, bound }: Scope): boolean {
  return node.type === 'Identifier' && !HOST.has(node.name) && !assigned.has(node.name) && !bound.has(node.name);
}

/** Values of a box that is not ticked or has nothing in it. */
const NOTHING = new Set(['Off', '', 'false', 'null']);

function only<T>(list: T[] | undefined): T | undefined {
  return list?.length === 1 ? list[0] : undefined;
}

function union(all: (Boxes | undefined)[]): Boxes | undefined {
  const known = all.filter((one) => one !== undefined);
  const [first] = known;
  if (first === undefined || known.every((one) => one === first)) return first;
  if (known.some((one) => typeof one === 'string')) return 'unknown';
  return { like: known.flatMap((one) => (typeof one === 'string' ? [] : one.like)) };
}

function both(outer: Condition, inner: Condition): Condition {
  if (outer === 'always') return inner;
  return inner === 'always' ? outer : 'unknown';
}

function otherwise(condition: Condition): Condition {
  return typeof condition === 'string' ? 'unknown' : { ...condition, holds: !condition.holds };
}

/** One after the other, in all ways. Undefined when there are too many. */
function joined(left: string[] | undefined, right: string[]): string[] | undefined {
  if (!left || left.length * right.length > MOST_NAMES) return undefined;
  return left.flatMap((one) => right.map((other) => `${one}${other}`.replaceAll('.*.*', ANYTHING)));
}

function isEmptyText(node: AnyNode): boolean {
  return node.type === 'Literal' && (node.value === '' || node.value === 'Off' || node.value === null);
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
