import { PDFArray, PDFDict, type PDFDocument, PDFName, PDFNumber, type PDFObject, PDFStream } from 'pdf-lib';
import type { FieldType, FormField, Place } from '../document/form-field.js';
import { PdfRefusedError } from '../pdf/pdf-refused.js';
import { textOf, textOfName } from '../pdf/pdf-text.js';

/** A field of an AcroForm with the objects it is made of. */
export interface AcroField {
  field: FormField;
  /** Has the value. May be the widget as well. */
  dict: PDFDict;
  widgets: Widget[];
  /** An entry of the field itself or, as in the PDF standard, of its nearest parent that has one. */
  inherited(key: string): PDFObject | undefined;
}

export interface Widget {
  dict: PDFDict;
  place: Place | undefined;
  /** Why its value is invisible in the blank form. */
  unseen?: string;
}

const MAX_FIELDS = 20_000;
const DEEPEST = 64;

const FLAG = { readOnly: 1, required: 1 << 1, multiline: 1 << 12, password: 1 << 13, radio: 1 << 15, push: 1 << 16 };
const TEXT_FLAG = { fileSelect: 1 << 20, comb: 1 << 24, richText: 1 << 25 };
const RADIOS_IN_UNISON = 1 << 25;
const CHOICE_FLAG = { combo: 1 << 17, edit: 1 << 18 };

/**
 * Every field of an AcroForm in the order of the file.
 * @throws PdfRefusedError `pdf-damaged` for a tree with a cycle, `pdf-too-heavy` for one larger than any form.
 */
export function acroFields(pdf: PDFDocument, acroForm: PDFDict): AcroField[] {
  const found: AcroField[] = [];
  const pageOf = pagesOfWidgets(pdf);
  const unseen = unseenBoxes(pdf);
  const seen = new Set<PDFDict>();

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
    if (childFields.length > 0) {
      for (const kid of childFields) visit(kid, chain, names);
      return;
    }
    const widgets = (kids.length > 0 ? kids : [dict]).map(
      (widget): Widget => ({
        dict: widget,
        place: placeOf(widget, pageOf),
      }),
    );
    const field = describe(chain, names.join('.'), widgets);
    if (!field) return;
    for (const widget of widgets) {
      const why = unseen(widget);
      if (why) widget.unseen = why;
    }
    const [first, ...others] = widgets;
    if (first?.unseen && others.every((other) => other.unseen)) field.unfillable ??= first.unseen;
    found.push({ field, dict, widgets, inherited: (key) => inherited(chain, key) });
  };

  for (const root of dictsIn(acroForm.lookup(PDFName.of('Fields')))) visit(root, [], []);
  refuseAmbiguousNames(found.map(({ field }) => field));
  return found;
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

