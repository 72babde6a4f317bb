import { companyWords } from './correlation-index.js';

/** A name by its capitals and the legal form behind it: "Beta Goods Inc." */
const COMPANY =
  /\b((?:[\p{Lu}\d][\p{L}\p{N}&'.-]*,?\s+){1,6}?)(?:Inc|LLC|L\.L\.C|Corp|Corporation|Ltd|Limited|LLP|GmbH)(?![\p{L}\p{N}])/gu;
const GREETING = /^(?:dear|hello|hi|the|for|of|re|attn)\s+/;

/**
 * The company that sentences name while they do not name ours: an official may answer about two importers in one thread.
 * @param ours texts that name ours: its legal name, mails of ours about it
 */
export function anotherCompany(sentences: readonly string[], ours: readonly string[]): string | undefined {
  const known = ` ${companyWords(ours.join('\n'))} `;
  const named = sentences.flatMap((sentence) =>
    [...sentence.slice(0, 1_000).matchAll(COMPANY)].map(([, name = '']) => name),
  );
  const isOurs = (name: string) => known.includes(` ${companyWords(name).replace(GREETING, '')} `);
  return named.some(isOurs) ? undefined : named[0];
}
