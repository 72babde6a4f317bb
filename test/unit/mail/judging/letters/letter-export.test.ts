import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { bookOf } from '../../../../../src/mail/judging/letters/letter-acts.js';
import {
  createLetterFile,
  exportOf,
  importActs,
  readLetterExport,
  readLetterFile,
} from '../../../../../src/mail/judging/letters/letter-export.js';
import { createLetterStore } from '../../../../../src/mail/judging/letters/letter-store.js';
import { MemoryArchive } from '../../../../support/memory-archive.js';
import { temporaryFolder } from '../../../../support/temporary-folder.js';
import { FOOTER, letter, taught } from './lessons.js';

let file: string;
const letters = () => createLetterFile(file, { managers: [] });
beforeEach(() => {
  file = path.join(temporaryFolder('letters'), 'letters.json');
});

test('of a file those letters count that enough of its people agreed on', async () => {
  await letters().add(taught('jo'));
  await letters().add(taught('jo', letter('refused')));
  expect((await readLetterExport(file)).letters.map(({ kind }) => kind)).toEqual(['refused']);
  expect((await readLetterExport(file, ['Jo'])).letters).toHaveLength(2);
  await letters().add({ act: 'confirm', by: 'kim', what: letter().id });
  expect((await readLetterExport(file)).letters).toHaveLength(2);
});

test('a file says the same as the archive that it was exported from', async () => {
  const store = createLetterStore(new MemoryArchive(), { managers: [] });
  await store.add(taught('jo'));
  await store.add({ act: 'confirm', by: 'kim', what: letter().id });
  await store.add(taught('jo', letter('refused')));
  await store.add({ act: 'filler', by: 'jo', domain: 'cbp.dhs.gov', paragraph: FOOTER, mailId: 'mail-1' });
  await store.add(taught('jo', letter('use-web-form')));
  await store.add({ act: 'revoke', by: 'jo', what: letter('use-web-form').id, reason: 'x' });
  await writeFile(file, JSON.stringify(exportOf(await store.entries())));
  expect(await readLetterExport(file)).toEqual(bookOf(await store.entries()));
});

test('an import takes over nothing but what the letters say', async () => {
  await letters().add(taught('jo', letter('refused')));
  await letters().add({ act: 'filler', by: 'jo', domain: 'cbp.dhs.gov', paragraph: FOOTER, mailId: 'mail-1' });
  const store = createLetterStore(new MemoryArchive(), { managers: ['jo'] });
  for (const { act } of importActs(await readLetterFile(file), 'jo'))
    expect(await store.add(act)).toEqual({ changed: true });
  expect((await store.book()).book).toEqual({ letters: [], fillers: {} });
  expect((await store.entries()).letters.get(letter('refused').id)).toMatchObject({
    state: 'needs-confirmation',
    agreed: [],
    imported: { by: 'jo' },
  });
});

test('each problem in a file is named once, by its field', async () => {
  await letters().add(taught('jo'));
  const good = JSON.parse(await readFile(file, 'utf8'));
  const wrong = async (change: (data: typeof good) => void) => {
    const data = structuredClone(good);
    change(data);
    await writeFile(file, JSON.stringify(data));
    return await readLetterExport(file).then(
      () => [],
      (error) => error.problems,
    );
  };
  const at = (data: typeof good) => data.letters[0];
  expect(await wrong((data) => Object.assign(data, { version: 2 }))).toEqual([expect.stringMatching(/^version: /)]);
  expect(await wrong((data) => at(data).parts.text.paragraphs.push('Also this.'))).toEqual([
    'letters.0.id: does not match the content of the letter, which was changed after the export',
  ]);
  expect(await wrong((data) => Object.assign(at(data).parts.text, { decisive: 9 }))).toEqual(
    expect.arrayContaining([expect.stringMatching(/^letters\.0\.parts\.text\.decisive: names a paragraph/)]),
  );
  expect(await wrong((data) => Object.assign(at(data).agreed[0], { at: 'today' }))).toEqual([
    expect.stringMatching(/^letters\.0\.agreed\.0\.at: /),
  ]);
  await writeFile(file, '{');
  await expect(readLetterExport(file)).rejects.toThrow(`${file} is not JSON`);
  await expect(readLetterExport(`${file}x`)).rejects.toThrow('cannot be read');
});

test('a damaged file is not overwritten', async () => {
  await writeFile(file, '{');
  await expect(letters().add(taught('jo'))).rejects.toThrow('is not JSON');
  expect(await readFile(file, 'utf8')).toBe('{');
});
