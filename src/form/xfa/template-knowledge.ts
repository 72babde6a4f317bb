import type { XmlElement } from '@rgrove/parse-xml';
import type { AnyNode } from 'acorn';
import type { FormField } from '../document/form-field.js';
import { functionsIn, parseScript } from '../scripts/parse-script.js';
import type { ValueRule } from '../scripts/value-rule.js';
import { fieldsIn, type TemplateNode, templateNodes, type XfaField } from './xfa-fields.js';
import type { XfaTemplate } from './xfa-packets.js';
import { ruleOfPicture } from './xfa-picture.js';
import {
  BY_ITSELF,
  boxEffectsOf,
  callsIn,
  clickOn,
  type Effect,
  type Named,
  namesRead,
  ON_OPENING,
  scriptsOf,
  type When,
  type XfaScript,
} from './xfa-scripts.js';
import { childNamed, childrenNamed, localName } from './xfa-xml.js';

/**
 * Every field that a template describes, with what its pictures and scripts say about it: what it accepts, what computes
 * it, what keeps it closed and what opens it.
 */
export function xfaFields(template: XmlElement): XfaField[] {
  const nodes = templateNodes(template);
  const fields = fieldsIn(nodes);
  const places = new Places(nodes);
  for (const node of nodes) {
    const scripts = scriptsOf(node.element);
    const [field] = node.fields;
    if (field && isBox(node)) {
      accept(field, node.element, scripts);
      keep(field, node.element);
      const click = field.field.type === 'button' ? clickOn(node.element) : undefined;
      if (click) field.field.click = click;
      compute(field, node.element, scripts, places, node);
    }
    for (const script of scripts) {
      const effects = [...boxEffectsOf(script), ...places.effectsOfLibraries(script)];
      for (const effect of effects) follow(effect, effects, { owner: node, scripts, places, script });
    }
  }
  for (const field of fields) settle(field);
  return fields;
}

/** The last template seen: it is most of a form, and a worker fills the same one all day. */
let last: { print: string; fields: XfaField[] } | undefined;

/**
 * The fields of a form's template. The caller may write to what it gets.
 * @throws PdfRefusedError `xfa-incomplete`
 */
export function templateFields(template: XfaTemplate): XfaField[] {
  const { print } = template;
  if (last?.print !== print) last = { print, fields: xfaFields(template.root) };
  return last.fields.map((xfaField) => ({ ...xfaField, field: { ...xfaField.field } }));
}

const isBox = ({ element, option }: TemplateNode) =>
  option === undefined && ['field', 'exclGroup'].includes(localName(element));

/** Finds what scripts name. */
class Places {
  private readonly named = new Map<string, TemplateNode[]>();
  /** Texts of `variables`: constants, and objects of functions. */
  private readonly constants = new Set<string>();
  private readonly libraries = new Map<string, string>();

  constructor(nodes: TemplateNode[]) {
    for (const node of nodes) {
      if (node.name) this.named.set(node.name, [...(this.named.get(node.name) ?? []), node]);
      for (const variables of childrenNamed(node.element, 'variables'))
        for (const variable of variables.children) {
          if (variable.type !== 'element') continue;
          const { attributes, text } = variable as XmlElement;
          if (!attributes.name) continue;
          if (localName(variable as XmlElement) === 'script') this.libraries.set(attributes.name, text);
          else this.constants.add(attributes.name);
        }
    }
  }

  /** The nearest with the name, as XFA looks for it: first around the script's own element, then further out. */
  find(target: Named, from: TemplateNode): TemplateNode | undefined {
    return 'self' in target ? from : this.nearest(target.name, from)[target.index];
  }

  /** What the functions of the form's own that a script calls do to boxes. When they do it is not told. */
  effectsOfLibraries(script: XfaScript): Effect[] {
    return callsIn(script).flatMap(({ object, name }) => {
      const program = parseScript(this.libraries.get(object) ?? '');
      const called = program && functionsIn(program).get(name);
      return called
        ? boxEffectsOf({ ...script, program: called.body }).map(
            (effect): Effect => ({ ...effect, when: { kind: 'unknown' } }),
          )
        : [];
    });
  }

