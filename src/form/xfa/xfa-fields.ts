import type { XmlElement } from '@rgrove/parse-xml';
import type { FieldType, FormField } from '../document/form-field.js';
import { childNamed, children, childrenNamed, localName } from './xfa-xml.js';

/** A field of a dynamic form, and where its value stands in the data. */
export interface XfaField {
  field: FormField;
  /** Data groups from the top, the value's own element last. Undefined: the form keeps no value for it. */
  dataPath: DataStep[] | undefined;
  /** Points, where the template says how large it is; it may also grow with its text. */
  box?: { width: number; height: number; fontSize: number };
  /** Dates and numbers are kept in one form whatever is shown. */
  holds: 'text' | 'date' | 'number';
  /** The pattern in which the data keeps its dates, when that is not YYYY-MM-DD. */
  keeps?: string;
  /** What the template puts in before anybody has. */
  preset: string;
  /** What Designer calls it in a form that has drawn pages as well: `form1[0].#subform[2].City[0]`. */
  drawnName: string;
  /** Boxes whose value makes a script open this one. Not lasting: only while someone fills the form in Acrobat. */
  openers: { field: string; option?: string; lasting: boolean }[];
  /** Names of boxes that show the same value of the data. */
  shares: string[];
  /** The reader computes it when it opens the form, whatever the file says. */
  recomputed: boolean;
  /** On a master page, which is drawn once for each page. */
  onMaster: boolean;
}

/** An element of the template and the fields it has or is. Scripts name both. */
export interface TemplateNode {
  element: XmlElement;
  name: string | undefined;
  drawnPath: string[];
  fields: XfaField[];
  /** A bubble: the value that its group has when it is chosen. */
  option?: string;
}

export interface DataStep {
  name: string;
  index: number;
}

interface Scope {
  /** Names with positions, as scripts and people write them. */
  path: string[];
  /** With every container, whether or not it has a name. */
  drawnPath: string[];
  /** Positions in the container itself. */
  seenDrawn: Map<string, number>;
  onMaster: boolean;
  data: DataStep[] | undefined;
  /** Positions of equal names in the nearest container that has a name. */
  seen: Map<string, number>;
  seenData: Map<string, number>;
  readOnly: boolean;
  /** Why nothing in it is seen on paper. */
  unseen: string | undefined;
}

/** Every container, field and bubble of the template, in its order. The first of what may repeat stands for all. */
export function templateNodes(template: XmlElement): TemplateNode[] {
  const nodes: TemplateNode[] = [];
  const root = childNamed(template, 'subform');
  if (root) visit(root, OUTSIDE(), nodes);
  return nodes;
}

/** A group of bubbles is one field; a single bubble is not. Fields of master pages are listed too. */
export function fieldsIn(nodes: TemplateNode[]): XfaField[] {
  const fields = nodes.flatMap(({ element, option, fields: [field] }) =>
    field && option === undefined && ['field', 'exclGroup'].includes(localName(element)) ? [field] : [],
  );
  noteSharedValues(fields);
  return fields;
}

/** Boxes that all show one value of the data: typed into one, it is in all. Ticks differ: each is on for another value. */
function noteSharedValues(fields: XfaField[]): void {
  const texts = new Map<string, XfaField[]>();
  for (const field of fields) {
    if (!field.dataPath || field.field.type === 'checkbox' || field.onMaster) continue;
    const place = JSON.stringify(field.dataPath);
    texts.set(place, [...(texts.get(place) ?? []), field]);
  }
  for (const sharing of texts.values())
    for (const field of sharing)
      field.shares = sharing.filter((other) => other !== field).map((other) => other.field.name);
}

const OUTSIDE = (): Scope => ({
  path: [],
  drawnPath: [],
  seenDrawn: new Map(),
  onMaster: false,
  data: [],
  seen: new Map(),
  seenData: new Map(),
  readOnly: false,
  unseen: undefined,
});

function visit(container: XmlElement, outer: Scope, nodes: TemplateNode[]): XfaField[] {
  const scope = scopeOf(container, outer);
  const node: TemplateNode = {
    element: container,
    name: container.attributes.name,
    drawnPath: scope.drawnPath,
    fields: [],
  };
  nodes.push(node);
  for (const child of children(container)) {
    const name = child.attributes.name;
    switch (localName(child)) {
      case 'subform':
      case 'subformSet':
      case 'area':
      case 'pageSet':
      case 'pageArea':
        node.fields.push(...visit(child, scope, nodes));
        break;
      case 'exclGroup':
        if (name) node.fields.push(noteGroup(child, name, scope, nodes));
        else node.fields.push(...visit(child, scope, nodes));
        break;
      case 'field':
        if (name) node.fields.push(noteField(child, name, describeField(child, scope), scope, nodes));
        break;
    }
  }
  return node.fields;
}

