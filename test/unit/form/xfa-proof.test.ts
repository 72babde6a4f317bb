import { PDFArray, PDFDict, PDFDocument, PDFName, type PDFRef } from 'pdf-lib';
import { beforeAll, describe, expect, it } from 'vitest';
import { makeReplica } from '../../../forms/replica-variants.js';
import type { PreparedValue } from '../../../src/form/document/plain-value.js';
import type { SeenForm } from '../../../src/form/document/read-back.js';
import { fillValues } from '../../../src/form/fill/fill-values.js';
import { xfaFields } from '../../../src/form/xfa/template-knowledge.js';
import type { XfaField } from '../../../src/form/xfa/xfa-fields.js';
import { XfaPackets, XfaTemplate } from '../../../src/form/xfa/xfa-packets.js';
import { proveXfa } from '../../../src/form/xfa/xfa-proof.js';

/** What a filled dynamic form is held against, whoever wrote it: here it is written wrongly on purpose. */

let template: Uint8Array;
let fields: XfaField[];
beforeAll(async () => {
  const { pdf } = await makeReplica('dynamic-xfa');
  // Not the bytes of another test's template, whose real layout may be known by now.
  template = Buffer.concat([pdf, Buffer.from('\n% for these tests\n')]);
  fields = xfaFields(new XfaTemplate((await opened(template)).acroForm).root);
});

async function opened(bytes: Uint8Array) {
  const pdf = await PDFDocument.load(bytes, { updateMetadata: false, preserveXFA: true });
  const acroForm = pdf.catalog.lookup(PDFName.of('AcroForm'), PDFDict);
  return { pdf, acroForm, packets: new XfaPackets(acroForm) };
}

/** By the last part of the name. */
function named(last: string): XfaField {
  const found = fields.find(({ field }) => field.name.endsWith(`.${last}[0]`));
  if (!found) throw new Error(`There is no ${last}.`);
  return found;
}

const meant = (values: Record<string, string>): PreparedValue[] =>
  Object.entries(values).map(([last, value]) => ({ field: named(last).field, value, layouts: [] }));

/** The template with these values in its data. */
async function holding(values: Record<string, string>): Promise<Uint8Array> {
  const { pdf, packets } = await opened(template);
  for (const [last, value] of Object.entries(values)) packets.setValueAt(named(last).dataPath ?? [], value);
  packets.write();
  return pdf.save({ updateFieldAppearances: false });
}

/** The template with one of its parts replaced by another text. */
async function withPart(bytes: Uint8Array, part: string, change: (xml: string) => string): Promise<Uint8Array> {
  const { pdf, acroForm } = await opened(bytes);
  const xfa = acroForm.lookup(PDFName.of('XFA'), PDFArray);
  const at = Array.from({ length: xfa.size() }, (_, index) => index).find(
    (index) => String(xfa.get(index)) === `(${part})`,
  );
  const ref = xfa.get((at ?? 0) + 1) as PDFRef;
  const { decodePDFRawStream } = await import('pdf-lib');
  const xml = new TextDecoder().decode(decodePDFRawStream(pdf.context.lookup(ref) as never).decode());
  pdf.context.assign(ref, pdf.context.flateStream(new TextEncoder().encode(change(xml))));
  return pdf.save({ updateFieldAppearances: false });
}

/** A layout in which every field shows what the data has for it, but for what `odd` says; counts how often it was asked. */
function layout(shows: Record<string, string>, odd: Record<string, string> = {}) {
  const shown = { ...shows, ...odd };
  const seen = (values: Record<string, string>): SeenForm => ({
    pages: 5,
    fields: new Map(
      fields.map(({ field }) => {
        const value = values[field.name.split('.').at(-1)?.replace('[0]', '') ?? ''] ?? '';
        return [field.name, { value, readOnly: false, drawn: [{ text: value, inside: true }] }];
      }),
    ),
  });
  const asked = { times: 0 };
  const see = async (bytes: Uint8Array) => {
    if (bytes === template) return seen({});
    asked.times++;
    return seen(shown);
  };
  return { see, asked };
}

const prove = (values: Record<string, string>, filled: Uint8Array, odd?: Record<string, string>) => {
  const { see, asked } = layout(values, odd);
  return proveXfa({ fields, see }, meant(values), template, filled).then((proof) => ({ ...proof, ...asked }));
};

