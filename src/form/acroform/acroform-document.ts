import { PDFBool, PDFDict, type PDFDocument, PDFHexString, PDFName, PDFNumber } from 'pdf-lib';
import {
  type BoxToProve,
  type FilledForProof,
  type FormDocument,
  KEPT_TEXT,
  type ProvenPlaces,
  type TextOptions,
} from '../document/form-document.js';
import { type FormField, isTick, labelOf } from '../document/form-field.js';
import {
  illegibleProblem,
  isPrepared,
  misfitProblem,
  type PreparedValue,
  tooLongProblem,
  uncoveredProblem,
  unprintableProblem,
  type ValueProblem,
} from '../document/plain-value.js';
import { FormReadBackError, proveForm, type SeenForm, seeForm, TemplateCache } from '../document/read-back.js';
import { type Layout, LEAST, layOut } from '../document/text-layout.js';
import { typefaceFor } from '../document/typeface.js';
import { openPdf, type PdfFile } from '../pdf/pdf-file.js';
import { dictsIn, numberOf, textOf } from '../pdf/pdf-objects.js';
import { ruleProblem, shownAs } from '../scripts/value-rule.js';
import { type AcroField, acroFields, isLost, onStatesOf } from './acroform-fields.js';
import { canBeSeen, hasSeveralValues, holdsText, isDrawn, isRedrawn } from './redrawn.js';
import { invisibleValues, overlap, provenPlaces, type Spot } from './visibility-check.js';
import { insideOf, lettersOf, middleOf, onPage, pdfNumber, sizeOf } from './widget-appearance.js';
import { WidgetDrawing } from './widget-drawing.js';
import { WIDGET_FLAG, type Widget } from './widget-places.js';

/** AcroForms and hybrid XFA forms: the same fields, and a hybrid has a second copy of the data, which is removed. */
export function openAcroForm(file: PdfFile): FormDocument {
  return new AcroFormDocument(file);
}

/** What the second library reads in each template. */
const templates = new TemplateCache<SeenForm>();

class AcroFormDocument implements FormDocument {
  readonly kind;
  readonly encrypted;
  readonly usageRights;
  readonly signatures;
  readonly pages;
  readonly notes: string[] = [];
  readonly lostBoxes: string | undefined;
  readonly fields: FormField[];
  private readonly pdf: PDFDocument;
  private readonly acroForm: PDFDict;
  private readonly all: AcroField[];
  private readonly acroFields: Map<string, AcroField>;
  private readonly drawing: WidgetDrawing;

  constructor(file: PdfFile) {
    this.kind = file.kind;
    this.encrypted = file.encrypted;
    this.usageRights = file.usageRights;
    this.signatures = file.signatures;
    this.pdf = file.pdf;
    this.acroForm = file.acroForm;
    this.drawing = new WidgetDrawing(file.pdf, file.acroForm);
    this.pages = file.pages;
    const found = acroFields(file.pdf, file.acroForm);
    if (this.acroForm.lookup(PDFName.of('NeedAppearances')) === PDFBool.True)
      for (const acroField of found)
        if (isRedrawn(acroField)) acroField.field.redrawn = hasSeveralValues(acroField) ? 'several values' : true;
    const lost = lostBoxesOf(found);
    if (lost) this.notes.push(lost);
    if (isSavedByPreview(file.pdf)) this.lostBoxes = lost;
    this.all = found;
    this.fields = found.map(({ field }) => field);
    const filled = filledNote(this.fields);
    if (filled) this.notes.push(filled);
    this.acroFields = new Map(found.map((acroField) => [acroField.field.name, acroField]));
  }

