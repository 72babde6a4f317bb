import type { Authenticity, DecisionKind } from '../../../workflows/contract/received-mail.js';
import type { ParsedMessage } from '../../incoming/parse-message.js';
import { hasCredentials, requestForSecrets } from '../kind/confidential-words.js';
import { suggestions } from '../kind/suggest.js';
import { type CaseFacts, maskFor } from '../text/mask.js';
import { isForeignQuote, PART_NAMES, type Writing, withForeignQuotes, writingOf } from '../text/writing.js';
import type { Letter } from './letter.js';
import { bookOf, type LetterShelf } from './letter-acts.js';
import type { NewAct } from './letter-rules.js';
import { matchLetter } from './match.js';
import { LessonRefused, letterOf, likelyDecisive, type ShownParagraph, shownParagraphs } from './teach.js';

/** A mail that is to teach a letter, with what is known of it. */
export interface Material {
  message: ParsedMessage;
  mailId: string;
  /** As it was on arrival. */
  authenticity: Authenticity;
  /** Whose signature is believed; undefined when none is. */
  domain: string | undefined;
  /** Of the From line, bare and lower case. */
  address: string;
  facts: CaseFacts;
  /** What mails of the case said before, as bare words. */
  words: readonly string[];
}

/** What a person wants of it. */
export interface Wish {
  kind: DecisionKind;
  /** Undefined: the only likely paragraph. */
  decisive?: number | undefined;
  fillers: readonly number[];
}

export interface LearnedParagraph extends ShownParagraph {
  role: 'subject' | 'decides' | 'filler' | 'text';
  /** It is in a known letter of its sender, or filler, already. */
  known: boolean;
}

export interface Learned {
  letter: Letter;
  paragraphs: LearnedParagraph[];
  address: string;
  /** What a person should look at before the letter counts: whole sentences. */
  warnings: string[];
  /** To be put on record, in this order. */
  acts(by: string): NewAct[];
}

/** @throws LessonRefused when the mail may not teach, or when which paragraph decides is not clear */
export function learnLetter(material: Material, wish: Wish, shelf: LetterShelf): Learned {
  const { message, facts, mailId, address } = material;
  const domain = teachingDomain(material);
  const writing = withForeignQuotes(writingOf(message, facts, { domain, address }), material.words);
  const book = bookOf(shelf);
  const fillers = new Set(book.fillers[domain] ?? []);
  const shown = shownParagraphs(writing, facts, fillers);
  const decisive =
    wish.decisive ??
    onlyLikely(
      shown.filter(({ written }) => !isForeignQuote(written)),
      wish.kind,
    );
  refuseForeignDecision(shown, decisive);
  const { letter, fillers: newFillers } = letterOf(writing, facts, fillers, { ...wish, decisive });
  refuseStrangeNumbers(shown);
  const unknown = new Set(matchLetter(writing, facts, book).unknown);
  const paragraphs = shown.map(
    (one): LearnedParagraph => ({
      ...one,
      ...(one.number === decisive ? { masked: maskFor(facts)(one.written, 'decisive').paragraph } : {}),
      role: roleOf(one, decisive, wish.fillers),
      known: !unknown.has(one.written),
    }),
  );
  return {
    letter,
    paragraphs,
    address,
    warnings: warningsOn(letter, writing, paragraphs, wish.kind),
    acts: (by) => [
      ...newFillers.map((paragraph): NewAct => ({ act: 'filler', by, domain, paragraph, mailId })),
      teaching(shelf, letter, by, address, mailId),
    ],
  };
}

/** Another address for a letter that counts already, or agreeing to one that is not there or does not count yet. */
function teaching({ letters }: LetterShelf, letter: Letter, by: string, address: string, mailId: string): NewAct {
  const known = letters.get(letter.id);
  if (known?.state === 'known' && !known.addresses.includes(address))
    return { act: 'address', by, letter: letter.id, address, mailId };
  return { act: 'teach', by, letter: letter as never, address, mailId };
}

function teachingDomain({ message, authenticity, domain }: Material): string {
  if (message.unreadable) throw new LessonRefused('The mail could not be read, so it can teach nothing.');
  if (authenticity.verdict !== 'authentic')
    throw new LessonRefused(
      `Only mail that was authentic on arrival teaches, and this one was ${authenticity.verdict}: ${authenticity.reasons.join('; ')}.`,
    );
  if (!domain)
    throw new LessonRefused(
      'The archive does not say whose signature this mail had. Save it from the mailbox as a file and name that file.',
    );
  const text = `${message.subject}\n${message.text}\n${message.alternativeText ?? ''}`;
  if (hasCredentials(text))
    throw new LessonRefused('The mail has what looks like sign-in data of an account: it cannot be a letter.');
  if (requestForSecrets(text, true))
    throw new LessonRefused(
      'The mail asks for passwords, bank data or a Social Security number: it cannot be a letter.',
    );
  return domain;
}

/** Nobody can tell who wrote what is quoted: it may be a banner that stands there each time, and never what decides. */
function refuseForeignDecision(shown: readonly ShownParagraph[], decisive: number): void {
  if (shown.some(({ number, written }) => number === decisive && isForeignQuote(written)))
    throw new LessonRefused(
      `Paragraph ${decisive} stands in a quotation, and no archived mail of this case says it: nobody can tell who wrote it, so it cannot decide.`,
    );
}

/** A letter goes to other archives, where no client's number may go; and no other case has the same. */
function refuseStrangeNumbers(shown: readonly ShownParagraph[]): void {
  const strange = shown.find(({ masked }) => TAX_NUMBER.test(withoutSlots(masked)));
  if (strange)
    throw new LessonRefused(
      `${strange.number === 0 ? 'The subject' : `Paragraph ${strange.number}`} has an importer number, an EIN or a Social Security number that is none of this case, so it cannot be a letter. Make sure whose mail it is: --reference.`,
    );
}
/** As it is written with its hyphens. */
const TAX_NUMBER = /(?<![\p{L}\p{N}-])(?:\d{2}-\d{7}[\dA-Z]{0,2}|\d{3}-\d{2}-\d{4}|\d{6}-\d{5})(?![\p{L}\p{N}-])/iu;

function onlyLikely(shown: ShownParagraph[], kind: DecisionKind): number {
  const likely = likelyDecisive(shown, kind);
  if (likely === undefined)
    throw new LessonRefused(`Which paragraph says "${kind}" is not clear. Name it: --decisive N.`, shown);
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
        `Paragraph ${number} is quoted, and no archived mail of this case says it: mark it as filler if it may be absent.`,
      );
    if (role === 'filler' && hint)
      warnings.push(
        `Paragraph ${number} would be filler, absent or present as may be, yet it reads like ${hint.kind}. Make sure that it decides nothing.`,
      );
    if (role === 'filler' || !/\d/.test(withoutSlots(text))) continue;
    warnings.push(
      role === 'decides'
        ? `Paragraph ${number} decides and has a figure: a figure there stays literal, so siblings with another figure will not match.`
        : `${number === 0 ? 'The subject' : `Paragraph ${number}`} has a figure that stays literal: siblings with another figure will not match.`,
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
    warnings.push('It names neither the company nor an importer number of this case: make sure that it is its mail.');
  if (writing.attachments.length > 0)
    warnings.push('It has an attachment: only mail with exactly the same file will match.');
  return warnings;
}

function withoutSlots(masked: string): string {
  return masked.replace(/(?<!\\)\{[^{}]*\}/g, '');
}