  /** Fields that a script reads by name, other than its own. */
  read(script: XfaScript, from: TemplateNode): XfaField[] | 'unknown' {
    const names = namesRead(script);
    if (names === 'unknown') return 'unknown';
    // A function of the form's own may read anything that its text names.
    const all = names.flatMap((name) => [name, ...(this.libraries.get(name)?.match(/[A-Za-z_][\w-]*/g) ?? [])]);
    const found = new Set<XfaField>();
    for (const name of all) {
      if (this.constants.has(name)) continue;
      for (const node of this.nearest(name, from)) if (isBox(node)) for (const field of node.fields) found.add(field);
    }
    for (const field of from.fields) found.delete(field);
    return [...found];
  }

  private nearest(name: string, from: TemplateNode): TemplateNode[] {
    const named = this.named.get(name) ?? [];
    if (named.length < 2) return named;
    const shared = named.map(({ drawnPath }) => {
      const apart = drawnPath.findIndex((part, index) => part !== from.drawnPath[index]);
      return apart < 0 ? drawnPath.length : apart;
    });
    const most = Math.max(...shared);
    return named.filter((_, index) => shared[index] === most);
  }
}

/** Events in which a script may refuse what is typed, in the words of Acrobat's own scripts. */
const CHECKS = { change: 'keystroke', exit: 'validate', validate: 'validate' } as const;

function accept(xfaField: XfaField, element: XmlElement, scripts: XfaScript[]): void {
  const { field, holds } = xfaField;
  if (field.type !== 'text' && !field.editable) return;
  const rules: ValueRule[] = [];
  const picture = pictureOf(element);
  const pictured = picture ? ruleOfPicture(picture, holds) : undefined;
  if (pictured) rules.push(fitting(pictured, field.maxLength));
  const number = ruleOfNumber(element, holds);
  if (number) rules.push(number);
  for (const script of scripts) {
    const rule = checkOf(script, element);
    if (rule && !rules.some((other) => JSON.stringify(other) === JSON.stringify(rule))) rules.push(rule);
  }
  const [first, ...others] = rules;
  if (first) field.accepts = others.length > 0 ? { kind: 'all', of: rules } : first;
}

/** What the kind of a number allows, whatever its picture: whole numbers, and so many digits. */
function ruleOfNumber(element: XmlElement, holds: XfaField['holds']): ValueRule | undefined {
  if (holds !== 'number') return undefined;
  const value = childNamed(element, 'value');
  const decimal = childNamed(value, 'decimal');
  const limit = (name: string, usual: number) => Number(decimal?.attributes[name] ?? usual);
  const [most, least] = [limit('leadDigits', -1), childNamed(value, 'integer') ? 0 : decimal && limit('fracDigits', 2)];
  return {
    kind: 'number',
    ...{ decimals: 0, separators: 1, negative: 0, currency: '', currencyFirst: true, shown: false },
    ...(most > 0 ? { mostWhole: most } : {}),
    ...(least !== undefined && least >= 0 ? { mostDecimals: least } : {}),
  };
}

/** How the data keeps the value, when it is not as XFA keeps it by itself. */
function keep(xfaField: XfaField, element: XmlElement): void {
  const picture = childNamed(childNamed(element, 'bind'), 'picture')?.text.trim();
  if (!picture) return;
  const rule = ruleOfPicture(picture, xfaField.holds);
  if (rule?.kind === 'date') xfaField.keeps = rule.pattern;
  else xfaField.field.unfillable ??= 'keeps its value in a way of its own';
}

/** How the value is shown, or else typed, or else checked. */
function pictureOf(element: XmlElement): string | undefined {
  return ['format', 'ui', 'validate']
    .map((part) => childNamed(childNamed(element, part), 'picture')?.text.trim())
    .find((picture) => picture);
}

/** The reader adds a picture's own characters, for which the box may have no room. */
function fitting(rule: ValueRule, maxLength: number | null): ValueRule {
  if (rule.kind !== 'mask' || maxLength === null || rule.mask.length <= maxLength) return rule;
  return { kind: 'mask', mask: rule.mask.replace(/[^9AOX]/g, '') };
}

