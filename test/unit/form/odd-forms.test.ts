import { degrees, PDFArray, PDFBool, PDFDict, PDFDocument, PDFName, PDFString } from 'pdf-lib';
import { beforeAll, describe, expect, it } from 'vitest';
import { visibleInkOf } from '../../../src/form/acroform/visible-ink.js';
import { checkMap } from '../../../src/form/check/check-map.js';
import { seeForm } from '../../../src/form/document/read-back.js';
import { draftMap } from '../../../src/form/draft/draft-map.js';
import { fillForm } from '../../../src/form/fill/fill-form.js';
import { fillValues } from '../../../src/form/fill/fill-values.js';
import { openForm } from '../../../src/form/map/edition.js';
import type { FieldMap } from '../../../src/form/map/field-map.js';
import { inspectForm } from '../../../src/form/map/inspect-form.js';
import { fingerprintOf } from '../../../src/form/pdf/pdf-file.js';
import { BOX, drawingOf, type Entries, formOf, layOver, type MadeForm, text, tick } from '../../support/made-form.js';
import { sampleApplication } from './sample-application.js';

/** Forms that are legal and odd: each box comes out as it should, or is refused for the reason that is the matter. */

async function complaints(template: Uint8Array, values: Record<string, string | boolean>): Promise<string> {
  const form = await fillValues({ template, values });
  return form.kind === 'refused' ? form.complaints.map(({ problem }) => problem).join(' ') : 'It was filled.';
}

async function dictsOf(bytes: Uint8Array): Promise<PDFDict[]> {
  const pdf = await PDFDocument.load(bytes, { updateMetadata: false });
  const fields = pdf.catalog.lookup(PDFName.of('AcroForm'), PDFDict).lookup(PDFName.of('Fields'), PDFArray);
  return [0, 1].map((index) => fields.lookup(index, PDFDict));
}

