import { PDFArray, PDFDict, type PDFDocument, PDFName, type PDFObject, PDFStream } from 'pdf-lib';
import { type FieldType, type FormField, isTick, isTyped } from '../document/form-field.js';
import { dictsIn, numberOf, textOf, textOfName } from '../pdf/pdf-objects.js';
import { PdfRefusedError } from '../pdf/pdf-refused.js';
import { noteScripts } from '../scripts/field-scripts.js';
import { clickOf } from './button-click.js';
import { isWidget, placeOf, unseenWidgets, type Widget, widgetsOnPages } from './widget-places.js';

/** A field of an AcroForm with the objects it is made of. */
export interface AcroField {
  field: FormField;
  /** Has the value. May be the widget as well. */
  dict: PDFDict;
  widgets: Widget[];
  /**
   * An entry of the field itself or, as in the PDF standard, of its nearest parent that has one. Some files have it on
   * the field's widgets instead, where readers find it as well.
   */
  inherited(key: string): PDFObject | undefined;
}

const MAX_FIELDS = 20_000;
const DEEPEST = 64;

const FLAG = { readOnly: 1, required: 1 << 1, multiline: 1 << 12, password: 1 << 13, radio: 1 << 15, push: 1 << 16 };
const TEXT_FLAG = { fileSelect: 1 << 20, comb: 1 << 24, richText: 1 << 25 };
const RADIOS_IN_UNISON = 1 << 25;
const CHOICE_FLAG = { combo: 1 << 17, edit: 1 << 18 };

const LOST = "is on the page but not in the form's own list of boxes: a program that saved the file lost it";

/**
 * Every box of an AcroForm: those that the form lists, in the order of the file, and then those that only the pages
 * have. What cannot be filled has the reason in `unfillable`.
 * @throws PdfRefusedError `pdf-damaged` for a tree with a cycle, `pdf-too-heavy` for one larger than any form.
 */
export function acroFields(pdf: PDFDocument, acroForm: PDFDict): AcroField[] {
  const found: AcroField[] = [];
  const pageOf = widgetsOnPages(pdf);
  const whyUnseen = unseenWidgets(pdf);
  const seen = new Set<PDFDict>();
  const accounted = new Set<PDFDict>();

  const add = (chain: PDFDict[], name: string, dicts: PDFDict[], unfillable?: string): void => {
    const [dict] = chain;
    const widgets = dicts.map((widget): Widget => ({ dict: widget, place: placeOf(widget, pageOf) }));
    for (const widget of dicts) accounted.add(widget);
    const inherited = (key: string) => inheritedFrom([...chain, ...dicts], key);
    const own = (key: string) => dict?.lookup(PDFName.of(key)) ?? dicts[0]?.lookup(PDFName.of(key));
    const field = describe(inherited, own, name, widgets);
    if (!field || !dict) return;
    if (unfillable) field.unfillable = unfillable;
    for (const widget of widgets) Object.assign(widget, whyUnseen(widget));
    const [first, ...others] = widgets;
    if (first?.unseen && others.every((other) => other.unseen)) {
      if (!field.unfillable && widgets.every(({ isHidden }) => isHidden)) field.hidden = true;
      field.unfillable ??= first.unseen;
    }
    if (field.places.length === 0 && isTyped(field.type)) field.unfillable ??= 'is on no page';
    found.push({ field, dict, widgets, inherited });
  };

  const visit = (dict: PDFDict, parents: PDFDict[], path: string[]): void => {
    if (seen.has(dict))
      throw new PdfRefusedError('pdf-damaged', 'The form lists a field inside itself. Get a fresh copy.');
    if (parents.length > DEEPEST || seen.size > MAX_FIELDS)
      throw new PdfRefusedError(
        'pdf-too-heavy',
        `The form has more fields than any form has (${MAX_FIELDS}). It is not a form to fill.`,
      );
    seen.add(dict);
    const partial = textOf(dict.lookup(PDFName.of('T')));
    const names = partial === undefined ? path : [...path, partial];
    const kids = dictsIn(dict.lookup(PDFName.of('Kids')));
    const childFields = kids.filter((kid) => kid.has(PDFName.of('T')));
    const chain = [dict, ...parents];
    if (childFields.length === 0) {
      add(chain, names.join('.'), kids.length > 0 ? kids : [dict]);
      return;
    }
    for (const kid of childFields) visit(kid, chain, names);
    const ownWidgets = kids.filter((kid) => !childFields.includes(kid) && isWidget(kid));
    if (ownWidgets.length > 0)
      add(chain, names.join('.'), ownWidgets, 'belongs to a group of boxes, and readers disagree on what is in it');
  };

  for (const root of dictsIn(acroForm.lookup(PDFName.of('Fields')))) visit(root, [], []);
  const listed = new Set([...seen, ...accounted]);
  for (const [chain, widgets] of lostWidgets(pageOf, listed))
    add(chain, nameOfChain(chain), widgets, listed.has(chain[0] as PDFDict) ? UNLISTED : LOST);
  refuseAmbiguousNames(found.map(({ field }) => field));
  for (const { field, dict, widgets } of found) {
    const click = field.type === 'button' ? clickOf(dict, widgets) : undefined;
    if (click) field.click = click;
  }
  noteScripts({ pdf, fields: found, optionsOf: onValuesOf });
  return found;
}

