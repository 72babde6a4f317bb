import {
  PDFDict,
  PDFDocument,
  PDFDropdown,
  type PDFFont,
  type PDFForm,
  PDFHexString,
  PDFName,
  type PDFPage,
  PDFString,
  PDFTextField,
  rgb,
  StandardFonts,
} from 'pdf-lib';
import { REPLICA_MARK } from '../src/form/map/edition.js';
import { type Ask, type Block, INSTRUCTIONS, PAGES, type Page } from './replica-content.js';

/**
 * Draws the replica as an AcroForm the way LiveCycle exports one: hierarchical names, comb fields, bubbles and boxes whose
 * on-value is anything but "Yes". The same input gives the same bytes.
 */

const WIDTH = 612;
const HEIGHT = 792;
const MARGIN = 36;
const INNER = WIDTH - 2 * MARGIN;
const INK = rgb(0.1, 0.12, 0.16);
const RULE = rgb(0.35, 0.38, 0.42);
const BAND = rgb(0.13, 0.2, 0.33);
const FIELD_FILL = rgb(0.93, 0.96, 1);
const WARNING = rgb(0.72, 0.1, 0.1);
const LABEL = "REPLICA for rehearsals and tests. Not a form of CBP's. Never send it.";

export interface ReplicaOptions {
  pages?: Page[];
  /** Printed at the foot of each page. */
  edition: string;
}

export async function drawReplica({ pages = PAGES, edition }: ReplicaOptions): Promise<PDFDocument> {
  const pdf = await PDFDocument.create({ updateMetadata: false });
  pdf.setTitle('Replica of the ACE Secure Data Portal Account Application');
  pdf.setSubject(LABEL);
  pdf.setProducer('ace-onboarding');
  pdf.setCreationDate(new Date('2026-01-01T00:00:00Z'));
  pdf.setModificationDate(new Date('2026-01-01T00:00:00Z'));
  pdf.catalog.set(PDFName.of(REPLICA_MARK), PDFHexString.fromText(edition));
  const fonts = {
    regular: await pdf.embedFont(StandardFonts.Helvetica),
    bold: await pdf.embedFont(StandardFonts.HelveticaBold),
  };
  const total = pages.length + 1;
  const instructions = pdf.addPage([WIDTH, HEIGHT]);
  frame(instructions, fonts, 1, total, edition);
  drawInstructions(instructions, fonts);
  for (const page of pages) {
    const sheet = pdf.addPage([WIDTH, HEIGHT]);
    frame(sheet, fonts, page.number, total, edition);
    let y = HEIGHT - 104;
    for (const block of page.blocks) y = drawBlock(sheet, fonts, pdf.getForm(), page, block, y) - 16;
    if (page.number === total) drawSubmitButton(sheet, pdf.getForm(), fonts, y);
  }
  pdf.getForm().updateFieldAppearances(fonts.regular);
  leaveSizesToTheBoxes(pdf.getForm());
  return pdf;
}

interface Fonts {
  regular: PDFFont;
  bold: PDFFont;
}

function frame(page: PDFPage, fonts: Fonts, number: number, total: number, edition: string): void {
  page.drawRectangle({ x: 0, y: HEIGHT - 24, width: WIDTH, height: 24, color: WARNING });
  page.drawText(LABEL, { x: MARGIN, y: HEIGHT - 16, size: 10, font: fonts.bold, color: rgb(1, 1, 1) });
  page.drawText('ACE Secure Data Portal Account Application', {
    x: MARGIN,
    y: HEIGHT - 54,
    size: 17,
    font: fonts.bold,
    color: INK,
  });
  page.drawText('Imitates OMB control number 1651-0105', {
    x: MARGIN,
    y: HEIGHT - 70,
    size: 8,
    font: fonts.regular,
    color: RULE,
  });
  page.drawLine({
    start: { x: MARGIN, y: HEIGHT - 80 },
    end: { x: WIDTH - MARGIN, y: HEIGHT - 80 },
    thickness: 1.5,
    color: INK,
  });
  page.drawText(`${LABEL}   Edition ${edition}`, { x: MARGIN, y: 26, size: 7, font: fonts.regular, color: WARNING });
  const folio = `Page ${number} of ${total}`;
  page.drawText(folio, {
    x: WIDTH - MARGIN - fonts.regular.widthOfTextAtSize(folio, 7),
    y: 26,
    size: 7,
    font: fonts.regular,
    color: RULE,
  });
}

