import { beforeEach, describe, expect, test, vi } from 'vitest';
import { fillerId } from '../../../../../src/mail/judging/letters/letter.js';
import { bookOf, type LetterAct, shelfOf } from '../../../../../src/mail/judging/letters/letter-acts.js';
import type { NewAct } from '../../../../../src/mail/judging/letters/letter-rules.js';
import { createLetterStore } from '../../../../../src/mail/judging/letters/letter-store.js';
import { matchLetter } from '../../../../../src/mail/judging/letters/match.js';
import { MemoryArchive } from '../../../../support/memory-archive.js';
import { ACME, ADDRESS, FOOTER, letter, taught, writing } from './lessons.js';

let archive: MemoryArchive;
let clock: number;
const store = (managers: string[] = []) => createLetterStore(archive, { managers, now: () => new Date(clock) });
const known = async (managers?: string[]) => (await store(managers).book()).book.letters.map(({ id }) => id);
const state = async (id = letter().id) => (await store().entries()).letters.get(id)?.state;
const filler = (by: string): NewAct => ({
  act: 'filler',
  by,
  domain: 'cbp.dhs.gov',
  paragraph: FOOTER,
  mailId: 'mail-1',
});
const revoke = (what: string): NewAct => ({ act: 'revoke', by: 'kim', what, reason: 'a wrong one' });

beforeEach(() => {
  archive = new MemoryArchive();
  clock = Date.parse('2026-03-02T15:00:00.000Z');
});

describe('who must agree', () => {
  test('a new approval counts once two different people agree, however they write their names', async () => {
    await store().add(taught('Jo'));
    expect(await known()).toEqual([]);
    expect(await state()).toBe('needs-second-person');
    const again = await store().add({ act: 'confirm', by: ' jO ', what: letter().id });
    expect(again).toEqual({ changed: false, why: expect.stringContaining('Jo already agreed on 2026-03-02') });
    expect(again.why).toContain('Someone else has to confirm it.');
    expect(await state()).toBe('needs-second-person');
    expect(await store().add({ act: 'confirm', by: 'kim', what: letter().id })).toEqual({ changed: true });
    expect(await known()).toEqual([letter().id]);
  });

  test('a manager alone makes an approval count', async () => {
    await store().add(taught('Pat'));
    expect(await known(['sam', 'PAT '])).toEqual([letter().id]);
  });

  test.each(['refused', 'more-information', 'use-web-form'] as const)('one person is enough for %s', async (kind) => {
    await store().add(taught('jo', letter(kind)));
    expect(await known()).toEqual([letter(kind).id]);
  });

  test('a name that looks verified, is missing or is too long is refused', async () => {
    for (const by of ['jo, verified by sso', '  ', 'x'.repeat(201)])
      await expect(store().add(taught(by))).rejects.toMatchObject({ code: 'actor-refused' });
    expect(archive.records.size).toBe(0);
  });
});

describe('a letter from another address', () => {
  const other = writing(undefined, { address: 'ace.help@cbp.dhs.gov' });
  beforeEach(async () => {
    await store().add(taught('jo'));
    await store().add({ act: 'confirm', by: 'kim', what: letter().id });
  });

  test('is doubted until one person accepts the address', async () => {
    const from = async () => matchLetter(other, ACME, (await store().book()).book).letter?.addresses;
    expect(await from()).toEqual([ADDRESS]);
    await store().add({ act: 'address', by: 'jo', letter: letter().id, address: other.address, mailId: 'mail-2' });
    expect(await from()).toEqual([ADDRESS, other.address]);
  });

  test('does not become known through an import', async () => {
    await store().add({ act: 'import', by: 'jo', letter: letter() as never, addresses: [other.address] });
    expect((await store().entries()).letters.get(letter().id)?.addresses).toEqual([ADDRESS]);
  });
});

