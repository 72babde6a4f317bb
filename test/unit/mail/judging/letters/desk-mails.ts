import { parseMessage } from '../../../../../src/mail/incoming/parse-message.js';
import { memoryIndex, type SentOnboarding } from '../../../../../src/mail/judging/correlation/correlation-index.js';
import { type LetterSource, learnLetter } from '../../../../../src/mail/judging/letters/learn-letter.js';
import type { LetterBook } from '../../../../../src/mail/judging/letters/letter.js';
import { createLetterStore } from '../../../../../src/mail/judging/letters/letter-store.js';
import { authenticate } from '../../../../../src/mail/judging/origin/authenticate.js';
import { recordsResolver } from '../../../../../src/mail/judging/origin/dns.js';
import { bareWords } from '../../../../../src/mail/judging/text/readable.js';
import { MemoryArchive } from '../../../../support/memory-archive.js';
import { dnsRecords, type MailParts, mail, signed } from '../corpus.js';
import { REPLY_ALIAS, TRUST } from '../judged.js';
import type { DeskLetter } from './sixty-letters.js';

/** The values of one case's slots, and the values of one email's other slots. */
export interface Particulars {
  company: string;
  number: string;
  owner: { firstName: string; lastName: string };
  alias: string;
  greeting: string;
  date: string;
  ticket: string;
  path: string;
  phone: string;
  /** Whole paragraphs above and below. */
  above: string[];
  below: string[];
  quotation: string;
}

const APPLICATION = (company: string) =>
  `Dear ACE team, please find attached the application of ${company} for an ACE Portal account. We look forward to your answer.`;
const REMINDER = (company: string) => `We have not heard from you about ${company} yet. Is anything missing?`;

export const AGENTS = ['Ann Wu, ACE Account Administrator', 'Zoe Hill, ACE Account Administrator'];
export const OFFICE_HOURS = 'The desk is open Monday to Friday, 8:00 AM to 4:30 PM.';

export const ACME: Particulars = {
  company: 'Acme Imports LLC',
  number: '12-345678900',
  owner: { firstName: 'Bo', lastName: 'Park' },
  alias: 'ace+aaaaaaaaaaaaaaaa@broker.example',
  greeting: 'Dear Mr. Park,',
  date: 'March 3, 2026',
  ticket: '1000001',
  path: 'login?case=1',
  phone: '866-530-4172',
  above: [],
  below: [AGENTS[0] ?? '', OFFICE_HOURS],
  quotation: APPLICATION('Acme Imports LLC'),
};

export const BOIS: Particulars = {
  company: 'Québec Industries du Bois Ltée',
  number: '061234-12345',
  owner: { firstName: 'Luc', lastName: 'Roy' },
  alias: 'ace+cccccccccccccccc@broker.example',
  greeting: 'Good afternoon Luc Roy,',
  date: '03/02/2026',
  ticket: '20220202',
  path: 'x/y/z',
  phone: '(207) 555-0123',
  above: [],
  below: [AGENTS[0] ?? ''],
  quotation: APPLICATION('Québec Industries du Bois Ltée'),
};

const sent = (reference: string, of: Particulars, messageId: string): SentOnboarding => ({
  reference,
  company: of.company,
  importerNumber: of.number,
  owner: of.owner,
  messageIds: [messageId],
  replyAlias: of.alias,
  stage: 'awaiting-decision',
  submittedAt: '2026-02-27T15:00:00.000Z',
  mails: [APPLICATION(of.company), REMINDER(of.company)],
});
export const CASES = [sent('ACME-1', ACME, 'app-acme@broker.example'), sent('BOIS-2', BOIS, 'app-bois@broker.example')];
export const index = memoryIndex(CASES, REPLY_ALIAS);
export const reminderOf = ({ company }: Particulars) => REMINDER(company);

export function filled(text: string, of: Particulars): string {
  const { company, number, date, ticket, path, phone } = of;
  const values: Record<string, string> = { company, number, date, ticket, path, phone };
  return text.replace(/\{(\w+)\}/g, (_, name) =>
    name === 'owner' ? `${of.owner.firstName} ${of.owner.lastName}` : (values[name] ?? ''),
  );
}