it.each([
  ['whose value the form does not keep', '<bind match="none"/>', 'keeps no value in the file'],
  ['that the reader computes', '<calculate><script>"Springfield"</script></calculate>', 'is computed by the form'],
])('a box %s is refused', async (_what, said, problem) => {
  const odd = await withPart(template, 'template', (xml) =>
    xml.replace(/(<field [^>]*name="City"[^>]*>)/, (city) => `${city}${said}`),
  );
  const city = named('City').field.name;
  expect(await fillValues({ template: odd, values: { [city]: 'Boston' } })).toMatchObject({
    kind: 'refused',
    complaints: [{ field: city, problem: expect.stringContaining(problem) }],
  });
});

it.each([
  ['dateTimeEdit', 'holds dates'],
  ['numericEdit', 'takes a number'],
])('a box of the kind %s refuses a value that it would misread', async (ui, problem) => {
  const held = await withPart(template, 'template', (xml) =>
    xml.replace(/(<field [^>]*name="City"[^>]*><ui>)<textEdit\/>/, `$1<${ui}/>`),
  );
  const city = named('City').field.name;
  expect(await fillValues({ template: held, values: { [city]: '31/12/2026' } })).toMatchObject({
    kind: 'refused',
    complaints: [{ field: city, problem: expect.stringContaining(problem) }],
  });
});

describe('a filled dynamic form', () => {
  it('passes when the data and the layout show the right values', async () => {
    const values = { City: 'Montréal & <fils>', Street: '1 "Main" St', Importer_PS: 'P' };
    await expect(prove(values, await holding(values))).resolves.toMatchObject({ pages: 5 });
  });

  it.each<[string, Record<string, string>, RegExp]>([
    ['holds another value', { City: 'Montreal' }, /City\[0\] reads differently/],
    ['lost a value', {}, /City\[0\] reads differently/],
    ['holds a value in another box', { Street: 'Montréal' }, /City\[0\] reads differently.*Street\[0\] changed/],
    ['holds what nobody wrote', { City: 'Montréal', Broker_PS: 'S' }, /Broker_PS\[0\] changed/],
  ])('is thrown away when it %s', async (_what, held, difference) => {
    await expect(prove({ City: 'Montréal' }, await holding(held))).rejects.toThrow(difference);
  });

  it('is thrown away when its template was changed', async () => {
    const filled = await withPart(await holding({ City: 'Montréal' }), 'template', (xml) =>
      xml.replace('name="Broker_PS"', 'name="Broker_PS" presence="hidden"'),
    );
    await expect(prove({ City: 'Montréal' }, filled)).rejects.toThrow(/part template was changed/);
  });

  it.each([
    ['has an ampersand nobody wrote as one', (xml: string) => xml.replace('Smith', 'Smith & Sons')],
    ['ends within', (xml: string) => xml.slice(0, -9)],
    ['has a letter that is none', (xml: string) => xml.replace('Smith', 'Smi\u0007th')],
  ])('is thrown away when its data %s', async (_what, change) => {
    const values = { City: 'Smith' };
    await expect(prove(values, await withPart(await holding(values), 'datasets', change))).rejects.toThrow(
      /is malformed XML/,
    );
  });

  it('is laid out once for each combination of boxes, and again as soon as the layout could differ', async () => {
    const times = async (values: Record<string, string>) => (await prove(values, await holding(values))).times;
    expect(await times({ City: 'A', Website: 'B' })).toBe(1);
    expect(await times({ City: 'Somewhere else', Website: 'C' })).toBe(0);
    expect(await times({ City: 'A' })).toBe(1);
    expect(await times({ City: 'A', Website: 'B', Importer_PS: 'P' })).toBe(1);
    expect(await times({ City: 'A', Website: 'C', Importer_PS: 'P' })).toBe(0);
    expect(await times({ City: 'A', Website: 'B', Importer_PS: 'S' })).toBe(1);
    expect(await times({ City: 'the same', Website: 'the same', Importer_PS: 'S' })).toBe(1);
  });

  it('is thrown away when two values were swapped, although an earlier form had equal ones', async () => {
    const same = { ContactEmail: 'x@y.example', QuestionsName: 'x@y.example' };
    await expect(prove(same, await holding(same))).resolves.toMatchObject({ pages: 5 });
    const differ = { ContactEmail: 'x@y.example', QuestionsName: 'Zoë' };
    await expect(
      prove(differ, await holding(differ), { ContactEmail: 'Zoë', QuestionsName: 'x@y.example' }),
    ).rejects.toThrow(/ContactEmail\[0\] reads differently/);
  });

  it('is thrown away when the layout does not show a value', async () => {
    const values = { EntityName: 'Nowhere Inc.' };
    await expect(prove(values, await holding(values), { EntityName: '' })).rejects.toThrow(/EntityName\[0\]/);
  });
});
