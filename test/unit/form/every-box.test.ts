import {
  PDFArray,
  PDFBool,
  PDFDict,
  PDFDocument,
  PDFName,
  PDFNumber,
  type PDFRef,
  PDFStream,
  PDFString,
} from 'pdf-lib';
import { describe, expect, it } from 'vitest';
import { seeForm } from '../../../src/form/document/read-back.js';
import { fillValues } from '../../../src/form/fill/fill-values.js';
import { inspectForm } from '../../../src/form/map/inspect-form.js';
import { BOX, drawingOf, type Entries, formOf, type MadeForm, text, tick } from '../../support/made-form.js';

/** Every box on the pages is accounted for, and what people see of a blank form they see of the filled one, on paper too. */

const LOWER = [50, 200, 250, 220];

async function filled(template: Uint8Array, values: Record<string, string | boolean>) {
  const form = await fillValues({ template, values });
  if (form.kind !== 'filled') throw new Error(JSON.stringify(form.complaints));
  return form;
}

async function complaintsOf(template: Uint8Array, values: Record<string, string | boolean>): Promise<string[]> {
  const form = await fillValues({ template, values });
  return form.kind === 'refused' ? form.complaints.map(({ field, problem }) => `${field} ${problem}`) : [];
}

/** Puts a widget on the page without a word in the form's list. */
function addWidget({ pdf, page }: MadeForm, entries: Entries): PDFRef {
  const ref = pdf.context.register(
    pdf.context.obj({ Type: 'Annot', Subtype: 'Widget', F: 4, Rect: LOWER, ...entries } as never),
  );
  page.node.lookup(PDFName.of('Annots'), PDFArray).push(ref);
  return ref;
}

describe('a box that only the page has', () => {
  const lost = (further: Entries = {}, change: (form: MadeForm) => void = () => {}) =>
    formOf([text('A')], (form) => {
      addWidget(form, text('B', further));
      change(form);
    });

  it('is listed with the reason, and filling it is refused', async () => {
    const { fields, notes } = await inspectForm({ template: await lost() });
    expect(fields.map(({ name, unfillable }) => [name, unfillable])).toEqual([
      ['A', undefined],
      ['B', expect.stringContaining("not in the form's own list")],
    ]);
    expect(notes).toEqual([expect.stringMatching(/^1 of its 2 boxes .* Preview .* Download the form again/)]);
    expect(await complaintsOf(await lost(), { A: 'x', B: 'y' })).toEqual([expect.stringContaining('lost it')]);
    expect((await filled(await lost(), { A: 'x' })).notes).toEqual(notes);
  });

  it('is listed when its field has forgotten it, and when its field is listed under a parent', async () => {
    const template = await formOf([text('A')], (form) => {
      const [known] = form.refs;
      addWidget(form, { Parent: known });
      const parent = form.pdf.context.register(form.pdf.context.obj({ T: PDFString.of('group') } as never));
      addWidget(form, text('B', { Parent: parent, Rect: [50, 100, 250, 120] }));
    });
    const { fields } = await inspectForm({ template });
    expect(fields.map(({ name, unfillable }) => [name, unfillable?.slice(0, 24)])).toEqual([
      ['A', expect.any(String)],
      ['A', 'is on the page, but its '],
      ['group.B', 'is on the page but not i'],
    ]);
  });

  it('makes a form that macOS Preview has saved unfit to fill, and says to download it again', async () => {
    const template = await lost({}, ({ pdf }) => pdf.setProducer('macOS Version 13.4 Quartz PDFContext'));
    expect((await inspectForm({ template })).fields).toHaveLength(2);
    await expect(fillValues({ template, values: { A: 'x' } })).rejects.toMatchObject({
      code: 'boxes-lost',
      message: expect.stringContaining('Download the form again'),
    });
  });
});