const UNLISTED = 'is on the page, but its field does not list it: a program that saved the file lost it';

/** Whether a box is on a page but not in the form's list. */
export function isLost({ unfillable }: FormField): boolean {
  return unfillable === LOST || unfillable === UNLISTED;
}

/** Whether readers hide what is typed. */
export function isPassword({ field, inherited }: AcroField): boolean {
  return field.type === 'text' && ((numberOf(inherited('Ff')) ?? 0) & FLAG.password) !== 0;
}

/** Widgets on the pages that the form does not list, by their field: it and its parents, the innermost first. */
function lostWidgets(pageOf: Map<PDFDict, number>, listed: Set<PDFDict>): [PDFDict[], PDFDict[]][] {
  const lost = new Map<PDFDict, [PDFDict[], PDFDict[]]>();
  for (const widget of pageOf.keys()) {
    if (!isWidget(widget) || listed.has(widget)) continue;
    const chain: PDFDict[] = [];
    for (let dict: PDFObject | undefined = widget; dict instanceof PDFDict && chain.length <= DEEPEST; ) {
      chain.push(dict);
      dict = dict.lookup(PDFName.of('Parent'));
    }
    const own = chain.slice(
      Math.max(
        0,
        chain.findIndex((dict) => dict.has(PDFName.of('T'))),
      ),
    );
    const [field = widget] = own;
    const others = lost.get(field)?.[1] ?? [];
    lost.set(field, [own, [...others, widget]]);
  }
  return [...lost.values()];
}

function nameOfChain(chain: PDFDict[]): string {
  return chain
    .flatMap((dict) => textOf(dict.lookup(PDFName.of('T'))) ?? [])
    .reverse()
    .join('.');
}

/** Values are written and read back by field name. */
function refuseAmbiguousNames(fields: FormField[]): void {
  const counts = new Map<string, number>();
  for (const { name } of fields) counts.set(name, (counts.get(name) ?? 0) + 1);
  for (const field of fields) {
    if (field.name === '') field.unfillable ??= 'has no name';
    else if ((counts.get(field.name) ?? 0) > 1) field.unfillable ??= 'shares its name with another field';
  }
}

function describe(
  inherited: AcroField['inherited'],
  own: AcroField['inherited'],
  name: string,
  widgets: Widget[],
): FormField | undefined {
  const flags = numberOf(inherited('Ff')) ?? 0;
  const has = (flag: number) => (flags & flag) !== 0;
  const states = widgets.map(({ dict }) => onValuesOf(dict));
  const known = typeOf(nameOf(inherited('FT')), has, new Set(states.flat()).size);
  const type = known ?? 'text';
  // Neither a box on a page nor a field: nothing to fill, and nothing that people see.
  if (!known && !widgets.some(({ dict, place }) => place && isWidget(dict))) return undefined;
  const caption = textOf(own('TU'));
  const places = widgets.flatMap(({ place }) => (place ? [place] : []));
  const isText = type === 'text';
  const field: FormField = {
    name,
    type,
    ...(caption ? { caption } : {}),
    page: places[0]?.page ?? null,
    places,
    // Readers take a limit of 0, or below, for none.
    maxLength: (isText && Math.max(0, numberOf(inherited('MaxLen')) ?? 0)) || null,
    comb: isText && has(TEXT_FLAG.comb) && !has(FLAG.multiline),
    multiline: isText && has(FLAG.multiline),
    options: [],
    required: has(FLAG.required),
    readOnly: has(FLAG.readOnly),
    value: '',
  };
  if (!known) field.unfillable = 'has no type';
  if (isText && has(FLAG.password)) field.unfillable = 'hides what is typed, as a password';
  if (isText && has(TEXT_FLAG.fileSelect)) field.unfillable = 'takes the name of a file';
  if (isText && has(TEXT_FLAG.richText)) field.unfillable = 'takes formatted text';
  if (isTick(field)) {
    describeStates(field, states.flat(), inherited('Opt'));
    if (field.options.length === 0) field.unfillable = 'has no drawing of its tick';
    if (has(FLAG.radio) && !has(RADIOS_IN_UNISON) && field.options.length < states.flat().length)
      field.unfillable = 'has several bubbles of one value, which would all be chosen';
    const value = nameOf(inherited('V')) ?? 'Off';
    field.value = value === 'Off' ? '' : value;
  } else if (type === 'dropdown' || type === 'listbox') {
    describeOptions(field, inherited('Opt'));
    if (type === 'dropdown' && has(CHOICE_FLAG.edit)) field.editable = true;
    if (field.options.length === 0 && !field.editable) field.unfillable ??= 'is a list without options';
    field.value = chosenIn(inherited('V'));
  } else if (isText) field.value = textOf(inherited('V')) ?? '';
  return field;
}

