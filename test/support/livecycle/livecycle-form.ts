import {
  decodePDFRawStream,
  PDFArray,
  PDFDict,
  PDFDocument,
  type PDFFont,
  PDFHexString,
  PDFName,
  PDFNumber,
  type PDFPage,
  PDFRawStream,
  PDFString,
  rgb,
  StandardFonts,
} from 'pdf-lib';
import { bubblePlaces, PAGE, type PlacedBox, placed, type Rectangle, tooltipOf } from './layout.js';
import { pagesOf, type SectionOfForm } from './sections.js';
import { datasetsPacket, SUBMIT_TO, type TemplateOptions, templatePacket } from './template.js';

export interface LivecycleOptions {
  kind: 'hybrid' | 'dynamic';
  /** At least 5. */
  pages?: number;
  /** Anyone may open it; changing it takes a password. With object streams, as Acrobat writes them. */
  encrypted?: 'AES-128' | 'AES-256';
  /** Adobe's permission to save in Reader, signed for the blank file. */
  usageRights?: boolean;
  /** Subforms of the pages have names. Default: `#subform[0]`, as Designer leaves them. */
  pageNames?: boolean;
  /** Whether boxes have tooltips, or only the words printed beside them; or only those in the XML have them. Default true. */
  tooltips?: boolean | 'template';
  /** Whether boxes have pictures and scripts. Default true. */
  scripts?: boolean;
  /** The bar code in each footer: constants and the page, or what is filled in. Default `page`. */
  barcode?: 'page' | 'data' | 'none';
  /** Where the action of the email button is. Default `both`. */
  email?: 'both' | 'xfa' | 'acroform' | 'none';
  /** All of the XML in one stream, in this encoding, which its declaration names. */
  oneStream?: 'utf-8' | 'utf-16';
  /** Changes the sections before anything is made of them. */
  change?: (pages: SectionOfForm[][]) => void;
  /** Changes the template's XML. */
  template?: (xml: string) => string | Uint8Array;
  /** Changes the data's XML. */
  datasets?: (xml: string) => string | Uint8Array;
}

/**
 * CBP's application as a form of LiveCycle Designer: `hybrid` has drawn pages with fields and the same form in XML, which
 * alone has the pictures and scripts; `dynamic` has only the XML. Names are as Designer makes them, without
 * a name for subforms that have none: `form1[0].#subform[0].SectionA[0].Line1_CompanyName[0]`.
 */
export async function livecycleForm(options: LivecycleOptions): Promise<Uint8Array> {
  const pages = pagesOf(options.pages ?? 5);
  options.change?.(pages);
  const email = options.email ?? 'both';
  const described: TemplateOptions = {
    pages,
    pageNames: options.pageNames ?? false,
    tooltips: options.tooltips !== false,
    scripts: options.scripts ?? true,
    barcode: options.barcode ?? 'page',
    submit: email === 'both' || email === 'xfa',
    button: email !== 'none',
  };
  const pdf = await PDFDocument.create({ updateMetadata: false });
  pdf.setTitle('Sample form made for tests');
  pdf.setProducer('Adobe LiveCycle Designer ES 10.0');
  const acroForm =
    options.kind === 'hybrid'
      ? await drawPages(pdf, described, {
          submits: email === 'both' || email === 'acroform',
          speaks: (options.tooltips ?? true) === true,
        })
      : await pleaseWait(pdf);
  addPackets(pdf, acroForm, {
    template: (options.template ?? String)(templatePacket(described)),
    datasets: (options.datasets ?? String)(datasetsPacket(described)),
  });
  if (options.oneStream) joinPackets(pdf, acroForm, options.oneStream);
  if (options.usageRights) grantUsageRights(pdf);
  if (options.encrypted)
    pdf.encrypt({
      userPassword: '',
      ownerPassword: 'designer',
      algorithm: options.encrypted,
      permissions: { fillingForms: true, printing: 'highResolution' },
    });
  return pdf.save({ updateFieldAppearances: false, useObjectStreams: true });
}