  prepareText(field: FormField, value: string, { shrink, triedInAcrobat }: TextOptions): PreparedValue | ValueProblem {
    const { accepts } = field;
    const problem =
      unprintableProblem(value, field.multiline) ??
      tooLongProblem(field, value) ??
      (accepts && ruleProblem(accepts, labelOf(field, value), triedInAcrobat));
    if (problem) return problem;
    const shown = accepts ? shownAs(accepts, labelOf(field, value)) : labelOf(field, value);
    const typeface = typefaceFor(shown);
    if (typeof typeface !== 'string') return uncoveredProblem(typeface.uncovered);
    const acroField = this.acroField(field);
    const layouts: Layout[] = [];
    for (const widget of acroField.widgets) {
      const box = this.drawing.boxOf(acroField, widget, shrink);
      if (box.fontSize > 0 && box.fontSize < LEAST) return illegibleProblem(box.fontSize);
      const layout = layOut(shown, typeface, box);
      if (!('misfit' in layout)) layouts.push(layout);
      // Beside the place that people see, some forms have one that nothing can fit in.
      else if (widget.unseen && !field.unfillable && !field.opens)
        layouts.push({ typeface, fontSize: LEAST, runs: [{ text: shown.replaceAll('\n', ' '), x: 0, y: 0 }] });
      else return misfitProblem(layout.misfit);
    }
    return { field, value, shown, layouts };
  }

  async unseen(
    values: PreparedValue[],
    template: Uint8Array,
    isProven: (field: FormField) => boolean,
  ): Promise<Map<PreparedValue, ValueProblem>> {
    const spots = values.flatMap((prepared) => this.spotsOf(prepared));
    const problems = await invisibleValues(spots, template, painter(values, template), isProven, this.staying(spots));
    for (const prepared of values) {
      const hidden = this.hiddenChoice(prepared);
      if (hidden) problems.set(prepared, hidden);
    }
    return problems;
  }

  async provePlaces(boxes: BoxToProve[], template: Uint8Array): Promise<ProvenPlaces> {
    const proven: ProvenPlaces[] = [];
    const rounds = Math.max(1, ...boxes.map(({ ticks }) => ticks.length));
    // One drawing shows one choice of each box.
    for (let round = 0; round < rounds; round++) {
      const values = boxes.flatMap(({ field, ticks, opened }): PreparedValue[] => {
        const value = isTick(field) ? ticks[round] : 'any';
        return value === undefined ? [] : [{ field, value, layouts: [], ...(opened ? { opened } : {}) }];
      });
      const spots = values.flatMap((prepared) => this.spotsOf(prepared, true));
      for (const prepared of values) {
        const problem = this.hiddenChoice(prepared);
        if (problem) proven.push({ toDraw: [], hidden: [{ field: prepared.field, problem }] });
      }
      const isNew = ({ prepared }: Spot) => round === 0 || isTick(prepared.field);
      proven.push(await provenPlaces(spots, painter(values, template), isNew));
    }
    return {
      toDraw: [...new Set(proven.flatMap(({ toDraw }) => toDraw))].sort(),
      hidden: proven.flatMap(({ hidden }) => hidden),
    };
  }

  async write(values: PreparedValue[], redrawn: PreparedValue[]): Promise<void> {
    this.dropWhatGoesStale();
    for (const acroField of this.all) tellStates(acroField);
    for (const { field, value, layouts } of redrawn) {
      const acroField = this.acroField(field);
      if (value !== '') await this.drawAll(acroField, layouts);
      else for (const widget of acroField.widgets) if (isDrawn(widget)) this.drawing.ink(widget, [], {});
    }
    for (const prepared of values) {
      const acroField = this.acroField(prepared.field);
      // Readers look for a value in the field's own places first, where only some files have it.
      for (const { dict } of acroField.widgets) if (dict !== acroField.dict) dict.delete(PDFName.of('V'));
      if (isTick(prepared.field)) choose(acroField, prepared.value);
      else await this.writeText(acroField, prepared);
      if (prepared.value === '') continue;
      lock(acroField);
      for (const widget of acroField.widgets) show(widget, prepared.opened ?? false);
    }
  }

  see(bytes: Uint8Array): Promise<SeenForm> {
    return seeForm(bytes);
  }

  save(): Promise<Uint8Array> {
    return this.pdf.save({ updateFieldAppearances: false });
  }

  async prove({ written, redrawn, template, filled }: FilledForProof): Promise<{ pages: number }> {
    const before = await templates.known(template, () => seeForm(template));
    const after = await seeForm(filled);
    proveForm([...written, ...redrawn], before, after);
    const ours = new Set(written.flatMap(({ field, value }) => (value === '' ? [] : [field.name])));
    const wrong = [...after.fields].flatMap(([name, { readOnly }]) => {
      if (ours.has(name)) return readOnly ? [] : [`${name} can still be changed by typing.`];
      return readOnly === before.fields.get(name)?.readOnly ? [] : [`${name} was ${readOnly ? 'locked' : 'opened'}.`];
    });
    if (wrong.length > 0) throw new FormReadBackError(wrong);
    return { pages: after.pages };
  }

