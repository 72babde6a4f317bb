/**
 * Cleans untrusted text: full-width letters and no-break spaces from word processors, a dozen kinds of dashes, and
 * characters that move the cursor, reverse a line, or hide.
 */

/**
 * Trimmed and NFC. Runs of white space, line breaks, and the empty braille cell U+2800 become one space. Other characters
 * that do not print stay, so that the caller can refuse them.
 */
export function tidied(text: string): string {
  return text
    .normalize('NFC')
    .replace(/[\s\u2800]+/gu, ' ')
    .trim();
}

/** Whether there are control, format, or other characters that do not print: they hide in names and forge headers. */
export function unprintable(text: string): boolean {
  return /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}]/u.test(text);
}

/**
 * Those characters except line feed and tab, Unicode's own line breaks, and letters and marks that show as nothing, such
 * as U+3164 and variation selectors. An emoji loses its joiners, not its parts.
 */
const UNPRINTABLE = /[^\P{C}\n\t]|[\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;
/** Characters that some programs show as a line break although the text has no line feed; and U+2800, an empty braille cell. */
const SHOWN_AS_SPACE = /[\r\v\f\u0085\u2028\u2029\u2800]/g;

/**
 * Text that is safe in a terminal, a log, or a page: without control and format characters, which redraw screens, reverse
 * lines, and hide words, and without characters that show as nothing. Line feeds and tabs stay; other line breaks and the
 * empty braille cell become spaces. Printable characters never change.
 */
export function printable(text: string): string {
  return text.replace(/\r\n/g, '\n').replace(SHOWN_AS_SPACE, ' ').replace(UNPRINTABLE, '');
}

/** The same in one line: untrusted text must not start a line that looks like our own output. */
export function printableLine(text: string): string {
  return PLAIN_LINE.test(text) ? text : tidied(printable(text));
}
/** ASCII words with single spaces: nothing to clean. */
const PLAIN_LINE = /^[!-~]+(?: [!-~]+)*$/;

/** Whether the text is ASCII only, so that no character has a second form or is hidden. */
export function isAscii(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII
  return /^[\x00-\x7f]*$/.test(text);
}

/** Escapes those characters in JSON: programs get the exact value, and terminals get nothing they would act on. */
export function printableJson(json: string): string {
  return json.replace(UNPRINTABLE, (found) =>
    Array.from({ length: found.length }, (_, at) => `\\u${found.charCodeAt(at).toString(16).padStart(4, '0')}`).join(
      '',
    ),
  );
}

/** A heading and a list below it, one line each: text quoted in an item must not start a line. */
export function withItems(about: string, items: readonly string[]): string {
  return [printableLine(about), ...items.map((item) => `  - ${printableLine(item)}`)].join('\n');
}

/** Schemes that make a link out of any word behind them, even if it is not a host name. */
const OPAQUE_SCHEME = /\b(javascript|vbscript|(?:https?|ftp|mailto|xmpp|data|file|tel|sms)(?=:\S)):/gi;

/**
 * Printable text whose links can be read but not clicked, in a terminal or in Markdown: `https[:]//`, `www[.]`,
 * `mailto[:]`, `/[/]host`, `< tag>`, `[text] (target)`.
 */
export function disarmed(text: string): string {
  return printable(text)
    .replace(OPAQUE_SCHEME, '$1[:]')
    .replace(/:(?=\/\/)/g, '[:]')
    .replace(/(?<!\[:\])\/\/(?=\S)/g, '/[/]')
    .replace(/\bwww\./gi, (found) => `${found.slice(0, -1)}[.]`)
    .replace(/<(?=[a-z/!?])/gi, '< ')
    .replace(/\](?=[[(:])/g, '] ');
}

/** Text ready for reading numbers: full-width digits become ASCII, every dash a hyphen; invisible characters are removed. */
export function asciiDigitsAndHyphens(text: string): string {
  const unified = isAscii(text)
    ? text
    : text
        .normalize('NFKC')
        .replace(/[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu, '')
        .replace(/[\p{Pd}\u2212]/gu, '-');
  return unified.replace(/\s+/gu, ' ').trim();
}
