import { isAscii } from '../../../application/plain-text.js';

/** Line ends unified, compatibility characters as they look, what nobody sees removed. */
export function readable(text: string): string {
  const unified = text.replace(/\r\n?/g, '\n');
  // In ASCII nothing else has two forms, and most mail is nothing else.
  return (isAscii(unified) ? unified : inOneForm(unified)).replace(PICTURE, '').replace(SAME_TARGET, '');
}
export function inOneForm(text: string): string {
  return text
    .normalize('NFKC')
    .replace(/[\u2028\u2029]/g, '\n')
    .replace(/[\u2018\u2019\u02bc]/g, "'")
    .replace(/[\u201c\u201d]/g, '"')
    .replace(/\p{Cf}|\u034f/gu, '');
}
/** What Outlook puts into its text for a picture, under another name in each mail. */
export const PICTURE = /\[cid:[\w-]{1,60}\.(?:png|jpe?g|gif|bmp)@[\w.]{1,60}\]/gi;
/** And behind an address or a link that says where it goes. */
export const SAME_TARGET = /<(?:mailto:)?([^\s<>]{1,200})>(?<=\1<(?:mailto:)?\1>)/gi;
/** Letters and digits only, for comparing words. */
export function bareWords(text: string): string {
  return readable(text)
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}
