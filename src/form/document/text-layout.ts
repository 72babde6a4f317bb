import { FONT_METRICS, type Typeface, widthOf } from './typeface.js';

/** Where text goes in a box. Computed before anything is written, so that text that does not fit is refused, never clipped. */

export interface TextBox {
  /** Points. */
  width: number;
  height: number;
  border: number;
  /** Points; 0 when the size follows the box. */
  fontSize: number;
  align: 'left' | 'centre' | 'right';
  multiline: boolean;
  /** Cells of a comb. */
  cells?: number;
  shrink?: boolean;
}

export interface Layout {
  typeface: Typeface;
  fontSize: number;
  /** Each run's baseline begins at x, y, in points from the lower left corner of the box. */
  runs: { text: string; x: number; y: number }[];
}

const LARGEST = 12;
const SMALLEST = 6;
const STEP = 0.5;
/** A box too low for 6 points (some are 7 points high) may use 4, the smallest size that Acrobat uses. */
export const LEAST = 4;

/** Lays a value out, or says why it does not fit. Lines break only at spaces and at the value's own line breaks. */
export function layOut(value: string, typeface: Typeface, box: TextBox): Layout | { misfit: string } {
  const sizes = sizesToTry(typeface, value, box);
  let misfit = 'the box is too low for any text';
  for (const fontSize of sizes) {
    const attempt = box.cells
      ? comb(value, typeface, box, fontSize, box.cells)
      : box.multiline
        ? paragraph(value, typeface, box, fontSize)
        : line(value, typeface, box, fontSize);
    if ('runs' in attempt) return attempt;
    misfit = attempt.misfit;
  }
  return { misfit };
}

function sizesToTry(typeface: Typeface, value: string, box: TextBox): number[] {
  const { ascent, descent } = vertical(value, typeface);
  const tallest = Math.floor(((box.height - 2 * box.border) / (ascent + descent)) * 2) / 2;
  const first = box.fontSize > 0 ? box.fontSize : Math.min(LARGEST, tallest);
  if (box.fontSize > 0 && !box.shrink) return [first];
  const last = Math.max(LEAST, Math.min(SMALLEST, first));
  const sizes: number[] = [];
  for (let size = first; size >= last; size -= STEP) sizes.push(size);
  return sizes;
}

function line(value: string, typeface: Typeface, box: TextBox, fontSize: number): Layout | { misfit: string } {
  const width = widthOf(value, typeface) * fontSize;
  const room = box.width - 2 * padding(box);
  if (width > room)
    return {
      misfit: `it needs ${points(width)} at ${fontSize} points, but the box has ${points(room)} (about ${fitting(value, width, room)} characters)`,
    };
  const y = baseline(value, typeface, box, fontSize);
  if (y === undefined) return { misfit: `the box is too low for ${fontSize} points` };
  return { typeface, fontSize, runs: [{ text: value, x: aligned(box, width), y }] };
}

function comb(
  value: string,
  typeface: Typeface,
  box: TextBox,
  fontSize: number,
  cells: number,
): Layout | { misfit: string } {
  const length = [...value].length;
  if (length > cells) return { misfit: `it takes ${length} cells as the form shows it, but the box has ${cells}` };
  const cell = (box.width - 2 * box.border) / cells;
  const y = baseline(value, typeface, box, fontSize);
  if (y === undefined) return { misfit: `the box is too low for ${fontSize} points` };
  const runs: Layout['runs'] = [];
  const start = box.align === 'right' ? cells - length : 0;
  for (const [index, character] of [...value].entries()) {
    const width = widthOf(character, typeface) * fontSize;
    if (width > cell) return { misfit: `"${character}" is wider than a cell at ${fontSize} points` };
    runs.push({ text: character, x: box.border + cell * (start + index) + (cell - width) / 2, y });
  }
  return { typeface, fontSize, runs };
}

function paragraph(value: string, typeface: Typeface, box: TextBox, fontSize: number): Layout | { misfit: string } {
  const room = box.width - 2 * padding(box);
  const lines: string[] = [];
  for (const given of value.split('\n')) {
    let current = '';
    for (const word of given.split(' ')) {
      if (widthOf(word, typeface) * fontSize > room)
        return { misfit: `"${word}" alone is wider than the box at ${fontSize} points` };
      const longer = current ? `${current} ${word}` : word;
      if (current && widthOf(longer, typeface) * fontSize > room) {
        lines.push(current);
        current = word;
      } else current = longer;
    }
    lines.push(current);
  }
  const { ascent, descent } = vertical(value, typeface);
  const step = FONT_METRICS[typeface].line * fontSize;
  const needed = step * (lines.length - 1) + (ascent + descent) * fontSize;
  const available = box.height - 2 * padding(box);
  const only = lines.length === 1 ? baseline(value, typeface, box, fontSize) : undefined;
  if (needed > available && only !== undefined)
    // A box for several lines that is one line high.
    return {
      typeface,
      fontSize,
      runs: [{ text: value, x: aligned(box, widthOf(value, typeface) * fontSize), y: only }],
    };
  if (needed > available)
    return {
      misfit: `it takes ${lines.length} lines at ${fontSize} points, but the box has room for ${Math.max(0, Math.floor((available - (ascent + descent) * fontSize) / step) + 1)}`,
    };
  const top = box.height - padding(box) - ascent * fontSize;
  return {
    typeface,
    fontSize,
    runs: lines.map((text, index) => ({
      text,
      x: aligned(box, widthOf(text, typeface) * fontSize),
      y: top - index * step,
    })),
  };
}

/** The baseline that centers the text vertically; undefined when it would not fit. */
function baseline(value: string, typeface: Typeface, box: TextBox, fontSize: number): number | undefined {
  const { ascent, descent } = vertical(value, typeface);
  const spare = box.height - 2 * box.border - (ascent + descent) * fontSize;
  // A fixed size in the form may touch the edges slightly.
  if (spare < -0.05 * box.height) return undefined;
  return box.border + spare / 2 + descent * fontSize;
}

function vertical(value: string, typeface: Typeface): { ascent: number; descent: number } {
  const { ascent, accentedAscent, descent } = FONT_METRICS[typeface];
  return { ascent: /^[\x20-\x7e\n]*$/.test(value) ? ascent : accentedAscent, descent };
}

function aligned(box: TextBox, width: number): number {
  if (box.align === 'right') return box.width - padding(box) - width;
  if (box.align === 'centre') return (box.width - width) / 2;
  return padding(box);
}

function padding(box: TextBox): number {
  return box.border + 2;
}

const points = (length: number): string => `${Math.round(length)} points`;
const fitting = (value: string, width: number, room: number): number =>
  Math.max(0, Math.floor(([...value].length * room) / width));
