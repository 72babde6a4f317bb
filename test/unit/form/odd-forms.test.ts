import {
  degrees,
  PDFArray,
  PDFBool,
  PDFDict,
  PDFDocument,
  PDFName,
  type PDFRef,
  PDFString,
  StandardFonts,
} from '@cantoo/pdf-lib';
import { beforeAll, describe, expect, it } from 'vitest';
import { openForm } from '../../../src/form/edition.js';
import type { FieldMap } from '../../../src/form/field-map.js';
import { fillForm } from '../../../src/form/fill-form.js';
import { fillValues } from '../../../src/form/fill-values.js';
import { fingerprintOf } from '../../../src/form/fingerprint.js';
import { inspectForm } from '../../../src/form/inspect-form.js';
import { seeForm } from '../../../src/form/read-back.js';
import { sampleApplication } from './sample-application.js';

/** Forms that are legal and odd: each box comes out as it should, or is refused for the reason that is the matter. */

const BOX = [50, 300, 250, 320];
const TICK = [50, 300, 66, 316];

type Entries = Record<string, unknown>;

/** A page of 400 by 400 points with fields on it, each a dictionary that is its own widget. */
async function formOf(fields: Entries[], change: (form: MadeForm) => void = () => {}): Promise<Uint8Array> {
  const pdf = await PDFDocument.create({ updateMetadata: false });
  const { context } = pdf;
  const page = pdf.addPage([400, 400]);
  const { ref: font } = await pdf.embedFont(StandardFonts.Helvetica);
  const widget = (entries: Entries): PDFRef =>
    context.register(context.obj({ Type: 'Annot', Subtype: 'Widget', F: 4, Rect: BOX, ...entries } as never));
  const refs = fields.map((entries) => widget(entries));
  const acroForm = context.obj({ Fields: refs, DA: PDFString.of('/Helv 10 Tf 0 g'), DR: { Font: { Helv: font } } });
  const drawing = context.register(
    context.stream('0 0 10 10 re f', { Type: 'XObject', Subtype: 'Form', BBox: [0, 0, 16, 16] }),
  );
  page.node.set(PDFName.of('Annots'), context.obj(refs));
  pdf.catalog.set(PDFName.of('AcroForm'), acroForm);
  for (const dict of refs.map((ref) => context.lookup(ref, PDFDict))) {
    // A tick says here what its on-value is.
    const drawn = dict.get(PDFName.of('drawn'));
    dict.delete(PDFName.of('drawn'));
    if (drawn instanceof PDFName)
      dict.set(PDFName.of('AP'), context.obj({ N: { [drawn.decodeText()]: drawing, Off: drawing } }));
  }
  change({ pdf, acroForm, refs, page });
  return pdf.save({ updateFieldAppearances: false });
}

interface MadeForm {
  pdf: PDFDocument;
  acroForm: PDFDict;
  refs: PDFRef[];
  page: ReturnType<PDFDocument['addPage']>;
}

const text = (name: string, further: Entries = {}): Entries => ({ FT: 'Tx', T: PDFString.of(name), ...further });
const tick = (name: string, further: Entries = {}): Entries => ({
  ...{ FT: 'Btn', T: PDFString.of(name), Rect: TICK, AS: 'Off', drawn: 'On' },
  ...further,
});

async function complaints(template: Uint8Array, values: Record<string, string | boolean>): Promise<string> {
  const form = await fillValues({ template, values });
  return form.kind === 'refused' ? form.complaints.map(({ problem }) => problem).join(' ') : 'It was filled.';
}

async function dictsOf(bytes: Uint8Array): Promise<PDFDict[]> {
  const pdf = await PDFDocument.load(bytes, { updateMetadata: false });
  const fields = pdf.catalog.lookup(PDFName.of('AcroForm'), PDFDict).lookup(PDFName.of('Fields'), PDFArray);
  return [0, 1].map((index) => fields.lookup(index, PDFDict));
}