function noteField(
  element: XmlElement,
  name: string,
  field: XfaField,
  { drawnPath }: Scope,
  nodes: TemplateNode[],
): XfaField {
  nodes.push({ element, name, drawnPath, fields: [field] });
  return field;
}

function noteGroup(group: XmlElement, name: string, scope: Scope, nodes: TemplateNode[]): XfaField {
  const field = noteField(group, name, describeGroup(group, scope), scope, nodes);
  childrenNamed(group, 'field').forEach((element, index) => {
    const option = field.field.options[index];
    const bubble = { element, name: element.attributes.name, drawnPath: scope.drawnPath, fields: [field] };
    if (option !== undefined) nodes.push({ ...bubble, option });
  });
  return field;
}

function scopeOf(element: XmlElement, outer: Scope): Scope {
  const kind = localName(element);
  const name = element.attributes.name;
  const inside = {
    readOnly: outer.readOnly || isReadOnly(element),
    unseen: outer.unseen ?? unseenBecause(element),
    drawnPath: [...outer.drawnPath, positioned(name ?? `#${kind}`, outer.seenDrawn)],
    seenDrawn: new Map<string, number>(),
    onMaster: outer.onMaster || kind === 'pageSet',
  };
  // Without a name it is not there for scripts, nor in the data.
  if (!name || kind !== 'subform') return { ...outer, ...inside };
  return {
    ...inside,
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
function stepsTo(element: XmlElement, name: string, outer: Scope): DataStep[] | undefined {
  const bind = childNamed(element, 'bind');
  const match = bind?.attributes.match ?? 'once';
  if (match === 'none') return localName(element) === 'subform' ? outer.data : undefined;
  // One value for all boxes of the name.
  if (match === 'global') return outer.data?.[0] && [outer.data[0], { name, index: 0 }];
  if (match === 'dataRef') return referred(bind?.attributes.ref ?? '', outer.data);
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

function isUnbound(element: XmlElement): boolean {
  return childNamed(element, 'bind')?.attributes.match === 'none';
}

function isReadOnly(element: XmlElement): boolean {
  return ['readOnly', 'protected', 'nonInteractive'].includes(element.attributes.access ?? '');
}

function unseenBecause({ attributes: { presence, relevant } }: XmlElement): string | undefined {
  if (['hidden', 'invisible', 'inactive'].includes(presence ?? '')) return 'is hidden in the form';
  return /-print\b/.test(relevant ?? '') ? 'is not printed' : undefined;
}

function describeField(element: XmlElement, scope: Scope): XfaField {
  const name = element.attributes.name ?? '';
  const ui = uiOf(element);
  const items = childrenNamed(element, 'items');
  const type = TYPES[ui.name] ?? 'text';
  const limit = lengthLimit(element);
  const cells = Number(childNamed(ui.element ?? element, 'comb')?.attributes.numberOfCells ?? 0);
  const base = common(element, name, scope);
  const field: FormField = {
    ...base.field,
    type: type === 'dropdown' && isAlwaysOpen(ui.element) ? 'listbox' : type,
    maxLength: type === 'text' ? cells || limit : null,
    comb: cells > 0,
    multiline: ui.element?.attributes.multiLine === '1',
  };
  if (UNFILLABLE[ui.name]) field.unfillable = UNFILLABLE[ui.name] ?? '';
  if (type === 'checkbox') field.options = [textsIn(items[0])[0] ?? '1'];
  if (type === 'dropdown') describeOptions(field, items, ui.element);
  const box = boxOf(element);
  return {
    ...base,
    field,
    holds: ui.name === 'dateTimeEdit' ? 'date' : ui.name === 'numericEdit' ? 'number' : 'text',
    preset: presetOf(element),
    ...(box ? { box } : {}),
  };
}

/** Bubbles of which one is chosen: one field to us, whose value is the on-value of the bubble. */
function describeGroup(element: XmlElement, scope: Scope): XfaField {
  const name = element.attributes.name ?? '';
  const base = common(element, name, scope);
  const members = childrenNamed(element, 'field');
  const options = members.map((member) => textsIn(childNamed(member, 'items'))[0] ?? member.attributes.name ?? '');
  const labels = members.map((member, index) => captionOf(member) ?? options[index] ?? '');
  const preset = members.map(presetOf).find((value) => value !== '' && options.includes(value)) ?? '';
  return {
    ...base,
    field: {
      ...base.field,
      type: 'radio',
      options,
      ...(labels.some((label, index) => label !== options[index]) ? { optionLabels: labels } : {}),
    },
    holds: 'text',
    preset,
  };
}

function common(element: XmlElement, name: string, scope: Scope): Omit<XfaField, 'holds' | 'preset' | 'box'> {
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
    required: childNamed(element, 'validate')?.attributes.nullTest === 'error',
    readOnly: scope.readOnly || isReadOnly(element),
    value: '',
  };
  const unseen = scope.unseen ?? unseenBecause(element);
  if (unseen) field.unfillable = unseen;
  else if (!dataPath) field.unfillable = 'keeps no value in the file';
  const drawnName = [...scope.drawnPath, positioned(name, scope.seenDrawn)].join('.');
  return { field, dataPath, drawnName, openers: [], shares: [], recomputed: false, onMaster: scope.onMaster };
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

function uiOf(field: XmlElement): { name: string; element: XmlElement | undefined } {
  const ui = childNamed(field, 'ui');
  const element = ui ? children(ui).find((child) => !['extras', 'picture'].includes(localName(child))) : undefined;
  return { name: element ? localName(element) : 'textEdit', element };
}

function isAlwaysOpen(ui: XmlElement | undefined): boolean {
  return ['always', 'multiSelect'].includes(ui?.attributes.open ?? '');
}

function describeOptions(field: FormField, items: XmlElement[], ui: XmlElement | undefined): void {
  const saved = items.find((list) => list.attributes.save === '1');
  const shown = items.find((list) => list !== saved) ?? saved;
  const labels = textsIn(shown);
  field.options = saved ? textsIn(saved) : labels;
  if (saved && labels.some((label, index) => label !== field.options[index])) field.optionLabels = labels;
  if (ui?.attributes.textEntry === '1') field.editable = true;
}

function textsIn(items: XmlElement | undefined): string[] {
  return items ? children(items).map((item) => item.text) : [];
}

function captionOf(element: XmlElement): string | undefined {
  const assist = childNamed(element, 'assist');
  const shown = childNamed(element, 'caption');
  const value = shown ? childNamed(shown, 'value') : undefined;
  const words = (assist && (childNamed(assist, 'toolTip')?.text || childNamed(assist, 'speak')?.text)) || value?.text;
  return words?.replace(/\s+/g, ' ').trim() || undefined;
}

function lengthLimit(field: XmlElement): number | null {
  const value = childNamed(field, 'value');
  const most = Number((value && childNamed(value, 'text')?.attributes.maxChars) || 0);
  return most > 0 ? most : null;
}

function presetOf(field: XmlElement): string {
  return (childNamed(field, 'value')?.text ?? '').trim();
}

function boxOf(field: XmlElement): XfaField['box'] | undefined {
  const width = measure(field.attributes.w);
  const height = measure(field.attributes.h);
  if (!width || !height) return undefined;
  const caption = childNamed(field, 'caption');
  const reserve = measure(caption?.attributes.reserve) ?? 0;
  const beside = ['left', 'right', null, ''].includes(caption?.attributes.placement ?? null);
  const margin = childNamed(field, 'margin');
  const inset = (side: string) => measure(margin?.attributes[`${side}Inset`]) ?? 0;
  return {
    width: width - (beside ? reserve : 0) - inset('left') - inset('right'),
    height: height - (beside ? 0 : reserve) - inset('top') - inset('bottom'),
    fontSize: measure(childNamed(field, 'font')?.attributes.size) ?? 10,
  };
}

const POINTS: Record<string, number> = { pt: 1, in: 72, mm: 72 / 25.4, cm: 72 / 2.54, pc: 12, mp: 0.001, '': 72 };

function measure(text: string | null | undefined): number | undefined {
  const match = /^([+-]?[\d.]+)\s*(pt|in|mm|cm|pc|mp)?$/.exec(text ?? '');
  return match ? Number(match[1]) * (POINTS[match[2] ?? ''] ?? 1) : undefined;
}
