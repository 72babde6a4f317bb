import { spawnSync } from 'node:child_process';
import { degrees, PDFDict, PDFDocument, PDFName, PDFString } from 'pdf-lib';
import { describe, expect, it } from 'vitest';
import { fillValues } from '../../../src/form/fill/fill-values.js';
import { formOf, text, tick } from '../../support/made-form.js';
import { PROGRAMS, printForm, SCALE } from '../../support/random-form/printed-form.js';

/** Odd boxes of forms that are out there, filled and then printed and read by programs that had no part in it. */

async function printed(template: Uint8Array, values: Record<string, string>) {
  const form = await fillValues({ template, values });
  if (form.kind !== 'filled') throw new Error(JSON.stringify(form.complaints));
  const { papers, fields } = await printForm(form.pdf);
  return {
    pdf: form.pdf,
    paper: papers[0] ?? { words: [], picture: { width: 0, height: 0, dots: new Uint8Array() } },
    fields,
  };
}

const missing = PROGRAMS.filter((program) => spawnSync(program, ['-v']).error !== undefined);
if (missing.length > 0) process.stderr.write(`SKIPPED: published oddities: ${missing.join(', ')} not installed.\n`);

describe.skipIf(missing.length > 0)('on paper', () => {
  it('a comb hardly wider than its digits shows all of them, each in its cell', async () => {
    const Rect = [197.8, 301, 209.4, 318.3];
    const { paper, fields } = await printed(
      await formOf([text('c', { Ff: (1 << 24) | (1 << 23), MaxLen: 2, Rect, DA: PDFString.of('/Helv 10 Tf 0 g') })]),
      { c: '23' },
    );
    expect(fields.get('c')?.value).toBe('23');
    expect(paper.words.map((word) => word.text).join('')).toBe('23');
    for (const { left, right } of paper.words) {
      expect(left).toBeGreaterThanOrEqual(197.8);
      expect(right).toBeLessThanOrEqual(209.4);
    }
  });

  it('every bubble of one value is on when a form has them in unison, and no other', async () => {
    const states = ['A', 'B', 'A', 'B'];
    const template = await formOf(
      states.map((drawn, at) => tick('', { T: undefined, drawn, Rect: [50 + 40 * at, 300, 66 + 40 * at, 316] })),
      ({ pdf, acroForm, refs }) => {
        const group = { FT: 'Btn', Ff: (1 << 15) | (1 << 14) | (1 << 25), T: PDFString.of('R'), Kids: refs };
        const ref = pdf.context.register(pdf.context.obj(group as never));
        for (const kid of refs) pdf.context.lookup(kid, PDFDict).set(PDFName.of('Parent'), ref);
        acroForm.set(PDFName.of('Fields'), pdf.context.obj([ref]));
      },
    );
    const { paper, fields } = await printed(template, { R: 'B' });
    expect(fields.get('R')?.value).toBe('B');
    const { dots, width } = paper.picture;
    // Their drawing is a square at the lower left.
    const shades = states.map(
      (_, at) => dots[Math.round((400 - 304) * SCALE) * width + Math.round((54 + 40 * at) * SCALE)],
    );
    expect(shades.map((shade) => (shade ?? 255) < 64)).toEqual([false, true, false, true]);
  });

  it('text in a box that is turned with its page is upright', async () => {
    const template = await formOf([text('t', { MK: { R: 90 }, Rect: [50, 100, 70, 250] })], ({ page }) => {
      page.setRotation(degrees(90));
    });
    const { paper } = await printed(template, { t: 'Testing123!' });
    const [word, ...others] = paper.words;
    expect({ text: word?.text, others }).toEqual({ text: 'Testing123!', others: [] });
    const { left = 0, right = 0, top = 0, bottom = 0 } = word ?? {};
    // Wider than high, and in the box, which the page shows from 100 to 250 and from 50 to 70.
    expect(right - left).toBeGreaterThan(3 * (bottom - top));
    expect([left > 100, right < 250, top > 45, bottom < 75]).toEqual([true, true, true, true]);
  });

  it('a parenthesis and a backslash come out of an encrypted form, which is decrypted', async () => {
    const pdf = await PDFDocument.load(await formOf([text('t')]), { updateMetadata: false });
    pdf.encrypt({ userPassword: '', ownerPassword: 'owner', permissions: { fillingForms: true } });
    const {
      pdf: filled,
      paper,
      fields,
    } = await printed(await pdf.save({ updateFieldAppearances: false }), {
      t: 'Hel(lo\\',
    });
    expect(fields.get('t')?.value).toBe('Hel(lo\\');
    expect(paper.words.map((word) => word.text)).toEqual(['Hel(lo\\']);
    expect(Buffer.from(filled).toString('latin1')).not.toContain('/Encrypt');
  });

  it('a plain form with usage rights is filled, and the rights, which a change makes void, are gone', async () => {
    const template = await formOf([text('t')], ({ pdf }) => {
      const parameters = { Type: 'TransformParams', V: PDFName.of('2.2') };
      const reference = { Type: 'SigRef', TransformMethod: 'UR3', TransformParams: parameters };
      const signature = { Type: 'Sig', Filter: 'Adobe.PPKLite', ByteRange: [0, 1, 2, 3], Reference: [reference] };
      const UR3 = pdf.context.register(pdf.context.obj(signature as never));
      pdf.catalog.set(PDFName.of('Perms'), pdf.context.obj({ UR3 } as never));
    });
    const { pdf, paper } = await printed(template, { t: 'Hello' });
    expect(paper.words.map((word) => word.text)).toEqual(['Hello']);
    expect((await PDFDocument.load(pdf)).catalog.has(PDFName.of('Perms'))).toBe(false);
  });
});
