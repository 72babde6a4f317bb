import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { makeReplica, type Replica, VARIANTS, type Variant } from '../../../forms/replica-variants.js';
import { plainValue } from '../../../src/form/document/plain-value.js';
import { layOut, type TextBox } from '../../../src/form/document/text-layout.js';
import { loadTypefaces, typefaceFor, widthOf } from '../../../src/form/document/typeface.js';
import { fillValues } from '../../../src/form/fill/fill-values.js';
import { openFormDocument } from '../../../src/form/open-form-document.js';

/** Names, addresses and numbers from the world's scripts, as people write, paste and mangle them. */

const SAMPLES = [
  'Müller & Söhne GmbH',
  'Importations Québec Inc.',
  'Łódź Żółć',
  'Đặng Văn Hùng',
  'Ştefan Țepeș',
  'İstanbul Dış Ticaret',
  'Київ Імпорт',
  'Москва Трейд',
  'Αθήνα Α.Ε.',
  'Երևան',
  'თბილისი',
  '株式会社トヨタ',
  '上海进出口公司',
  '서울무역',
  'שלום בע״מ',
  'شركة النور',
  'บริษัท ไทย',
  'नमस्ते लिमिटेड',
  '😀 Imports',
  'O’Brien – “Quoted” Co.',
  'naïve ﬁnance',
  'ＦＵＬＬ　ＷＩＤＴＨ',
  'Zero​Width',
  'Soft­Hyphen',
  'e\u0301cole',
  'x\u0302',
  'A\u00a0B',
  'tab\there',
  'line\nbreak',
  '\u0000',
  '\ud800',
  'ŉ ǆ ﬃ',
  '½ ² № ™ €',
  '12-345678900',
  '+1 (514) 555-0100',
];
const alphabets = [
  "ABCDEFGHIJKLMNOPQRSTUVWXYZ abcdefghijklmnopqrstuvwxyz 0123456789 .,-&'()/#@+",
  'ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞßàáâãäåæçèéêëìíîïðñòóôõöøùúûüýþÿ ŒœŠšŽžŸ',
  'ĀāĂăĄąĆćČčĎďĐđĒēĘęĚěĞğĪīĮįİıŁłŃńŇňŐőŘřŚśŞşȘșȚțŤťŮůŰűŹźŻżƏəǅ',
  'АБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯабвгдежзіїєґ ',
  'ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩάέήίόύώ ',
  'ԱԲԳԴԵաբգդե აბგდე',
  '日本語中文한국어 ไทย हिन्दी עברית العربية',
  '\u0000\u0007\t\n\u200b\u200e\u00ad\u0301\ufeff\ue000\u{1f980}',
];
const anyText = fc.oneof(
  fc.constantFrom(...SAMPLES),
  fc
    .constantFrom(...alphabets)
    .chain((alphabet) =>
      fc.array(fc.constantFrom(...alphabet), { minLength: 1, maxLength: 90 }).map((letters) => letters.join('')),
    ),
  fc.string({ unit: 'grapheme', maxLength: 80 }),
  fc.tuple(fc.constantFrom(...SAMPLES), fc.constantFrom(...SAMPLES)).map(([one, other]) => `${one} ${other}`),
);

const replicas = new Map<Variant, Replica>();
beforeAll(async () => {
  await loadTypefaces();
  for (const variant of VARIANTS) replicas.set(variant, await makeReplica(variant));
});

const ink = (text: string) => text.normalize('NFKC').replace(/\s/g, '');

const BOXES = [
  'Street',
  'City',
  'Website',
  'Importer_IR1',
  'DriverName',
  'DriverLicense',
  'IndividualEmail',
  'EntityName',
  'EntityAddress',
  'ContactLastName',
  'ContactTitle',
  'ContactEmail',
  'ContactPhone',
  'QuestionsName',
  'QuestionsEmail',
  'OfficerPrintedName',
  'OwnerPrintedName',
];

/** Fills one text into each box; what is refused is left out and the rest filled again, which must then succeed. */
async function fillAll(template: Uint8Array, texts: string[]): Promise<Map<string, 'filled' | 'refused'>> {
  const blank = await openFormDocument(template);
  const names = BOXES.map((last) => blank.fields.find(({ name }) => name.endsWith(`.${last}[0]`))?.name ?? last);
  const values = new Map(names.map((name, index) => [name, texts[index] ?? '']));
  const first = await fillValues({ values: Object.fromEntries(values), template });
  const refused = new Set(first.kind === 'refused' ? first.complaints.map(({ field }) => field) : []);
  for (const name of refused) expect(names).toContain(name);
  const rest = [...values].filter(([name]) => !refused.has(name));
  const form = first.kind === 'filled' ? first : await fillValues({ values: Object.fromEntries(rest), template });
  if (form.kind !== 'filled') throw new Error(JSON.stringify(form.complaints));
  const { fields } = await blank.see(form.pdf);
  for (const [name, text] of rest) {
    const seen = fields.get(name);
    expect(seen?.value).toBe(plainValue(text));
    for (const drawn of seen?.drawn ?? [])
      expect(drawn).toEqual({
        text: expect.toSatisfy((shown: string) => ink(shown) === ink(plainValue(text))),
        inside: true,
      });
  }
  return new Map([...values].map(([name, text]) => [text, refused.has(name) ? 'refused' : 'filled']));
}