/** The full name of a box. `index` among boxes of the same name. */
export function livecycleName(
  page: number,
  section: string,
  box: string,
  { index = 0, pageNames = false }: { index?: number; pageNames?: boolean } = {},
): string {
  const sheet = pageNames ? `Page${page}[0]` : `#subform[${page - 1}]`;
  return `form1[0].${sheet}.${section}[0].${box}[${index}]`;
}

interface Fonts {
  text: PDFFont;
  typed: PDFFont;
}

const RULE = rgb(0.35, 0.38, 0.42);

async function drawPages(
  pdf: PDFDocument,
  options: TemplateOptions,
  { submits, speaks }: { submits: boolean; speaks: boolean },
): Promise<PDFDict> {
  const fonts = {
    text: await pdf.embedFont(StandardFonts.TimesRoman),
    typed: await pdf.embedFont(StandardFonts.Helvetica),
  };
  options.pages.forEach((sections, index) => {
    const page = pdf.addPage([PAGE.width, PAGE.height]);
    words(page, fonts, 'SAMPLE FORM made for tests. No agency has seen it. Never send it.', 38, 42, 12);
    words(page, fonts, `Sample form 10/31/25, page ${index + 1} of ${options.pages.length}`, 38, 764, 9);
    if (options.barcode !== 'none') drawBarcode(pdf, page, fonts, index, options.barcode);
    for (const { section, area, boxes } of placed(sections)) {
      words(page, fonts, section.title, area.x + 2, area.y, 11);
      if (section.note) words(page, fonts, section.note, area.x + 2, area.y + 18, 8);
      for (const box of boxes)
        drawBox(pdf, page, fonts, box, {
          name: livecycleName(index + 1, section.name, box.box.name, {
            index: box.index,
            pageNames: options.pageNames,
          }),
          ...(speaks ? { tooltip: tooltipOf(box) } : {}),
        });
    }
    if (index === options.pages.length - 1 && options.button)
      drawButton(
        pdf,
        page,
        fonts,
        `form1[0].${options.pageNames ? `Page${index + 1}[0]` : `#subform[${index}]`}`,
        submits,
      );
  });
  const acroForm = pdf.catalog.lookup(PDFName.of('AcroForm'), PDFDict);
  acroForm.set(PDFName.of('DA'), PDFString.of('/Helv 0 Tf 0 g'));
  return acroForm;
}

function words(page: PDFPage, { text: font }: Fonts, text: string, x: number, y: number, size: number): void {
  page.drawText(text, { x, y: PAGE.height - y - size, size, font });
}

const onPage = ({ x, y, width, height }: Rectangle) => ({ x, y: PAGE.height - y - height, width, height });

