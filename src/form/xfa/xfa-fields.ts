import type { Element } from '@xmldom/xmldom';
import type { FieldType, FormField } from '../document/form-field.js';
import { childNamed, children, childrenNamed, localNameOf } from './xfa-packets.js';

/** A field of a dynamic form, and where its value stands in the data. */
export interface XfaField {
  field: FormField;
  /** Data groups from the top, the value's own element last. Undefined: the form keeps no value for it. */
  dataPath: DataStep[] | undefined;
  /** Points, where the template says how large it is; it may also grow with its text. */
  box?: { width: number; height: number; fontSize: number };
  /** Dates and numbers are kept in one form whatever is shown. */
  holds: 'text' | 'date' | 'number';
  /** What the template puts in before anybody has. */
  preset: string;
}

export interface DataStep {
  name: string;
  index: number;
}

interface Scope {
  /** Names with positions, as scripts and people write them. */
  path: string[];
  data: DataStep[] | undefined;
  /** Positions of equal names in the nearest container that has a name. */
  seen: Map<string, number>;
  seenData: Map<string, number>;
  readOnly: boolean;
  hidden: boolean;
}

/** Every field the template describes, in its order. The first of what may repeat stands for all. */
export function xfaFields(template: Element): XfaField[] {
  const found: XfaField[] = [];
  const root = childNamed(template, 'subform');
  if (root)
    visit(root, { path: [], data: [], seen: new Map(), seenData: new Map(), readOnly: false, hidden: false }, found);
  return found;
}

function visit(container: Element, outer: Scope, found: XfaField[]): void {
  const scope = scopeOf(container, outer);
  for (const child of children(container)) {
    switch (localNameOf(child)) {
      case 'subform':
      case 'subformSet':
      case 'area':
        visit(child, scope, found);
        break;
      case 'exclGroup':
        if (child.getAttribute('name')) found.push(describeGroup(child, scope));
        else visit(child, scope, found);
        break;
      case 'field':
        if (child.getAttribute('name')) found.push(describeField(child, scope));
        break;
    }
  }
}

function scopeOf(element: Element, outer: Scope): Scope {
  const access = {
    readOnly: outer.readOnly || isReadOnly(element),
    hidden: outer.hidden || isHidden(element),
  };
  const name = element.getAttribute('name');
  // Without a name it is not there for scripts, nor in the data.
  if (!name || localNameOf(element) !== 'subform') return { ...outer, ...access };
  return {
    ...access,
    path: [...outer.path, positioned(name, outer.seen)],
    data: stepsTo(element, name, outer),
    seen: new Map(),
    seenData: isUnbound(element) ? outer.seenData : new Map(),
  };
}

function positioned(name: string, seen: Map<string, number>): string {
  const index = seen.get(name) ?? 0;
  seen.set(name, index + 1);
  return `${name}[${index}]`;
}

/** Where in the data an element stands: below its container under its own name, unless it says otherwise. */
function stepsTo(element: Element, name: string, outer: Scope): DataStep[] | undefined {
  const bind = childNamed(element, 'bind');
  const match = bind?.getAttribute('match') ?? 'once';
  if (match === 'none') return localNameOf(element) === 'subform' ? outer.data : undefined;
  if (match === 'dataRef') return referred(bind?.getAttribute('ref') ?? '', outer.data);
  if (!outer.data) return undefined;
  const index = outer.seenData.get(name) ?? 0;
  outer.seenData.set(name, index + 1);
  return [...outer.data, { name, index }];
}

/** `$.Name.Part[1]` from here, `$record.Name` from the top. Anything cleverer is not followed. */
function referred(ref: string, here: DataStep[] | undefined): DataStep[] | undefined {
  const match = /^(\$record|\$)\.([\w.[\]-]+)$/.exec(ref);
  const base = match?.[1] === '$record' ? here?.slice(0, 1) : here;
  if (!match?.[2] || !base) return undefined;
  const steps = match[2].split('.').map((step) => /^([\w-]+)(?:\[(\d+)\])?$/.exec(step));
  if (!steps.every((step) => step !== null)) return undefined;
  return [...base, ...steps.map((step) => ({ name: step[1] ?? '', index: Number(step[2] ?? 0) }))];
}

function isUnbound(element: Element): boolean {
  return childNamed(element, 'bind')?.getAttribute('match') === 'none';
}

function isReadOnly(element: Element): boolean {
  return ['readOnly', 'protected', 'nonInteractive'].includes(element.getAttribute('access') ?? '');
}

function isHidden(element: Element): boolean {
  return ['hidden', 'invisible', 'inactive'].includes(element.getAttribute('presence') ?? '');
}

function describeField(element: Element, scope: Scope): XfaField {
  const name = element.getAttribute('name') ?? '';
  const ui = uiOf(element);
  const items = childrenNamed(element, 'items');
  const type = TYPES[ui.name] ?? 'text';
  const limit = lengthLimit(element);
  const cells = Number(childNamed(ui.element ?? element, 'comb')?.getAttribute('numberOfCells') ?? 0);
  const base = common(element, name, scope);
  const field: FormField = {
    ...base.field,
    type: type === 'dropdown' && isAlwaysOpen(ui.element) ? 'listbox' : type,
    maxLength: type === 'text' ? cells || limit : null,
    comb: cells > 0,
    multiline: ui.element?.getAttribute('multiLine') === '1',
  };
  if (UNFILLABLE[ui.name]) field.unfillable = UNFILLABLE[ui.name] ?? '';
  if (type === 'checkbox') field.options = [textsIn(items[0])[0] ?? '1'];
  if (type === 'dropdown') describeOptions(field, items, ui.element);
  const box = boxOf(element);
  return {
    field,
    dataPath: base.dataPath,
    holds: ui.name === 'dateTimeEdit' ? 'date' : ui.name === 'numericEdit' ? 'number' : 'text',
    preset: presetOf(element),
    ...(box ? { box } : {}),
  };
}