describe('a box that nobody would see is refused:', () => {
  it.each([
    ['hidden', text('box', { F: 2 }), 'is hidden'],
    ['not for the screen', text('box', { F: 36 }), 'is hidden'],
    ['beside the page', text('box', { Rect: [500, 300, 700, 320] }), 'outside what its page shows'],
    ['half beside the page', text('box', { Rect: [300, 300, 500, 320] }), 'outside what its page shows'],
    ['without size', text('box', { Rect: [50, 300, 50, 300] }), 'too small'],
  ])('%s', async (_, field, problem) => {
    expect(await complaints(await formOf([field, text('other')]), { box: 'A' })).toContain(problem);
  });

  it.each([
    ['hidden', tick('box', { F: 2 }), 'is hidden'],
    ['beside the page', tick('box', { Rect: [500, 300, 516, 316] }), 'outside what its page shows'],
    ['without a drawing of its tick', tick('box', { drawn: undefined }), 'no drawing of its tick'],
  ])('a tick %s', async (_, field, problem) => {
    expect(await complaints(await formOf([field, text('other')]), { box: true })).toContain(problem);
  });

  it('outside of the part of the page that is shown', async () => {
    const template = await formOf([text('box'), text('inside', { Rect: [150, 150, 250, 170] })], ({ page }) =>
      page.setCropBox(100, 100, 200, 200),
    );
    expect(await complaints(template, { box: 'A' })).toContain('outside what its page shows');
    expect(await complaints(template, { inside: 'A' })).toBe('It was filled.');
  });

  it('in a layer that is turned off', async () => {
    const template = await formOf([text('box'), text('other')], ({ pdf, refs: [ref] }) => {
      const layer = pdf.context.register(pdf.context.obj({ Type: 'OCG', Name: PDFString.of('Layer') }));
      pdf.catalog.set(PDFName.of('OCProperties'), pdf.context.obj({ OCGs: [layer], D: { OFF: [layer] } }));
      pdf.context.lookup(ref, PDFDict).set(PDFName.of('OC'), layer);
    });
    expect(await complaints(template, { box: 'A' })).toContain('layer that is turned off');
  });

  it('and neither are values that only a reader would draw lost from sight', async () => {
    const template = await formOf([text('preset', { V: PDFString.of('Port of entry') }), text('box')], (form) =>
      form.acroForm.set(PDFName.of('NeedAppearances'), PDFBool.True),
    );
    expect(await complaints(template, { box: 'A' })).toContain('leaves to the reader to draw');
    expect(await complaints(template, { box: 'A', preset: 'B' })).toBe('It was filled.');
  });
});

it.each([0, 90, 180, 270])('a page turned by %i degrees is filled, and flattened', async (turned) => {
  const Rect = turned % 180 === 0 ? [50, 100, 250, 120] : [50, 100, 70, 300];
  const template = await formOf([text('box', { Rect, MK: { R: turned } }), text('other')], ({ page }) =>
    page.setRotation(degrees(turned)),
  );
  const form = await fillValues({ template, values: { box: 'Upright', other: 'Sideways' }, flatten: true });
  expect(form).toMatchObject({ kind: 'filled', pages: 1 });
});

describe('a name that means more than one field', () => {
  it('is refused, and the other fields are filled', async () => {
    const template = await formOf([tick('twice'), tick('twice'), text('', { T: undefined }), text('other')]);
    expect(await complaints(template, { twice: true })).toContain('shares its name');
    expect(await complaints(template, { '': 'A' })).toContain('has no name');
    expect(await complaints(template, { other: 'A' })).toBe('It was filled.');
  });

  it('has one value only: bubbles that would all be chosen are refused', async () => {
    const bubbles = (flags: number) =>
      formOf([text('other'), tick('', { T: undefined }), tick('', { T: undefined })], ({ pdf, acroForm, refs }) => {
        const [other, ...kids] = refs;
        const group = { FT: 'Btn', Ff: flags, T: PDFString.of('group'), Kids: kids };
        const fields = [other, pdf.context.register(pdf.context.obj(group as never))];
        acroForm.set(PDFName.of('Fields'), pdf.context.obj(fields as never));
      });
    expect(await complaints(await bubbles(1 << 15), { group: 'On' })).toContain('several bubbles of one value');
    expect(await complaints(await bubbles((1 << 15) | (1 << 25)), { group: 'On' })).toBe('It was filled.');
  });
});