function drawBox(
  pdf: PDFDocument,
  page: PDFPage,
  fonts: Fonts,
  placedBox: PlacedBox,
  { name, tooltip }: { name: string; tooltip?: string },
): void {
  const { box, cell, inner } = placedBox;
  const form = pdf.getForm();
  page.drawRectangle({ ...onPage(cell), borderColor: RULE, borderWidth: 0.5 });
  const beside = box.kind === 'tick';
  words(
    page,
    fonts,
    box.caption,
    cell.x + (beside ? 20 : 3),
    cell.y + (beside ? cell.height / 2 - 4 : 1),
    beside ? 8 : 7,
  );
  const look = { ...onPage(inner), borderWidth: 0, font: fonts.typed };
  const tell = (dict: PDFDict) => {
    if (tooltip) dict.set(PDFName.of('TU'), PDFHexString.fromText(tooltip));
    if (box.closed)
      dict.set(PDFName.of('Ff'), PDFNumber.of((dict.lookupMaybe(PDFName.of('Ff'), PDFNumber)?.asNumber() ?? 0) | 1));
  };
  switch (box.kind) {
    case 'tick': {
      const field = form.createCheckBox(name);
      field.addToPage(page, { ...onPage(inner), borderWidth: 0.7 });
      for (const widget of field.acroField.getWidgets()) renameOnState(widget.dict, 'Yes', box.options?.[0]?.on ?? '1');
      tell(field.acroField.dict);
      return;
    }
    case 'bubbles': {
      const field = form.createRadioGroup(name);
      for (const { on, label, ...place } of bubblePlaces(placedBox)) {
        field.addOptionToPage(on, page, { ...onPage(place), borderWidth: 0.7 });
        words(page, fonts, label, place.x + 13, place.y + 2, 7);
      }
      field.acroField.getWidgets().forEach((widget, index) => {
        renameOnState(widget.dict, String(index), box.options?.[index]?.on ?? String(index));
      });
      field.acroField.dict.delete(PDFName.of('Opt'));
      tell(field.acroField.dict);
      return;
    }
    case 'list': {
      const field = form.createDropdown(name);
      field.setOptions((box.options ?? []).map(({ on }) => on));
      field.addToPage(page, look);
      tell(field.acroField.dict);
      break;
    }
    case 'signature':
      addSignature(pdf, page, name, inner, tooltip);
      return;
    default: {
      const field = form.createTextField(name);
      if (box.most) field.setMaxLength(box.most);
      if (box.multiline) field.enableMultiline();
      if (box.comb) field.enableCombing();
      field.addToPage(page, look);
      tell(field.acroField.dict);
    }
  }
  const size = box.multiline ? 9 : 0;
  form.getField(name).acroField.dict.set(PDFName.of('DA'), PDFString.of(`/Helv ${box.comb ? 9 : size} Tf 0 g`));
}

/** Designer names the on-state after the item's value. The library numbers them. */
function renameOnState(widget: PDFDict, from: string, to: string): void {
  const appearances = widget.lookup(PDFName.of('AP'), PDFDict);
  for (const key of ['N', 'D']) {
    const states = appearances.lookup(PDFName.of(key));
    const drawn = states instanceof PDFDict ? states.get(PDFName.of(from)) : undefined;
    if (!(states instanceof PDFDict) || !drawn) continue;
    states.delete(PDFName.of(from));
    states.set(PDFName.of(to), drawn);
  }
}

/** An empty signature field. The library has none: a text field's dictionary becomes one. */
function addSignature(pdf: PDFDocument, page: PDFPage, name: string, place: Rectangle, tooltip?: string): void {
  const field = pdf.getForm().createTextField(name);
  field.addToPage(page, { ...onPage(place), borderWidth: 0 });
  const { dict } = field.acroField;
  dict.set(PDFName.of('FT'), PDFName.of('Sig'));
  for (const key of ['DA', 'V', 'Ff']) dict.delete(PDFName.of(key));
  for (const widget of field.acroField.getWidgets()) widget.dict.delete(PDFName.of('AP'));
  if (tooltip) dict.set(PDFName.of('TU'), PDFHexString.fromText(tooltip));
}

function drawBarcode(pdf: PDFDocument, page: PDFPage, { typed }: Fonts, index: number, kind: 'page' | 'data'): void {
  const field = pdf.getForm().createTextField(`form1[0].#pageSet[0].Page1[${index}].PDF417BarCode1[0]`);
  field.setText(kind === 'page' ? `ACE-S|10/31/25|${index + 1}` : `||${index + 1}`);
  field.addToPage(page, { ...onPage({ x: 192, y: 762, width: 270, height: 18 }), borderWidth: 0, font: typed });
  field.enableReadOnly();
  field.acroField.dict.set(PDFName.of('TU'), PDFString.of('PDF417BarCode1'));
  field.acroField.dict.set(PDFName.of('DA'), PDFString.of('/Helv 10 Tf 0 g'));
}