describe('a box that the form lists', () => {
  it('among the children of a group, though it has no name, is listed with the reason', async () => {
    const template = await formOf([text('A'), text('child')], (form) => {
      const { pdf, acroForm, refs } = form;
      const parent = pdf.context.register(
        pdf.context.obj({ T: PDFString.of('group'), FT: 'Tx', Kids: [refs[1], addWidget(form, {})] } as never),
      );
      pdf.context.lookup(refs[1], PDFDict).set(PDFName.of('Parent'), parent);
      acroForm.set(PDFName.of('Fields'), pdf.context.obj([refs[0], parent] as never));
    });
    const { fields } = await inspectForm({ template });
    expect(fields.map(({ name, unfillable }) => [name, unfillable])).toEqual([
      ['A', undefined],
      ['group.child', undefined],
      ['group', expect.stringContaining('belongs to a group of boxes')],
    ]);
  });

  it('and is on no page is listed with that reason', async () => {
    const template = await formOf([text('A'), text('nowhere')], ({ pdf, page, refs }) =>
      page.node.set(PDFName.of('Annots'), pdf.context.obj([refs[0]] as never)),
    );
    expect((await inspectForm({ template })).fields[1]).toMatchObject({ unfillable: 'is on no page' });
    expect(await complaintsOf(template, { nowhere: 'x' })).toEqual([expect.stringContaining('is on no page')]);
  });

  it('and has no type is listed with that reason', async () => {
    const template = await formOf([text('A'), { T: PDFString.of('odd'), Rect: LOWER }]);
    expect((await inspectForm({ template })).fields[1]).toMatchObject({ name: 'odd', unfillable: 'has no type' });
  });

  it('and has its value on its widget is read there, and written so that no reader finds the old one', async () => {
    const template = await formOf([text('A')], (form) => {
      const { pdf, refs } = form;
      const kid = addWidget(form, { V: PDFString.of('old'), Parent: refs[0] });
      const field = pdf.context.lookup(refs[0], PDFDict);
      for (const key of ['Subtype', 'Rect', 'Type', 'F']) field.delete(PDFName.of(key));
      field.set(PDFName.of('Kids'), pdf.context.obj([kid] as never));
      form.page.node.set(PDFName.of('Annots'), pdf.context.obj([kid] as never));
    });
    expect((await inspectForm({ template })).fields[0]).toMatchObject({ value: 'old' });
    const { fields } = await seeForm((await filled(template, { A: 'new' })).pdf);
    expect(fields.get('A')).toMatchObject({ value: 'new', readOnly: true, drawn: [{ text: 'new' }] });
  });

  it.each([0, -1])('with a limit of %i characters has none', async (MaxLen) => {
    const template = await formOf([text('A', { MaxLen })]);
    const { fields } = await seeForm((await filled(template, { A: 'Hello' })).pdf);
    expect(fields.get('A')?.value).toBe('Hello');
  });

  it('is drawn in the last size and color that its style gives', async () => {
    const styled = text('A', { DA: PDFString.of('1 g /Helv 40 Tf 0 g /Helv 9 Tf') });
    expect(await complaintsOf(await formOf([styled]), { A: 'Hello' })).toEqual([]);
  });

  it('and has a hidden place, too small for any text, is filled where people see it', async () => {
    const template = await formOf([text('A'), {}], ({ pdf, acroForm, refs, page }) => {
      const [seen, hidden] = refs.map((ref) => pdf.context.lookup(ref, PDFDict));
      const field = pdf.context.register(pdf.context.obj({ ...text('A'), Kids: refs } as never));
      for (const dict of [seen, hidden]) dict?.set(PDFName.of('Parent'), field);
      for (const key of ['T', 'FT']) seen?.delete(PDFName.of(key));
      hidden?.set(PDFName.of('F'), PDFNumber.of(2));
      hidden?.set(PDFName.of('Rect'), pdf.context.obj([50, 50, 60, 60]));
      acroForm.set(PDFName.of('Fields'), pdf.context.obj([field]));
      page.node.set(PDFName.of('Annots'), pdf.context.obj(refs));
    });
    expect(await complaintsOf(template, { A: 'A value of some length' })).toEqual([]);
  });

  it('and is a list without options takes nothing, unless people may type into it', async () => {
    const list = (Ff: number) => formOf([text('A', { FT: 'Ch', Ff })]);
    expect((await inspectForm({ template: await list(1 << 17) })).fields[0]).toMatchObject({
      unfillable: 'is a list without options',
    });
    expect((await inspectForm({ template: await list((1 << 17) | (1 << 18)) })).fields[0]?.unfillable).toBeUndefined();
  });

  it('for several lines, one line high, takes one line', async () => {
    const low = text('A', { Ff: 1 << 12, Rect: [50, 300, 250, 313] });
    expect((await filled(await formOf([low]), { A: 'Hello' })).pages).toBe(1);
    expect(await complaintsOf(await formOf([low]), { A: 'Hello\nthere' })).toEqual([
      expect.stringContaining('it takes 2 lines at 10 points'),
    ]);
  });
});

