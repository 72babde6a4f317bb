import { PDFArray, PDFDict, PDFName, type PDFObject } from 'pdf-lib';
import type { Place } from '../document/form-field.js';
import type { Layout } from '../document/text-layout.js';
import { FONT_METRICS, widthOf } from '../document/typeface.js';
import { numberOf } from '../pdf/pdf-objects.js';
import type { Area } from './visible-ink.js';
import type { Widget } from './widget-places.js';

/** The geometry and decoration of a widget, and the PDF operators that draw them. */

/** The area of each letter, from the descent to the ascent of the typeface. */
export function lettersOf({ typeface, fontSize, runs }: Layout, widget: Widget, place: Place): Area[] {
  const { ascent, descent } = FONT_METRICS[typeface];
  const { width, height, rotation } = sizeOf(widget);
  const matrix = matrixFor(rotation, width, height);
  return runs.flatMap(({ text, x, y }) => {
    let left = x;
    return [...text].flatMap((letter) => {
      const from = left;
      left += widthOf(letter, typeface) * fontSize;
      if (letter === ' ') return [];
      return onPage(place, turned([from, y - descent * fontSize, left, y + ascent * fontSize], matrix));
    });
  });
}

/** Points around the inside of a box where nothing is drawn: edges of lines fall on parts of dots. */
const EDGE = 1;

/** The area of a box where letters can be. */
export function insideOf(widget: Widget, place: Place): Area {
  const edge = decorationOf(widget).borderWidth + EDGE;
  return onPage(place, [edge, edge, Math.max(edge, place.width - edge), Math.max(edge, place.height - edge)]);
}

/** The area of a check box or bubble that a tick reaches, without the frame, which may go away when it is ticked. */
export function middleOf(place: Place): Area {
  const { width, height } = place;
  return onPage(place, [width / 4, height / 4, (width * 3) / 4, (height * 3) / 4]);
}

type Edges = [left: number, bottom: number, right: number, top: number];

export function onPage({ page, x, y }: Place, [left, bottom, right, top]: Edges): Area {
  return { page, left: x + left, bottom: y + bottom, right: x + right, top: y + top };
}

/** A rectangle after a rotation by right angles. */
function turned([x1, y1, x2, y2]: Edges, [a = 1, b = 0, c = 0, d = 1, e = 0, f = 0]: number[]): Edges {
  const [xs, ys] = [
    [a * x1 + c * y1 + e, a * x2 + c * y2 + e],
    [b * x1 + d * y1 + f, b * x2 + d * y2 + f],
  ];
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}

export function sizeOf({ place, dict }: Widget): { width: number; height: number; rotation: number } {
  const characteristics = dict.lookup(PDFName.of('MK'));
  const turned = characteristics instanceof PDFDict ? (numberOf(characteristics.lookup(PDFName.of('R'))) ?? 0) : 0;
  const rotation = ((turned % 360) + 360) % 360;
  const { width, height } = place ?? rectOf(dict);
  return rotation % 180 === 90 ? { width: height, height: width, rotation } : { width, height, rotation };
}

/** For a widget on no page, which no one sees. */
function rectOf(dict: PDFDict): { width: number; height: number } {
  const rect = dict.lookup(PDFName.of('Rect'));
  if (!(rect instanceof PDFArray)) return { width: 0, height: 0 };
  const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = [0, 1, 2, 3].map((index) => numberOf(rect.lookup(index)) ?? 0);
  return { width: Math.abs(x2 - x1), height: Math.abs(y2 - y1) };
}

export function matrixFor(rotation: number, width: number, height: number): number[] {
  switch (rotation) {
    case 90:
      return [0, 1, -1, 0, height, 0];
    case 180:
      return [-1, 0, 0, -1, width, height];
    case 270:
      return [0, -1, 1, 0, 0, width];
    default:
      return [1, 0, 0, 1, 0, 0];
  }
}

export function decorationOf({ dict }: Widget): { background?: string; border?: string; borderWidth: number } {
  const characteristics = dict.lookup(PDFName.of('MK'));
  const background =
    characteristics instanceof PDFDict ? colorOperator(characteristics.lookup(PDFName.of('BG')), 'fill') : undefined;
  const border =
    characteristics instanceof PDFDict ? colorOperator(characteristics.lookup(PDFName.of('BC')), 'stroke') : undefined;
  const style = dict.lookup(PDFName.of('BS'));
  const given = style instanceof PDFDict ? numberOf(style.lookup(PDFName.of('W'))) : undefined;
  return {
    ...(background ? { background } : {}),
    ...(border ? { border } : {}),
    borderWidth: border ? (given ?? 1) : 0,
  };
}

function colorOperator(components: PDFObject | undefined, use: 'fill' | 'stroke'): string | undefined {
  if (!(components instanceof PDFArray)) return undefined;
  const numbers: number[] = [];
  for (let index = 0; index < components.size(); index++) numbers.push(numberOf(components.lookup(index)) ?? 0);
  const operator = { 1: 'g', 3: 'rg', 4: 'k' }[numbers.length];
  if (!operator) return undefined;
  return `${numbers.map(pdfNumber).join(' ')} ${use === 'fill' ? operator : operator.toUpperCase()}`;
}

export function fontSizeIn(appearance: string): number {
  // The last one counts.
  return Number([...appearance.matchAll(/\/\S+\s+([\d.]+)\s+Tf/g)].at(-1)?.[1] ?? 0);
}

/** A number as PDF writes it: three decimals at most, no exponent. */
export function pdfNumber(value: number): string {
  return String(Math.round(value * 1000) / 1000);
}