function drawButton(pdf: PDFDocument, page: PDFPage, { typed }: Fonts, parent: string, submits: boolean): void {
  const button = pdf.getForm().createButton(`${parent}.EmailSubmitButton1[0]`);
  button.addToPage('Submit by E-mail', page, {
    ...onPage({ x: 450, y: 700, width: 120, height: 24 }),
    font: typed,
    borderColor: RULE,
    borderWidth: 1,
  });
  if (!submits) return;
  const action = pdf.context.obj({ S: 'SubmitForm', Flags: 256 });
  action.set(PDFName.of('F'), pdf.context.obj({ FS: 'URL', F: PDFString.of(SUBMIT_TO) }));
  for (const widget of button.acroField.getWidgets()) widget.dict.set(PDFName.of('A'), action);
}

async function pleaseWait(pdf: PDFDocument): Promise<PDFDict> {
  const font = await pdf.embedFont(StandardFonts.Helvetica);
  pdf.addPage([PAGE.width, PAGE.height]).drawText('Please wait...', { x: 72, y: 640, size: 18, font });
  const acroForm = pdf.context.obj({ Fields: [], DR: { Font: { Helv: font.ref } } });
  pdf.catalog.set(PDFName.of('AcroForm'), pdf.context.register(acroForm));
  pdf.catalog.set(PDFName.of('NeedsRendering'), pdf.context.obj(true));
  return acroForm;
}

function addPackets(
  pdf: PDFDocument,
  acroForm: PDFDict,
  xml: { template: string | Uint8Array; datasets: string | Uint8Array },
): void {
  const packets = PDFArray.withContext(pdf.context);
  for (const [name, text] of [
    ['xdp:xdp', '<xdp:xdp xmlns:xdp="http://ns.adobe.com/xdp/">'],
    [
      'config',
      '<config xmlns="http://www.xfa.org/schema/xci/3.0/"><present><pdf><interactive>1</interactive></pdf></present></config>',
    ],
    ['template', xml.template],
    ['datasets', xml.datasets],
    ['form', '<form xmlns="http://www.xfa.org/schema/xfa-form/2.8/"/>'],
    ['</xdp:xdp>', '</xdp:xdp>'],
  ] as const) {
    packets.push(PDFString.of(name));
    packets.push(
      pdf.context.register(pdf.context.flateStream(typeof text === 'string' ? new TextEncoder().encode(text) : text)),
    );
  }
  acroForm.set(PDFName.of('XFA'), packets);
}

/** As some servers write it. */
function joinPackets(pdf: PDFDocument, acroForm: PDFDict, encoding: 'utf-8' | 'utf-16'): void {
  const xfa = acroForm.lookup(PDFName.of('XFA'), PDFArray);
  const parts = xfa.asArray().flatMap((_, index) => {
    const part = xfa.lookup(index);
    return part instanceof PDFRawStream ? [Buffer.from(decodePDFRawStream(part).decode()).toString()] : [];
  });
  const xml = `<?xml version="1.0" encoding="${encoding}"?>${parts.join('')}`;
  const bytes = encoding === 'utf-16' ? Buffer.from(`\ufeff${xml}`, 'utf16le') : Buffer.from(xml);
  acroForm.set(PDFName.of('XFA'), pdf.context.register(pdf.context.flateStream(bytes)));
}

function grantUsageRights(pdf: PDFDocument): void {
  const signature = pdf.context.obj({ Type: 'Sig', Filter: 'Adobe.PPKLite', SubFilter: 'adbe.pkcs7.detached' });
  signature.set(PDFName.of('ByteRange'), pdf.context.obj([0, 10, 20, 10]));
  signature.set(PDFName.of('Contents'), PDFHexString.of('00'.repeat(32)));
  pdf.catalog.set(PDFName.of('Perms'), pdf.context.obj({ UR3: pdf.context.register(signature) }));
}
