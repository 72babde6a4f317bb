import { PDFArray, PDFDict, type PDFDocument, PDFName, type PDFObject } from 'pdf-lib';
import type { Place } from '../document/form-field.js';
import { dictsIn, numberOf } from '../pdf/pdf-objects.js';

/** Where the widgets of a form are on its pages, and why people would not see a value there. */

/** A widget of a field: one of the places where it is drawn. */
export interface Widget {
  dict: PDFDict;
  place: Place | undefined;
  /** Why its value is invisible in the blank form. */
  unseen?: string;
  /** The form hides it with a flag, which a script may take away. */
  isHidden?: true;
}

/** Bits of a widget's `F` entry (ISO 32000-1, table 165). */
export const WIDGET_FLAG = { hidden: 2, print: 4, noView: 32 };
const HIDDEN = WIDGET_FLAG.hidden | WIDGET_FLAG.noView;
/** Points by which a box at the edge may extend beyond the visible page. */
const EDGE = 2;
const DEEPEST_EXPRESSION = 32;

/** Every widget on the pages, in their order. The page that a widget names is optional and often wrong. */
export function widgetsOnPages(pdf: PDFDocument): Map<PDFDict, number> {
  const pageOf = new Map<PDFDict, number>();
  pdf.getPages().forEach((page, index) => {
    for (const annotation of dictsIn(page.node.lookup(PDFName.of('Annots')))) pageOf.set(annotation, index + 1);
  });
  return pageOf;
}

export function isWidget(annotation: PDFDict): boolean {
  return annotation.lookup(PDFName.of('Subtype')) === PDFName.of('Widget');
}

export function placeOf(widget: PDFDict, pageOf: Map<PDFDict, number>): Place | undefined {
  const rect = widget.lookup(PDFName.of('Rect'));
  const page = pageOf.get(widget);
  if (!(rect instanceof PDFArray) || rect.size() !== 4 || page === undefined) return undefined;
  const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = [0, 1, 2, 3].map((index) => numberOf(rect.lookup(index)) ?? 0);
  return { page, x: Math.min(x1, x2), y: Math.min(y1, y2), width: Math.abs(x2 - x1), height: Math.abs(y2 - y1) };
}

/** Says why the value of a widget is invisible, on a screen or on paper; undefined when it is visible. */
export function unseenWidgets(pdf: PDFDocument): (widget: Widget) => Pick<Widget, 'unseen' | 'isHidden'> | undefined {
  const pages = pdf.getPages();
  const layers = hiddenLayers(pdf);
  return ({ dict, place }) => {
    if (((numberOf(dict.lookup(PDFName.of('F'))) ?? 0) & HIDDEN) !== 0)
      return { unseen: 'is hidden in the form', isHidden: true };
    const layer = dict.lookup(PDFName.of('OC'));
    if (layer && isOff(layer, layers.off)) return { unseen: 'is in a layer that is turned off' };
    if (layer && isOff(layer, layers.offOnPaper)) return { unseen: 'is in a layer that is not printed' };
    const page = place && pages[place.page - 1];
    if (!page) return undefined;
    if (place.width < 1 || place.height < 1) return { unseen: 'is too small to be seen' };
    // The visible page is its crop box, within its media box.
    const isInside = [page.getCropBox(), page.getMediaBox()].every(
      ({ x, y, width, height }) =>
        place.x >= Math.min(x, x + width) - EDGE &&
        place.y >= Math.min(y, y + height) - EDGE &&
        place.x + place.width <= Math.max(x, x + width) + EDGE &&
        place.y + place.height <= Math.max(y, y + height) + EDGE,
    );
    return isInside ? undefined : { unseen: 'lies outside what its page shows' };
  };
}

interface HiddenLayers {
  off: Set<PDFObject>;
  /** These, and those that are not printed. */
  offOnPaper: Set<PDFObject>;
}

/** Optional content of the default configuration (ISO 32000-1, 8.11.4). */
function hiddenLayers(pdf: PDFDocument): HiddenLayers {
  const properties = pdf.catalog.lookup(PDFName.of('OCProperties'));
  const usual = properties instanceof PDFDict ? properties.lookup(PDFName.of('D')) : undefined;
  if (!(properties instanceof PDFDict) || !(usual instanceof PDFDict)) return { off: new Set(), offOnPaper: new Set() };
  const all = dictsIn(properties.lookup(PDFName.of('OCGs')));
  const [on, off] = ['ON', 'OFF'].map((key) => new Set<PDFObject>(dictsIn(usual.lookup(PDFName.of(key)))));
  if (usual.lookup(PDFName.of('BaseState')) === PDFName.of('OFF'))
    for (const layer of all) if (!on?.has(layer)) off?.add(layer);
  const printed = dictsIn(usual.lookup(PDFName.of('AS')))
    .filter((event) => event.lookup(PDFName.of('Event')) === PDFName.of('Print'))
    .flatMap((event) => dictsIn(event.lookup(PDFName.of('OCGs'))));
  const unprinted = printed.filter((layer) => usageOf(layer, 'Print') === 'OFF');
  return { off: off ?? new Set(), offOnPaper: new Set([...(off ?? []), ...unprinted]) };
}

function usageOf(layer: PDFDict, event: 'Print'): string | undefined {
  const usage = layer.lookup(PDFName.of('Usage'));
  const of = usage instanceof PDFDict ? usage.lookup(PDFName.of(event)) : undefined;
  const state = of instanceof PDFDict ? of.lookup(PDFName.of(`${event}State`)) : undefined;
  return state instanceof PDFName ? state.decodeText() : undefined;
}

/** A layer, or a group of layers, which is visible if any of them is unless its policy says otherwise. */
function isOff(layer: PDFObject, off: Set<PDFObject>): boolean {
  if (!(layer instanceof PDFDict) || layer.lookup(PDFName.of('Type')) !== PDFName.of('OCMD')) return off.has(layer);
  const expression = layer.lookup(PDFName.of('VE'));
  if (expression instanceof PDFArray) return !isTrue(expression, off);
  const listed = layer.lookup(PDFName.of('OCGs'));
  const members = listed instanceof PDFDict ? [listed] : dictsIn(listed);
  if (members.length === 0) return false;
  const areOff = members.map((member) => off.has(member));
  switch (layer.lookup(PDFName.of('P'))) {
    case PDFName.of('AllOn'):
      return areOff.some(Boolean);
    case PDFName.of('AnyOff'):
      return !areOff.some(Boolean);
    case PDFName.of('AllOff'):
      return !areOff.every(Boolean);
    default:
      return areOff.every(Boolean);
  }
}

/** A visibility expression: a layer, or `And`, `Or`, `Not` of others (ISO 32000-1, 8.11.2.2). Only a group says one. */
function isTrue(expression: PDFObject | undefined, off: Set<PDFObject>, depth = 0): boolean {
  if (!(expression instanceof PDFArray)) return expression === undefined || !off.has(expression);
  if (depth > DEEPEST_EXPRESSION) return true;
  const [operator, ...operands] = Array.from({ length: expression.size() }, (_, index) => expression.lookup(index));
  const values = operands.map((operand) => isTrue(operand, off, depth + 1));
  if (operator === PDFName.of('Not')) return !values[0];
  return operator === PDFName.of('Or') ? values.some(Boolean) : values.every(Boolean);
}
