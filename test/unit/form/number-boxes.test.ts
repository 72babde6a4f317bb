import { describe, expect, it } from 'vitest';
import { makeReplica } from '../../../forms/replica-variants.js';
import { withPdfJs } from '../../../src/form/document/pdf-js.js';
import { numberBoxes, numbered } from '../../../src/form/draft/number-boxes.js';
import { inspectForm } from '../../../src/form/map/inspect-form.js';
import { openFormDocument } from '../../../src/form/open-form-document.js';

const { pdf, map } = await makeReplica('acroform');

interface Words {
  text: string;
  x: number;
  y: number;
  page: number;
}

const wordsIn = (bytes: Uint8Array): Promise<Words[]> =>
  withPdfJs(bytes, async (document) => {
    const words: Words[] = [];
    for (let page = 1; page <= document.numPages; page++)
      for (const item of (await (await document.getPage(page)).getTextContent()).items)
        if ('str' in item && item.str.trim())
          words.push({ text: item.str, x: item.transform[4] as number, y: item.transform[5] as number, page });
    return words;
  });

describe('the overlay', () => {
  it('has a number in each box, beside a tick, and never over one', async () => {
    const [form, overlay] = [await inspectForm({ template: pdf }), await numberBoxes({ template: pdf })];
    const [words, blank] = [await wordsIn(overlay), await wordsIn(pdf)];
    const added = words.filter(
      ({ text, x, y, page }) =>
        !blank.some((old) => old.page === page && old.x === x && old.y === y && old.text === text),
    );
    for (const { field, number } of numbered(form.fields))
      for (const place of field.places) {
        const here = added.filter(({ text, page }) => text === String(number) && page === place.page);
        const inside = here.filter(
          ({ x, y }) => x > place.x && x < place.x + place.width && y > place.y && y < place.y + place.height,
        );
        const beside = here.filter(
          ({ x, y }) => x < place.x && x > place.x - 20 && y > place.y - 3 && y < place.y + place.height,
        );
        const isTick = field.type === 'checkbox' || field.type === 'radio';
        expect([field.name, inside.length, beside.length > 0]).toEqual([field.name, isTick ? 0 : 1, isTick]);
      }
    expect((await openFormDocument(pdf)).pages).toBeLessThan(Math.max(...words.map(({ page }) => page)));
  });

  it('says for each number its name, caption, type and what the map does with it', async () => {
    const overlay = await numberBoxes({ template: pdf, map });
    const legend = (await wordsIn(overlay))
      .filter(({ page }) => page > 5)
      .map(({ text }) => text)
      .join(' ');
    for (const { field, caption } of map.fields) {
      expect(legend).toContain(field);
      expect(legend).toContain((caption ?? '').split(' ').slice(0, 4).join(' '));
    }
    expect(legend).toContain('company.fiscalYearEnd, as MMDD');
    expect(legend).toContain('importer.primary, yes is "P"');
    expect(legend).toContain('left: A business activity other than importer.');
    expect(legend).toMatch(/text, 70 characters/);
  });

  it('cannot be made of a dynamic form, and says what to do', async () => {
    const { pdf: dynamic } = await makeReplica('dynamic-xfa');
    await expect(numberBoxes({ template: dynamic })).rejects.toThrow(/"form inspect" lists each box/);
  });
});
