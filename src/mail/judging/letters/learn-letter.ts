import type { Authenticity, DecisionKind } from '../../../workflows/contract/received-mail.js';
import { mailIdentity } from '../../incoming/mail-identity.js';
import { type ParsedMessage, parseMessage } from '../../incoming/parse-message.js';
import { strictSender } from '../../incoming/sender.js';
import { hasCredentials, requestForSecrets } from '../kind/confidential-words.js';
import { suggestions } from '../kind/suggest.js';
import { authenticate, type TrustPolicy } from '../origin/authenticate.js';
import type { DnsResolver } from '../origin/dns.js';
import { type CaseFacts, maskFor } from '../text/mask.js';
import { isForeignQuote, PART_NAMES, type Writing, withForeignQuotes, writingOf } from '../text/writing.js';
import type { Letter } from './letter.js';
import { bookOf, type LetterShelf } from './letter-acts.js';
import type { NewAct } from './letter-rules.js';
import { matchLetter } from './match.js';
import { LessonRefused, letterOf, likelyDecisive, type ShownParagraph, shownParagraphs } from './teach.js';

/** An email to learn a letter from, with what we know about it. */
export interface LetterSource {
  message: ParsedMessage;
  mailId: string;
  /** The verdict on arrival. */
  authenticity: Authenticity;
  /** The domain of the trusted signature. Undefined if there is none. */
  domain: string | undefined;
  /** From address, bare and lower case. */
  address: string;
  facts: CaseFacts;
  /** What the case's emails said before, as bare words. */
  words: readonly string[];
}

/** A person's choices for the letter. */
export interface LetterChoices {
  kind: DecisionKind;
  /** Number of the decisive paragraph. Undefined: the only likely one. */
  decisive?: number | undefined;
  fillers: readonly number[];
}

export interface LearnedParagraph extends ShownParagraph {
  role: 'subject' | 'decides' | 'filler' | 'text';
  /** It is already in a known letter of its sender, or filler. */
  known: boolean;
}

export interface Learned {
  letter: Letter;
  paragraphs: LearnedParagraph[];
  address: string;
  /** What a person should check before the letter counts: whole sentences. */
  warnings: string[];
  /** The acts to record, in this order. */
  acts(by: string): NewAct[];
}

/** @throws LessonRefused if the email may not teach a letter, or if it is not clear which paragraph decides */
export function learnLetter(source: LetterSource, choices: LetterChoices, shelf: LetterShelf): Learned {
  const { message, facts, mailId, address } = source;
  const domain = teachingDomain(source);
  const writing = withForeignQuotes(writingOf(message, facts, { domain, address }), source.words);
  const book = bookOf(shelf);
  const fillers = new Set(book.fillers[domain] ?? []);
  const shown = shownParagraphs(writing, facts, fillers);
  const decisive =
    choices.decisive ??
    onlyLikely(
      shown.filter(({ written }) => !isForeignQuote(written)),
      choices.kind,
    );
  refuseForeignDecision(shown, decisive);
  const { letter, fillers: newFillers } = letterOf(writing, facts, fillers, { ...choices, decisive });
  refuseForeignNumbers(shown);
  const unknown = new Set(matchLetter(writing, facts, book).unknown);
  const paragraphs = shown.map(
    (one): LearnedParagraph => ({
      ...one,
      ...(one.number === decisive ? { masked: maskFor(facts)(one.written, 'decisive').paragraph } : {}),
      role: roleOf(one, decisive, choices.fillers),
      known: !unknown.has(one.written),
    }),
  );
  return {
    letter,
    paragraphs,
    address,
    warnings: warningsOn(letter, writing, paragraphs, choices.kind),
    acts: (by) => [
      ...newFillers.map((paragraph): NewAct => ({ act: 'filler', by, domain, paragraph, mailId })),
      teaching(shelf, letter, by, address, mailId),
    ],
  };
}

/** Adds an address to a known letter; otherwise teaches a new letter or agrees to one that does not count yet. */
function teaching({ letters }: LetterShelf, letter: Letter, by: string, address: string, mailId: string): NewAct {
  const known = letters.get(letter.id);
  if (known?.state === 'known' && !known.addresses.includes(address))
    return { act: 'address', by, letter: letter.id, address, mailId };
  return { act: 'teach', by, letter: letter as never, address, mailId };
}

function teachingDomain({ message, authenticity, domain }: LetterSource): string {
  if (message.unreadable) throw new LessonRefused("The email can't be read, so we can't learn a letter from it.");
  if (authenticity.verdict !== 'authentic')
    throw new LessonRefused(
      `Letters can be learned only from email that was authentic on arrival. This email was ${authenticity.verdict}: ${authenticity.reasons.join('; ')}.`,
    );
  if (!domain)
    throw new LessonRefused(
      'The archive does not record who signed this email. Save it from the mailbox as a file, and run the command with that file.',
    );
  const text = `${message.subject}\n${message.text}\n${message.alternativeText ?? ''}`;
  if (hasCredentials(text))
    throw new LessonRefused('The email seems to contain sign-in data for an account, so it cannot be a letter.');
  if (requestForSecrets(text, true))
    throw new LessonRefused(
      'The email asks for passwords, bank data or a Social Security number, so it cannot be a letter.',
    );
  return domain;
}

