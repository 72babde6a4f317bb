import {
  PDFArray,
  PDFBool,
  PDFDict,
  type PDFDocument,
  type PDFFont,
  PDFHexString,
  PDFName,
  PDFNumber,
  type PDFObject,
  type PDFRef,
} from 'pdf-lib';
import type { FormDocument } from '../document/form-document.js';
import { type FormField, labelOf, type Place } from '../document/form-field.js';
import { FormReadBackError } from '../document/form-read-back-error.js';
import type { PreparedValue } from '../document/plain-value.js';
import { codeOf, unprintableProblem, type ValueProblem } from '../document/plain-value.js';
import { proveForm, type SeenForm, seeForm } from '../document/read-back.js';
import { TemplateCache } from '../document/template-cache.js';
import { type Layout, LEAST, layOut, type TextBox } from '../document/text-layout.js';
import { embed, FONT_METRICS, type Typeface, typefaceFor, widthOf } from '../document/typeface.js';
import { openPdf, type PdfFile } from '../pdf/pdf-file.js';
import { PdfRefusedError } from '../pdf/pdf-refused.js';
import { textOf } from '../pdf/pdf-text.js';
import { type AcroField, acroFields, dictsIn, numberOf, onStatesOf, type Widget } from './acroform-fields.js';
import { flattenFields } from './flatten.js';
import { proveFlattened } from './flatten-proof.js';
import { invisibleValues, type Spot } from './visibility-check.js';
import type { Area } from './visible-ink.js';

/** AcroForms and hybrid XFA forms: the same fields, and in the latter a second copy of the data that must go. */
export function openAcroForm(file: PdfFile): FormDocument {
  return new AcroFormDocument(file);
}

/** Templates as the second library sees them. */
const templates = new TemplateCache<SeenForm>();

class AcroFormDocument implements FormDocument {
  readonly kind;
  readonly encrypted;
  readonly usageRights;
  readonly signatures;
  readonly pages;
  readonly fields: FormField[];
  private readonly pdf: PDFDocument;
  private readonly acroForm: PDFDict;
  private readonly all: AcroField[];
  private readonly acroFields: Map<string, AcroField>;
  private readonly fonts = new Map<Typeface, PDFFont>();

  constructor(file: PdfFile) {
    this.kind = file.kind;
    this.encrypted = file.encrypted;
    this.usageRights = file.usageRights;
    this.signatures = file.signatures;
    this.pdf = file.pdf;
    this.acroForm = file.acroForm;
    this.pages = file.pdf.getPageCount();
    const found = acroFields(file.pdf, file.acroForm);
    if (found.length === 0)
      throw new PdfRefusedError(
        'no-form',
        "The form lists fields, but none of them is one. Download it again from CBP's page.",
      );
    if (this.acroForm.lookup(PDFName.of('NeedAppearances')) === PDFBool.True)
      for (const { field, widgets } of found) if (holdsText(field) && widgets.some(isUndrawn)) field.undrawn = true;
    this.all = found;
    this.fields = found.map(({ field }) => field);
    this.acroFields = new Map(found.map((acroField) => [acroField.field.name, acroField]));
  }

  prepareText(field: FormField, value: string, shrink: boolean): PreparedValue | ValueProblem {
    const problem = unprintableProblem(value, field.multiline) ?? tooLong(field, value);
    if (problem) return problem;
    const shown = labelOf(field, value);
    const typeface = typefaceFor(shown);
    if (typeof typeface !== 'string') return uncovered(typeface.uncovered);
    const acroField = this.acroField(field);
    const layouts: Layout[] = [];
    for (const widget of acroField.widgets) {
      const box = this.boxOf(acroField, widget, shrink);
      if (box.fontSize > 0 && box.fontSize < LEAST) return illegible(box.fontSize);
      const layout = layOut(shown, typeface, box);
      if ('misfit' in layout)
        return {
          problem: `does not fit the box: ${layout.misfit}.`,
          remedy: 'Shorten it as the 5106 record allows, or let a person decide on "shrink" in the field map.',
        };
      layouts.push(layout);
    }
    return { field, value, shown, layouts };
  }

  unseen(values: PreparedValue[], template: Uint8Array): Promise<Map<PreparedValue, ValueProblem>> {
    const spots = values.flatMap((prepared) => this.spotsOf(prepared));
    return invisibleValues(spots, template, async (painted) => {
      const copy = new AcroFormDocument(await openPdf(template, { acceptActiveContent: true }));
      copy.paint(values, painted);
      return copy.save();
    });
  }