/** A letter before it becomes an email, for tests to change. The HTML version has its own paragraphs. */
export interface Draft {
  subject: string;
  text?: string[];
  html?: string[];
  quotation: string;
  parts: MailParts;
}

export function draft(letter: DeskLetter, of: Particulars): Draft {
  const paragraphs = [
    of.greeting,
    ...of.above,
    ...letter.paragraphs.map((paragraph) => filled(paragraph, of)),
    ...of.below,
  ].filter(Boolean);
  return {
    subject: filled(letter.subject, of),
    ...(letter.form === 'html' ? {} : { text: paragraphs }),
    ...(letter.form === 'text' ? {} : { html: paragraphs }),
    quotation: of.quotation,
    parts: { to: of.alias },
  };
}

const QUOTED_BY = 'On Mon, Mar 2, 2026 at 9:00 AM Broker <ace@broker.example> wrote:';

/** Unsigned. */
export function written({ subject, text, html, quotation, parts }: Draft): Buffer {
  const plain = text && [text.join('\n\n'), ...(quotation ? [QUOTED_BY, `> ${quotation}`] : [])].join('\n\n');
  const page =
    html &&
    [
      ...html.map((paragraph) => (paragraph.startsWith('<') ? paragraph : `<p>${escaped(paragraph)}</p>`)),
      ...(quotation ? [`<div>${escaped(QUOTED_BY)}</div><blockquote><p>${escaped(quotation)}</p></blockquote>`] : []),
    ].join('\n');
  const body =
    plain !== undefined && page !== undefined
      ? {
          contentType: 'multipart/alternative; boundary=b1',
          body: `--b1\nContent-Type: text/plain; charset=utf-8\n\n${plain}\n--b1\nContent-Type: text/html; charset=utf-8\n\n${page}\n--b1--`,
        }
      : { contentType: `text/${page === undefined ? 'plain' : 'html'}; charset=utf-8`, body: page ?? plain ?? '' };
  return mail({ subject, ...body, ...parts });
}

function escaped(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}

/** The letters as people teach them, each from one email. */
export async function taughtBook(
  letters: DeskLetter[],
  from: Particulars,
  people = ['jo', 'kim'],
): Promise<LetterBook> {
  const store = createLetterStore(new MemoryArchive(), { managers: [] });
  for (const letter of letters) {
    const material = await materialOf(await signed(written(draft(letter, from))), from);
    const lesson = async () => learnLetter(material, await wishFor(letter, material, from), await store.entries());
    for (const by of people) for (const act of (await lesson()).acts(by)) await store.add(act);
  }
  // The second agent's block was marked in another email.
  await store.add({ act: 'filler', by: 'jo', domain: 'cbp.dhs.gov', paragraph: AGENTS[1] ?? '', mailId: 'another' });
  return (await store.book()).book;

  async function wishFor({ kind, decisive, paragraphs }: DeskLetter, material: LetterSource, of: Particulars) {
    const numbered = (wanted: string[]) =>
      learnLetter(material, { kind, decisive: 1, fillers: [] }, { letters: new Map(), fillers: new Map() })
        .paragraphs.filter(({ written: one }) => wanted.map(bareWords).includes(bareWords(one)))
        .map(({ number }) => number);
    return { kind, decisive: numbered([filled(paragraphs[decisive] ?? '', of)])[0], fillers: numbered(of.below) };
  }
}

async function materialOf(raw: Uint8Array, { company, number, owner }: Particulars): Promise<LetterSource> {
  const message = await parseMessage(raw);
  const resolver = recordsResolver(dnsRecords());
  const { believed, decision } = await authenticate(raw, message.headers, message.oddities, TRUST, resolver, message);
  return {
    message,
    mailId: 'taught',
    authenticity: decision,
    domain: believed?.domain,
    address: 'ace.applications@cbp.dhs.gov',
    facts: { company, importerNumbers: [number], owner },
    words: [APPLICATION(company), REMINDER(company)].map(bareWords),
  };
}
