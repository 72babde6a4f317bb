import type { ParsedMessage } from '../../incoming/parse-message.js';

const IN_SUBJECT = /^\s*(?:\[\s*(?:external|ext|caution|outside)\b[^\]]{0,40}\]|(?:external|caution)\s*:)/i;
const BANNER =
  /\b(?:caution|warning|external (?:e-?mail|sender|message)|originated (?:from )?outside|came from outside|outside (?:of )?(?:the|your|our) (?:organization|company|network)|sent from outside)\b/i;
/** A banner is short and comes first or last. */
const BANNER_CHARACTERS = 400;

/**
 * Where a mail gateway added text to an email from outside, which breaks the sender's signature. Undefined if it did not.
 * Anyone can write such text, so this proves nothing. It only tells a person where to look.
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

/** @param mark from `gatewayMark` */
export function gatewayAdvice(
  mark: string,
  { fromDomains, dkimDomains, authservId }: { fromDomains: string[]; dkimDomains: string[]; authservId?: string },
): string {
  const domains = [...new Set([...dkimDomains, ...fromDomains])].join(' and ');
  const otherWay = authservId
    ? ''
    : '; or set MAIL_HOST_AUTHSERV_ID, so that what your mail host found on arrival counts for acknowledgements';
  return `your own mail gateway seems to have changed this email (${mark}): add a rule for ${domains} so that it leaves email from CBP unchanged and the signature stays valid${otherWay}`;
}