describe('an import', () => {
  test('confirms nothing and changes nothing known', async () => {
    const act: NewAct = { act: 'import', by: 'jo', letter: letter('refused') as never, addresses: [ADDRESS] };
    await store().add(act);
    expect(await known()).toEqual([]);
    expect(await state(letter('refused').id)).toBe('needs-confirmation');
    await store().add({ act: 'confirm', by: 'jo', what: letter('refused').id });
    expect(await store().add(act)).toEqual({ changed: false, why: 'It is already here.' });
    expect(await known()).toEqual([letter('refused').id]);
  });

  test('brings filler that no one agreed on, and one person confirms it', async () => {
    await store().add({ act: 'import-filler', by: 'jo', domain: 'cbp.dhs.gov', paragraph: FOOTER });
    expect((await store().book()).book.fillers).toEqual({});
    await store().add({ act: 'confirm', by: 'jo', what: fillerId('cbp.dhs.gov', FOOTER) });
    expect((await store().book()).book.fillers).toEqual({ 'cbp.dhs.gov': [FOOTER] });
  });

  test('does not bring back what was revoked here', async () => {
    await store().add(taught('jo', letter('refused')));
    await store().add(revoke(letter('refused').id));
    const act: NewAct = { act: 'import', by: 'jo', letter: letter('refused') as never, addresses: [ADDRESS] };
    expect(await store().add(act)).toEqual({ changed: false, why: 'It was revoked here by kim: a wrong one' });
  });
});

describe('a revoked letter', () => {
  beforeEach(async () => {
    await store().add(taught('jo'));
    await store().add({ act: 'confirm', by: 'kim', what: letter().id });
    await store().add(filler('jo'));
  });

  test('no longer counts, and earlier agreements do not count when it is taught again', async () => {
    await store().add(revoke(letter().id));
    expect(await known()).toEqual([]);
    await expect(store().add({ act: 'confirm', by: 'lee', what: letter().id })).rejects.toMatchObject({
      code: 'revoked',
      message: expect.stringContaining('was revoked by kim on 2026-03-02: a wrong one'),
    });
    await store().add(taught('lee'));
    expect(await state()).toBe('needs-second-person');
    await store().add({ act: 'confirm', by: 'jo', what: letter().id });
    expect(await known()).toEqual([letter().id]);
  });

  test("stays revoked even if the revoking machine's clock is behind", async () => {
    clock -= 3_600_000;
    await store().add(revoke(letter().id));
    expect(await known()).toEqual([]);
  });

  test('may be a filler block', async () => {
    expect((await store().book()).book.fillers).toEqual({ 'cbp.dhs.gov': [FOOTER] });
    await store().add(revoke(fillerId('cbp.dhs.gov', FOOTER)));
    expect((await store().book()).book.fillers).toEqual({});
    await store().add(filler('lee'));
    expect((await store().book()).book.fillers).toEqual({ 'cbp.dhs.gov': [FOOTER] });
  });

  test('is revoked with a reason, and only once', async () => {
    await expect(store().add({ ...revoke(letter().id), reason: ' ' } as NewAct)).rejects.toMatchObject({
      code: 'invalid',
    });
    await store().add(revoke(letter().id));
    expect(await store().add(revoke(letter().id))).toEqual({
      changed: false,
      why: `${letter().id} was already revoked by kim: a wrong one`,
    });
    await expect(store().add(revoke('letter-0'))).rejects.toMatchObject({ code: 'not-found' });
  });
});

test("a letter's decisive paragraph cannot be filler of its domain", async () => {
  await store().add(taught('jo'));
  const paragraph = letter().parts.text?.paragraphs[1] ?? '';
  const act: NewAct = { act: 'filler', by: 'jo', domain: 'cbp.dhs.gov', paragraph, mailId: 'mail-1' };
  await expect(store().add(act)).rejects.toMatchObject({ code: 'filler-decides' });
  await store().add({ act: 'import-filler', by: 'jo', domain: 'cbp.dhs.gov', paragraph });
  const confirm: NewAct = { act: 'confirm', by: 'jo', what: fillerId('cbp.dhs.gov', paragraph) };
  await expect(store().add(confirm)).rejects.toMatchObject({ code: 'filler-decides' });
});

test('a letter whose text was changed after it got its ID is refused', async () => {
  const changed = { ...letter(), kind: 'refused' as const };
  await expect(store().add(taught('jo', changed))).rejects.toMatchObject({
    code: 'invalid',
    message: expect.stringContaining('letter.id'),
  });
});