  async write(values: PreparedValue[]): Promise<void> {
    this.dropWhatGoesStale();
    for (const prepared of values) {
      const acroField = this.acroField(prepared.field);
      if (prepared.field.type === 'checkbox' || prepared.field.type === 'radio') choose(acroField, prepared.value);
      else await this.writeText(acroField, prepared);
    }
    for (const acroField of this.all) {
      const { field, dict, inherited } = acroField;
      if (!isTyped(field.type)) continue;
      tellStates(acroField);
      const flags = numberOf(inherited('Ff')) ?? 0;
      dict.set(PDFName.of('Ff'), PDFNumber.of(flags | 1));
    }
  }

  see(bytes: Uint8Array): Promise<SeenForm> {
    return seeForm(bytes);
  }

  save(): Promise<Uint8Array> {
    return this.pdf.save({ updateFieldAppearances: false });
  }

  async prove(written: PreparedValue[], template: Uint8Array, filled: Uint8Array): Promise<{ pages: number }> {
    const before = await templates.known(template, () => seeForm(template));
    const after = await seeForm(filled);
    proveForm(written, before, after);
    const open = this.fields.filter(({ name, type }) => isTyped(type) && after.fields.get(name)?.readOnly === false);
    if (open.length > 0) throw new FormReadBackError(open.map(({ name }) => `${name} can still be changed by typing.`));
    return { pages: after.pages };
  }

  async flatten(written: PreparedValue[], filled: Uint8Array): Promise<Uint8Array> {
    flattenFields(this.pdf);
    const flat = await this.save();
    await proveFlattened(written, filled, flat);
    return flat;
  }

  /** The XFA copy of the data, signed permissions for the file as it was, and the order to redraw everything. */
  private dropWhatGoesStale(): void {
    this.acroForm.delete(PDFName.of('XFA'));
    this.acroForm.delete(PDFName.of('NeedAppearances'));
    this.pdf.catalog.delete(PDFName.of('Perms'));
    this.pdf.catalog.delete(PDFName.of('NeedsRendering'));
  }

  private acroField(field: FormField): AcroField {
    const found = this.acroFields.get(field.name);
    if (!found) throw new Error(`The form has no field ${field.name}.`);
    return found;
  }

  private async writeText(acroField: AcroField, { field, value, layouts }: PreparedValue): Promise<void> {
    const { dict } = acroField;
    dict.set(PDFName.of('V'), PDFHexString.fromText(value));
    dict.delete(PDFName.of('RV'));
    if (field.type === 'dropdown' || field.type === 'listbox') {
      const index = field.options.indexOf(value);
      if (index < 0) dict.delete(PDFName.of('I'));
      else dict.set(PDFName.of('I'), this.pdf.context.obj([index]));
    }
    for (const [index, widget] of acroField.widgets.entries()) {
      const layout = layouts[index];
      if (layout) await this.draw(acroField, widget, layout);
    }
  }

  /** The places of a value that the form means to be seen. */
  private spotsOf(prepared: PreparedValue): Spot[] {
    const { field, value, layouts } = prepared;
    const isTick = field.type === 'checkbox' || field.type === 'radio';
    return this.acroField(field).widgets.flatMap((widget, index): Spot[] => {
      const { place, unseen } = widget;
      const layout = layouts[index];
      if (!place || unseen || (isTick ? value !== '' && !onStatesOf(widget.dict).has(value) : !layout)) return [];
      const box = onPage(place, [0, 0, place.width, place.height]);
      return [{ prepared, index, box, letters: layout ? lettersOf(layout, widget, place) : [] }];
    });
  }

  private paint(values: PreparedValue[], painted: Spot[]): void {
    this.dropWhatGoesStale();
    this.stampsAsFields();
    for (const prepared of values) {
      const { field, value } = prepared;
      const acroField = this.acroField(field);
      const isPainted = (index: number) => painted.some((spot) => spot.prepared === prepared && spot.index === index);
      if (field.type === 'checkbox' || field.type === 'radio') choose(acroField, value, isPainted);
      else
        acroField.widgets.forEach((widget, index) => {
          const { width, height } = sizeOf(widget);
          const paint = `${this.colourOf(acroField, widget)} 0 0 ${n(width)} ${n(height)} re f`;
          this.show(widget, isPainted(index) ? [paint] : [], {});
        });
    }
  }

  /** pdf.js draws fields above everything else; other readers draw a page's annotations in their order. */
  private stampsAsFields(): void {
    for (const page of this.pdf.getPages())
      for (const annotation of dictsIn(page.node.lookup(PDFName.of('Annots'))))
        if (annotation.has(PDFName.of('AP'))) annotation.set(PDFName.of('Subtype'), PDFName.of('Widget'));
  }