/** A check of what is typed, in the words of Acrobat's scripts. */
function checkOf(script: XfaScript, element: XmlElement): ValueRule | undefined {
  const on = CHECKS[script.on as keyof typeof CHECKS];
  if (!on || !script.program) return undefined;
  if (script.on === 'validate') return validation(script, element);
  const { name } = element.attributes;
  const text =
    name && /^\w+$/.test(name)
      ? script.text.replace(new RegExp(`(?<![\\w.])${name}(?=\\.rawValue\\b)`, 'g'), 'this')
      : script.text;
  if (!/xfa\s*\.\s*event\s*\.\s*(change|newText|fullText)|this\s*\.\s*rawValue\s*=(?!=)/.test(text)) return undefined;
  return { kind: 'script', on, text: inAcrobatsWords(text), functions: FORM_CALC };
}

function inAcrobatsWords(text: string): string {
  return (
    text
      // The picture was not applied: it is checked on its own.
      .replace(/this\.rawValue\s*===?\s*this\.formattedValue/g, 'false')
      .replace(/(?:xfa\.event\.change|this\.rawValue)\s*=\s*(?:""|''|null)(?![=\w])/g, 'event.rc = false')
      .replace(/\bthis\.rawValue\b/g, 'event.value')
      .replace(/\bxfa\.event\.(?:change|newText|fullText)\b/g, 'event.change')
      .replace(/\bxfa\.event\.prevText\b/g, '""')
      .replace(/\bxfa\.host\.messageBox\b/g, 'app.alert')
  );
}

/** A script whose last value says whether the box's value is right. Without an error it only warns. */
function validation(script: XfaScript, element: XmlElement): ValueRule | undefined {
  const test = childNamed(element, 'validate')?.attributes.scriptTest ?? 'warning';
  if (test === 'disabled' || script.program?.type !== 'Program') return undefined;
  const last = script.program.body.at(-1);
  const verdict = last && asVerdict(last, script.text);
  if (verdict === undefined) return undefined;
  const text = `${script.text.slice(0, last?.start)}${verdict}`;
  return { kind: 'script', on: 'validate', text: inAcrobatsWords(text), functions: FORM_CALC };
}

/** The last statement of a validation, as one that says whether the value is right. */
function asVerdict(statement: AnyNode, text: string): string | undefined {
  switch (statement.type) {
    case 'ExpressionStatement':
      return `event.rc = (${text.slice(statement.expression.start, statement.expression.end)});`;
    case 'BlockStatement': {
      const last = statement.body.at(-1);
      const verdict = last && asVerdict(last, text);
      return verdict && `{${text.slice(statement.start + 1, last?.start)}${verdict}}`;
    }
    case 'IfStatement': {
      const branches = [statement.consequent, statement.alternate].map((branch) => branch && asVerdict(branch, text));
      const [then, otherwise] = branches;
      if (!then || (statement.alternate && !otherwise)) return undefined;
      const test = text.slice(statement.test.start, statement.test.end);
      return `if (${test}) ${then}${otherwise ? ` else ${otherwise}` : ''}`;
    }
    default:
      return undefined;
  }
}

/** The functions of FormCalc that look at a text. */
const FORM_CALC = `
function Len(text) { return String(text).length; }
function Upper(text) { return text.toUpperCase(); }
function Lower(text) { return text.toLowerCase(); }
function Left(text, count) { return text.substr(0, count); }
function Right(text, count) { return text.slice(Math.max(0, text.length - count)); }
function Substr(text, from, count) { return text.substr(from - 1, count); }
function At(text, part) { return text.indexOf(part) + 1; }
`;

/** A value that the reader computes when it opens the form, over whatever was filled in. */
function compute(
  xfaField: XfaField,
  element: XmlElement,
  scripts: XfaScript[],
  places: Places,
  node: TemplateNode,
): void {
  const by = childNamed(childNamed(element, 'ui'), 'barcode') ? 'barcode' : 'script';
  const override = childNamed(element, 'calculate')?.attributes.override;
  for (const script of scripts) {
    const setsItself = boxEffectsOf(script).some(
      ({ target, does, when }) => places.find(target, node) === node && does === 'sets' && when.kind === 'always',
    );
    const computes = script.on === 'calculate' ? override !== 'disabled' : BY_ITSELF.has(script.on) && setsItself;
    if (!computes) continue;
    computedFrom(xfaField.field, places.read(script, node), {
      by,
      overwritable: override === 'ignore' || override === 'warning',
    });
    xfaField.field.unfillable ??= 'is computed by the form';
    xfaField.recomputed = true;
  }
}