/** Bubbles of which one is chosen: one field to us, whose value is the on-value of the bubble. */
function describeGroup(element: Element, scope: Scope): XfaField {
  const name = element.getAttribute('name') ?? '';
  const base = common(element, name, scope);
  const members = childrenNamed(element, 'field');
  const options = members.map((member) => textsIn(childNamed(member, 'items'))[0] ?? member.getAttribute('name') ?? '');
  const labels = members.map((member, index) => captionOf(member) ?? options[index] ?? '');
  const preset = members.map(presetOf).find((value) => value !== '' && options.includes(value)) ?? '';
  return {
    field: {
      ...base.field,
      type: 'radio',
      options,
      ...(labels.some((label, index) => label !== options[index]) ? { optionLabels: labels } : {}),
    },
    dataPath: base.dataPath,
    holds: 'text',
    preset,
  };
}

function common(element: Element, name: string, scope: Scope): { field: FormField; dataPath: DataStep[] | undefined } {
  const dataPath = stepsTo(element, name, scope);
  const caption = captionOf(element);
  const field: FormField = {
    name: [...scope.path, positioned(name, scope.seen)].join('.'),
    type: 'text',
    ...(caption ? { caption } : {}),
    page: null,
    places: [],
    maxLength: null,
    comb: false,
    multiline: false,
    options: [],
    required: childNamed(element, 'validate')?.getAttribute('nullTest') === 'error',
    readOnly: scope.readOnly || isReadOnly(element),
    value: '',
  };
  if (scope.hidden || isHidden(element)) field.unfillable = 'is hidden in the form';
  else if (!dataPath) field.unfillable = 'keeps no value in the file';
  // The reader computes when it opens the form, and puts its result over what was filled in.
  else if (childNamed(element, 'calculate')?.textContent?.trim()) field.unfillable = 'is computed by the form';
  return { field, dataPath };
}

const TYPES: Record<string, FieldType> = {
  checkButton: 'checkbox',
  choiceList: 'dropdown',
  button: 'button',
  signature: 'signature',
};

const UNFILLABLE: Record<string, string> = {
  passwordEdit: 'hides what is typed, as a password',
  imageEdit: 'takes a picture',
  barcode: 'is a barcode',
};

function uiOf(field: Element): { name: string; element: Element | undefined } {
  const ui = childNamed(field, 'ui');
  const element = ui ? children(ui).find((child) => !['extras', 'picture'].includes(localNameOf(child))) : undefined;
  return { name: element ? localNameOf(element) : 'textEdit', element };
}

function isAlwaysOpen(ui: Element | undefined): boolean {
  return ['always', 'multiSelect'].includes(ui?.getAttribute('open') ?? '');
}

function describeOptions(field: FormField, items: Element[], ui: Element | undefined): void {
  const saved = items.find((list) => list.getAttribute('save') === '1');
  const shown = items.find((list) => list !== saved) ?? saved;
  const labels = textsIn(shown);
  field.options = saved ? textsIn(saved) : labels;
  if (saved && labels.some((label, index) => label !== field.options[index])) field.optionLabels = labels;
  if (ui?.getAttribute('textEntry') === '1') field.editable = true;
}

function textsIn(items: Element | undefined): string[] {
  return items ? children(items).map((item) => item.textContent ?? '') : [];
}

function captionOf(element: Element): string | undefined {
  const assist = childNamed(element, 'assist');
  const shown = childNamed(element, 'caption');
  const value = shown ? childNamed(shown, 'value') : undefined;
  const words =
    (assist && (childNamed(assist, 'toolTip')?.textContent || childNamed(assist, 'speak')?.textContent)) ||
    value?.textContent;
  return words?.replace(/\s+/g, ' ').trim() || undefined;
}

function lengthLimit(field: Element): number | null {
  const value = childNamed(field, 'value');
  const most = Number((value && childNamed(value, 'text')?.getAttribute('maxChars')) || 0);
  return most > 0 ? most : null;
}

function presetOf(field: Element): string {
  return (childNamed(field, 'value')?.textContent ?? '').trim();
}

function boxOf(field: Element): XfaField['box'] | undefined {
  const width = measure(field.getAttribute('w'));
  const height = measure(field.getAttribute('h'));
  if (!width || !height) return undefined;
  const caption = childNamed(field, 'caption');
  const reserve = measure(caption?.getAttribute('reserve')) ?? 0;
  const beside = ['left', 'right', null, ''].includes(caption?.getAttribute('placement') ?? null);
  const margin = childNamed(field, 'margin');
  const inset = (side: string) => measure(margin?.getAttribute(`${side}Inset`)) ?? 0;
  return {
    width: width - (beside ? reserve : 0) - inset('left') - inset('right'),
    height: height - (beside ? 0 : reserve) - inset('top') - inset('bottom'),
    fontSize: measure(childNamed(field, 'font')?.getAttribute('size')) ?? 10,
  };
}

const POINTS: Record<string, number> = { pt: 1, in: 72, mm: 72 / 25.4, cm: 72 / 2.54, pc: 12, mp: 0.001, '': 72 };

function measure(text: string | null | undefined): number | undefined {
  const match = /^([+-]?[\d.]+)\s*(pt|in|mm|cm|pc|mp)?$/.exec(text ?? '');
  return match ? Number(match[1]) * (POINTS[match[2] ?? ''] ?? 1) : undefined;
}
