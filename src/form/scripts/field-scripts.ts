import type { Function as FunctionNode } from 'acorn';
import type { PDFDict, PDFDocument } from 'pdf-lib';
import { type FormField, isTick, optionFor } from '../document/form-field.js';
import { ruleOf } from './acrobat-rules.js';
import { isBarcode, openingScripts, scriptsOfField, type Trigger } from './form-scripts.js';
import { functionsIn, parseScript } from './parse-script.js';
import { type Boxes, type Condition, effectsOf, type ScriptEffects } from './script-effects.js';
import type { OwnScript } from './script-outcome.js';

/** A box of the form, with the objects it is made of. */
interface ScriptedField {
  field: FormField;
  dict: PDFDict;
  widgets: { dict: PDFDict; unseen?: string }[];
}

interface ScriptedForm {
  pdf: PDFDocument;
  fields: ScriptedField[];
  /** The on-values that a widget can show. */
  optionsOf(widget: PDFDict): string[];
}

/** One script of the form, what it does, and whose it is. */
interface Script {
  effects: ScriptEffects;
  trigger: Trigger;
  /** Undefined for the form itself. */
  origin?: FormField;
  /** The on-value of the bubble that has it. */
  option?: string;
}

/**
 * Reads the scripts of a form and notes on each field what they mean for it: what it accepts, whether the form computes it,
 * whether a script closes it, and which tick opens it. No script is run.
 */
export function noteScripts(form: ScriptedForm): void {
  const opening = openingScripts(form.pdf);
  const library = libraryOf(opening);
  const names = new FieldNames(form.fields.map(({ field }) => field));
  const scripts: Script[] = opening.flatMap((text) => {
    const effects = effectsOf(text, library.nodes);
    return effects ? [{ effects, trigger: 'open' as const }] : [];
  });
  const known = new Map<string, ScriptEffects | undefined>();
  for (const { field, dict, widgets } of form.fields) {
    const own = scriptsOfField(
      dict,
      widgets.map((widget) => widget.dict),
    );
    const texts: Partial<Record<OwnScript['on'], string[]>> = {};
    for (const { trigger, text, widget } of own) {
      if (!known.has(text)) known.set(text, effectsOf(text, library.nodes));
      const effects = known.get(text);
      const options = widget && field.options.length > 1 ? form.optionsOf(widget) : [];
      if (effects)
        scripts.push({
          effects,
          trigger,
          origin: field,
          ...(options.length === 1 ? { option: options[0] ?? '' } : {}),
        });
      if (trigger === 'C' || (trigger === 'open' && effects && setsOwn(effects, field, names)))
        noteCalculation(field, effects, names);
      const on =
        CHECKS[trigger] ?? (trigger !== 'open' && effects && setsOwn(effects, field, names) ? 'blur' : undefined);
      if (on && !(on === 'calculate' && field.computed)) texts[on] = [...(texts[on] ?? []), text];
    }
    const rule = field.type === 'text' || field.type === 'dropdown' ? ruleOf(texts, library.sources) : undefined;
    if (rule) field.accepts = rule;
  }
  for (const script of scripts) noteWrites(script, names);
  for (const { field, dict, widgets } of form.fields) {
    if (
      field.type !== 'text' ||
      !isBarcode(
        dict,
        widgets.map((widget) => widget.dict),
        field.name,
        Boolean(field.computed),
      )
    )
      continue;
    field.computed = { by: 'barcode', from: field.computed?.from ?? 'unknown' };
  }
  // What a tick opens has no other reason to stay closed.
  const onlyClosed = new Set(form.fields.flatMap(({ field }) => (!field.unfillable || field.hidden ? [field] : [])));
  for (const script of scripts) noteClosing(script, names);
  for (const script of scripts) noteOpening(script, names, onlyClosed);
}

/** Whether a script sets the value of its own box, also by name. */
function setsOwn({ setsOwn: does, writes }: ScriptEffects, field: FormField, names: FieldNames): boolean {
  return does || writes.some(({ boxes }) => names.fields(boxes, field).includes(field));
}

