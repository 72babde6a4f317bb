import { beforeAll, describe, expect, test } from 'vitest';
import { memoryIndex } from '../../../../../src/mail/judging/correlation/correlation-index.js';
import type { JudgeContext } from '../../../../../src/mail/judging/judge-message.js';
import type { LetterBook } from '../../../../../src/mail/judging/letters/letter.js';
import type { Doubt } from '../../../../../src/workflows/contract/doubts.js';
import { signed } from '../corpus.js';
import { judged, NO_LETTERS, REPLY_ALIAS } from '../judged.js';
import {
  ACME,
  AGENTS,
  BOIS,
  CASES,
  type Draft,
  draft,
  filled,
  index,
  OFFICE_HOURS,
  type Particulars,
  reminderOf,
  taughtBook,
  written,
} from './desk-mails.js';
import { SIXTY, TAUGHT } from './sixty-letters.js';

let letters: LetterBook;
beforeAll(async () => {
  letters = await taughtBook(TAUGHT, ACME);
});

const judgedSigned = async (of: Draft, further: Partial<JudgeContext> = {}) =>
  await judged(await signed(written(of)), { index, letters, ...further });

/** What differs between emails of one letter, besides the case. */
const VARIANTS: Record<string, Partial<Particulars>> = {
  'as it was taught, with all of its filler': {},
  'the day of the submission': { date: 'Feb 27, 2026' },
  'the day of the mail': { date: '2026-03-03' },
  'another ticket, path and phone': { ticket: '7654321', path: 'q?a=b#c', phone: '1-800-555-0199' },
  "another agent's block": { below: [AGENTS[1] ?? ''] },
  'filler that moved': { above: [OFFICE_HOURS], below: [AGENTS[1] ?? ''] },
  'no filler': { below: [] },
  'no greeting': { greeting: '' },
  'another greeting': { greeting: 'To whom it may concern:' },
  'no quotation': { quotation: '' },
};
const variantsOf = (of: Particulars) => [
  ...Object.entries(VARIANTS).map(([what, change]) => [what, { ...of, ...change }] as const),
  ['another mail of ours quoted', { ...of, quotation: reminderOf(of) }] as const,
];

test('there are sixty letters of every kind and form, and four are taught: approvals by two people', () => {
  expect(new Set(SIXTY.map(({ form, subject, paragraphs }) => JSON.stringify([form, subject, paragraphs]))).size).toBe(
    60,
  );
  const count = (wanted: string) => SIXTY.filter(({ kind, form }) => kind === wanted || form === wanted).length;
  expect(
    ['approved', 'refused', 'more-information', 'already-registered', 'not-on-file', 'use-web-form'].map(count),
  ).toEqual([20, 8, 10, 6, 8, 8]);
  for (const form of ['text', 'html', 'both']) expect(count(form), form).toBeGreaterThan(10);
  expect(letters.letters.map(({ kind }) => kind).sort()).toEqual([
    'approved',
    'approved',
    'more-information',
    'not-on-file',
  ]);
});

describe.each([
  ['the case it was taught from', ACME],
  ['another case', BOIS],
])('of sixty letters in %s', (_, of) => {
  test.each(variantsOf(of))('exactly the siblings of the four count: %s', async (what, particulars) => {
    for (const letter of SIXTY) {
      const { action, mail } = await judgedSigned(draft(letter, particulars));
      const shown = `${what}: ${JSON.stringify(letter)}`;
      if (TAUGHT.includes(letter)) expect([mail.kind, action, mail.doubts], shown).toEqual([letter.kind, 'signal', []]);
      else {
        expect([action, mail.letter], shown).toEqual(['review', undefined]);
        expect(mail.doubts, shown).not.toEqual([]);
      }
    }
  });
});

/** Expects that each goes to a person with a reason, and has this doubt. */
async function expectForPerson(of: Draft, doubt?: Doubt, further: Partial<JudgeContext> = {}, raw?: Buffer) {
  const { action, mail, reasons } = raw
    ? await judged(raw, { index, letters, ...further })
    : await judgedSigned(of, further);
  const shown = JSON.stringify(of);
  expect(action, shown).toBe('review');
  expect(mail.doubts, shown).not.toEqual([]);
  if (doubt) expect(mail.doubts, shown).toContain(doubt);
  expect(reasons, shown).not.toEqual([]);
}

