/**
 * How foreign text becomes ours: full-width letters and no-break spaces from word processors, any of a dozen dashes, and
 * characters nobody sees.
 */

/** Trimmed, NFC, runs of white space as one space. Line breaks become spaces; what else cannot be printed stays, to be refused. */
export function tidied(text: string): string {
  return text.normalize('NFC').replace(/\s+/gu, ' ').trim();
}

/** Control, format and other characters that do not print: they hide in names and forge headers. */
export function unprintable(text: string): boolean {
  return /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}]/u.test(text);
}

/** For reading numbers: compatibility forms unified (full-width digits), every dash a hyphen, invisible characters gone. */
export function asciiDigitsAndHyphens(text: string): string {
  return text
    .normalize('NFKC')
    .replace(/[\p{Cf}]/gu, '')
    .replace(/[\p{Pd}\u2212]/gu, '-')
    .replace(/\s+/gu, ' ')
    .trim();
}
