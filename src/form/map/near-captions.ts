import type { FormField, Place } from '../document/form-field.js';
import { withPdfJs } from '../document/pdf-js.js';

/** What is printed around a box: a hint for people and for suggestions, never used to fill. */
export interface PrintedWords {
  /** The words beside the box, above it, or behind a tick: whole lines of them. */
  near?: string;
  /** The titles of sections that the box is below, the first one first. */
  headings: string[];
}

/** Words in one line, without a wide gap. */
interface Line {
  text: string;
  x: number;
  /** The baseline. */
  y: number;
  width: number;
  height: number;
}

/** @param fields the boxes to look around */
export async function printedWords(bytes: Uint8Array, fields: FormField[]): Promise<Map<string, PrintedWords>> {
  return withPdfJs(bytes, async (document) => {
    const found = new Map<string, PrintedWords>();
    const pages = fields.flatMap(({ places }) => places[0]?.page ?? []);
    const before: Heading[] = [];
    for (let page = 1; page <= Math.min(document.numPages, Math.max(0, ...pages)); page++) {
      const lines = linesOf((await (await document.getPage(page)).getTextContent()).items);
      const here = lines.filter(({ text }) => HEADING.test(text)).sort((one, other) => other.y - one.y);
      for (const field of fields.filter(({ places }) => places[0]?.page === page)) {
        const [place] = field.places;
        if (!place) continue;
        const near = nearest(field, place, lines);
        const above = here
          .filter((line) => isAbove(line, place))
          .map((line) => ({ text: blockFrom(line, lines), x: line.x }));
        const headings = [...before, ...above].filter(({ x }) => isLeftOf(x, place)).map(({ text }) => text);
        found.set(field.name, { ...(near ? { near } : {}), headings });
      }
      before.push(...here.map((line) => ({ text: blockFrom(line, lines), x: line.x })));
    }
    return found;
  });
}

interface Heading {
  text: string;
  x: number;
}

const HEADING = /^(?:section|part)\s+(?:[A-Z]|[IVX]+|\d+)\b(?!\s+of\b)|\buse only\b/i;

const isAbove = (line: Line, place: Place) => line.y >= place.y + place.height / 2;
/** A title in a column of its own is for that column. */
const isLeftOf = (x: number, place: Place) => x <= place.x + place.width / 2 + 20;

function linesOf(items: unknown[]): Line[] {
  const pieces = items.flatMap((item): Line[] => {
    const { str, transform, width } = item as { str?: string; transform: number[]; width: number };
    if (!str?.trim()) return [];
    const [, , shearX = 0, scaleY = 0, x = 0, y = 0] = transform;
    return [{ text: str, x, y, width, height: Math.hypot(shearX, scaleY) }];
  });
  pieces.sort((one, other) => (Math.abs(one.y - other.y) > 2 ? other.y - one.y : one.x - other.x));
  const lines: Line[] = [];
  for (const piece of pieces) {
    const last = lines.at(-1);
    const gap = last ? piece.x - (last.x + last.width) : 0;
    if (!last || Math.abs(last.y - piece.y) > 2 || gap > Math.max(6, piece.height) || gap < -piece.height) {
      lines.push({ ...piece });
      continue;
    }
    last.text += `${gap > piece.height / 6 && !last.text.endsWith(' ') ? ' ' : ''}${piece.text}`;
    last.width = piece.x + piece.width - last.x;
  }
  return lines.map((line) => ({ ...line, text: line.text.replace(/\s+/g, ' ').trim() }));
}

const FARTHEST_LEFT = 160;
const FARTHEST_ABOVE = 22;
const FARTHEST_RIGHT = 24;

function nearest(field: FormField, place: Place, lines: Line[]): string | undefined {
  const isTick = field.type === 'checkbox' && field.places.length === 1;
  let best: { line: Line; distance: number } | undefined;
  for (const line of lines) {
    const distance = (isTick ? behind(line, place) : undefined) ?? beside(line, place) ?? over(line, place);
    if (distance !== undefined && (!best || distance < best.distance)) best = { line, distance };
  }
  return best ? blockWith(best.line, lines) : undefined;
}

const isLevel = ({ y }: Line, place: Place) => y >= place.y - 3 && y <= place.y + place.height;

function behind(line: Line, place: Place): number | undefined {
  const gap = line.x - (place.x + place.width);
  return isLevel(line, place) && gap >= -4 && gap <= FARTHEST_RIGHT ? Math.max(0, gap) - FARTHEST_RIGHT : undefined;
}

function beside(line: Line, place: Place): number | undefined {
  const gap = place.x - (line.x + line.width);
  return isLevel(line, place) && gap >= -4 && gap <= FARTHEST_LEFT ? Math.max(0, gap) + 4 : undefined;
}

function over(line: Line, place: Place): number | undefined {
  const gap = line.y - (place.y + place.height);
  const overlaps = line.x < place.x + place.width && line.x + line.width > place.x - 4;
  return gap >= -4 && gap <= FARTHEST_ABOVE && overlaps ? Math.abs(gap) + Math.abs(line.x - place.x) / 20 : undefined;
}

/** At most this many lines belong together. */
const MOST_LINES = 4;

/** The sentence that a line is part of: lines of one size right above and below it, up to where one begins or ends. */
function blockWith(line: Line, lines: Line[]): string {
  const block = [line];
  while (block.length < MOST_LINES) {
    const [first] = block;
    const above = first && !beginsSentence(first.text) ? neighbor(first, lines, 1) : undefined;
    if (!above || endsSentence(above.text)) break;
    block.unshift(above);
  }
  return blockText(block, lines);
}

const blockFrom = (line: Line, lines: Line[]) => blockText([line], lines);

function blockText(block: Line[], lines: Line[]): string {
  while (block.length < MOST_LINES) {
    const last = block.at(-1);
    const below = last && !endsSentence(last.text) ? neighbor(last, lines, -1) : undefined;
    if (!below || beginsSentence(below.text)) break;
    block.push(below);
  }
  return block.map(({ text }) => text).join(' ');
}

/** The next line of the same text, above or below. */
function neighbor(line: Line, lines: Line[], direction: 1 | -1): Line | undefined {
  return lines.find((other) => {
    const step = (other.y - line.y) * direction;
    return (
      step > line.height * 0.8 &&
      step < line.height * 1.5 &&
      Math.abs(other.height - line.height) < 0.6 &&
      Math.abs(other.x - line.x) < line.height * 2
    );
  });
}

const endsSentence = (text: string) => /[.:?!)]$/.test(text);
/** A capital, a digit, or a bracket. A line that goes on begins small. */
const beginsSentence = (text: string) => !/^\p{Ll}/u.test(text);
