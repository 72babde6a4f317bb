import { describe, expect, test } from 'vitest';
import { parseMessage } from '../../../../../src/mail/incoming/parse-message.js';
import type { LetterBook } from '../../../../../src/mail/judging/letters/letter.js';
import { matchLetter } from '../../../../../src/mail/judging/letters/match.js';
import { letterOf } from '../../../../../src/mail/judging/letters/teach.js';
import type { CaseFacts } from '../../../../../src/mail/judging/text/mask.js';
import type { Writing } from '../../../../../src/mail/judging/text/writing.js';
import { writingOf } from '../../../../../src/mail/judging/text/writing.js';
import { mail } from '../corpus.js';
import { ACME, ADDRESS } from './lessons.js';

/** Sixty letters from a desk that differ in a word or two. Four of them are taught, and only those count. */

const BOIS: CaseFacts = {
  company: 'Québec Industries du Bois Ltée',
  importerNumbers: ['061234-12345'],
  owner: { firstName: 'Luc', lastName: 'Roy' },
};

const SUBJECTS = ['ACE application', 'ACE Portal account', 'Your request'];
const DECISIONS = [
  'has been approved on {date}',
  'has been approved on {date} for review',
  'has not been approved on {date}',
  'was approved on {date}',
];
const CLOSINGS = [
  'You may sign in now.',
  'You may sign in once the rules are countersigned.',
  'Your CTPAT status is unchanged.',
  'Call us with questions.',
  'Ticket CASE-{ticket} is closed.',
];
const LETTERS = SUBJECTS.flatMap((subject) =>
  DECISIONS.flatMap((decision) => CLOSINGS.map((closing) => ({ subject, decision, closing }))),
);
type Text = (typeof LETTERS)[number];

interface Particulars {
  facts: CaseFacts;
  date: string;
  ticket: string;
  agent: string;
}
const TAUGHT_FROM: Particulars = { facts: ACME, date: 'March 3, 2026', ticket: '100001', agent: 'Ann' };
const SIBLING: Particulars = { facts: BOIS, date: '04/01/2026', ticket: '200002', agent: 'Zoe' };
const AGENTS = ['Ann', 'Zoe'];

async function written({ subject, decision, closing }: Text, { facts, date, ticket, agent }: Particulars) {
  const filled = (text: string) => text.replace('{date}', date).replace('{ticket}', ticket);
  const body = [
    `Dear ${facts.owner?.firstName},`,
    `The application of ${facts.company} (${facts.importerNumbers[0]}) ${filled(decision)}.`,
    filled(closing),
    `${agent}, ACE desk`,
  ].join('\n\n');
  const message = await parseMessage(mail({ subject: `Re: ${subject} ${facts.importerNumbers[0]}`, body }));
  return writingOf(message, facts, { domain: 'cbp.dhs.gov', address: ADDRESS }).writing;
}

async function bookWith(texts: Text[]): Promise<LetterBook> {
  const fillers = new Set(AGENTS.map((agent) => `${agent}, ACE desk`));
  const letters = await Promise.all(
    texts.map(async (text) => {
      const writing = await written(text, TAUGHT_FROM);
      const { letter } = letterOf(writing, ACME, fillers, { kind: 'approved', decisive: 1, fillers: [] });
      return { ...letter, addresses: [ADDRESS] };
    }),
  );
  return { letters, fillers: { 'cbp.dhs.gov': [...fillers] } };
}

const TAUGHT = [0, 4, 25, 59].map((at) => LETTERS[at] as Text);

test('of sixty letters, exactly the siblings of the four taught ones are known', async () => {
  expect(LETTERS).toHaveLength(60);
  const book = await bookWith(TAUGHT);
  for (const text of LETTERS) {
    const { letter, unknown, why } = matchLetter(await written(text, SIBLING), BOIS, book);
    expect(letter !== undefined, JSON.stringify(text)).toBe(TAUGHT.includes(text));
    // A person always learns why.
    expect(letter !== undefined || unknown.length > 0 || why !== undefined).toBe(true);
  }
});