it('a box that the form keeps closed is refused', async () => {
  const template = await formOf([text('closed', { Ff: 3 }), text('other')]);
  expect(await complaints(template, { closed: 'A' })).toContain('computes or keeps closed');
});

it('formatted text is refused, and a field that holds some forgets it', async () => {
  const formatted = PDFString.of('<body><p>Old</p></body>');
  const template = await formOf([text('formatted', { Ff: 1 << 25 }), text('plain', { RV: formatted })]);
  expect(await complaints(template, { formatted: 'A' })).toContain('takes formatted text');
  const form = await fillValues({ template, values: { plain: 'New' } });
  if (form.kind !== 'filled') throw new Error(JSON.stringify(form.complaints));
  // Acrobat would go on showing it.
  expect((await dictsOf(form.pdf)).map((dict) => dict.has(PDFName.of('RV')))).toEqual([false, false]);
});

it("a list shows the option's label, and keeps its export value", async () => {
  const options = [['1', 'Corporation'].map(PDFString.of), ['2', 'Partnership'].map(PDFString.of)];
  const list = (name: string, Ff: number) => ({ FT: 'Ch', Ff, T: PDFString.of(name), Opt: options });
  const template = await formOf([list('dropdown', 1 << 17), list('listbox', 0)]);
  const form = await fillValues({ template, values: { dropdown: 'Corporation', listbox: '2' } });
  if (form.kind !== 'filled') throw new Error(JSON.stringify(form.complaints));
  const { fields } = await seeForm(form.pdf);
  expect(fields.get('dropdown')).toMatchObject({ value: '1', drawn: [{ text: 'Corporation' }] });
  expect(fields.get('listbox')).toMatchObject({ value: '2', drawn: [{ text: 'Partnership' }] });
  // Which one is highlighted when somebody looks into the list.
  expect((await dictsOf(form.pdf)).map((dict) => dict.get(PDFName.of('I'))?.toString())).toEqual(['[ 0 ]', '[ 1 ]']);
});

describe('what the blank form holds before anybody has filled it', () => {
  let replica: { template: Uint8Array; map: FieldMap };
  beforeAll(async () => {
    replica = await openForm('forms/replica.pdf', 'forms/replica.map.json');
  });

  it('is taken out of a box for which the application has nothing', async () => {
    const fax = 'topmostSubform[0].Page2[0].SectionA[0].Fax[0]';
    const { fields } = await inspectForm({ template: replica.template });
    expect(fields.map(({ name }) => name)).toContain(fax);
    const preset = await fillValues({ template: replica.template, values: { [fax]: '+1 202 555 0000' } });
    if (preset.kind !== 'filled') throw new Error(JSON.stringify(preset.complaints));
    // Open to typing again, as a form that comes with an example in its boxes.
    const pdf = await PDFDocument.load(preset.pdf, { updateMetadata: false });
    for (const field of pdf.getForm().getFields()) field.disableReadOnly();
    const template = await pdf.save({ updateFieldAppearances: false });
    const map = { ...replica.map, fingerprint: fingerprintOf(template) };
    const application = sampleApplication();
    const { fax: _, ...company } = application.company;
    const form = await fillForm({ application: { ...application, company }, template, map });
    if (form.kind !== 'filled') throw new Error(JSON.stringify(form.complaints));
    expect((await seeForm(form.pdf)).fields.get(fax)).toMatchObject({ value: '', drawn: [{ text: '' }] });
  });
});