function drawInstructions(page: PDFPage, fonts: Fonts): void {
  let y = HEIGHT - 112;
  for (const { heading, body } of INSTRUCTIONS) {
    page.drawText(heading, { x: MARGIN, y, size: 11, font: fonts.bold, color: INK });
    y -= 15;
    for (const line of wrap(body, fonts.regular, 9.5, INNER)) {
      page.drawText(line, { x: MARGIN, y, size: 9.5, font: fonts.regular, color: INK });
      y -= 13;
    }
    y -= 10;
  }
}

function drawBlock(page: PDFPage, fonts: Fonts, form: PDFForm, { number }: Page, block: Block, top: number): number {
  let y = top - 18;
  page.drawRectangle({ x: MARGIN, y, width: INNER, height: 18, color: BAND });
  page.drawText(block.title, { x: MARGIN + 6, y: y + 5.5, size: 9.5, font: fonts.bold, color: rgb(1, 1, 1) });
  if (block.note) {
    for (const line of wrap(block.note, fonts.regular, 8, INNER - 12)) {
      y -= 11;
      page.drawText(line, { x: MARGIN + 6, y: y, size: 8, font: fonts.regular, color: INK });
    }
    y -= 5;
  }
  for (const row of block.rows) {
    const height = row.height ?? 32;
    y -= height;
    let x = MARGIN;
    for (const { share, ask } of row.cells) {
      const width = share * INNER;
      page.drawRectangle({ x, y, width, height, borderColor: RULE, borderWidth: 0.6 });
      const name = `topmostSubform[0].Page${number}[0].${block.subform}[0].${ask.name}`;
      drawAsk(page, fonts, form, ask, name, { x, y, width, height });
      x += width;
    }
  }
  return y;
}

interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

const fieldLook = { borderWidth: 0, backgroundColor: FIELD_FILL, textColor: rgb(0, 0, 0) };
const boxLook = { borderWidth: 0.8, borderColor: RULE, backgroundColor: FIELD_FILL, textColor: rgb(0, 0, 0) };

function drawAsk(page: PDFPage, fonts: Fonts, form: PDFForm, ask: Ask, name: string, cell: Box): void {
  const caption = (text: string, x: number, y: number, size = 6.5) =>
    page.drawText(text, { x, y, size, font: fonts.regular, color: INK });
  const below = { x: cell.x + 3, y: cell.y + 3, width: cell.width - 6, height: cell.height - 14 };
  if (ask.kind === 'text') {
    caption(ask.caption, cell.x + 3, cell.y + cell.height - 8);
    const field = form.createTextField(`${name}[0]`);
    field.acroField.dict.set(PDFName.of('TU'), PDFHexString.fromText(ask.caption));
    if (ask.maxLength) field.setMaxLength(ask.maxLength);
    if (ask.multiline) field.enableMultiline();
    if (ask.comb) {
      field.setMaxLength(ask.comb);
      field.enableCombing();
      below.width = Math.min(below.width, ask.comb * 14);
      drawComb(page, below, ask.comb);
    }
    const { backgroundColor, ...seeThrough } = fieldLook;
    field.addToPage(page, {
      ...below,
      ...(ask.comb ? seeThrough : { ...seeThrough, backgroundColor }),
      font: fonts.regular,
    });
    if (ask.comb)
      for (const widget of field.acroField.getWidgets())
        widget.dict.lookup(PDFName.of('MK'), PDFDict).delete(PDFName.of('BG'));
    return;
  }
  if (ask.kind === 'dropdown') {
    caption(ask.caption, cell.x + 3, cell.y + cell.height - 8);
    const field = form.createDropdown(`${name}[0]`);
    field.acroField.dict.set(PDFName.of('TU'), PDFHexString.fromText(ask.caption));
    field.setOptions(ask.options);
    field.addToPage(page, { ...below, ...fieldLook, font: fonts.regular });
    return;
  }
  if (ask.kind === 'tick') {
    const field = form.createCheckBox(`${name}[0]`);
    field.acroField.dict.set(PDFName.of('TU'), PDFHexString.fromText(ask.caption));
    field.addToPage(page, { x: cell.x + 6, y: cell.y + cell.height / 2 - 6, width: 12, height: 12, ...boxLook });
    for (const widget of field.acroField.getWidgets()) renameOnValue(widget.dict, 'Yes', ask.on);
    caption(ask.caption, cell.x + 26, cell.y + cell.height / 2 - 3, 8);
    return;
  }
  const field = form.createRadioGroup(`${name}[0]`);
  field.acroField.dict.set(PDFName.of('TU'), PDFHexString.fromText(ask.caption));
  const isActivity = ask.options.length === 2;
  if (!isActivity) caption(ask.caption, cell.x + 3, cell.y + cell.height - 8);
  let x = cell.x + 8;
  for (const option of ask.options) {
    const y = isActivity ? cell.y + cell.height / 2 - 5.5 : cell.y + 5;
    field.addOptionToPage(option.on, page, { x, y, width: 11, height: 11, ...boxLook });
    caption(option.label, x + 14, y + 2.5, 8);
    x += isActivity ? 32 : 24 + fonts.regular.widthOfTextAtSize(option.label, 8);
  }
  if (isActivity)
    page.drawText(ask.caption, { x: x + 4, y: cell.y + cell.height / 2 - 3, size: 8.5, font: fonts.bold, color: INK });
  field.acroField.getWidgets().forEach((widget, index) => {
    renameOnValue(widget.dict, String(index), ask.options[index]?.on ?? String(index));
  });
  field.acroField.dict.delete(PDFName.of('Opt'));
}