const edited = (of: Draft, edit: (paragraphs: string[]) => string[]): Draft => ({
  ...of,
  ...(of.text ? { text: edit(of.text) } : {}),
  ...(of.html ? { html: edit(of.html) } : {}),
});

/** The same edit in all versions together, and in each one alone. */
function editedWays(of: Draft, edit: (paragraphs: string[]) => string[]): Draft[] {
  const { text, html } = of;
  return [
    edited(of, edit),
    ...(text && html
      ? [
          { ...of, text: edit(text) },
          { ...of, html: edit(html) },
        ]
      : []),
  ];
}

const replaced = (at: number, by: (paragraph: string) => string) => (paragraphs: string[]) =>
  paragraphs.map((paragraph, index_) => (index_ === at ? by(paragraph) : paragraph));

const wordAt = (at: number, by: (word: string) => string) => (paragraph: string) =>
  paragraph
    .split(' ')
    .map((word, place) => (place === at ? by(word) : word))
    .join(' ');

const isWord = (word: string) => /[\p{L}\p{N}]/u.test(word);

describe.each(TAUGHT.map((letter, at) => [`${letter.kind} ${at + 1}`, letter] as const))(
  'a known letter, %s',
  (_, letter) => {
    const whole = draft(letter, BOIS);
    const paragraphs = whole.text ?? whole.html ?? [];
    const decisive = 1 + letter.decisive;
    /** Without greeting and filler, which may be absent or move. */
    const own = letter.paragraphs.map((_one, at) => at + 1);

    test('counts unchanged', async () => {
      expect(await judgedSigned(whole)).toMatchObject({ action: 'signal', reference: 'BOIS-2', mail: { doubts: [] } });
    });

    test('goes to a person if any word changes in any version, including filler, greeting and subject', async () => {
      for (const [at, paragraph] of paragraphs.entries())
        for (const [place, word] of paragraph.split(' ').entries())
          if (isWord(word))
            for (const changed of editedWays(
              whole,
              replaced(
                at,
                wordAt(place, () => 'otherwise'),
              ),
            ))
              await expectForPerson(changed);
      for (const [place, word] of whole.subject.split(' ').entries())
        if (isWord(word) && place > 0)
          await expectForPerson({ ...whole, subject: wordAt(place, () => 'otherwise')(whole.subject) });
    });

    test('goes to a person with "not" anywhere', async () => {
      for (const [at, paragraph] of paragraphs.entries())
        for (const place of paragraph.split(' ').keys())
          for (const changed of editedWays(
            whole,
            replaced(
              at,
              wordAt(place, (word) => `not ${word}`),
            ),
          ))
            await expectForPerson(changed);
      await expectForPerson({ ...whole, subject: `Not ${whole.subject}` });
    });

    test.each([
      'This holds once the rules are countersigned.',
      'Your bond was approved.',
      '3',
      'Not.',
      'http://a.example',
    ])('goes to a person with an extra paragraph anywhere: %s', async (more) => {
      for (const at of [...paragraphs.keys(), paragraphs.length])
        for (const changed of editedWays(whole, (all) => [...all.slice(0, at), more, ...all.slice(at)]))
          await expectForPerson(changed);
    });

    test('goes to a person with a paragraph missing, repeated or moved', async () => {
      for (const at of own) {
        for (const changed of editedWays(whole, (all) => all.filter((_one, place) => place !== at)))
          await expectForPerson(changed);
        for (const changed of editedWays(whole, (all) =>
          all.flatMap((one, place) => (place === at ? [one, one] : [one])),
        ))
          await expectForPerson(changed);
        for (const other of own.filter((place) => place > at))
          for (const changed of editedWays(whole, (all) =>
            all.map((one, place) => (place === at ? (all[other] ?? '') : place === other ? (all[at] ?? '') : one)),
          ))
            await expectForPerson(changed);
      }
    });

    test('goes to a person with paragraphs of another known letter', async () => {
      for (const other of TAUGHT.filter((one) => one !== letter)) {
        const { paragraphs: theirs } = { paragraphs: draft(other, BOIS).text ?? draft(other, BOIS).html ?? [] };
        const strange = theirs.slice(1, 1 + other.paragraphs.length).filter((one) => !paragraphs.includes(one));
        expect(strange.length).toBeGreaterThan(0);
        for (const one of strange) {
          for (const at of own)
            for (const changed of editedWays(
              whole,
              replaced(at, () => one),
            ))
              await expectForPerson(changed);
          await expectForPerson(edited(whole, (all) => [...all, one]));
        }
        await expectForPerson(edited(whole, (all) => [...all, ...theirs]));
      }
    });

    test('goes to a person from another signer, from another address, or unsigned', async () => {
      const raw = written(whole);
      const bare = written(draft(letter, { ...BOIS, below: [] }));
      expect((await judged(await signed(bare), { index, letters })).action).toBe('signal');
      await expectForPerson(whole, 'unknown-letter', {}, await signed(bare, 'dhs.gov'));
      await expectForPerson(whole, 'sender-unproven', {}, await signed(raw, 'mailer.example'));
      await expectForPerson(whole, 'sender-unproven', {}, raw);
      const from = (address: string): Draft => ({ ...whole, parts: { ...whole.parts, from: address } });
      await expectForPerson(from('ACE Help <ace.help@cbp.dhs.gov>'), 'new-address');
      await expectForPerson(
        whole,
        'sender-unproven',
        {},
        await signed(written(from('ACE <ACE.Applications@cbp-dhs.example>')), 'cbp-dhs.example'),
      );
    });

    test.each([
      ['a day before the application was sent', 'February 26, 2026'],
      ['a day of another year', 'March 2, 2019'],
      ['a day after the mail', 'March 4, 2026'],
      ['a day that is not on its weekday', 'Monday, March 3, 2026'],
      ['a month for a day', 'March 2026'],
    ])('goes to a person with %s in the decisive paragraph', async (_what, date) => {
      const paragraph = letter.paragraphs[letter.decisive] ?? '';
      if (paragraph.includes('{date}')) await expectForPerson(draft(letter, { ...BOIS, date }));
      else
        await expectForPerson(
          edited(
            whole,
            replaced(decisive, (one) => one.replace(/\.$/, ` since ${date}.`)),
          ),
        );
    });

    test("goes to a person with another case's values", async () => {
      for (const strange of [{ company: ACME.company }, { number: ACME.number }, { owner: ACME.owner }]) {
        const changed = draft(letter, { ...BOIS, ...strange });
        const same = { ...changed, text: undefined, html: undefined };
        const greeting = paragraphs[0] ?? '';
        const other = edited(changed, (all) => [greeting, ...all.slice(1)]);
        // If the letter does not name it, there is no other case's value.
        if (JSON.stringify({ ...other, ...same }) === JSON.stringify({ ...whole, ...same }))
          if (JSON.stringify([other.text, other.html]) === JSON.stringify([whole.text, whole.html])) continue;
        await expectForPerson(other);
      }
      await expectForPerson({ ...whole, parts: { to: ACME.alias } });
    });

    test('goes to a person with a different or an extra number in the decisive paragraph', async () => {
      const paragraph = paragraphs[decisive] ?? '';
      for (const figure of ['1', '12345', '12345678', 'CBP-1234567', '866-530-4172', 'https://ace.cbp.dhs.gov/x'])
        await expectForPerson(
          edited(
            whole,
            replaced(decisive, () => paragraph.replace(/\.$/, ` ${figure}.`)),
          ),
        );
      // As in the letter, so that there is no date among them.
      const said = letter.paragraphs[letter.decisive] ?? '';
      const others = [
        ...[...said.matchAll(/\d+/g)].map(
          ({ 0: figure, index: at }) => said.slice(0, at) + (Number(figure) + 1) + said.slice(at + figure.length),
        ),
        ...(said.includes('https:') ? [said.replace(/https:\S+/, '$&x')] : []),
      ];
      for (const other of others)
        await expectForPerson(
          edited(
            whole,
            replaced(decisive, () => filled(other, BOIS)),
          ),
        );
    });

    test.each([
      ['words struck through', (one: string) => `<p><s>${one}</s></p>`],
      [
        'a word struck through by a style',
        (one: string) =>
          `<p>${wordAt(1, (word) => `<span style="text-decoration:line-through">${word}</span>`)(one)}</p>`,
      ],
      ['words that a style hides', (one: string) => `<p>${one}<span style="display:none"> if you pay</span></p>`],
      [
        'words without height',
        (one: string) => `<p>${one}</p><div style="max-height:0;overflow:hidden">Not yet.</div>`,
      ],
      ['words without color', (one: string) => `<p>${one} <font color="#ffffff">Not yet.</font></p>`],
      ['words in a picture', (one: string) => `<p>${one}</p><img src="cid:x" alt="Not yet">`],
      ['a link to elsewhere', (one: string) => `<p><a href="https://evil.example/">${one}</a></p>`],
      ['a paragraph that the text does not have', (one: string) => `<p>${one}</p><p>Not before you pay.</p>`],
    ])('goes to a person with an HTML version that has %s', async (_what, html) => {
      const page = (whole.html ?? whole.text ?? []).map((one, at) => (at === decisive ? html(one) : one));
      await expectForPerson({ ...whole, html: page });
    });

    test('goes to a person if it quotes something that no email of the case said', async () => {
      for (const quotation of [
        'Your application is approved if you pay.',
        reminderOf(ACME),
        `${BOIS.quotation} Not.`,
        ...BOIS.quotation
          .split(' ')
          .map((word, at) => (isWord(word) ? wordAt(at, () => 'otherwise')(BOIS.quotation) : '')),
      ])
        if (quotation) await expectForPerson({ ...whole, quotation });
    });

    test('goes to a person in other versions than it was taught in', async () => {
      const { text, html, ...rest } = whole;
      const taughtIn = [...(text ? ['text'] : []), ...(html ? ['html'] : [])].join();
      const versions = [{ text: paragraphs }, { html: paragraphs }, { text: paragraphs, html: paragraphs }];
      for (const other of versions.filter((one) => Object.keys(one).join() !== taughtIn))
        await expectForPerson({ ...rest, ...other });
    });

    test('goes to a person with an attachment', async () => {
      const inner = written(whole).toString();
      const at = inner.indexOf('\r\n\r\n');
      const type = /Content-Type: (.*)/.exec(inner)?.[1] ?? '';
      const attachment = 'Content-Type: application/pdf\nContent-Disposition: attachment; filename=a.pdf\n\nnot yet';
      await expectForPerson(
        whole,
        'unknown-letter',
        {},
        await signed(
          written({
            subject: whole.subject,
            quotation: '',
            text: [],
            parts: {
              ...whole.parts,
              contentType: 'multipart/mixed; boundary=m1',
              body: `--m1\nContent-Type: ${type}\n\n${inner.slice(at + 4)}\n--m1\n${attachment}\n--m1--`,
            },
          }),
        ),
      );
    });

    test('goes to a person if only an unsigned thread ties it to the case', async () => {
      const reply: Draft = {
        ...whole,
        parts: {
          to: 'ace@broker.example',
          inReplyTo: '<app-bois@broker.example>',
          references: '<app-bois@broker.example>',
        },
      };
      const unsignedThread = await signed(written(reply), 'cbp.dhs.gov', {
        headerList: 'from:to:subject:date:message-id:content-type:mime-version',
      });
      const namesNumber = [...paragraphs, whole.subject].some((one) => one.includes(BOIS.number));
      expect(await judgedSigned(reply)).toMatchObject({ action: 'signal', mail: { doubts: [] } });
      // The number is signed with the body, which is enough evidence.
      if (namesNumber) expect((await judged(unsignedThread, { index, letters })).action).toBe('signal');
      else await expectForPerson(reply, 'evidence-unsigned', {}, unsignedThread);
    });

    test('goes to a person if it was signed before the application was sent', async () => {
      await expectForPerson(
        { ...whole, parts: { ...whole.parts, date: 'Thu, 26 Feb 2026 15:00:00 -0500' } },
        'signed-before-submission',
      );
      const later = memoryIndex(
        CASES.map((one) => ({ ...one, submittedAt: '2026-03-03T20:10:00.000Z' })),
        REPLY_ALIAS,
      );
      await expectForPerson(whole, 'signed-before-submission', { index: later });
    });
  },
);

test('letters that no one taught move nothing, nor do approvals taught by one person', async () => {
  const byOne = await taughtBook(TAUGHT, ACME, ['jo']);
  for (const letter of TAUGHT) {
    await expectForPerson(draft(letter, BOIS), 'unknown-letter', { letters: NO_LETTERS });
    if (letter.kind === 'approved') await expectForPerson(draft(letter, BOIS), 'unknown-letter', { letters: byOne });
    else expect((await judgedSigned(draft(letter, BOIS), { letters: byOne })).action).toBe('signal');
  }
});