  /** Removes the XFA copy of the data and the buttons that need it, permissions signed for the original file, and the flags that ask readers to redraw. */
  private dropWhatGoesStale(): void {
    this.acroForm.delete(PDFName.of('XFA'));
    this.acroForm.delete(PDFName.of('NeedAppearances'));
    this.pdf.catalog.delete(PDFName.of('Perms'));
    this.pdf.catalog.delete(PDFName.of('NeedsRendering'));
    for (const { field, widgets } of this.all)
      if (field.click?.dead)
        for (const { dict } of widgets) dict.set(PDFName.of('F'), PDFNumber.of(WIDGET_FLAG.hidden));
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
    await this.drawAll(acroField, layouts);
  }

  private async drawAll(acroField: AcroField, layouts: Layout[]): Promise<void> {
    for (const [index, widget] of acroField.widgets.entries()) {
      const layout = layouts[index];
      if (layout) await this.drawing.draw(acroField, widget, layout);
    }
  }

  /** The places of a value that should be visible. With `whole`, of any value: all of the box is its letter. */
  private spotsOf(prepared: PreparedValue, whole = false): Spot[] {
    const { field, value, layouts } = prepared;
    return this.acroField(field).widgets.flatMap((widget, index): Spot[] => {
      const { place, unseen, isHidden } = widget;
      const layout = layouts[index];
      if (
        !place ||
        (unseen && !(isHidden && prepared.opened)) ||
        (isTick(field) ? value !== '' && !onStatesOf(widget.dict).has(value) : !layout && !whole)
      )
        return [];
      if (isTick(field)) return [{ prepared, index, box: middleOf(place), letters: [] }];
      const box = onPage(place, [0, 0, place.width, place.height]);
      const letters = layout ? lettersOf(layout, widget, place) : [insideOf(widget, place)];
      return [{ prepared, index, box, letters }];
    });
  }

  /** Where the blank form has text that stays, in boxes that lie over those to be filled. */
  private staying(spots: Spot[]): Spot[] {
    const names = new Set(spots.map(({ prepared }) => prepared.field.name));
    return this.all.flatMap(({ field, widgets }) => {
      const isInTheWay =
        holdsText(field) &&
        field.value !== '' &&
        widgets.some(canBeSeen) &&
        !names.has(field.name) &&
        field.places.some((place) => {
          const box = onPage(place, [0, 0, place.width, place.height]);
          return spots.some((spot) => overlap(spot.box, box));
        });
      if (!isInTheWay) return [];
      const prepared = this.prepareText(field, field.value, KEPT_TEXT);
      // What the form draws by itself may be anywhere in its box.
      return isPrepared(prepared)
        ? this.spotsOf(prepared)
        : this.spotsOf({ field, value: field.value, layouts: [] }, true);
    });
  }

  /** Why no one would see which option is chosen: every bubble or check box of it is invisible. */
  private hiddenChoice(prepared: PreparedValue): ValueProblem | undefined {
    const { field, value } = prepared;
    if (!isTick(field) || value === '') return undefined;
    const { widgets } = this.acroField(field);
    const [first, ...others] = widgets.filter(({ dict }) => onStatesOf(dict).has(value));
    if (!first?.unseen || others.some(({ unseen }) => !unseen)) return undefined;
    if (prepared.opened && first.isHidden) return undefined;
    return {
      problem: `would choose ${value} in ${field.name}, which ${first.unseen}.`,
      remedy: 'Choose another option, or have a person fill the form.',
    };
  }

  paint(values: PreparedValue[], painted: Spot[]): void {
    this.dropWhatGoesStale();
    this.stampsAsFields();
    for (const prepared of values) {
      const { field, value } = prepared;
      const acroField = this.acroField(field);
      const isPainted = (index: number) => painted.some((spot) => spot.prepared === prepared && spot.index === index);
      if (prepared.opened) for (const widget of acroField.widgets) show(widget, true);
      if (isTick(field)) choose(acroField, value, isPainted);
      else
        acroField.widgets.forEach((widget, index) => {
          const { width, height } = sizeOf(widget);
          const paint = `${this.drawing.colorOf(acroField, widget)} 0 0 ${pdfNumber(width)} ${pdfNumber(height)} re f`;
          this.drawing.ink(widget, isPainted(index) ? [paint] : [], {});
        });
    }
  }