/** LiveCycle writes zero for text that follows its box. Drawing has replaced it with actual sizes. */
function leaveSizesToTheBoxes(form: PDFForm): void {
  for (const field of form.getFields()) {
    if (!(field instanceof PDFTextField || field instanceof PDFDropdown)) continue;
    const size = field instanceof PDFTextField && field.isCombed() ? 10 : 0;
    const appearance = PDFString.of(`/Helvetica ${size} Tf 0 g`);
    field.acroField.dict.set(PDFName.of('DA'), appearance);
    for (const widget of field.acroField.getWidgets()) widget.dict.delete(PDFName.of('DA'));
  }
}

/** LiveCycle names the on-state after the item's value, without /Opt. The library numbers them and writes /Opt. */
function renameOnValue(widget: PDFDict, from: string, to: string): void {
  const appearances = widget.lookup(PDFName.of('AP'), PDFDict);
  for (const key of ['N', 'D']) {
    const states = appearances.get(PDFName.of(key));
    if (!(states instanceof PDFDict)) continue;
    const drawn = states.get(PDFName.of(from));
    if (!drawn) continue;
    states.delete(PDFName.of(from));
    states.set(PDFName.of(to), drawn);
  }
}

function drawComb(page: PDFPage, box: Box, cells: number): void {
  page.drawRectangle({ ...box, color: FIELD_FILL });
  for (let cell = 1; cell < cells; cell++) {
    const x = box.x + (box.width / cells) * cell;
    page.drawLine({ start: { x, y: box.y - 1 }, end: { x, y: box.y + 6 }, thickness: 0.5, color: RULE });
  }
}

/** Caption and place of the real form's button. The replica's does nothing. */
function drawSubmitButton(page: PDFPage, form: PDFForm, fonts: Fonts, y: number): void {
  const button = form.createButton('topmostSubform[0].Page5[0].EmailSubmitButton1[0]');
  button.acroField.dict.set(PDFName.of('TU'), PDFHexString.fromText('Submit by E-Mail (does nothing on the replica)'));
  button.addToPage('Submit by E-Mail', page, {
    x: WIDTH - MARGIN - 120,
    y: y - 24,
    width: 120,
    height: 24,
    font: fonts.regular,
    backgroundColor: rgb(0.88, 0.88, 0.88),
    borderColor: RULE,
    borderWidth: 1,
  });
  button.setFontSize(10);
}

export function wrap(text: string, font: PDFFont, size: number, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line ? `${line} ${word}` : word;
    if (line && font.widthOfTextAtSize(longer, size) > width) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line];
}
