import { parseMessage } from '../../../../src/mail/incoming/parse-message.js';
import { memoryIndex } from '../../../../src/mail/judging/correlation/correlation-index.js';
import { type JudgeContext, judgeMessage } from '../../../../src/mail/judging/judge-message.js';
import type { Judgement } from '../../../../src/mail/judging/judgement.js';
import type { KnownLetter, LetterBook } from '../../../../src/mail/judging/letters/letter.js';
import { letterOf, likelyDecisive, shownParagraphs } from '../../../../src/mail/judging/letters/teach.js';
import { authenticate } from '../../../../src/mail/judging/origin/authenticate.js';
import { type DnsResolver, recordsResolver } from '../../../../src/mail/judging/origin/dns.js';
import { writingOf } from '../../../../src/mail/judging/text/writing.js';
import { type DecisionKind, isDecisionKind } from '../../../../src/workflows/contract/received-mail.js';
import { dnsRecords, SENT, US } from './corpus.js';

export const REPLY_ALIAS = 'ace+{token}@broker.example';
export const NO_LETTERS: LetterBook = { letters: [], fillers: {} };
export const TRUST = { fromDomains: ['cbp.dhs.gov'], dkimDomains: ['cbp.dhs.gov', 'dhs.gov'] };

/** Judges a message, with the onboardings of `SENT` in progress and no known letters. */
export function judged(raw: Uint8Array, further: Partial<JudgeContext> = {}): Promise<Judgement> {
  return judgeMessage(
    raw,
    { receivedAt: '2026-03-03T20:00:05.000Z', mailbox: 'main' },
    {
      trust: TRUST,
      resolver: recordsResolver(dnsRecords()),
      index: memoryIndex(SENT, REPLY_ALIAS),
      letters: NO_LETTERS,
      ownAddress: US,
      ...further,
    },
  );
}

/** The same if people have confirmed this very letter as the suggested kind, so any remaining doubts have other reasons. */
export async function judgedAsKnown(raw: Uint8Array, further: Partial<JudgeContext> = {}): Promise<Judgement> {
  const first = await judged(raw, further);
  if (!first.mail.doubts.includes('unknown-letter')) return first;
  return await judged(raw, { ...further, letters: await bookWith(raw, first, further) });
}

/** The letter of a message, as people would confirm it. */
export async function bookWith(
  raw: Uint8Array,
  { workflowId, mail: { kind } }: Judgement,
  further: Partial<JudgeContext> = {},
): Promise<LetterBook> {
  if (!workflowId || !isDecisionKind(kind)) return NO_LETTERS;
  const facts = await (further.index ?? memoryIndex(SENT, REPLY_ALIAS)).caseOf(workflowId);
  const letter = await letterIn(raw, kind, facts ?? { importerNumbers: [] });
  return letter ? { letters: [letter], fillers: {} } : NO_LETTERS;
}

async function letterIn(
  raw: Uint8Array,
  kind: DecisionKind,
  facts: Parameters<typeof writingOf>[1],
): Promise<KnownLetter | undefined> {
  const message = await parseMessage(raw);
  const { believed } = await authenticate(
    raw,
    message.headers,
    message.oddities,
    TRUST,
    recordsResolver(dnsRecords()),
    message,
  );
  if (!believed) return undefined;
  const address = /<?([^<>\s]+@[^<>\s]+?)>?$/.exec(
    message.headers.find(({ name }) => name === 'from')?.value ?? '',
  )?.[1];
  const { writing } = writingOf(message, facts, { domain: believed.domain, address: address?.toLowerCase() ?? '' });
  const none = new Set<string>();
  const decisive = likelyDecisive(shownParagraphs(writing, facts, none), kind);
  if (decisive === undefined) return undefined;
  const { letter } = letterOf(writing, facts, none, { kind, decisive, fillers: [] });
  return { ...letter, addresses: [writing.address] };
}

/** A name server that does not respond. */
export const brokenDns: DnsResolver = async (name) => {
  throw Object.assign(new Error(`queryTxt ESERVFAIL ${name}`), { code: 'ESERVFAIL' });
};