function describe(chain: PDFDict[], name: string, widgets: Widget[]): FormField | undefined {
  const flags = numberOf(inherited(chain, 'Ff')) ?? 0;
  const has = (flag: number) => (flags & flag) !== 0;
  const states = widgets.map(({ dict }) => onValuesOf(dict));
  const type = typeOf(nameOf(inherited(chain, 'FT')), has, new Set(states.flat()).size);
  if (!type) return undefined;
  const [dict] = chain;
  const caption = textOf(dict?.lookup(PDFName.of('TU'))) ?? textOf(widgets[0]?.dict.lookup(PDFName.of('TU')));
  const places = widgets.flatMap(({ place }) => (place ? [place] : []));
  const isText = type === 'text';
  const field: FormField = {
    name,
    type,
    ...(caption ? { caption } : {}),
    page: places[0]?.page ?? null,
    places,
    maxLength: isText ? (numberOf(inherited(chain, 'MaxLen')) ?? null) : null,
    comb: isText && has(TEXT_FLAG.comb) && !has(FLAG.multiline),
    multiline: isText && has(FLAG.multiline),
    options: [],
    required: has(FLAG.required),
    readOnly: has(FLAG.readOnly),
    value: '',
  };
  if (isText && has(FLAG.password)) field.unfillable = 'hides what is typed, as a password';
  if (isText && has(TEXT_FLAG.fileSelect)) field.unfillable = 'takes the name of a file';
  if (isText && has(TEXT_FLAG.richText)) field.unfillable = 'takes formatted text';
  if (type === 'checkbox' || type === 'radio') {
    describeStates(field, states.flat(), inherited(chain, 'Opt'));
    if (field.options.length === 0) field.unfillable = 'has no drawing of its tick';
    if (has(FLAG.radio) && !has(RADIOS_IN_UNISON) && field.options.length < states.flat().length)
      field.unfillable = 'has several bubbles of one value, which would all be chosen';
    const value = nameOf(inherited(chain, 'V')) ?? 'Off';
    field.value = value === 'Off' ? '' : value;
  } else if (type === 'dropdown' || type === 'listbox') {
    describeOptions(field, inherited(chain, 'Opt'));
    if (type === 'dropdown' && has(CHOICE_FLAG.edit)) field.editable = true;
    field.value = chosenIn(inherited(chain, 'V'));
  } else if (isText) field.value = textOf(inherited(chain, 'V')) ?? '';
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

/** Not shown at all, or not on a screen. */
const HIDDEN = 2 | 32;
/** Points by which a box at the edge may extend beyond the visible page. */
const EDGE = 2;

/** Why the value of a widget is invisible; undefined when it is visible. */
function unseenBoxes(pdf: PDFDocument): (widget: Widget) => string | undefined {
  const pages = pdf.getPages();
  const layersOff = layersTurnedOff(pdf);
  return ({ dict, place }) => {
    if (((numberOf(dict.lookup(PDFName.of('F'))) ?? 0) & HIDDEN) !== 0) return 'is hidden in the form';
    const layer = dict.lookup(PDFName.of('OC'));
    if (layer && layersOff.has(layer)) return 'is in a layer that is turned off';
    const page = place && pages[place.page - 1];
    if (!page) return undefined;
    if (place.width < 1 || place.height < 1) return 'is too small to be seen';
    // The visible page is its crop box, within its media box.
    const isInside = [page.getCropBox(), page.getMediaBox()].every(
      ({ x, y, width, height }) =>
        place.x >= Math.min(x, x + width) - EDGE &&
        place.y >= Math.min(y, y + height) - EDGE &&
        place.x + place.width <= Math.max(x, x + width) + EDGE &&
        place.y + place.height <= Math.max(y, y + height) + EDGE,
    );
    return isInside ? undefined : 'lies outside what its page shows';
  };
}

function layersTurnedOff(pdf: PDFDocument): Set<PDFObject> {
  const layers = pdf.catalog.lookup(PDFName.of('OCProperties'));
  const usual = layers instanceof PDFDict ? layers.lookup(PDFName.of('D')) : undefined;
  return new Set(usual instanceof PDFDict ? dictsIn(usual.lookup(PDFName.of('OFF'))) : []);
}

function placeOf(widget: PDFDict, pageOf: Map<PDFDict, number>): Place | undefined {
  const rect = widget.lookup(PDFName.of('Rect'));
  const page = pageOf.get(widget);
  if (!(rect instanceof PDFArray) || rect.size() !== 4 || page === undefined) return undefined;
  const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = [0, 1, 2, 3].map((index) => numberOf(rect.lookup(index)) ?? 0);
  return { page, x: Math.min(x1, x2), y: Math.min(y1, y2), width: Math.abs(x2 - x1), height: Math.abs(y2 - y1) };
}

/** Read from the pages: the page that a widget names is optional and often wrong. */
function pagesOfWidgets(pdf: PDFDocument): Map<PDFDict, number> {
  const pageOf = new Map<PDFDict, number>();
  pdf.getPages().forEach((page, index) => {
    for (const annotation of dictsIn(page.node.lookup(PDFName.of('Annots')))) pageOf.set(annotation, index + 1);
  });
  return pageOf;
}

function inherited(chain: PDFDict[], key: string): PDFObject | undefined {
  for (const dict of chain) {
    const entry = dict.lookup(PDFName.of(key));
    if (entry) return entry;
  }
  return undefined;
}

export function dictsIn(array: PDFObject | undefined): PDFDict[] {
  if (!(array instanceof PDFArray)) return [];
  const dicts: PDFDict[] = [];
  for (let index = 0; index < array.size(); index++) {
    const item = array.lookup(index);
    if (item instanceof PDFDict) dicts.push(item);
  }
  return dicts;
}

export function numberOf(object: PDFObject | undefined): number | undefined {
  return object instanceof PDFNumber ? object.asNumber() : undefined;
}

function chosenIn(object: PDFObject | undefined): string {
  if (object instanceof PDFArray) return textOf(object.lookup(0)) ?? '';
  return textOf(object) ?? '';
}

function nameOf(object: PDFObject | undefined): string | undefined {
  return object instanceof PDFName ? textOfName(object.decodeText()) : undefined;
}