  private async draw(acroField: AcroField, widget: Widget, layout: Layout): Promise<void> {
    const font = await this.font(layout.typeface);
    const operators = ['BT', this.colourOf(acroField, widget), `/F ${n(layout.fontSize)} Tf`];
    for (const { text, x, y } of layout.runs) {
      if (text) operators.push(`1 0 0 1 ${n(x)} ${n(y)} Tm ${font.encodeText(text).toString()} Tj`);
    }
    this.show(widget, [...operators, 'ET'], { Font: { F: font.ref } });
  }

  /** Makes a widget look so: background and border as it has them, within the border what `inked` draws. */
  private show(widget: Widget, inked: string[], resources: { Font?: { F: PDFRef } }): void {
    const { width, height, rotation } = sizeOf(widget);
    const { background, border, borderWidth } = decorationOf(widget);
    const inset = borderWidth;
    const operators = ['q'];
    if (background) operators.push(`${background} 0 0 ${n(width)} ${n(height)} re f`);
    if (border && borderWidth > 0)
      operators.push(
        `${border} ${n(borderWidth)} w ${n(borderWidth / 2)} ${n(borderWidth / 2)} ${n(width - borderWidth)} ${n(height - borderWidth)} re S`,
      );
    operators.push('Q /Tx BMC q', `${n(inset)} ${n(inset)} ${n(width - 2 * inset)} ${n(height - 2 * inset)} re W n`);
    operators.push(...inked, 'Q EMC');
    const appearance = this.pdf.context.flateStream(operators.join('\n'), {
      Type: 'XObject',
      Subtype: 'Form',
      BBox: [0, 0, width, height],
      Matrix: matrixFor(rotation, width, height),
      Resources: resources,
    });
    widget.dict.set(PDFName.of('AP'), this.pdf.context.obj({ N: this.pdf.context.register(appearance) }));
    widget.dict.delete(PDFName.of('AS'));
  }

  private async font(typeface: Typeface): Promise<PDFFont> {
    const known = this.fonts.get(typeface);
    if (known) return known;
    const font = await embed(this.pdf, typeface);
    this.fonts.set(typeface, font);
    return font;
  }

  private boxOf(acroField: AcroField, widget: Widget, shrink: boolean): TextBox {
    const { width, height } = sizeOf(widget);
    const { field } = acroField;
    const quadding =
      numberOf(widget.dict.lookup(PDFName.of('Q'))) ??
      numberOf(acroField.inherited('Q')) ??
      numberOf(this.acroForm.lookup(PDFName.of('Q')));
    return {
      width,
      height,
      border: decorationOf(widget).borderWidth,
      fontSize: fontSizeIn(this.defaultAppearance(acroField, widget)),
      align: quadding === 1 ? 'centre' : quadding === 2 ? 'right' : 'left',
      multiline: field.multiline,
      ...(field.comb && field.maxLength ? { cells: field.maxLength } : {}),
      shrink,
    };
  }

  private colourOf(acroField: AcroField, widget: Widget): string {
    return /(?:[\d.]+\s+){1,4}(?:g|rg|k)\b/.exec(this.defaultAppearance(acroField, widget))?.[0] ?? '0 g';
  }

  private defaultAppearance(acroField: AcroField, widget: Widget): string {
    return (
      textOf(widget.dict.lookup(PDFName.of('DA'))) ??
      textOf(acroField.inherited('DA')) ??
      textOf(this.acroForm.lookup(PDFName.of('DA'))) ??
      ''
    );
  }
}

function isTyped(type: FormField['type']): boolean {
  return type !== 'button' && type !== 'signature';
}

const holdsText = ({ type, value }: FormField) => value !== '' && ['text', 'dropdown', 'listbox'].includes(type);

function isUndrawn({ dict }: Widget): boolean {
  const appearances = dict.lookup(PDFName.of('AP'));
  return !(appearances instanceof PDFDict && appearances.lookup(PDFName.of('N')));
}

/** Sets a tick or bubble by the on-value its own widgets have. */
function choose({ dict, widgets }: AcroField, value: string, isShown = (_index: number) => true): void {
  const off = PDFName.of('Off');
  const states = widgets.map((widget, index) => (isShown(index) ? onStatesOf(widget.dict).get(value) : undefined));
  dict.set(PDFName.of('V'), states.find((state) => state !== undefined) ?? off);
  widgets.forEach((widget, index) => {
    widget.dict.set(PDFName.of('AS'), states[index] ?? off);
  });
}