function typeOf(ft: string | undefined, has: (flag: number) => boolean, distinctStates: number): FieldType | undefined {
  switch (ft) {
    case 'Tx':
      return 'text';
    case 'Sig':
      return 'signature';
    case 'Ch':
      return has(CHOICE_FLAG.combo) ? 'dropdown' : 'listbox';
    case 'Btn':
      if (has(FLAG.push)) return 'button';
      // Some forms have a single check box with several on-values as a radio group.
      return has(FLAG.radio) || distinctStates > 1 ? 'radio' : 'checkbox';
    default:
      return undefined;
  }
}

/** A button's states are named 0, 1, 2 when /Opt has the real names, one for each widget. */
function describeStates(field: FormField, states: string[], opt: PDFObject | undefined): void {
  field.options = [...new Set(states)];
  if (!(opt instanceof PDFArray)) return;
  const labels = field.options.map((state) => {
    const index = /^\d+$/.test(state) ? Number(state) : states.indexOf(state);
    return (index < opt.size() ? textOf(opt.lookup(index)) : undefined) ?? state;
  });
  if (labels.some((label, index) => label !== field.options[index])) field.optionLabels = labels;
}

function describeOptions(field: FormField, opt: PDFObject | undefined): void {
  if (!(opt instanceof PDFArray)) return;
  const labels: string[] = [];
  for (let index = 0; index < opt.size(); index++) {
    const option = opt.lookup(index);
    const pair = option instanceof PDFArray ? [textOf(option.lookup(0)), textOf(option.lookup(1))] : [textOf(option)];
    const value = pair[0] ?? '';
    field.options.push(value);
    labels.push(pair[1] ?? value);
  }
  if (labels.some((label, index) => label !== field.options[index])) field.optionLabels = labels;
  // A form stores only the value, and would show it with the first of its labels.
  if (labels.some((label, index) => label !== labels[field.options.indexOf(field.options[index] ?? '')]))
    field.unfillable = 'has several options of one value';
}

/** The on-states a widget can show, as its drawings name them. */
export function onValuesOf(widget: PDFDict): string[] {
  return [...onStatesOf(widget).keys()];
}

/** The same, with the names as the file has them: non-ASCII names cannot be rebuilt from their text. */
export function onStatesOf(widget: PDFDict): Map<string, PDFName> {
  const states = new Map<string, PDFName>();
  const appearances = widget.lookup(PDFName.of('AP'));
  // What it shows while the mouse button is down (D) does not count.
  const drawn = appearances instanceof PDFDict ? appearances.lookup(PDFName.of('N')) : undefined;
  if (!(drawn instanceof PDFDict) || drawn instanceof PDFStream) return states;
  for (const state of drawn.keys()) {
    const text = textOfName(state.decodeText());
    // Without a drawing, pdf.js makes its own and other readers show nothing.
    if (text !== 'Off' && drawn.lookup(state) instanceof PDFStream) states.set(text, state);
  }
  return states;
}

function inheritedFrom(chain: PDFDict[], key: string): PDFObject | undefined {
  for (const dict of chain) {
    const entry = dict.lookup(PDFName.of(key));
    if (entry) return entry;
  }
  return undefined;
}

function chosenIn(object: PDFObject | undefined): string {
  if (object instanceof PDFArray) return textOf(object.lookup(0)) ?? '';
  return textOf(object) ?? '';
}

function nameOf(object: PDFObject | undefined): string | undefined {
  return object instanceof PDFName ? textOfName(object.decodeText()) : undefined;
}