describe('on paper', () => {
  const flagsOf = async (bytes: Uint8Array): Promise<(number | undefined)[]> => {
    const pdf = await PDFDocument.load(bytes, { updateMetadata: false });
    return pdf
      .getForm()
      .getFields()
      .map(({ acroField }) => acroField.dict.lookupMaybe(PDFName.of('F'), PDFNumber)?.asNumber());
  };

  it('a value comes out although the form does not print its box, and other boxes stay as they were', async () => {
    const template = await formOf([
      text('A', { F: 0 }),
      tick('T', { F: 0, Rect: [300, 300, 316, 316] }),
      text('B', { F: 0, Rect: LOWER }),
    ]);
    expect(await flagsOf((await filled(template, { A: 'x', T: true })).pdf)).toEqual([4, 4, 0]);
  });

  const layered = (usual: Entries, layer: Entries = {}, box: (ref: PDFRef, form: MadeForm) => unknown = (ref) => ref) =>
    formOf([text('A'), text('other', { Rect: LOWER })], (form) => {
      const { pdf, refs } = form;
      const ref = pdf.context.register(pdf.context.obj({ Type: 'OCG', Name: PDFString.of('L'), ...layer } as never));
      const resolved = Object.fromEntries(
        Object.entries(usual).map(([key, value]) => [key, value === 'L' ? [ref] : value]),
      );
      if (usual.AS) resolved.AS = [{ Event: 'Print', Category: ['Print'], OCGs: [ref] }];
      pdf.catalog.set(PDFName.of('OCProperties'), pdf.context.obj({ OCGs: [ref], D: resolved } as never));
      pdf.context.lookup(refs[0], PDFDict).set(PDFName.of('OC'), box(ref, form) as never);
    });

  it.each([
    ['turned off', layered({ OFF: 'L' }), 'turned off'],
    ['off unless turned on', layered({ BaseState: 'OFF' }), 'turned off'],
    [
      'in a group of which all are off',
      layered({ OFF: 'L' }, {}, (ref, { pdf }) =>
        pdf.context.register(pdf.context.obj({ Type: 'OCMD', OCGs: [ref] } as never)),
      ),
      'turned off',
    ],
    ['that is not printed', layered({ AS: true }, { Usage: { Print: { PrintState: 'OFF' } } }), 'not printed'],
    [
      'in an expression that needs one that is not printed',
      layered({ AS: true }, { Usage: { Print: { PrintState: 'OFF' } } }, (ref, { pdf }) =>
        pdf.context.register(pdf.context.obj({ Type: 'OCMD', VE: ['And', ref, ['Or', ref]] } as never)),
      ),
      'not printed',
    ],
    [
      'in an expression that is false',
      layered({}, {}, (ref, { pdf }) =>
        pdf.context.register(pdf.context.obj({ Type: 'OCMD', OCGs: [ref], VE: ['Not', ref] } as never)),
      ),
      'turned off',
    ],
  ])('a box in a layer %s is refused', async (_, template, reason) => {
    expect(await complaintsOf(await template, { A: 'x' })).toEqual([expect.stringContaining(reason)]);
    expect(await complaintsOf(await template, { other: 'x' })).toEqual([]);
  });

  it('a box in a layer that is turned on is filled', async () => {
    expect(await complaintsOf(await layered({ BaseState: 'OFF', ON: 'L' }), { A: 'x' })).toEqual([]);
  });
});