const CHECKS: Partial<Record<Trigger, OwnScript['on']>> = {
  K: 'keystroke',
  V: 'validate',
  C: 'calculate',
  F: 'format',
};

/** The functions that the document defines, as trees and as text. */
function libraryOf(scripts: string[]): { nodes: Map<string, FunctionNode>; sources: Map<string, string> } {
  const nodes = new Map<string, FunctionNode>();
  const sources = new Map<string, string>();
  for (const text of scripts) {
    const program = parseScript(text);
    for (const [name, node] of program ? functionsIn(program) : []) {
      const source = text.slice(node.start, node.end);
      nodes.set(name, node);
      sources.set(name, node.type === 'FunctionDeclaration' ? source : `var ${name} = ${source};`);
    }
  }
  return { nodes, sources };
}

/** A script that sets the value of its box, or that cannot be read. One that only changes what was typed is a rule. */
function noteCalculation(field: FormField, effects: ScriptEffects | undefined, names: FieldNames): void {
  const sets = !effects || effects.callsOthers || setsOwn(effects, field, names);
  const from = effects && !effects.callsOthers ? names.all(effects.reads, field) : 'unknown';
  const readsOwn = effects?.readsOwn || effects?.reads.some((boxes) => names.fields(boxes, field).includes(field));
  if (!sets || (readsOwn && from.length === 0)) return;
  // A sum of no boxes has a list that is empty; anything else, such as today's date, changes with whatever is typed.
  field.computed = { by: 'script', from: effects?.reads.length === 0 ? 'unknown' : from };
}

/** Values that a script puts into other boxes. */
function noteWrites({ effects, trigger, origin, option }: Script, names: FieldNames): void {
  for (const { boxes, when, empties } of effects.writes) {
    for (const target of names.fields(boxes, origin)) {
      if (target === origin || origin?.type === 'button') continue;
      const asked = whenChosen(when, names, origin, option, trigger);
      // A list of states that is emptied when the country changes is filled after that.
      if (empties && !isTick(origin) && typeof when === 'string') continue;
      if (empties || isTick(origin)) {
        for (const by of asked) depend(target, { ...by, is: empties ? 'closed' : 'filled' });
        continue;
      }
      const reads = names.all(effects.reads, target);
      const inputs = origin && reads !== 'unknown' ? [origin.name, ...reads] : reads;
      const before = target.computed?.from ?? [];
      const from =
        inputs === 'unknown' || before === 'unknown'
          ? 'unknown'
          : [...new Set([...before, ...inputs])].filter((name) => name !== target.name);
      // What is typed stays unless the form computes it again: at every change, or when it is opened.
      const isFinal =
        trigger === 'C' ||
        (trigger === 'open' && when === 'always') ||
        (target.computed && !target.computed.overwritable);
      target.computed = { by: 'script', from, ...(isFinal ? {} : { overwritable: true }) };
    }
  }
}

/** Boxes that a script closes: by itself when the form is opened, or when another box is chosen. */
function noteClosing({ effects, trigger, origin, option }: Script, names: FieldNames): void {
  if (origin?.type === 'button') return;
  const runsByItself = trigger === 'open' || trigger === 'C' || trigger === 'F';
  for (const { boxes, when, opens } of effects.toggles) {
    if (opens) continue;
    for (const target of names.fields(boxes, origin)) {
      if (!runsByItself) {
        if (target !== origin)
          for (const by of whenTakenBack(when, names, origin) ?? whenChosen(when, names, origin, option, trigger))
            depend(target, { ...by, is: 'closed' });
      } else if (when === 'always' || when === 'unknown')
        target.unfillable ??= `${when === 'always' ? 'is' : 'may be'} closed by a script of the form`;
      else
        for (const by of names.fields(when.boxes, origin)) {
          const { option } = optionIn(by, when);
          const isChosen = option === undefined ? by.value !== '' : by.value === option;
          if (isChosen === when.holds)
            target.unfillable ??= `is closed by a script of the form that looks at ${by.name}`;
          else if (when.holds) depend(target, { field: by.name, ...optionIn(by, when), is: 'closed' });
        }
    }
  }
}

