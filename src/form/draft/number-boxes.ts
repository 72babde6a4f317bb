import { degrees, type PDFDocument, type PDFFont, PDFName, type PDFPage, rgb, StandardFonts } from 'pdf-lib';
import { isTick, isTyped, nameOfOption, type Place } from '../document/form-field.js';
import { helveticaCovers } from '../document/typeface.js';
import { type InspectedField, inspectForm } from '../map/inspect-form.js';
import { type OpenOptions, openPdf } from '../pdf/pdf-file.js';
import { PdfRefusedError } from '../pdf/pdf-refused.js';

const RED = rgb(0.75, 0, 0);
const GRAY = rgb(0.4, 0.4, 0.4);
const WHITE = rgb(1, 1, 1);
const BLACK = rgb(0, 0, 0);

/**
 * The form's pages with a number in each box, and pages that say for each number what the box is and what the map does
 * with it: for a person who makes or checks a map. It is a drawing and has no fields.
 * @param map a field map or a draft, as JSON
 * @throws PdfRefusedError for a dynamic form, which has no pages until a reader draws them
 */
export async function numberBoxes({
  template,
  map,
  ...trust
}: { template: Uint8Array; map?: unknown } & OpenOptions): Promise<Uint8Array> {
  const form = await inspectForm({ template, ...trust });
  if (form.kind === 'dynamic-xfa')
    throw new PdfRefusedError(
      'xfa-incomplete',
      'A dynamic XFA form has no pages until Adobe Reader draws them, so numbers cannot be written on them. "form inspect" lists each box with its caption instead.',
    );
  const { pdf } = await openPdf(template, trust);
  const fonts = {
    text: await pdf.embedFont(StandardFonts.Helvetica),
    bold: await pdf.embedFont(StandardFonts.HelveticaBold),
  };
  const pages = pdf.getPages();
  const boxes = numbered(form.fields);
  for (const { field, number } of boxes)
    for (const place of field.places) {
      const page = pages[place.page - 1];
      if (page) drawNumber(page, place, String(number), fonts.bold, isTickLike(field, place));
    }
  for (const page of pages) page.node.delete(PDFName.of('Annots'));
  drawLegend(pdf, boxes, entriesOf(map), fonts);
  pdf.catalog.delete(PDFName.of('AcroForm'));
  pdf.catalog.delete(PDFName.of('Perms'));
  return pdf.save({ updateFieldAppearances: false });
}

/** Boxes with the numbers that the overlay, `form inspect` and `form adopt` give them. */
export function numbered<F extends Pick<InspectedField, 'type'>>(fields: F[]): { field: F; number: number }[] {
  return fields.filter(({ type }) => isTyped(type)).map((field, index) => ({ field, number: index + 1 }));
}

/** What an entry of a map or a draft says, in a few words. */
export function entryInWords(entry: object): string {
  const { fill, leave, clear, suggestion, format, part, options } = entry as Record<string, unknown>;
  if (typeof leave === 'string') return `left: ${leave}`;
  if (typeof clear === 'string') return `emptied: ${clear}`;
  if (fill === '?') return typeof suggestion === 'string' ? `open; sounds like ${suggestion}` : 'open';
  const { start, end } = (part ?? {}) as { start?: number; end?: number };
  return [
    String(fill),
    typeof format === 'string' ? `as ${format}` : '',
    part ? `characters ${start} to ${end}` : '',
    typeof options === 'object' && options !== null && Object.keys(options).length <= 3
      ? Object.entries(options)
          .map(([value, option]) => `${value} is "${String(option)}"`)
          .join(', ')
      : '',
  ]
    .filter(Boolean)
    .join(', ');
}

function entriesOf(map: unknown): Map<string, object> {
  const fields = (map as { fields?: unknown } | undefined)?.fields;
  return new Map(
    (Array.isArray(fields) ? fields : []).flatMap((entry: unknown) =>
      typeof entry === 'object' && entry !== null && typeof (entry as { field?: unknown }).field === 'string'
        ? [[(entry as { field: string }).field, entry] as const]
        : [],
    ),
  );
}

function isTickLike(field: InspectedField, { width, height }: Place): boolean {
  return isTick(field) || (width < 16 && height < 16);
}

const LARGEST = 7;
const SMALLEST = 3.5;

/** In the left of a box, or beside a tick, where it cannot hide whether the tick is made. */
function drawNumber(page: PDFPage, place: Place, number: string, font: PDFFont, beside: boolean): void {
  const { x, y, width, height } = place;
  page.drawRectangle({ x, y, width, height, borderColor: RED, borderWidth: 0.5 });
  const unit = font.widthOfTextAtSize(number, 1);
  const size = Math.max(SMALLEST, Math.min(LARGEST, height - 1.5, beside ? LARGEST : (width - 3) / unit));
  const tag = { width: unit * size + 2, height: size + 0.5 };
  const at = tagPlace(page, place, tag, beside);
  page.drawRectangle({ ...at, ...tag, color: WHITE, opacity: 0.85 });
  const angle = page.getRotation().angle;
  // Upright on a page that readers turn.
  const turned = angle % 180 !== 0 && Math.min(width, height) > tag.width;
  page.drawText(number, {
    x: at.x + (turned ? tag.width / 2 + size / 3 : 1),
    y: at.y + (turned ? 0 : size * 0.2),
    size,
    font,
    color: RED,
    ...(turned ? { rotate: degrees(angle) } : {}),
  });
}