describe('when a form tells readers to redraw its values', () => {
  const redrawn = (fields: Entries[], change: (form: MadeForm) => void = () => {}) =>
    formOf(fields, (form) => {
      form.acroForm.set(PDFName.of('NeedAppearances'), PDFBool.True);
      change(form);
    });
  const drawnAs =
    (content: string) =>
    ({ pdf, refs }: MadeForm) => {
      const drawing = pdf.context.register(
        pdf.context.stream(content, { Type: 'XObject', Subtype: 'Form', BBox: [0, 0, 200, 20] }),
      );
      pdf.context.lookup(refs[1], PDFDict).set(PDFName.of('AP'), pdf.context.obj({ N: drawing } as never));
    };

  it.each([
    ['has an empty drawing', drawnAs('')],
    ['has a drawing of an older value', drawnAs('/Tx BMC BT /Helv 10 Tf 2 5 Td (Old value) Tj ET EMC')],
    ['has no drawing', () => {}],
  ])('a value that stays is seen in the filled form although it %s', async (_, change) => {
    const kept = text('Kept', { V: PDFString.of('Kept value'), Rect: LOWER });
    const { fields } = await seeForm((await filled(await redrawn([text('A'), kept], change), { A: 'x' })).pdf);
    expect(fields.get('Kept')).toMatchObject({
      value: 'Kept value',
      readOnly: false,
      drawn: [{ text: 'Kept value', inside: true }],
    });
  });
});

it('a hidden box with the drawing of an older value does not keep a form from being filled', async () => {
  const template = await formOf([text('A'), text('H', { F: 2, Rect: LOWER, V: PDFString.of('Kept') })], (form) => {
    const { pdf, acroForm, refs } = form;
    acroForm.set(PDFName.of('NeedAppearances'), PDFBool.True);
    const drawing = drawingOf(pdf, '/Tx BMC BT /Helv 10 Tf 2 5 Td (Old value) Tj ET EMC', [0, 0, 200, 20]);
    pdf.context.lookup(refs[1], PDFDict).set(PDFName.of('AP'), pdf.context.obj({ N: drawing } as never));
  });
  expect(await complaintsOf(template, { A: 'x' })).toEqual([]);
});