/** For a box that is closed as the form is: what a person ticks to open it. */
function noteOpening(
  { effects, trigger, origin, option }: Script,
  names: FieldNames,
  onlyClosed: Set<FormField>,
): void {
  if (origin?.type === 'button') return;
  for (const { boxes, when, opens } of effects.toggles) {
    if (!opens) continue;
    for (const target of names.fields(boxes, origin)) {
      if (!onlyClosed.has(target) || !(target.readOnly || target.unfillable)) continue;
      for (const by of whenChosen(when, names, origin, option, trigger)) {
        if (by.field === target.name) continue;
        target.opens ??= [];
        if (!target.opens.some((other) => other.field === by.field && other.option === by.option))
          target.opens.push(by);
      }
    }
  }
}

/** Which choice makes a script do something. None when that happens without one, or when a choice is taken back. */
function whenChosen(
  when: Condition,
  names: FieldNames,
  origin: FormField | undefined,
  option: string | undefined,
  trigger: Trigger,
): { field: string; option?: string }[] {
  if (typeof when === 'string') {
    if (!origin || trigger === 'C' || trigger === 'F') return [];
    return [{ field: origin.name, ...(option === undefined ? {} : { option }) }];
  }
  if (!when.holds) return [];
  return names.fields(when.boxes, origin).map((by) => ({
    field: by.name,
    ...(by === origin && option !== undefined ? { option } : optionIn(by, when)),
  }));
}

/** Which choice makes a script do something when it is taken back. Undefined: none has to be. */
function whenTakenBack(
  when: Condition,
  names: FieldNames,
  origin: FormField | undefined,
): { field: string; option?: string; takenBack: true }[] | undefined {
  if (typeof when === 'string' || when.holds) return undefined;
  return names.fields(when.boxes, origin).map((by) => ({ field: by.name, ...optionIn(by, when), takenBack: true }));
}

/** An option as the form's fields have it: scripts may name it by its label. Any, where there is only one. */
function optionIn(field: FormField, { option }: { option?: string }): { option?: string } {
  if (option === undefined) return {};
  const meant = isTick(field) ? optionFor(field, option) : option;
  if (typeof meant === 'string' && field.options.length === 1 && isTick(field)) return {};
  return { option: typeof meant === 'string' ? meant : option };
}

function depend(target: FormField, by: NonNullable<FormField['dependsOn']>[number]): void {
  if (by.field === target.name) return;
  target.dependsOn ??= [];
  if (!target.dependsOn.some((other) => JSON.stringify(other) === JSON.stringify(by))) target.dependsOn.push(by);
}

/** Finds the boxes that scripts name. */
class FieldNames {
  private readonly found = new Map<string, FormField[]>();

  constructor(private readonly everyField: FormField[]) {}

  /** Names of the boxes, other than the one that they are for. */
  all(boxes: Boxes[], self: FormField): string[] | 'unknown' {
    if (boxes.includes('unknown')) return 'unknown';
    const fields = boxes.flatMap((one) => this.fields(one, self));
    return [...new Set(fields.filter((field) => field !== self).map(({ name }) => name))];
  }

  /** None when it cannot be told which. */
  fields(boxes: Boxes, origin: FormField | undefined): FormField[] {
    if (boxes === 'unknown') return [];
    if (boxes === 'own') return origin ? [origin] : [];
    return boxes.like.flatMap((like) => this.like(like));
  }

  /** A name also stands for the boxes below it, and `Name.1` for a widget of `Name`. */
  private like(like: string): FormField[] {
    const known = this.found.get(like);
    if (known) return known;
    const matching = (pattern: string) => {
      const whole = new RegExp(`^(?:${pattern})(?:\\..*)?$`, 's');
      return this.everyField.filter(({ name }) => whole.test(name));
    };
    const exact = matching(like);
    const found = exact.length > 0 ? exact : matching(like.replace(/\\\.\d+$/, ''));
    this.found.set(like, found);
    return found;
  }
}
