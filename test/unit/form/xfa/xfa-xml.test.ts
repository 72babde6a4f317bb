import { parseXml } from '@rgrove/parse-xml';
import { decodePDFRawStream, PDFArray, PDFDict, PDFDocument, PDFName, type PDFRawStream } from 'pdf-lib';
import { describe, expect, it } from 'vitest';
import { draftMap } from '../../../../src/form/draft/draft-map.js';
import { fillValues } from '../../../../src/form/fill/fill-values.js';
import { inspectForm } from '../../../../src/form/map/inspect-form.js';
import { readableXml } from '../../../../src/form/xfa/xfa-xml.js';
import { livecycleForm } from '../../../support/livecycle/livecycle-form.js';

const NAME = 'form1[0].SectionA[0].Line1_CompanyName[0]';
const VALUE = 'Smith & Sons <Nowhere>';
const utf16 = (xml: string) => Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(xml, 'utf16le')]);
const bytesOf = (xml: string) => new TextEncoder().encode(xml);

/** A part of the XML in a file, as text. */
async function partOf(pdf: Uint8Array, name: string): Promise<string> {
  const document = await PDFDocument.load(pdf, { preserveXFA: true });
  const xfa = document.catalog.lookup(PDFName.of('AcroForm'), PDFDict).lookup(PDFName.of('XFA'), PDFArray);
  const at = xfa.asArray().findIndex((_, index) => String(xfa.lookup(index)) === `(${name})`);
  return new TextDecoder('utf-8', { fatal: true }).decode(
    decodePDFRawStream(xfa.lookup(at + 1) as PDFRawStream).decode(),
  );
}

describe('the data of a dynamic form', () => {
  it.each<[string, (xml: string) => string | Uint8Array, string[]]>([
    [
      'with ampersands that begin nothing',
      (xml) => xml.replace('<SectionC', '<Old>A & B, C&D; &nbsp; &amp; &#65;</Old\n><SectionC'),
      ['<Old>A &amp; B, C&amp;D; &amp;nbsp; &amp; A</Old>'],
    ],
    ['with a byte order mark', (xml) => `\ufeff${xml}`, []],
    ['in UTF-16', utf16, []],
    [
      'in an encoding that its declaration names',
      (xml) =>
        Buffer.from(
          `<?xml version="1.0" encoding="ISO-8859-1"?>${xml.replace('<SectionC', '<Old>Münch</Old\n><SectionC')}`,
          'latin1',
        ),
      ['<Old>Münch</Old>'],
    ],
    [
      'with comments and character data',
      (xml) => xml.replace('<SectionC', '<!-- R & D --><Old><![CDATA[A & <B>]]></Old\n><SectionC'),
      ['<!-- R & D -->', '<![CDATA[A & <B>]]>'],
    ],
  ])('%s is filled, kept and written well-formed', async (_what, datasets, kept) => {
    const template = await livecycleForm({ kind: 'dynamic', datasets });
    const filled = await fillValues({ template, values: { [NAME]: VALUE } });
    if (filled.kind !== 'filled') throw new Error(JSON.stringify(filled));
    const xml = await partOf(filled.pdf, 'datasets');
    expect(parseXml(xml).root?.text).toContain(VALUE);
    for (const words of kept) expect(xml).toContain(words);
  });

  it.each(['utf-8', 'utf-16'] as const)(
    'in one stream with the rest of the form, in %s, is filled',
    async (oneStream) => {
      const template = await livecycleForm({ kind: 'dynamic', oneStream });
      const filled = await fillValues({ template, values: { [NAME]: VALUE } });
      if (filled.kind !== 'filled') throw new Error(JSON.stringify(filled));
      const document = await PDFDocument.load(filled.pdf, { preserveXFA: true });
      const xfa = document.catalog.lookup(PDFName.of('AcroForm'), PDFDict).lookup(PDFName.of('XFA'));
      const xml = new TextDecoder('utf-8', { fatal: true }).decode(decodePDFRawStream(xfa as PDFRawStream).decode());
      expect(parseXml(xml).root?.text).toContain(VALUE);
      expect(xml).not.toMatch(/utf-16/i);
    },
  );

  it('is kept as the file has it in all other parts', async () => {
    const template = await livecycleForm({
      kind: 'dynamic',
      template: (xml) => xml.replace('Contact for Questions', 'Questions & Answers'),
    });
    const filled = await fillValues({ template, values: { [NAME]: VALUE } });
    if (filled.kind !== 'filled') throw new Error(JSON.stringify(filled));
    expect(await partOf(filled.pdf, 'template')).toBe(await partOf(template, 'template'));
  });
});

describe('a dynamic form without boxes', () => {
  const empty = () =>
    livecycleForm({
      kind: 'dynamic',
      email: 'none',
      template: (xml) =>
        xml.replaceAll(/<(field|exclGroup) .*?<\/\1>/gs, '').replaceAll(/<\/?(?:field|exclGroup)[^>]*>/g, ''),
    });

  it('is inspected, and only filling and drafting refuse', async () => {
    const template = await empty();
    expect(await inspectForm({ template })).toMatchObject({ kind: 'dynamic-xfa', fields: [] });
    const refused = { code: 'no-form', message: expect.stringContaining('describes no boxes') };
    await expect(fillValues({ template, values: {} })).rejects.toMatchObject(refused);
    await expect(draftMap({ template, edition: 'x' })).rejects.toMatchObject(refused);
  });
});

it.each([
  ['&nbsp;', '&amp;nbsp;'],
  ['<a>x &amp &#xZZ; &#65; &#x41;</a>', '<a>x &amp;amp &amp;#xZZ; &#65; &#x41;</a>'],
  ['<a b="P&G"/><?x A&B?>', '<a b="P&amp;G"/><?x A&B?>'],
  ['<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'],
])('%s is read as %s', (given, read) => {
  expect(readableXml(bytesOf(given))).toBe(read);
});