/** No one knows who wrote a quoted paragraph: it may be a banner that appears each time, but it must not decide. */
function refuseForeignDecision(shown: readonly ShownParagraph[], decisive: number): void {
  if (shown.some(({ number, written }) => number === decisive && isForeignQuote(written)))
    throw new LessonRefused(
      `Paragraph ${decisive} is in a quote, and no archived email of this case contains it. We can't tell who wrote it, so it cannot decide.`,
    );
}

/** Letters go to other archives, where clients' numbers must not go, and no other case has the same number. */
function refuseForeignNumbers(shown: readonly ShownParagraph[]): void {
  const foreign = shown.find(({ masked }) => TAX_NUMBER.test(withoutSlots(masked)));
  if (foreign)
    throw new LessonRefused(
      `${foreign.number === 0 ? 'The subject' : `Paragraph ${foreign.number}`} contains an importer number, an EIN or a Social Security number that is not from this case, so it cannot be a letter. Check which case the email belongs to (--reference).`,
    );
}
/** Tax numbers, written with their hyphens. */
const TAX_NUMBER = /(?<![\p{L}\p{N}-])(?:\d{2}-\d{7}[\dA-Z]{0,2}|\d{3}-\d{2}-\d{4}|\d{6}-\d{5})(?![\p{L}\p{N}-])/iu;

function onlyLikely(shown: ShownParagraph[], kind: DecisionKind): number {
  const likely = likelyDecisive(shown, kind);
  if (likely === undefined)
    throw new LessonRefused(`It is not clear which paragraph says "${kind}". Choose it with --decisive N.`, shown);
  return likely;
}

function roleOf({ number, filler }: ShownParagraph, decisive: number, fillers: readonly number[]) {
  if (number === 0) return 'subject';
  if (number === decisive) return 'decides';
  return filler || fillers.includes(number) ? 'filler' : 'text';
}

function warningsOn(letter: Letter, writing: Writing, paragraphs: LearnedParagraph[], kind: DecisionKind): string[] {
  const masked = PART_NAMES.flatMap((name) => letter.parts[name]?.paragraphs ?? []);
  const warnings: string[] = [];
  for (const { number, role, masked: text, written } of paragraphs) {
    const hint = suggestions(written)[0];
    if (role === 'text' && isForeignQuote(written))
      warnings.push(
        `Paragraph ${number} is quoted, and no archived email of this case contains it. Mark it as filler if it may be absent.`,
      );
    if (role === 'filler' && hint)
      warnings.push(
        `Paragraph ${number} would be filler, which may be absent, but it reads like ${hint.kind}. Make sure that it decides nothing.`,
      );
    if (role === 'filler' || !/\d/.test(withoutSlots(text))) continue;
    warnings.push(
      role === 'decides'
        ? `Paragraph ${number} decides and contains a number. Numbers there must match exactly, so a letter with a different number will not match.`
        : `${number === 0 ? 'The subject' : `Paragraph ${number}`} contains a number that must match exactly. A letter with a different number will not match.`,
    );
  }
  const decisive = paragraphs.find(({ role }) => role === 'decides');
  const reads = decisive && suggestions(decisive.written)[0];
  if (decisive && reads?.kind !== kind)
    warnings.push(
      reads
        ? `Paragraph ${decisive.number} reads more like ${reads.kind} than ${kind}.`
        : `Paragraph ${decisive.number} does not read like ${kind}.`,
    );
  if (!masked.some((paragraph) => /\{(?:company|importer number)/.test(paragraph)))
    warnings.push(
      'It names neither the company nor an importer number of this case. Make sure that it belongs to this case.',
    );
  if (writing.attachments.length > 0)
    warnings.push('It has an attachment. Only email with exactly the same file will match.');
  return warnings;
}

function withoutSlots(masked: string): string {
  return masked.replace(/(?<!\\)\{[^{}]*\}/g, '');
}

/** Reads and verifies a message from outside the archive, to learn a letter from it. The caller adds its case. */
export async function letterSourceFrom(
  raw: Uint8Array,
  trust: TrustPolicy,
  resolver: DnsResolver,
): Promise<Omit<LetterSource, 'facts' | 'words'>> {
  const message = await parseMessage(raw);
  const { decision, believed } = await authenticate(raw, message.headers, message.oddities, trust, resolver, message);
  const sender = strictSender(message.headers);
  return {
    message,
    mailId: mailIdentity(raw, trust),
    authenticity: decision,
    domain: believed?.domain,
    address: 'address' in sender ? sender.address : '',
  };
}