test('unchanged acts are not read again, and the version changes with any act', async () => {
  const one = store();
  await one.add(taught('jo'));
  const { version, book } = await one.book();
  const read = vi.spyOn(archive, 'readRecord');
  expect((await one.book()).version).toBe(version);
  expect((await one.book()).book).toBe(book);
  expect(read).not.toHaveBeenCalled();
  // By another process.
  await store().add({ act: 'confirm', by: 'kim', what: letter().id });
  read.mockClear();
  const next = await one.book();
  expect(next.version).not.toBe(version);
  expect(next.book.letters).toHaveLength(1);
  expect(read).toHaveBeenCalledTimes(1);
});

test('the same act twice is one record', async () => {
  const [one, other] = [store(), store()];
  await Promise.all([one.add(taught('jo')), other.add(taught('jo'))]);
  expect([...archive.records.keys()]).toEqual([expect.stringMatching(/^letter-acts\/\d{15}-[0-9a-f]{16}$/)]);
});

test('a concurrent import adds no address to a letter that someone here agreed on', () => {
  const at = '2026-03-02T15:00:00.000Z';
  const acts = [
    { ...taught('jo', letter('refused')), at },
    { act: 'import', by: 'kim', at, letter: letter('refused'), addresses: ['x@cbp.dhs.gov'] },
  ] as LetterAct[];
  expect(bookOf(shelfOf(acts, [])).letters).toMatchObject([{ addresses: [ADDRESS] }]);
});

test('no acts make an empty book', async () => {
  expect(bookOf(await store().entries())).toEqual({ letters: [], fillers: {} });
});

describe('a decisive paragraph is not filler', () => {
  const decides = letter().parts.text?.paragraphs[1] ?? '';
  const block: NewAct = { act: 'filler', by: 'kim', domain: 'cbp.dhs.gov', paragraph: decides, mailId: 'mail-2' };

  test('even if one person teaches the letter while another marks its paragraph', async () => {
    const [jo, kim] = [store(['jo']), store(['jo'])];
    await Promise.all([jo.entries(), kim.entries()]);
    await Promise.all([jo.add(taught('jo')), kim.add(block)]);
    expect((await store().entries()).fillers.size).toBe(1);
    const { book } = await store(['jo']).book();
    expect([book.letters.length, book.fillers]).toEqual([1, {}]);
  });

  test('even if the letter comes from another archive: the filler block must be revoked first', async () => {
    await store().add(block);
    await store().add({ act: 'import', by: 'jo', letter: letter() as never, addresses: [ADDRESS] });
    const confirmed = store().add({ act: 'confirm', by: 'jo', what: letter().id });
    await expect(confirmed).rejects.toMatchObject({ code: 'filler-decides' });
    await store().add(revoke(fillerId('cbp.dhs.gov', decides)));
    expect(await store().add({ act: 'confirm', by: 'jo', what: letter().id })).toEqual({ changed: true });
  });
});

test('an act listed before it is readable counts once it is readable, under another version', async () => {
  const reader = store(['jo']);
  await store().add(taught('jo'));
  const { readRecord } = archive;
  archive.readRecord = async () => undefined;
  const before = await reader.book();
  expect(before.book.letters).toEqual([]);
  archive.readRecord = readRecord;
  const after = await reader.book();
  expect(after.book.letters.map(({ id }) => id)).toEqual([letter().id]);
  expect(after.version).not.toBe(before.version);
});

test('two lookups at the same time, one before and one after an act, never keep letters that lack it', async () => {
  const reader = store(['jo']);
  await store().add(filler('jo'));
  const { readRecord } = archive;
  let goOn = () => {};
  const held = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  archive.readRecord = async (key) => {
    await held;
    return await readRecord.call(archive, key);
  };
  const earlier = reader.book();
  clock += 1_000;
  archive.readRecord = async (key) => await readRecord.call(archive, key);
  await store().add(taught('jo'));
  const later = reader.book();
  goOn();
  await Promise.all([earlier, later]);
  expect((await reader.book()).book.letters.map(({ id }) => id)).toEqual([letter().id]);
});
