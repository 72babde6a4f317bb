import { isAscii } from '../../../application/plain-text.js';

/** Unifies line ends, replaces compatibility characters with plain ones, and removes invisible characters. */
export function readable(text: string): string {
  const unified = text.replace(/\r\n?/g, '\n');
  // ASCII needs no normalization, and most email is ASCII.
  return (isAscii(unified) ? unified : inOneForm(unified)).replace(PICTURE, '').replace(SAME_TARGET, '');
}
function inOneForm(text: string): string {
  return text
    .normalize('NFKC')
    .replace(/[\u2028\u2029]/g, '\n')
    .replace(/[\u2018\u2019\u02bc]/g, "'")
    .replace(/[\u201c\u201d]/g, '"')
    .replace(/\p{Cf}|\u034f/gu, '');
}
/** Outlook's placeholder for a picture, with a different name in each email. */
const PICTURE = /\[cid:[\w-]{1,60}\.(?:png|jpe?g|gif|bmp)@[\w.]{1,60}\]/gi;
/** Outlook's repeated target after an address or link that already shows it. */
const SAME_TARGET = /<(?:mailto:)?([^\s<>]{1,200})>(?<=\1<(?:mailto:)?\1>)/gi;
/** Only letters and digits, for comparing words. */
export function bareWords(text: string): string {
  return readable(text)
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}
