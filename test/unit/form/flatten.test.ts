import fc from 'fast-check';
import { PDFDict, PDFDocument, PDFName, StandardFonts } from 'pdf-lib';
import { beforeAll, describe, expect, it } from 'vitest';
import { makeReplica } from '../../../forms/replica-variants.js';
import { proveFlattened } from '../../../src/form/acroform/flatten-proof.js';
import { seeForm, withPdfJs } from '../../../src/form/document/read-back.js';
import { fillForm } from '../../../src/form/fill/fill-form.js';
import { fillValues } from '../../../src/form/fill/fill-values.js';
import { sampleApplication } from './sample-application.js';

interface Drawn {
  text: string;
  from: number;
  to: number;
}

/** All text of the pages, each piece with where it begins and ends from the left, in points. */
async function drawnOn(pdf: Uint8Array): Promise<Drawn[]> {
  return withPdfJs(pdf, async (document) => {
    const drawn: Drawn[] = [];
    for (let number = 1; number <= document.numPages; number++) {
      const { items } = await (await document.getPage(number)).getTextContent();
      for (const item of items)
        if ('str' in item && item.str.trim())
          drawn.push({ text: item.str, from: item.transform[4] ?? 0, to: (item.transform[4] ?? 0) + item.width });
    }
    return drawn;
  });
}

describe('a map that says to flatten', () => {
  it('gives pages with every value and no field', async () => {
    const { pdf: template, map } = await makeReplica('encrypted');
    const application = sampleApplication((a) => (a.company.legalName = 'Łódzka Fabryka Inc.'));
    const form = await fillForm({ application, template, map: { ...map, flatten: true } });
    if (form.kind !== 'filled') throw new Error(JSON.stringify(form.complaints));
    expect((await seeForm(form.pdf)).fields.size).toBe(0);
    const flat = await PDFDocument.load(form.pdf, { updateMetadata: false });
    expect(flat.getForm().getFields()).toEqual([]);
    const says = (await drawnOn(form.pdf))
      .map(({ text }) => text)
      .join('')
      .replace(/\s/g, '');
    for (const text of ['ŁódzkaFabrykaInc.', '00-123456700', '1200ruedel’Église', 'ZoëTremblay', '02281970'])
      expect(says).toContain(text);
  });

  it('is refused for a dynamic form, which has no pages', async () => {
    const { pdf: template, map } = await makeReplica('dynamic-xfa');
    await expect(
      fillForm({ application: sampleApplication(), template, map: { ...map, flatten: true } }),
    ).rejects.toMatchObject({ code: 'xfa-incomplete', message: expect.stringContaining('Take "flatten" out') });
  });
});

describe('a flattened form is thrown away when', () => {
  let filled: Uint8Array;
  let flat: Uint8Array;
  beforeAll(async () => {
    const { pdf: template, map } = await makeReplica();
    const application = sampleApplication();
    for (const flatten of [undefined, true] as const) {
      const form = await fillForm({ application, template, map: { ...map, ...(flatten ? { flatten } : {}) } });
      if (form.kind !== 'filled') throw new Error(JSON.stringify(form.complaints));
      if (flatten) flat = form.pdf;
      else filled = form.pdf;
    }
  });
  const spoilt = async (change: (pdf: PDFDocument) => unknown) => {
    const pdf = await PDFDocument.load(flat, { updateMetadata: false });
    await change(pdf);
    return pdf.save({ updateFieldAppearances: false });
  };

  it('a field is left', async () => {
    await expect(proveFlattened([], filled, filled)).rejects.toThrow(/still has fields/);
  });

  it('a mark is missing', async () => {
    const dropped = await spoilt((pdf) => {
      const drawn = pdf.getPage(4).node.lookup(PDFName.of('Resources'), PDFDict).lookup(PDFName.of('XObject'), PDFDict);
      for (const name of drawn.keys()) drawn.delete(name);
    });
    await expect(proveFlattened([], filled, dropped)).rejects.toThrow(/page 5 looks different/);
  });

  it('something is covered by a dot', async () => {
    const dotted = await spoilt((pdf) => pdf.getPage(1).drawRectangle({ x: 300, y: 400, width: 1, height: 1 }));
    await expect(proveFlattened([], filled, dotted)).rejects.toThrow(/page 2 looks different/);
  });

  it('a page is lost', async () => {
    await expect(proveFlattened([], filled, await spoilt((pdf) => pdf.removePage(0)))).rejects.toThrow(/4 pages of 5/);
  });
});

/** Forms often leave the size of letters to the reader; libraries only ever shrink what has several words. */
describe('one long word in a box without a font size', () => {
  const BOX = { x: 50, width: 120, height: 18 };
  let template: Uint8Array;
  beforeAll(async () => {
    const pdf = await PDFDocument.create({ updateMetadata: false });
    const page = pdf.addPage([300, 300]);
    const font = await pdf.embedFont(StandardFonts.Helvetica);
    for (const [name, multiline, y] of [
      ['line', false, 200],
      ['lines', true, 100],
    ] as const) {
      const field = pdf.getForm().createTextField(name);
      if (multiline) field.enableMultiline();
      field.addToPage(page, { ...BOX, y, font, borderWidth: 0 });
      field.acroField.setDefaultAppearance('/Helv 0 Tf 0 g');
      for (const widget of field.acroField.getWidgets()) widget.dict.delete(PDFName.of('DA'));
    }
    template = await pdf.save({ updateFieldAppearances: false });
  });

  it('comes out as the same bytes each time', async () => {
    const fill = () => fillValues({ template, values: { line: 'Supercalifragilistic' }, flatten: true });
    const one = await fill();
    expect(one).toMatchObject({ kind: 'filled' });
    expect(await fill()).toEqual(one);
  });

  it.each(['line', 'lines'])('is entirely visible in a box of a single %s, or refused', async (name) => {
    const outcomes = new Set<string>();
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 90 }),
        fc.constantFrom('i', 'm', 'W', 'é', 'Ł'),
        async (length, letter) => {
          const value = letter.repeat(length);
          const form = await fillValues({ template, values: { [name]: value }, flatten: true });
          outcomes.add(form.kind);
          if (form.kind === 'refused') {
            expect(form.complaints).toMatchObject([{ field: name, problem: expect.stringMatching(/fit|wider/) }]);
            return;
          }
          const drawn = await drawnOn(form.pdf);
          expect(drawn.map(({ text }) => text).join('')).toBe(value);
          for (const { from, to } of drawn) {
            expect(from).toBeGreaterThanOrEqual(BOX.x);
            expect(to).toBeLessThanOrEqual(BOX.x + BOX.width);
          }
        },
      ),
      {
        numRuns: 25,
        seed: 5,
        examples: [
          [5, 'W'],
          [90, 'W'],
        ],
      },
    );
    expect(outcomes).toEqual(new Set(['filled', 'refused']));
  });
});