describe('an email that is a known letter', async () => {
  const book = await bookWith(TAUGHT);
  const writing = await written(TAUGHT[1] as Text, SIBLING);
  const match = (of: Writing, facts = BOIS, known = book) => matchLetter(of, facts, known);
  const paragraphs = writing.parts.text ?? [];
  const but = (at: number, paragraph: string): Writing => ({
    ...writing,
    parts: { text: paragraphs.map((one, index) => (index === at ? paragraph : one)) },
  });

  test('reports the dates in its decisive paragraph', () => {
    expect(match(writing)).toMatchObject({ letter: { kind: 'approved' }, unknown: [], dates: ['2026-04-01'] });
  });

  test.each<[string, Writing, string[]]>([
    ['a changed word', but(1, 'Ticket CASE-200002 is open.'), ['Ticket CASE-200002 is open.']],
    ['an added paragraph', { ...writing, parts: { text: [...paragraphs, 'Not yet.'] } }, ['Not yet.']],
    ['another subject', { ...writing, subject: 'CTPAT' }, ['CTPAT']],
    ['another signer', { ...writing, domain: 'dhs.gov' }, [writing.subject, ...paragraphs]],
    [
      'another number',
      but(0, paragraphs[0]?.replace('061234-12345', '061234-12346') ?? ''),
      [expect.anything()] as never,
    ],
  ])('is no longer one with %s, and the new text is named', (_, changed, unknown) => {
    expect(match(changed)).toMatchObject({ unknown });
    expect(match(changed).letter).toBeUndefined();
  });

  test('of another case is not one', () => {
    expect(match(writing, ACME).letter).toBeUndefined();
  });

  test.each<[string, Writing]>([
    ['a paragraph less', { ...writing, parts: { text: paragraphs.slice(0, 1) } }],
    ['a paragraph twice', { ...writing, parts: { text: [...paragraphs, paragraphs[1] ?? ''] } }],
    ['its paragraphs in another order', { ...writing, parts: { text: [...paragraphs].reverse() } }],
    ['the paragraphs of two letters', { ...writing, subject: 'ACE Portal account 061234-12345' }],
    ['an attachment', { ...writing, attachments: ['0'.repeat(64)] }],
    ['an HTML version beside it', { ...writing, parts: { text: paragraphs, html: paragraphs } }],
    ['the HTML version alone', { ...writing, parts: { html: paragraphs } }],
    [
      'a subject that is filler',
      { ...writing, subject: 'Ann, ACE desk', parts: { text: [writing.subject, ...paragraphs] } },
    ],
  ])('is no longer one with %s, and a person learns why', (_, changed) => {
    const { letter, unknown, why } = match(changed);
    expect(letter).toBeUndefined();
    expect(unknown.length > 0 || why !== undefined).toBe(true);
  });

  test('taught with two versions does not match with one', async () => {
    const both = { ...writing, parts: { text: paragraphs, html: paragraphs } };
    const { letter } = letterOf(both, BOIS, new Set(), { kind: 'approved', decisive: 1, fillers: [] });
    const known = { letters: [{ ...letter, addresses: [ADDRESS] }], fillers: {} };
    expect(match(both, BOIS, known).letter).toBeDefined();
    expect(match(writing, BOIS, known).letter).toBeUndefined();
  });

  test('may have its filler anywhere or not at all', () => {
    const [decides = '', closing = ''] = paragraphs;
    for (const text of [
      [decides, closing],
      ['Zoe, ACE desk', decides, 'Ann, ACE desk', closing],
    ])
      expect(match({ ...writing, parts: { text } }).letter).toBeDefined();
  });

  test('matches nothing while two letters of different kinds say the same', () => {
    const [, known] = book.letters;
    if (!known) throw new Error('There is no such letter.');
    const twice = { ...book, letters: [...book.letters, { ...known, id: 'letter-other', kind: 'refused' as const }] };
    expect(match(writing, BOIS, twice)).toMatchObject({ why: expect.stringContaining(': revoke the wrong one') });
    expect(match(writing, BOIS, twice).letter).toBeUndefined();
  });
});
