import { type PDFDict, type PDFDocument, type PDFFont, PDFName, type PDFRef } from 'pdf-lib';
import type { Layout, TextBox } from '../document/text-layout.js';
import { embed, type Typeface } from '../document/typeface.js';
import { numberOf, textOf } from '../pdf/pdf-objects.js';
import type { AcroField } from './acroform-fields.js';
import { decorationOf, fontSizeIn, matrixFor, pdfNumber, sizeOf } from './widget-appearance.js';
import type { Widget } from './widget-places.js';

/** Draws the widgets of one form, as its default appearances say. */
export class WidgetDrawing {
  private readonly fonts = new Map<Typeface, PDFFont>();

  constructor(
    private readonly pdf: PDFDocument,
    private readonly acroForm: PDFDict,
  ) {}

  async draw(acroField: AcroField, widget: Widget, layout: Layout): Promise<void> {
    const font = await this.font(layout.typeface);
    const operators = ['BT', this.colorOf(acroField, widget), `/F ${pdfNumber(layout.fontSize)} Tf`];
    for (const { text, x, y } of layout.runs) {
      if (text) operators.push(`1 0 0 1 ${pdfNumber(x)} ${pdfNumber(y)} Tm ${font.encodeText(text).toString()} Tj`);
    }
    this.ink(widget, [...operators, 'ET'], { Font: { F: font.ref } });
  }

  /** Draws a widget: its own background and border, and `inked` inside the border. */
  ink(widget: Widget, inked: string[], resources: { Font?: { F: PDFRef } }): void {
    const { width, height, rotation } = sizeOf(widget);
    const { background, border, borderWidth } = decorationOf(widget);
    const inset = borderWidth;
    const operators = ['q'];
    if (background) operators.push(`${background} 0 0 ${pdfNumber(width)} ${pdfNumber(height)} re f`);
    if (border && borderWidth > 0)
      operators.push(
        `${border} ${pdfNumber(borderWidth)} w ${pdfNumber(borderWidth / 2)} ${pdfNumber(borderWidth / 2)} ${pdfNumber(width - borderWidth)} ${pdfNumber(height - borderWidth)} re S`,
      );
    operators.push(
      'Q /Tx BMC q',
      `${pdfNumber(inset)} ${pdfNumber(inset)} ${pdfNumber(width - 2 * inset)} ${pdfNumber(height - 2 * inset)} re W n`,
    );
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

  boxOf(acroField: AcroField, widget: Widget, shrink: boolean): TextBox {
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

  colorOf(acroField: AcroField, widget: Widget): string {
    // The last one counts.
    return (
      this.defaultAppearance(acroField, widget)
        .match(/(?:[\d.]+\s+){1,4}(?:g|rg|k)\b/g)
        ?.at(-1) ?? '0 g'
    );
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
