import {
  PDFArray,
  PDFDict,
  type PDFDocument,
  PDFHexString,
  PDFName,
  PDFNumber,
  type PDFObject,
  PDFStream,
  PDFString,
} from '@cantoo/pdf-lib';
import type { FieldType, FormField, Place } from './form-field.js';
import { PdfRefusedError } from './pdf-refused.js';

/** A field of an AcroForm with the objects it is made of. */
export interface AcroField {
  field: FormField;
  /** Holds the value; may be the widget as well. */
  dict: PDFDict;
  widgets: Widget[];
  /** An entry of the field itself or, as the PDF standard has it, of the nearest parent that has it. */
  inherited(key: string): PDFObject | undefined;
}

export interface Widget {
  dict: PDFDict;
  place: Place | undefined;
}

const MOST_FIELDS = 20_000;
const DEEPEST = 64;

const FLAG = { readOnly: 1, required: 1 << 1, multiline: 1 << 12, password: 1 << 13, radio: 1 << 15, push: 1 << 16 };
const TEXT_FLAG = { fileSelect: 1 << 20, comb: 1 << 24, richText: 1 << 25 };
const CHOICE_FLAG = { combo: 1 << 17, edit: 1 << 18 };

/**
 * Every field of an AcroForm in the order of the file.
 * @throws PdfRefusedError `pdf-damaged` for a tree that runs in circles, `pdf-too-heavy` for one beyond any form.
 */
export function acroFields(pdf: PDFDocument, acroForm: PDFDict): AcroField[] {
  const found: AcroField[] = [];
  const pageOf = pagesOfWidgets(pdf);
  const seen = new Set<PDFDict>();

  const visit = (dict: PDFDict, parents: PDFDict[], path: string[]): void => {
    if (seen.has(dict))
      throw new PdfRefusedError('pdf-damaged', 'The form lists a field inside itself. Get a fresh copy.');
    if (parents.length > DEEPEST || seen.size > MOST_FIELDS)
      throw new PdfRefusedError(
        'pdf-too-heavy',
        `The form has more fields than any form has (${MOST_FIELDS}). It is not a form to fill.`,
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
    const widgets = (kids.length > 0 ? kids : [dict]).map((widget) => ({
      dict: widget,
      place: placeOf(widget, pageOf),
    }));
    const field = describe(chain, names.join('.'), widgets);
    if (field) found.push({ field, dict, widgets, inherited: (key) => inherited(chain, key) });
  };

  for (const root of dictsIn(acroForm.lookup(PDFName.of('Fields')))) visit(root, [], []);
  return found;
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
      // Some forms make "radio groups" of one check box with several on-values.
      return has(FLAG.radio) || distinctStates > 1 ? 'radio' : 'checkbox';
    default:
      return undefined;
  }
}

/** A button's states are named 0, 1, 2 when /Opt has their real names, one for each widget. */
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
}

/** The on-states a widget can show, as its appearances name them. */
export function onValuesOf(widget: PDFDict): string[] {
  return [...onStatesOf(widget).keys()];
}

/** The same with the names as they stand in the file: letters beyond ASCII cannot be made again from their text. */
export function onStatesOf(widget: PDFDict): Map<string, PDFName> {
  const states = new Map<string, PDFName>();
  const appearances = widget.lookup(PDFName.of('AP'));
  if (!(appearances instanceof PDFDict)) return states;
  for (const key of ['N', 'D']) {
    const drawn = appearances.lookup(PDFName.of(key));
    if (!(drawn instanceof PDFDict) || drawn instanceof PDFStream) continue;
    for (const state of drawn.keys()) if (state.decodeText() !== 'Off') states.set(state.decodeText(), state);
  }
  return states;
}

function placeOf(widget: PDFDict, pageOf: Map<PDFDict, number>): Place | undefined {
  const rect = widget.lookup(PDFName.of('Rect'));
  const page = pageOf.get(widget);
  if (!(rect instanceof PDFArray) || rect.size() !== 4 || page === undefined) return undefined;
  const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = [0, 1, 2, 3].map((index) => numberOf(rect.lookup(index)) ?? 0);
  return { page, x: Math.min(x1, x2), y: Math.min(y1, y2), width: Math.abs(x2 - x1), height: Math.abs(y2 - y1) };
}

/** Read from the pages: a widget's own word for its page is optional and often wrong. */
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

function dictsIn(array: PDFObject | undefined): PDFDict[] {
  if (!(array instanceof PDFArray)) return [];
  const dicts: PDFDict[] = [];
  for (let index = 0; index < array.size(); index++) {
    const item = array.lookup(index);
    if (item instanceof PDFDict) dicts.push(item);
  }
  return dicts;
}

export function textOf(object: PDFObject | undefined): string | undefined {
  if (object instanceof PDFString || object instanceof PDFHexString) return object.decodeText();
  if (object instanceof PDFStream) return new TextDecoder('latin1').decode(object.getContents());
  return undefined;
}

function nameOf(object: PDFObject | undefined): string | undefined {
  return object instanceof PDFName ? object.decodeText() : undefined;
}

export function numberOf(object: PDFObject | undefined): number | undefined {
  return object instanceof PDFNumber ? object.asNumber() : undefined;
}

function chosenIn(object: PDFObject | undefined): string {
  if (object instanceof PDFArray) return textOf(object.lookup(0)) ?? '';
  return textOf(object) ?? '';
}
