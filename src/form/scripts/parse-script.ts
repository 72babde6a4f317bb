import { type AnyNode, type Function as FunctionNode, type Program, parse } from 'acorn';

/** A script of a form as a tree. It is read, never run. */

/** More than any box's script needs. */
const LONGEST = 200_000;
const MOST_KEPT = 500;

/** Forms have one script in hundreds of boxes. */
const parsed = new Map<string, Program | undefined>();

/** Undefined when it is not JavaScript, which Acrobat would not run either, or too long to read. */
export function parseScript(text: string): Program | undefined {
  if (parsed.has(text)) return parsed.get(text);
  if (parsed.size >= MOST_KEPT) parsed.clear();
  const program = text.length > LONGEST ? undefined : tried(text);
  parsed.set(text, program);
  return program;
}

function tried(text: string): Program | undefined {
  try {
    return parse(text, { ecmaVersion: 'latest', sourceType: 'script', allowReturnOutsideFunction: true });
  } catch (error) {
    // Nested deeper than the stack is also something that no form has.
    if (error instanceof SyntaxError || error instanceof RangeError) return undefined;
    throw error;
  }
}

/** The nodes directly inside a node, in the order of the text. */
export function within(node: AnyNode): AnyNode[] {
  return Object.values(node)
    .flat()
    .filter((value): value is AnyNode => typeof value?.type === 'string' && typeof value.start === 'number');
}

/** A node and all nodes inside it. */
export function everyNode(node: AnyNode): AnyNode[] {
  const found: AnyNode[] = [];
  const open = [node];
  for (let next = open.pop(); next; next = open.pop()) {
    found.push(next);
    open.push(...within(next).reverse());
  }
  return found;
}

/** The functions that a script defines by name, also as a property of an object, at any depth. */
export function functionsIn(program: AnyNode): Map<string, FunctionNode> {
  const found = new Map<string, FunctionNode>();
  const note = (place: AnyNode | null | undefined, value: AnyNode | null | undefined) => {
    const name = place?.type === 'Identifier' ? place.name : place ? propertyOf(place) : undefined;
    if (name !== undefined && value && FUNCTIONS.has(value.type)) found.set(name, value as FunctionNode);
  };
  for (const node of everyNode(program)) {
    if (node.type === 'FunctionDeclaration') note(node.id, node);
    if (node.type === 'VariableDeclarator') note(node.id, node.init);
    if (node.type === 'AssignmentExpression') note(node.left, node.right);
    if (node.type === 'Property' && !node.computed) note(node.key, node.value);
  }
  return found;
}

const FUNCTIONS = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression']);

/** `a.b` or `a["b"]`: the name of the property. */
export function propertyOf(node: AnyNode): string | undefined {
  if (node.type !== 'MemberExpression') return undefined;
  if (!node.computed) return node.property.type === 'Identifier' ? node.property.name : undefined;
  return node.property.type === 'Literal' ? String(node.property.value) : undefined;
}

/** Whether a node is the object that Acrobat gives this name: `event`, `app`, `util`. */
export function isNamed(node: AnyNode, name: string): boolean {
  return node.type === 'Identifier' && node.name === name;
}

/** What each variable is set to, in the order of the text. A counter is itself: its value cannot be named. */
export function assignmentsIn(body: AnyNode): Map<string, AnyNode[]> {
  const assigned = new Map<string, AnyNode[]>();
  const note = (name: string, value: AnyNode) => assigned.set(name, [...(assigned.get(name) ?? []), value]);
  for (const node of everyNode(body)) {
    if (node.type === 'VariableDeclarator' && node.id.type === 'Identifier' && node.init) note(node.id.name, node.init);
    if (node.type === 'AssignmentExpression' && node.left.type === 'Identifier')
      note(node.left.name, node.operator === '=' ? node.right : node);
    if (node.type === 'UpdateExpression' && node.argument.type === 'Identifier') note(node.argument.name, node);
    if (node.type === 'ForInStatement' || node.type === 'ForOfStatement')
      for (const one of everyNode(node.left)) if (one.type === 'Identifier') note(one.name, node);
  }
  return assigned;
}

/** Functions that a script may name, as text: they go wherever the script goes. */
export function functionsNamedIn(text: string, library: Map<string, string>): string {
  const named = new Map<string, string>();
  const open = [text];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const program = parseScript(next);
    for (const node of program ? everyNode(program) : []) {
      const source = node.type === 'Identifier' ? library.get(node.name) : undefined;
      if (node.type !== 'Identifier' || source === undefined || named.has(node.name)) continue;
      named.set(node.name, source);
      open.push(source);
    }
  }
  return [...named.values()].join('\n');
}
