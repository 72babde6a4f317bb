import type { Archive, RecordKey } from '../../archive/archive.js';
import { type MailRecord, mails } from '../../archive/records.js';
import type { Doubt } from '../../workflows/contract/doubts.js';
import { type DecisionKind, isDecisionKind } from '../../workflows/contract/received-mail.js';
import type { LetterBook } from './letters/letter.js';
import { type LetterGroup, largestFirst, letterGroup } from './letters/waiting-letters.js';
import { type Reread, rereadMail } from './reread-mail.js';
import { caseFacts } from './text/case-facts.js';

/** Known letters of these kinds move a case automatically. All others are for a person. */
const MOVING: ReadonlySet<DecisionKind> = new Set(['approved', 'more-information', 'not-on-file', 'use-web-form']);

/** Doubts to ignore here: we cannot tell an earlier attempt from the current one, and emails that were timely are old now. */
const ABOUT_TIME: ReadonlySet<Doubt> = new Set(['signed-before-submission', 'day-out-of-range', 'earlier-attempt']);

interface Counts {
  /** Authentic decisions from CBP that reached a case. */
  decisions: number;
  /** How many of these are known letters in the current book. */
  known: number;
  /** How many of these would move their case automatically. */
  byItself: number;
}

export interface Coverage extends Counts {
  /** Start of the period, ISO instant. */
  since: string;
  /** `byItself` divided by `decisions`, 0 to 1. Missing if there are no decisions. */
  share?: number;
  kinds: ({ kind: DecisionKind | 'unclear' } & Counts)[];
  /** How many emails could not be compared, because the archive no longer has their bytes or their case. */
  notCompared: number;
  /** Emails that are not known letters, the largest group first. */
  unknown: LetterGroup[];
}

/** What share of past decisions would act automatically if they arrived now. Reads every email on record. */
export async function letterCoverage(archive: Archive, book: LetterBook, since: Date): Promise<Coverage> {
  const kinds = new Map<DecisionKind | 'unclear', Counts>();
  const groups = new Map<string, { first: Found; count: number }>();
  let notCompared = 0;
  for await (const found of decisionsSince(archive, book, since)) {
    const { record, reread } = found;
    const { letter, mail } = reread?.asKnown ?? {};
    const kind = letter?.kind ?? (isDecisionKind(record.mail.kind) ? record.mail.kind : 'unclear');
    const counts = kinds.get(kind) ?? { decisions: 0, known: 0, byItself: 0 };
    kinds.set(kind, counts);
    counts.decisions++;
    if (letter) counts.known++;
    if (letter && MOVING.has(letter.kind) && mail?.doubts.every((doubt) => ABOUT_TIME.has(doubt))) counts.byItself++;
    if (!reread) notCompared++;
    else if (!letter) {
      const group = groups.get(reread.group) ?? { first: found, count: 0 };
      groups.set(reread.group, { ...group, count: group.count + 1 });
    }
  }
  const sum = (of: keyof Counts) => [...kinds.values()].reduce((total, counts) => total + counts[of], 0);
  const total: Counts = { decisions: sum('decisions'), known: sum('known'), byItself: sum('byItself') };
  return {
    since: since.toISOString(),
    ...total,
    ...(total.decisions > 0 ? { share: total.byItself / total.decisions } : {}),
    kinds: [...kinds]
      .map(([kind, counts]) => ({ kind, ...counts }))
      .sort((one, other) => other.decisions - one.decisions || (one.kind < other.kind ? -1 : 1)),
    notCompared,
    unknown: largestFirst([...groups].map(([group, { first, count }]) => asGroup(group, first, count))),
  };
}

interface Found {
  record: MailRecord;
  reread: Reread | undefined;
}

/** How many emails are read in parallel. */
const AT_ONCE = 16;

async function* decisionsSince(archive: Archive, book: LetterBook, since: Date): AsyncGenerator<Found> {
  const look = async (key: RecordKey): Promise<Found | undefined> => {
    const read = await archive.readRecord(key);
    const record = read === undefined ? undefined : mails.schema.parse(read);
    if (!record?.workflowId || !isDecision(record) || Date.parse(record.receivedAt) < since.getTime()) return undefined;
    const facts = await caseFacts(archive, { workflowId: record.workflowId });
    return { record, reread: facts && (await rereadMail(archive, record, facts, book)) };
  };
  let batch: RecordKey[] = [];
  for await (const key of archive.listRecords('mails/')) {
    batch.push(key);
    if (batch.length < AT_ONCE) continue;
    for (const found of await Promise.all(batch.map(look))) if (found) yield found;
    batch = [];
  }
  for (const found of await Promise.all(batch.map(look))) if (found) yield found;
}

/** An authentic email from CBP that states a decision, or whose decision a person had to enter because it was unclear. */
function isDecision({ state, mail }: MailRecord): boolean {
  if (state !== 'signalled' && state !== 'assigned') return false;
  if (mail.authenticity.verdict !== 'authentic' || mail.alias === 'client') return false;
  return isDecisionKind(mail.kind) || mail.letter !== undefined || mail.kind === 'unclear';
}

function asGroup(group: string, { record, reread }: Found, count: number): LetterGroup {
  const { mailId, mail, reference = '' } = record;
  const of = { group, mailId, domain: reread?.domain ?? '', reference };
  return letterGroup(of, count, mail.subject, reread?.message.text ?? mail.excerpt);
}