describe('when a form tells readers to redraw its values,', () => {
  const redrawn = (kept: Entries, drawn?: string) =>
    formOf([text('A'), { Rect: LOWER, ...kept }], ({ pdf, acroForm, refs }) => {
      acroForm.set(PDFName.of('NeedAppearances'), PDFBool.True);
      if (drawn === undefined) return;
      const N = drawingOf(pdf, drawn, [0, 0, 200, 20]);
      pdf.context.lookup(refs[1], PDFDict).set(PDFName.of('AP'), pdf.context.obj({ N } as never));
    });
  const seenOf = async (template: Uint8Array) =>
    (await seeForm((await filled(template, { A: 'x' })).pdf)).fields.get('Kept');

  it('a text that was taken out is not seen', async () => {
    const template = await redrawn(text('Kept'), 'BT /Helv 10 Tf 2 5 Td (Old value) Tj ET');
    expect(await seenOf(template)).toMatchObject({ value: '', drawn: [{ text: '' }] });
  });

  it('lines stay lines, whatever ends them', async () => {
    const lines = text('Kept', { V: PDFString.of('one\rtwo'), Ff: 1 << 12, Rect: [50, 200, 250, 250] });
    expect(await seenOf(await redrawn(lines))).toMatchObject({
      drawn: [{ text: expect.stringMatching(/^one\s+two$/) }],
    });
  });

  const list = (entries: Entries) => ({
    ...text('Kept', { FT: 'Ch', Opt: ['aa', 'bb', 'cc'].map((option) => PDFString.of(option)) }),
    Rect: [50, 200, 250, 260],
    ...entries,
  });
  it.each([
    ['a chosen option', { V: PDFString.of('bb'), I: [1] }],
    ['none', {}],
  ])('a list with %s keeps the drawing of its options', async (_, entries) => {
    const drawn = 'BT /Helv 10 Tf 2 45 Td (aa) Tj 0 -12 Td (bb) Tj 0 -12 Td (cc) Tj ET';
    const template = await redrawn(list(entries), drawn);
    const { pdf } = await filled(template, { A: 'x' });
    const kept = (await PDFDocument.load(pdf)).getForm().getField('Kept').acroField.dict;
    const drawing = kept.lookup(PDFName.of('AP'), PDFDict).lookup(PDFName.of('N'), PDFStream);
    expect(Buffer.from(drawing.getContents()).toString()).toBe(drawn);
  });

  it('several chosen options of a list are refused, with the remedy', async () => {
    const several = list({ Ff: 1 << 21, V: [PDFString.of('aa'), PDFString.of('cc')] });
    const form = await fillValues({ template: await redrawn(several), values: { A: 'x' } });
    expect(form).toMatchObject({
      complaints: [
        {
          field: 'Kept',
          problem: expect.stringContaining('more than one value'),
          remedy: expect.stringContaining('Acrobat'),
        },
      ],
    });
  });

  it('a password stays unseen', async () => {
    const template = await redrawn(text('Kept', { V: PDFString.of('secret'), Ff: 1 << 13 }));
    expect(await seenOf(template)).toMatchObject({ drawn: [{ text: '' }] });
  });

  it.each([
    ['no drawing', tick('Kept', { V: 'On', AS: 'On', drawn: undefined })],
    ['an empty drawing', tick('Kept', { V: 'On', AS: 'On', drawn: 'On' }), ''],
    ['a drawing that is turned off', tick('Kept', { V: 'On', AS: 'Off', drawn: 'On' })],
  ])('a tick that stays and has %s is refused, with the remedy', async (_, kept, drawn?: string) => {
    const template = await formOf([text('A'), kept], ({ pdf, acroForm, refs }) => {
      acroForm.set(PDFName.of('NeedAppearances'), PDFBool.True);
      if (drawn === undefined) return;
      const N = { On: drawingOf(pdf, drawn, [0, 0, 16, 16]) };
      pdf.context.lookup(refs[1], PDFDict).set(PDFName.of('AP'), pdf.context.obj({ N } as never));
    });
    const form = await fillValues({ template, values: { A: 'x' } });
    expect(form).toMatchObject({
      complaints: [
        { field: 'Kept', problem: expect.stringContaining('tick'), remedy: expect.stringContaining('Acrobat') },
      ],
    });
    expect(await complaintsOf(template, { A: 'x', Kept: false })).toEqual([]);
  });

  it('a tick that stays and has a drawing stays', async () => {
    const kept = tick('Kept', { V: 'On', AS: 'On', Rect: [300, 300, 316, 316] });
    expect(await seenOf(await redrawn(kept))).toMatchObject({ value: 'On' });
  });
});