  /** pdf.js draws fields on top of everything else. Other readers draw a page's annotations in order. */
  private stampsAsFields(): void {
    for (const page of this.pdf.getPages())
      for (const annotation of dictsIn(page.node.lookup(PDFName.of('Annots'))))
        if (annotation.has(PDFName.of('AP'))) annotation.set(PDFName.of('Subtype'), PDFName.of('Widget'));
  }
}

/** Makes copies of a form with some places painted. */
function painter(values: PreparedValue[], template: Uint8Array): (painted: Spot[]) => Promise<Uint8Array> {
  return async (painted) => {
    const copy = new AcroFormDocument(await openPdf(template, { acceptActiveContent: true }));
    copy.paint(values, painted);
    return copy.save();
  };
}

/** That a form looks like a filled copy. */
function filledNote(fields: FormField[]): string | undefined {
  const texts = fields.filter(({ type, computed }) => type === 'text' && !computed);
  const filled = texts.filter(({ value }) => value !== '');
  if (filled.length < 5 || filled.length < texts.length / 4) return undefined;
  return `${filled.length} of its ${texts.length} text boxes already contain something. Use a blank form: what no box of the map replaces stays.`;
}

/** Boxes on the pages that the form does not list, if there are any. */
function lostBoxesOf(all: AcroField[]): string | undefined {
  const lost = all.filter(({ field }) => isLost(field)).length;
  if (lost === 0) return undefined;
  return `${lost} of its ${all.length} boxes are on the pages but not in the form's own list, as when a viewer such as macOS Preview has saved the form. They cannot be filled in. Download the form again from CBP's page, and do not save it from a viewer.`;
}

/** macOS, whose Preview loses boxes when it saves a form, names itself in the file. */
function isSavedByPreview(pdf: PDFDocument): boolean {
  const about = pdf.context.lookup(pdf.context.trailerInfo.Info);
  const producer = about instanceof PDFDict ? textOf(about.lookup(PDFName.of('Producer'))) : undefined;
  return /Quartz PDFContext/.test(producer ?? '');
}

/** Makes a field read-only. */
function lock({ dict, widgets, inherited }: AcroField): void {
  const flags = numberOf(inherited('Ff')) ?? 0;
  dict.set(PDFName.of('Ff'), PDFNumber.of(flags | 1));
  for (const widget of widgets) if (widget.dict !== dict) widget.dict.delete(PDFName.of('Ff'));
}

/** Makes a place of a field come out on paper too, and one that the form hides be seen, if it is to be opened. */
function show({ dict }: Widget, opened: boolean): void {
  const { print, hidden, noView } = WIDGET_FLAG;
  const flags = numberOf(dict.lookup(PDFName.of('F'))) ?? 0;
  const shown = opened ? flags & ~(hidden | noView) : flags;
  dict.set(PDFName.of('F'), PDFNumber.of(shown | print));
}

/** Checks a box or radio button, by the on-value that its own widgets use. */
function choose({ dict, widgets }: AcroField, value: string, isShown = (_index: number) => true): void {
  const off = PDFName.of('Off');
  const states = widgets.map((widget, index) => (isShown(index) ? onStatesOf(widget.dict).get(value) : undefined));
  dict.set(PDFName.of('V'), states.find((state) => state !== undefined) ?? off);
  widgets.forEach((widget, index) => {
    widget.dict.set(PDFName.of('AS'), states[index] ?? off);
  });
}

/** Some readers draw a check box without a state (AS) as checked, others as unchecked. */
function tellStates({ field, widgets }: AcroField): void {
  for (const { dict } of widgets) {
    const states = onStatesOf(dict);
    if (states.size > 0 && !dict.has(PDFName.of('AS')))
      dict.set(PDFName.of('AS'), states.get(field.value) ?? PDFName.of('Off'));
  }
}