describe.each(VARIANTS)('any value in the replica as %s', (variant) => {
  const template = () => replicas.get(variant)?.pdf ?? new Uint8Array();

  it('is printed exactly as given, or refused before anything is written', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyText, { minLength: BOXES.length, maxLength: BOXES.length }), async (texts) => {
        await fillAll(template(), texts);
      }),
      { numRuns: 2, seed: 20_261_122 },
    );
  });

  it('is filled when one of our typefaces has its letters, and refused when none does', async () => {
    const outcomes = new Map<string, string>();
    for (let at = 0; at < SAMPLES.length; at += BOXES.length)
      for (const [text, outcome] of await fillAll(template(), SAMPLES.slice(at, at + BOXES.length)))
        outcomes.set(text, outcome);
    expect(outcomes.get('Müller & Söhne GmbH')).toBe('filled');
    expect(outcomes.get('株式会社トヨタ')).toBe('refused');
    expect(outcomes.get('שלום בע״מ')).toBe('refused');
    expect(outcomes.get('e\u0301cole')).toBe('filled');
    expect(outcomes.get('x\u0302')).toBe('refused');
    expect(outcomes.get('Київ Імпорт')).toBe(variant === 'dynamic-xfa' ? 'refused' : 'filled');
  });
});

describe('a dynamic form, which the reader draws with its own fonts,', () => {
  const fillCity = async (value: string) => {
    const template = replicas.get('dynamic-xfa')?.pdf ?? new Uint8Array();
    const { fields } = await openFormDocument(template);
    const city = fields.find(({ name }) => name.endsWith('.City[0]'))?.name ?? '';
    return fillValues({ template, values: { [city]: value } });
  };

  it('takes the letters of Western Europe', async () => {
    expect(await fillCity('Ærøskøbing – Škoda €')).toMatchObject({ kind: 'filled' });
  });

  it('refuses other letters, and says which they are and what to do', async () => {
    expect(await fillCity('Łódź')).toMatchObject({
      kind: 'refused',
      complaints: [
        {
          problem: expect.stringMatching(/"Ł" \(U\+0141\), "ź" \(U\+017A\).*draws it with fonts of its own/),
          remedy: expect.stringMatching(/Latin letters.*by hand in Acrobat/),
        },
      ],
    });
  });
});

describe('text laid out in a box', () => {
  const box = fc.record({
    width: fc.double({ min: 5, max: 500, noNaN: true }),
    height: fc.double({ min: 5, max: 120, noNaN: true }),
    border: fc.constantFrom(0, 1, 2),
    fontSize: fc.constantFrom(0, 8, 10, 12),
    align: fc.constantFrom<TextBox['align']>('left', 'centre', 'right'),
    multiline: fc.boolean(),
    shrink: fc.boolean(),
  });

  it('stays inside it and keeps every letter', () => {
    fc.assert(
      fc.property(
        anyText,
        box,
        fc.option(fc.integer({ min: 1, max: 40 }), { nil: undefined }),
        (text, shape, cells) => {
          const value = plainValue(text);
          const typeface = typefaceFor(value);
          if (typeof typeface !== 'string') return;
          const multiline = cells === undefined && shape.multiline;
          if (cells !== undefined && [...value].length > cells) return;
          if (!multiline && value.includes('\n')) return;
          const layout = layOut(value, typeface, { ...shape, multiline, ...(cells === undefined ? {} : { cells }) });
          if ('misfit' in layout) return;
          expect(
            layout.runs
              .map((run) => run.text)
              .join('')
              .replace(/\s/g, ''),
          ).toBe(value.replace(/\s/g, ''));
          for (const run of layout.runs) {
            expect(run.x).toBeGreaterThanOrEqual(-0.01);
            expect(run.x + widthOf(run.text, typeface) * layout.fontSize).toBeLessThanOrEqual(shape.width + 0.01);
            expect(run.y).toBeGreaterThan(-0.06 * shape.height);
            expect(run.y).toBeLessThan(shape.height);
          }
        },
      ),
      { numRuns: 1_000 },
    );
  });
});