describe('an invisible box is refused:', () => {
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

  it('a check box whose drawing is something else', async () => {
    const template = await formOf([tick('box', { drawn: undefined, AP: { N: { On: {} } } }), text('other')]);
    expect(await complaints(template, { box: true })).toContain('no drawing of its tick');
  });

  it('outside the visible part of the page', async () => {
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

  it('and values that the form leaves to the reader to draw are drawn, or refused when they do not fit', async () => {
    const formWith = (preset: string) =>
      formOf([text('preset', { V: PDFString.of(preset), Rect: [50, 200, 150, 220] }), text('box')], (form) =>
        form.acroForm.set(PDFName.of('NeedAppearances'), PDFBool.True),
      );
    const form = await fillValues({ template: await formWith('Port of entry'), values: { box: 'A' } });
    if (form.kind !== 'filled') throw new Error(JSON.stringify(form.complaints));
    const { fields } = await seeForm(form.pdf);
    expect(fields.get('preset')).toMatchObject({
      value: 'Port of entry',
      readOnly: false,
      drawn: [{ text: 'Port of entry', inside: true }],
    });
    const tooLong = await formWith('Port of entry '.repeat(20));
    expect(await complaints(tooLong, { box: 'A' })).toContain('leaves to the reader to draw');
    expect(await complaints(tooLong, { box: 'A', preset: 'B' })).toBe('It was filled.');
  });

  it('a value that the form itself has drawn is kept', async () => {
    const template = await formOf([text('box'), text('preset', { Rect: [50, 200, 250, 220] })], ({ pdf, acroForm }) => {
      pdf.getForm().getTextField('preset').setText('Port of entry');
      pdf.getForm().updateFieldAppearances();
      acroForm.set(PDFName.of('NeedAppearances'), PDFBool.True);
    });
    expect(await complaints(template, { box: 'A' })).toBe('It was filled.');
  });
});

describe('text that no one could read in its box is refused:', () => {
  const DA = (style: string) => ({ DA: PDFString.of(style) });
  const behind =
    (content: string) =>
    ({ pdf, page }: MadeForm) =>
      page.node.set(PDFName.of('Contents'), pdf.context.register(pdf.context.stream(content)));
  const UNSEEN = 'no one would see it';

  it.each([
    ['white on the white page', text('box', DA('/Helv 10 Tf 1 g')), UNSEEN],
    ['pale', text('box', DA('/Helv 10 Tf 1 1 0 rg')), UNSEEN],
    ['in the color of its own box', text('box', { MK: { BG: [0, 0, 0.5] }, ...DA('/Helv 10 Tf 0 0 .5 rg') }), UNSEEN],
    ['in half a point', text('box', DA('/Helv 0.5 Tf 0 g')), '0.5 points'],
  ])('%s', async (_, field, problem) => {
    const template = await formOf([field, text('other', { Rect: [50, 200, 250, 220] })]);
    expect(await complaints(template, { box: 'A', other: 'B' })).toMatch(
      new RegExp(`^would (go into box, where|be printed in) .*${problem}`),
    );
    expect(await complaints(template, { other: 'B' })).toBe('It was filled.');
  });

  it('black on a black part of the page', async () => {
    expect(await complaints(await formOf([text('box')], behind('0 0 400 400 re f')), { box: 'A' })).toContain(UNSEEN);
  });

  it('under a stamp that is not transparent enough', async () => {
    expect(await complaints(await formOf([text('box')], layOver(BOX)), { box: 'A' })).toContain(UNSEEN);
    const frame = '1 w 2 2 196 16 re S';
    expect(await complaints(await formOf([text('box')], layOver(BOX, frame)), { box: 'A' })).toBe('It was filled.');
  });

  it('under the background of another box that is filled', async () => {
    const above = text('above', { Rect: [45, 295, 255, 325], MK: { BG: [1, 1, 1] } });
    const template = await formOf([text('box'), above]);
    // On its own: what is above has no drawing yet.
    expect(await complaints(template, { box: 'A' })).toBe('It was filled.');
    expect(await complaints(template, { box: 'A', above: 'B' })).toMatch(/^would go into box[^.]*\.$/);
    expect(await complaints(template, { above: 'B' })).toBe('It was filled.');
  });

  it('in the visible copy of a box that also has a hidden one', async () => {
    const copies = (style: Entries) =>
      formOf([text('', { T: undefined }), text('', { T: undefined, Rect: [50, 200, 250, 220], ...style })], (form) => {
        const { pdf, acroForm, refs } = form;
        const field = pdf.context.obj({ FT: 'Tx', T: PDFString.of('box'), Kids: refs } as never);
        acroForm.set(PDFName.of('Fields'), pdf.context.obj([pdf.context.register(field)]));
      });
    expect(await complaints(await copies(DA('/Helv 10 Tf 1 g')), { box: 'A' })).toContain(UNSEEN);
    expect(await complaints(await copies({ F: 2 }), { box: 'A' })).toBe('It was filled.');
  });

  it('a check box with an empty drawing', async () => {
    const template = await formOf([tick('box'), text('other')], ({ pdf, refs: [ref] }) => {
      const N = { On: drawingOf(pdf, '', [0, 0, 16, 16]), Off: drawingOf(pdf, '', [0, 0, 16, 16]) };
      pdf.context.lookup(ref, PDFDict).set(PDFName.of('AP'), pdf.context.obj({ N } as never));
    });
    expect(await complaints(template, { box: true })).toContain('would choose box, but no one would see it there');
    expect(await complaints(template, { box: false, other: 'A' })).toBe('It was filled.');
  });

  it.each([0, 90, 180, 270])('a letter that something covers, in a box rotated by %i degrees', async (turned) => {
    const Rect = turned % 180 === 0 ? [50, 100, 250, 120] : [50, 100, 70, 300];
    const [begin, end] = [
      [50, 100, turned % 180 === 0 ? 150 : 70, turned % 180 === 0 ? 120 : 200],
      [turned % 180 === 0 ? 150 : 50, turned % 180 === 0 ? 100 : 200, Rect[2] ?? 0, Rect[3] ?? 0],
    ];
    const [first, second] = turned < 180 ? [begin, end] : [end, begin];
    const form = (covered: number[]) => formOf([text('box', { Rect, MK: { R: turned } })], layOver(covered));
    expect(await complaints(await form(first ?? []), { box: 'Short' })).toContain(UNSEEN.replace(' it', ' all of it'));
    const endCovered = await form(second ?? []);
    expect(await complaints(endCovered, { box: 'Short' })).toBe('It was filled.');
    expect(await complaints(endCovered, { box: 'A longer name, that goes under' })).toContain('no one would see all');
  });

  it('but white letters in a black box are fine, and so is a value that we draw and a reader would not', async () => {
    const template = await formOf([
      text('white', { MK: { BG: [0, 0, 0] }, ...DA('/Helv 10 Tf 1 g') }),
      text('ghost', { Rect: [50, 200, 250, 220], ...DA('3 Tr /Helv 10 Tf 0 g') }),
    ]);
    const form = await fillValues({ template, values: { white: 'A', ghost: 'HHHHHHHHHHHHHHHH' } });
    if (form.kind !== 'filled') throw new Error(JSON.stringify(form.complaints));
    const ghost = { page: 1, left: 50, bottom: 200, right: 250, top: 220 };
    const sights = await visibleInkOf(template, form.pdf, [ghost]);
    expect(sights.get(ghost)?.seen).toBeGreaterThan(500);
  });
});

it.each([0, 90, 180, 270])('a page rotated by %i degrees is filled', async (turned) => {
  const Rect = turned % 180 === 0 ? [50, 100, 250, 120] : [50, 100, 70, 300];
  const template = await formOf([text('box', { Rect, MK: { R: turned } }), text('other')], ({ page }) =>
    page.setRotation(degrees(turned)),
  );
  const form = await fillValues({ template, values: { box: 'Upright', other: 'Sideways' } });
  expect(form).toMatchObject({ kind: 'filled', pages: 1 });
});

describe('a name that means more than one field', () => {
  it('is refused, and the other fields are filled', async () => {
    const template = await formOf([tick('twice'), tick('twice'), text('', { T: undefined }), text('other')]);
    expect(await complaints(template, { twice: true })).toContain('shares its name');
    expect(await complaints(template, { '': 'A' })).toContain('has no name');
    expect(await complaints(template, { other: 'A' })).toBe('It was filled.');
  });

  it('has only one value: radio buttons that would all be chosen are refused', async () => {
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

it.each([
  ['UTF-8', 'K#C3#B6ln'],
  ['Latin-1', 'K#F6ln'],
])('a check box whose on-value has non-ASCII letters in %s is recognized', async (_, drawn) => {
  const template = await formOf([tick('box', { drawn: PDFName.of(drawn) }), text('other')]);
  expect((await inspectForm({ template })).fields[0]?.options).toEqual(['Köln']);
  expect(await complaints(template, { box: 'Köln' })).toBe('It was filled.');
});

it('a check box without a state gets one, because readers differ', async () => {
  const template = await formOf([
    tick('off', { AS: undefined }),
    tick('on', { AS: undefined, V: 'On' }),
    text('other', { Rect: [50, 200, 250, 220] }),
  ]);
  const form = await fillValues({ template, values: { other: 'A' } });
  if (form.kind !== 'filled') throw new Error(JSON.stringify(form.complaints));
  expect((await dictsOf(form.pdf)).map((dict) => String(dict.get(PDFName.of('AS'))))).toEqual(['/Off', '/On']);
});

it('a read-only box is refused', async () => {
  const template = await formOf([text('closed', { Ff: 3 }), text('other')]);
  expect(await complaints(template, { closed: 'A' })).toContain('computes or keeps closed');
});

it('formatted text is refused, and removed from a field that has some', async () => {
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
  const template = await formOf([list('dropdown', 1 << 17), { ...list('listbox', 0), Rect: [50, 200, 250, 220] }]);
  const form = await fillValues({ template, values: { dropdown: 'Corporation', listbox: '2' } });
  if (form.kind !== 'filled') throw new Error(JSON.stringify(form.complaints));
  const { fields } = await seeForm(form.pdf);
  expect(fields.get('dropdown')).toMatchObject({ value: '1', drawn: [{ text: 'Corporation' }] });
  expect(fields.get('listbox')).toMatchObject({ value: '2', drawn: [{ text: 'Partnership' }] });
  // Which one is highlighted when somebody looks into the list.
  expect((await dictsOf(form.pdf)).map((dict) => dict.get(PDFName.of('I'))?.toString())).toEqual(['[ 0 ]', '[ 1 ]']);
});

it('a form that was changed after it was made leaves nothing of its earlier state', async () => {
  const objects = [
    '1 0 obj\n<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [4 0 R] >> >>',
    '2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 400 400] /Annots [4 0 R] >>',
    '4 0 obj\n<< /Type /Annot /Subtype /Widget /FT /Btn /T (box) /AS /Off /F 4 /Rect [50 300 66 316] /AP << /N << /On 5 1 R >> >> >>',
    '5 0 obj\n<< /Length 0 >>\nstream\n\nendstream',
    '5 1 obj\n<< /Type /XObject /Subtype /Form /BBox [0 0 16 16] /Length 15 >>\nstream\n0 0 16 16 re f \nendstream',
    '9 0 obj\n<< /Type /XRef /Size 0 /W [1 1 1] /Length 0 >>\nstream\n\nendstream',
  ];
  const body = `%PDF-1.4\n${objects.join('\nendobj\n')}\nendobj\n`;
  const used = ['1 0', '2 0', '3 0', '4 0', '5 1', '9 0'].map((id) => {
    const [number, generation] = id.split(' ');
    return `${number} 1\n${String(body.indexOf(`${id} obj`)).padStart(10, '0')} 0000${generation} n \n`;
  });
  const index = `xref\n0 1\n0000000000 65535 f \n${used.join('')}`;
  const trailer = `trailer\n<< /Root 1 0 R /Size 10 >>\nstartxref\n${body.length}\n%%EOF\n`;
  const template = Buffer.from(`${body}${index}${trailer}`);
  const form = await fillValues({ template, values: { box: true } });
  if (form.kind !== 'filled') throw new Error(JSON.stringify(form.complaints));
  const written = Buffer.from(form.pdf).toString('latin1');
  const numbers = [...written.matchAll(/^(\d+ \d+) obj/gm)].map(([, number]) => number);
  expect(numbers).toEqual(['1 0', '2 0', '3 0', '4 0', '5 1']);
  expect(written).toContain('/Size 6\n');
  expect(written).toMatch(/^0 6\n/m);
});

describe('a list with ambiguous options', () => {
  const list = (name: string, pairs: [string, string][]) => ({
    FT: 'Ch',
    Ff: 1 << 17,
    T: PDFString.of(name),
    Opt: pairs.map((pair) => pair.map((text) => PDFString.of(text))),
  });

  it('accepts only a value that means exactly one option', async () => {
    const shifted: [string, string][] = [
      ['0', '1'],
      ['1', '2'],
      ['2', '3'],
    ];
    const template = await formOf([list('box', shifted), text('other', { Rect: [50, 200, 250, 220] })]);
    expect(await complaints(template, { box: '1' })).toContain('"1" could be 0 (1) or 1 (2)');
    for (const [given, value] of [
      ['0', '0'],
      ['1 (2)', '1'],
      ['3', '2'],
    ] as const) {
      const form = await fillValues({ template, values: { box: given } });
      if (form.kind !== 'filled') throw new Error(JSON.stringify(form.complaints));
      expect((await seeForm(form.pdf)).fields.get('box')?.value).toBe(value);
    }
  });

  it('is not mapped by a value that means several options', async () => {
    const template = await formOf([
      list(
        'box',
        [...'012'].map((value) => [value, String(Number(value) + 1)]),
      ),
    ]);
    const { map } = await draftMap({ template, edition: 'shifted' });
    const fill = { section: 'A', fill: 'company.organization', options: { corporation: '1', other: '3' } };
    const { findings } = await checkMap({ template, map: { ...map, fields: [{ field: 'box', ...fill }] } });
    const aboutBox = findings.filter(({ field }) => field === 'box');
    expect(aboutBox).toMatchObject([{ kind: 'mistyped', problem: expect.stringContaining('"1", to which') }]);
    // Nor filled with it, were the map used all the same.
    expect(findings.map(({ problem }) => problem).join()).toContain('could be 0 (1) or 1 (2)');
  });

  it('is refused when two options have one value', async () => {
    const template = await formOf([
      list('box', [
        ['1', 'Corporation'],
        ['1', 'Partnership'],
      ]),
      text('other'),
    ]);
    expect(await complaints(template, { box: 'Partnership' })).toContain('several options of one value');
  });
});

describe('values in the blank form', () => {
  let replica: { template: Uint8Array; map: FieldMap };
  beforeAll(async () => {
    replica = await openForm('forms/replica.pdf', 'forms/replica.map.json');
  });

  it('are removed from a box for which the application has no value', async () => {
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
