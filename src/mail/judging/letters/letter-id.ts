import { createHash } from 'node:crypto';
import { PART_NAMES } from '../text/writing.js';
import type { Letter, LetterPart } from './letter.js';

/** What a letter or a filler block is called follows from all it says: nobody can change one and keep its name. */
export function letterId({ kind, domain, parts, attachments }: Omit<Letter, 'id'>): string {
  const said = ({ paragraphs, decisive }: LetterPart) => [paragraphs, decisive];
  const content = [kind, domain, PART_NAMES.map((name) => (parts[name] ? said(parts[name]) : null)), attachments];
  return `letter-${shortHash(content)}`;
}

/** @param paragraph masked */
export function fillerId(domain: string, paragraph: string): string {
  return `filler-${shortHash([domain, paragraph])}`;
}

function shortHash(content: unknown): string {
  return createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 12);
}
