import {
  concatTransformationMatrix,
  drawObject,
  PDFArray,
  PDFDict,
  type PDFDocument,
  PDFName,
  type PDFPage,
  PDFRef,
  PDFStream,
  popGraphicsState,
  pushGraphicsState,
} from 'pdf-lib';
import { numberOf } from './acroform-fields.js';

/** Hidden, or hidden on screens. */
const HIDDEN = 2 | 32;

/**
 * Makes the drawings of the fields part of the pages and removes the fields. Other annotations stay. The library's own
 * method loses check marks whose states it cannot find, and misplaces drawings with a matrix of their own.
 */
export function flattenFields(pdf: PDFDocument): void {
  for (const page of pdf.getPages()) {
    const annotations = page.node.lookup(PDFName.of('Annots'));
    if (!(annotations instanceof PDFArray)) continue;
    const entries = Array.from({ length: annotations.size() }, (_, index) => annotations.get(index));
    const others = entries.filter((entry) => !isWidget(pdf.context.lookup(entry)));
    for (const entry of entries) {
      const widget = pdf.context.lookup(entry);
      if (isWidget(widget)) drawInto(page, widget);
    }
    page.node.set(PDFName.of('Annots'), pdf.context.obj(others));
  }
  pdf.catalog.delete(PDFName.of('AcroForm'));
}

function isWidget(object: unknown): object is PDFDict {
  return object instanceof PDFDict && object.lookup(PDFName.of('Subtype')) === PDFName.of('Widget');
}

function drawInto(page: PDFPage, widget: PDFDict): void {
  const shown = appearanceOf(widget);
  if (!shown || ((numberOf(widget.lookup(PDFName.of('F'))) ?? 0) & HIDDEN) !== 0) return;
  const placing = placed(shown.drawing, widget);
  if (!placing) return;
  page.pushOperators(
    pushGraphicsState(),
    concatTransformationMatrix(...placing),
    drawObject(page.node.newXObject('Field', shown.ref)),
    popGraphicsState(),
  );
}

/** The drawing of a widget's current state. */
function appearanceOf(widget: PDFDict): { ref: PDFRef; drawing: PDFStream } | undefined {
  const appearances = widget.lookup(PDFName.of('AP'));
  if (!(appearances instanceof PDFDict)) return undefined;
  const normal = appearances.lookup(PDFName.of('N'));
  const state = widget.lookup(PDFName.of('AS'));
  const ref =
    normal instanceof PDFDict && state instanceof PDFName ? normal.get(state) : appearances.get(PDFName.of('N'));
  const drawing = ref instanceof PDFRef ? widget.context.lookup(ref) : undefined;
  return ref instanceof PDFRef && drawing instanceof PDFStream ? { ref, drawing } : undefined;
}

type Matrix = [number, number, number, number, number, number];

/** Moves a drawing's box, transformed by its own matrix, to the widget's place (ISO 32000-1, 12.5.5). */
function placed({ dict }: PDFStream, widget: PDFDict): Matrix | undefined {
  const place = numbersIn(widget.lookup(PDFName.of('Rect')));
  const box = numbersIn(dict.lookup(PDFName.of('BBox')));
  if (place.length !== 4 || box.length !== 4) return undefined;
  const given = numbersIn(dict.lookup(PDFName.of('Matrix')));
  const [a = 1, b = 0, c = 0, d = 1, e = 0, f = 0] = given.length === 6 ? given : [];
  const [left = 0, bottom = 0, right = 0, top = 0] = box;
  const corners = [
    [left, bottom],
    [right, bottom],
    [left, top],
    [right, top],
  ].map(([x = 0, y = 0]) => [a * x + c * y + e, b * x + d * y + f] as const);
  const [xs, ys] = [corners.map(([x]) => x), corners.map(([, y]) => y)];
  const [x, width] = [Math.min(...xs), Math.max(...xs) - Math.min(...xs)];
  const [y, height] = [Math.min(...ys), Math.max(...ys) - Math.min(...ys)];
  if (width === 0 || height === 0) return undefined;
  const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = place;
  const [scaleX, scaleY] = [Math.abs(x2 - x1) / width, Math.abs(y2 - y1) / height];
  return [scaleX, 0, 0, scaleY, Math.min(x1, x2) - x * scaleX, Math.min(y1, y2) - y * scaleY];
}

function numbersIn(array: unknown): number[] {
  if (!(array instanceof PDFArray)) return [];
  return Array.from({ length: array.size() }, (_, index) => numberOf(array.lookup(index)) ?? 0);
}