function computedFrom(
  field: FormField,
  read: XfaField[] | 'unknown',
  how: { by: 'script' | 'barcode'; overwritable: boolean },
): void {
  const from = read === 'unknown' ? read : read.map((other) => other.field.name);
  const known = field.computed?.from ?? [];
  field.computed = {
    by: field.computed?.by ?? how.by,
    from: from === 'unknown' || known === 'unknown' ? 'unknown' : [...new Set([...known, ...from])],
    ...(how.overwritable ? { overwritable: true } : {}),
  };
}

/** What a script of one element does to the boxes of others. */
function follow(
  { target: named, does, when, on }: Effect,
  effects: Effect[],
  { owner, scripts, places, script }: { owner: TemplateNode; scripts: XfaScript[]; places: Places; script: XfaScript },
): void {
  const target = places.find(named, owner);
  if (!target) return;
  // Emptied, then opened: people type the value afterward.
  const opensToo = effects.some(
    (other) =>
      (other.does === 'opens' || other.does === 'shows') &&
      other.when.kind === when.kind &&
      places.find(other.target, owner) === target,
  );
  const [own] = isField(owner) ? owner.fields : [];
  for (const xfaField of target.fields) {
    const { field } = xfaField;
    if ((does === 'closes' || does === 'hides') && when.kind === 'always' && ON_OPENING.has(on))
      field.unfillable ??= does === 'hides' ? 'is hidden in the form' : 'is closed by a script of the form';
    if (does === 'clears' && when.kind === 'always' && ON_OPENING.has(on) && on !== 'calculate' && isBox(target))
      field.unfillable ??= 'is emptied by a script when the form is opened';
    if (target === owner || !own || own === xfaField) continue;
    if (does === 'sets' && (when.kind === 'always' || when.kind === 'unknown') && isBox(target)) {
      const read = places.read(script, owner);
      computedFrom(field, read === 'unknown' ? read : [own, ...read.filter((other) => other !== xfaField)], {
        by: 'script',
        overwritable: !field.readOnly,
      });
    }
    const option = optionFor(owner, own.field, when);
    if (option === undefined) continue;
    const chosen = { field: own.field.name, ...(option === null ? {} : { option }) };
    if (does === 'closes' || does === 'hides' || (does === 'clears' && !opensToo))
      depend(field, { ...chosen, is: 'closed' });
    if (does === 'sets' && when.kind !== 'always') depend(field, { ...chosen, is: 'filled' });
    if (does !== 'opens' && does !== 'shows') continue;
    const atOpening = ON_OPENING.has(on) || (on === 'change' && scripts.some(repeatsChange));
    xfaField.openers.push({ ...chosen, lasting: does === 'opens' || atOpening });
  }
}

function depend(field: FormField, reason: NonNullable<FormField['dependsOn']>[number]): void {
  const known = field.dependsOn ?? [];
  if (!known.some((other) => JSON.stringify(other) === JSON.stringify(reason))) field.dependsOn = [...known, reason];
}

const isField = ({ element }: TemplateNode) => ['field', 'exclGroup'].includes(localName(element));

/** Runs what happens on a change when the form is opened, too. */
const repeatsChange = ({ on, text }: XfaScript) => ON_OPENING.has(on) && /execEvent\(\s*["']change["']\s*\)/.test(text);

/** The option with which a box does something. Null: with any. Undefined: that is not known. */
function optionFor(owner: TemplateNode, field: FormField, when: When): string | null | undefined {
  if (when.kind === 'is') {
    const option = owner.option ?? when.option;
    return field.options.length === 0 || field.options.includes(option) ? option : undefined;
  }
  return when.kind === 'filled' || when.kind === 'always' ? (owner.option ?? null) : undefined;
}

/**
 * A script opens a box when someone ticks another one, but filling ticks nothing: the reader shows the value of a closed
 * box all the same, and nothing of a hidden one.
 */
function settle({ field, openers }: XfaField): void {
  const lasting = openers.filter((opener) => opener.lasting).map(({ lasting: _, ...opener }) => opener);
  if (lasting.length > 0) field.opens = lasting;
  else if (openers[0] && field.unfillable === 'is hidden in the form')
    field.unfillable = `is hidden in the form until someone chooses ${openers[0].field} in Acrobat`;
  // Constants and the page: it is right whatever is filled in.
  if (field.computed?.from.length === 0) delete field.computed;
}