describe('a value over another', () => {
  it('is refused also when the other one is in the blank form and stays', async () => {
    const template = await formOf([text('A'), text('B', { V: PDFString.of('Kept') })], ({ acroForm }) =>
      acroForm.set(PDFName.of('NeedAppearances'), PDFBool.True),
    );
    expect(await complaintsOf(template, { A: 'xx' })).toEqual([expect.stringContaining('over the value of B')]);
    expect(await complaintsOf(template, { A: 'xx', B: '' })).toEqual([]);
  });

  it('is refused when their boxes lie over each other and their letters would', async () => {
    const [over, beside] = [BOX, [BOX[0], 318, BOX[2], 338]];
    expect(await complaintsOf(await formOf([text('A'), text('B', { Rect: over })]), { A: 'xx', B: 'yy' })).toEqual([
      expect.stringContaining('over the value of B'),
    ]);
    expect(await complaintsOf(await formOf([text('A'), text('B', { Rect: beside })]), { A: 'xx', B: 'yy' })).toEqual(
      [],
    );
  });
});

describe('a choice that no one would see', () => {
  const bubbles = (on: string[]) =>
    formOf(
      on.map((drawn, at) =>
        tick('', { T: undefined, drawn, Rect: [50 + 40 * at, 300, 66 + 40 * at, 316], F: at === 0 ? 2 : 4 }),
      ),
      ({ pdf, acroForm, refs }) => {
        const group = { FT: 'Btn', Ff: (1 << 15) | (1 << 25), T: PDFString.of('R'), Kids: refs };
        acroForm.set(PDFName.of('Fields'), pdf.context.obj([pdf.context.register(pdf.context.obj(group as never))]));
      },
    );

  it('is refused because its only bubble is hidden, and others of the group are chosen', async () => {
    expect(await complaintsOf(await bubbles(['A', 'B']), { R: 'A' })).toEqual([
      'R would choose A in R, which is hidden in the form.',
    ]);
    expect(await complaintsOf(await bubbles(['A', 'B']), { R: 'B' })).toEqual([]);
  });

  it('is made where another bubble of it is seen', async () => {
    expect(await complaintsOf(await bubbles(['A', 'A']), { R: 'A' })).toEqual([]);
  });
});

it('a value that a script shows with more characters than its comb has cells is refused', async () => {
  const shown = { F: { S: 'JavaScript', JS: PDFString.of('AFNumber_Format\\(2, 0, 0, 0, "$", true\\);') } };
  const comb = (cells: number) => formOf([text('A', { Ff: 1 << 24, MaxLen: cells, AA: shown })]);
  expect(await complaintsOf(await comb(2), { A: '12' })).toEqual([
    expect.stringContaining('takes 6 cells as the form shows it'),
  ]);
  expect(await complaintsOf(await comb(6), { A: '12' })).toEqual([]);
});

describe('a certified form', () => {
  const certified = (level: number) =>
    formOf([text('A')], ({ pdf }) => {
      const reference = {
        Type: 'SigRef',
        TransformMethod: 'DocMDP',
        TransformParams: { Type: 'TransformParams', P: level },
      };
      const signature = pdf.context.register(pdf.context.obj({ Type: 'Sig', Reference: [reference] } as never));
      pdf.catalog.set(PDFName.of('Perms'), pdf.context.obj({ DocMDP: signature } as never));
    });

  it.each([
    [1, 'allows no change at all'],
    [2, 'allows filling it in only as an addition to the signed file'],
  ])('that allows level %i is refused with what it allows', async (level, allowed) => {
    await expect(fillValues({ template: await certified(level), values: { A: 'x' } })).rejects.toMatchObject({
      code: 'pdf-signed',
      message: expect.stringContaining(allowed),
    });
  });
});

it('a file without boxes can be looked at, and only filling refuses it', async () => {
  const pdf = await PDFDocument.create();
  pdf.addPage();
  const template = await pdf.save();
  expect(await inspectForm({ template })).toMatchObject({ kind: 'acroform', pages: 1, fields: [] });
  await expect(fillValues({ template, values: {} })).rejects.toMatchObject({ code: 'no-form' });
});