function tagPlace(
  page: PDFPage,
  { x, y, width, height }: Place,
  tag: { width: number; height: number },
  beside: boolean,
): { x: number; y: number } {
  const middle = y + height / 2 - tag.height / 2;
  if (!beside) return { x: x + 1, y: middle };
  const left = x - tag.width - 0.8;
  return { x: left >= page.getX() ? left : x + width + 0.8, y: middle };
}

const SHEET = { width: 612, height: 792, margin: 36 };
const COLUMNS = { number: 36, box: 66, type: 372, map: 440 };
const ROW = 7.5;

function drawLegend(
  pdf: PDFDocument,
  boxes: { field: InspectedField; number: number }[],
  entries: Map<string, object>,
  { text, bold }: { text: PDFFont; bold: PDFFont },
): void {
  let page = pdf.addPage([SHEET.width, SHEET.height]);
  let y = SHEET.height - SHEET.margin;
  const say = (words: string, x: number, down: number, size: number, font = text, color = BLACK) =>
    page.drawText(covered(words), { x, y: y - down, size, font, color });
  const head = (title: string) => {
    say(title, COLUMNS.number, 0, 11, bold);
    y -= 16;
    for (const [name, x] of [
      ['no.', COLUMNS.number],
      ['box', COLUMNS.box],
      ['type', COLUMNS.type],
      ['what the map says', COLUMNS.map],
    ] as const)
      say(name, x, 0, 6.5, bold, GRAY);
    y -= 10;
  };
  head('The boxes of this form');
  for (const { field, number } of boxes) {
    const caption = wrapped(field.caption ?? field.near ?? '', text, 7, COLUMNS.type - COLUMNS.box - 8, 3);
    const name = wrapped(field.name, text, 5.5, COLUMNS.type - COLUMNS.box - 8, 2);
    const entry = entries.get(field.name);
    const says = field.unfillable ? `cannot be filled: ${field.unfillable}` : entry ? entryInWords(entry) : '';
    const map = wrapped(says, text, 6.5, SHEET.width - SHEET.margin - COLUMNS.map, 5);
    const type = wrapped(typeInWords(field), text, 6.5, COLUMNS.map - COLUMNS.type - 6, 5);
    const rows = Math.max(caption.length + name.length, map.length, type.length);
    if (y - rows * ROW < SHEET.margin) {
      page = pdf.addPage([SHEET.width, SHEET.height]);
      y = SHEET.height - SHEET.margin;
      head('The boxes of this form, continued');
    }
    say(String(number), COLUMNS.number, ROW, 8, bold, RED);
    caption.forEach((line, index) => {
      say(line, COLUMNS.box, ROW * (index + 1), 7);
    });
    name.forEach((line, index) => {
      say(line, COLUMNS.box, ROW * (caption.length + index + 1), 5.5, text, GRAY);
    });
    type.forEach((line, index) => {
      say(line, COLUMNS.type, ROW * (index + 1), 6.5);
    });
    map.forEach((line, index) => {
      say(line, COLUMNS.map, ROW * (index + 1), 6.5);
    });
    y -= rows * ROW + 5;
  }
}

function typeInWords(field: InspectedField): string {
  const options = field.options.map((_, index) => nameOfOption(field, index));
  return [
    field.type,
    field.maxLength === null ? '' : `${field.maxLength} characters`,
    field.places[0] ? `page ${field.places[0].page}` : '',
    options.length > 0 ? `${options.slice(0, 6).join(', ')}${options.length > 6 ? ' …' : ''}` : '',
  ]
    .filter(Boolean)
    .join(', ');
}

/** Letters that the font lacks become question marks: this is only a drawing for people. */
function covered(words: string): string {
  return [...words].map((letter) => (helveticaCovers(letter) ? letter : '?')).join('');
}

function wrapped(words: string, font: PDFFont, size: number, width: number, most: number): string[] {
  const lines: string[] = [];
  for (const word of covered(words)
    .split(/\s+/)
    .flatMap((long) => chunks(long, 95))) {
    const longer = lines.length > 0 ? `${lines.at(-1)} ${word}` : word;
    if (lines.length > 0 && font.widthOfTextAtSize(longer, size) <= width) lines[lines.length - 1] = longer;
    else if (word !== '') lines.push(word);
  }
  if (lines.length > most) lines.splice(most - 1, lines.length, `${lines[most - 1]} …`);
  return lines;
}

/** Names of fields are long and have no spaces. */
function chunks(word: string, length: number): string[] {
  return word.match(new RegExp(`.{1,${length}}`, 'g')) ?? [];
}
