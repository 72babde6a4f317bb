import { createHash } from 'node:crypto';
import type { DecisionKind } from '../../../workflows/contract/received-mail.js';
import { PART_NAMES, type PartName } from '../text/writing.js';

/**
 * A letter that CBP sends again and again, learned from one confirmed email: paragraphs with slots in place of what differs
 * from case to case. We never interpret the words: either the whole email matches the letter, or it does not.
 */
export interface Letter {
  /** `letter-` and twelve hex digits of a hash over everything below. See `letterId`. */
  id: string;
  kind: DecisionKind;
  /** The domain (d=) of its DKIM signature. */
  domain: string;
  /** As in the email: a text version, an HTML version, or both. */
  parts: Partial<Record<PartName, LetterPart>>;
  /** sha256 of each attachment except inline images and signatures, sorted. */
  attachments: string[];
}

export interface LetterPart {
  /** Masked, in order. The first is the subject. */
  paragraphs: string[];
  /** Index of the paragraph that decides. It masks only the case's own values and dates. */
  decisive: number;
}

/** The letters that count at one time. */
export interface LetterBook {
  letters: KnownLetter[];
  /** Masked paragraphs that may appear anywhere or be absent, by signing domain. */
  fillers: Record<string, string[]>;
}

export interface KnownLetter extends Letter {
  /** Bare addresses of its domain that it may come from. */
  addresses: string[];
}

/** The ID is a hash of the content, so a changed letter cannot keep its ID. */
export function letterId({ kind, domain, parts, attachments }: Omit<Letter, 'id'>): string {
  const partContent = ({ paragraphs, decisive }: LetterPart) => [paragraphs, decisive];
  const content = [
    kind,
    domain,
    PART_NAMES.map((name) => (parts[name] ? partContent(parts[name]) : null)),
    attachments,
  ];
  return `letter-${shortHash(content)}`;
}

/** @param paragraph masked */
export function fillerId(domain: string, paragraph: string): string {
  return `filler-${shortHash([domain, paragraph])}`;
}

function shortHash(content: unknown): string {
  return createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 12);
}
