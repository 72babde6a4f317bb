import { createHash } from 'node:crypto';
import type { Archive } from '../../../archive/archive.js';
import { mails, read, recordsBelow, type UnknownLetter, unknownLetters } from '../../../archive/records.js';
import type { DecisionKind } from '../../../workflows/contract/received-mail.js';
import { suggestions } from '../kind/suggest.js';
import { type CaseFacts, maskFor } from '../text/mask.js';
import { PART_NAMES, type Writing } from '../text/writing.js';

/**
 * Email from CBP that matches no known letter waits for a person. Emails that are the same letter, from any cases, are one
 * group: teaching the letter from one of them resolves all.
 */

/** Equal for emails of one signing domain whose subject and paragraphs differ only in slots. */
export function groupOf(writing: Writing, facts: CaseFacts): string {
  const mask = maskFor(facts);
  const masked = (paragraphs: string[]) => paragraphs.map((paragraph) => mask(paragraph, 'other').paragraph);
  const content = [
    writing.domain,
    ...masked([writing.subject]),
    PART_NAMES.map((name) => (writing.parts[name] ? masked(writing.parts[name]) : null)),
    writing.attachments.length,
  ];
  return createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 16);
}

/** Records that an email waits for a letter to be taught. Idempotent. */
export async function noteUnknownLetter(archive: Archive, unknown: UnknownLetter): Promise<void> {
  await archive.createRecord(unknownLetters.key(unknown.mailId), unknown);
}

/** Removes an email that is known now. One that a person decided keeps waiting: the next client will get the same letter. */
export async function dropUnknownLetter(archive: Archive, mailId: string): Promise<void> {
  await archive.removeRecord(unknownLetters.key(mailId));
}

export interface LetterGroup {
  group: string;
  domain: string;
  /** How many emails are in it. */
  mails: number;
  /** One of them, the oldest. */
  example: { mailId: string; reference: string; subject: string };
  /** What it probably says. This may be wrong. */
  suggested?: DecisionKind;
  /** The command that teaches it. */
  teach: string;
}

/** The waiting emails, the largest group first. */
export async function waitingGroups(archive: Archive): Promise<LetterGroup[]> {
  const groups = new Map<string, UnknownLetter[]>();
  for await (const { record } of recordsBelow(archive, 'unknown-letters/', unknownLetters))
    groups.set(record.group, [...(groups.get(record.group) ?? []), record]);
  const found = await Promise.all(
    [...groups.values()].map(async (members) => {
      const [oldest] = members.sort((one, other) => (one.since < other.since ? -1 : 1));
      const known = oldest && (await read(archive, mails, oldest.mailId));
      return oldest && letterGroup(oldest, members.length, known?.mail.subject ?? '', known?.mail.excerpt ?? '');
    }),
  );
  return largestFirst(found.flatMap((group) => group ?? []));
}

export function letterGroup(
  { group, domain, mailId, reference }: Pick<UnknownLetter, 'group' | 'domain' | 'mailId' | 'reference'>,
  count: number,
  subject: string,
  text: string,
): LetterGroup {
  const suggested = suggestions(`${subject}\n\n${text}`)[0]?.kind;
  return {
    group,
    domain,
    mails: count,
    example: { mailId, reference, subject },
    ...(suggested ? { suggested } : {}),
    teach: `ace-onboarding letters add ${mailId} --as ${suggested ?? 'KIND'} --reference ${reference}`,
  };
}

export function largestFirst(groups: LetterGroup[]): LetterGroup[] {
  return groups.sort((one, other) => other.mails - one.mails || (one.group < other.group ? -1 : 1));
}
