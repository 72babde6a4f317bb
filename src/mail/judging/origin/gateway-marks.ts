import type { ParsedMessage } from '../../incoming/parse-message.js';

const IN_SUBJECT = /^\s*(?:\[\s*(?:external|ext|caution|outside)\b[^\]]{0,40}\]|(?:external|caution)\s*:)/i;
const BANNER =
  /\b(?:caution|warning|external (?:e-?mail|sender|message)|originated (?:from )?outside|came from outside|outside (?:of )?(?:the|your|our) (?:organization|company|network)|sent from outside)\b/i;
/** A banner is short, and first or last. */
const BANNER_CHARACTERS = 400;

/**
 * What a mail gateway writes into mail from outside, which breaks the sender's signature: where it stands, undefined where
 * nothing does. Anybody can write so, and it proves nothing: it tells a person where to look.
 */
export function gatewayMark({
  subject,
  text,
  alternativeText,
}: Pick<ParsedMessage, 'subject' | 'text' | 'alternativeText'>): string | undefined {
  const tag = IN_SUBJECT.exec(subject)?.[0]?.trim();
  if (tag) return `"${tag}" in its subject`;
  const texts = [text, alternativeText ?? ''].map((one) => one.trim());
  if (texts.some((one) => BANNER.test(one.slice(0, BANNER_CHARACTERS)))) return 'a warning above its text';
  if (texts.some((one) => BANNER.test(one.slice(-BANNER_CHARACTERS)))) return 'a warning below its text';
  return undefined;
}