/** Each letter from the deepest to the highest that letters go. */
function lettersOf({ typeface, fontSize, runs }: Layout, widget: Widget, place: Place): Area[] {
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

type Edges = [left: number, bottom: number, right: number, top: number];

function onPage({ page, x, y }: Place, [left, bottom, right, top]: Edges): Area {
  return { page, left: x + left, bottom: y + bottom, right: x + right, top: y + top };
}

/** What a matrix that turns by right angles makes of a rectangle. */
function turned([x1, y1, x2, y2]: Edges, [a = 1, b = 0, c = 0, d = 1, e = 0, f = 0]: number[]): Edges {
  const [xs, ys] = [
    [a * x1 + c * y1 + e, a * x2 + c * y2 + e],
    [b * x1 + d * y1 + f, b * x2 + d * y2 + f],
  ];
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}

function illegible(fontSize: number): ValueProblem {
  return {
    problem: `would be written with ${fontSize} points, as the form has it: nobody could read it.`,
    remedy: 'Map another box, or have a person fill the form.',
  };
}

/** A tick that does not say whether it is ticked (AS) is drawn ticked by some readers and unticked by others. */
function tellStates({ field, widgets }: AcroField): void {
  for (const { dict } of widgets) {
    const states = onStatesOf(dict);
    if (states.size > 0 && !dict.has(PDFName.of('AS')))
      dict.set(PDFName.of('AS'), states.get(field.value) ?? PDFName.of('Off'));
  }
}

function tooLong(field: FormField, value: string): ValueProblem | undefined {
  // Readers count UTF-16 units; what takes two of them in a comb would take two cells.
  if (field.maxLength === null || value.length <= field.maxLength) return undefined;
  return {
    problem: `has ${value.length} characters, the box takes ${field.maxLength}.`,
    remedy: 'Shorten it as the 5106 record allows.',
  };
}

function uncovered(characters: string[]): ValueProblem {
  const [mark = ''] = characters;
  if (characters.every((character) => /\p{M}/u.test(character)))
    return {
      problem: `has the loose accent ${codeOf(mark)}, which cannot be set on its letter.`,
      remedy: 'Write the letter without it.',
    };
  const listed = characters.slice(0, 5).map((character) => `"${character}" (${codeOf(character)})`);
  return {
    problem: `has ${listed.join(', ')}${characters.length > 5 ? ' and more' : ''}, which cannot be printed.`,
    remedy: 'Transliterate it to Latin letters, as on the 5106 record.',
  };
}

function sizeOf({ place, dict }: Widget): { width: number; height: number; rotation: number } {
  const characteristics = dict.lookup(PDFName.of('MK'));
  const turned = characteristics instanceof PDFDict ? (numberOf(characteristics.lookup(PDFName.of('R'))) ?? 0) : 0;
  const rotation = ((turned % 360) + 360) % 360;
  const { width, height } = place ?? rectOf(dict);
  return rotation % 180 === 90 ? { width: height, height: width, rotation } : { width, height, rotation };
}

/** For a widget that stands on no page, and so is seen by nobody. */
function rectOf(dict: PDFDict): { width: number; height: number } {
  const rect = dict.lookup(PDFName.of('Rect'));
  if (!(rect instanceof PDFArray)) return { width: 0, height: 0 };
  const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = [0, 1, 2, 3].map((index) => numberOf(rect.lookup(index)) ?? 0);
  return { width: Math.abs(x2 - x1), height: Math.abs(y2 - y1) };
}

function matrixFor(rotation: number, width: number, height: number): number[] {
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

function decorationOf({ dict }: Widget): { background?: string; border?: string; borderWidth: number } {
  const characteristics = dict.lookup(PDFName.of('MK'));
  const background =
    characteristics instanceof PDFDict ? colour(characteristics.lookup(PDFName.of('BG')), 'fill') : undefined;
  const border =
    characteristics instanceof PDFDict ? colour(characteristics.lookup(PDFName.of('BC')), 'stroke') : undefined;
  const style = dict.lookup(PDFName.of('BS'));
  const given = style instanceof PDFDict ? numberOf(style.lookup(PDFName.of('W'))) : undefined;
  return {
    ...(background ? { background } : {}),
    ...(border ? { border } : {}),
    borderWidth: border ? (given ?? 1) : 0,
  };
}

function colour(components: PDFObject | undefined, use: 'fill' | 'stroke'): string | undefined {
  if (!(components instanceof PDFArray)) return undefined;
  const numbers: number[] = [];
  for (let index = 0; index < components.size(); index++) numbers.push(numberOf(components.lookup(index)) ?? 0);
  const operator = { 1: 'g', 3: 'rg', 4: 'k' }[numbers.length];
  if (!operator) return undefined;
  return `${numbers.map(n).join(' ')} ${use === 'fill' ? operator : operator.toUpperCase()}`;
}

function fontSizeIn(appearance: string): number {
  return Number(/\/\S+\s+([\d.]+)\s+Tf/.exec(appearance)?.[1] ?? 0);
}

/** A number as PDF writes them: no exponent, no noise. */
function n(value: number): string {
  return String(Math.round(value * 1000) / 1000);
}
