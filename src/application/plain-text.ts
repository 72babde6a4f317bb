/**
 * How foreign text becomes ours: full-width letters and no-break spaces from word processors, any of a dozen dashes, and
 * characters that move a cursor, reverse a line or hide.
 */

/** Trimmed, NFC, runs of white space (U+2800 too, which looks like it) as one space. Line breaks become spaces; what else cannot be printed stays, to be refused. */
export function tidied(text: string): string {
  return text
    .normalize('NFC')
    .replace(/[\s\u2800]+/gu, ' ')
    .trim();
}

/** Control, format and other characters that do not print: they hide in names and forge headers. */
export function unprintable(text: string): boolean {
  return /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}]/u.test(text);
}

/**
 * All of these but line feed and tab, Unicode's own line breaks, and what is shown as nothing though it counts as a
 * letter or a mark, such as U+3164 and variation selectors. An emoji loses the joiners, not its parts.
 */
const UNPRINTABLE = /[^\P{C}\n\t]|[\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;
/** What some programs take for a line break, where those who read the text count line feeds; and U+2800, an empty braille cell. */
const SHOWN_AS_SPACE = /[\r\v\f\u0085\u2028\u2029\u2800]/g;

/**
 * Text that any terminal, log or page can show: without control and format characters, which redraw screens, reverse
 * lines and hide words, and without what shows as nothing. Line feeds and tabs stay, other line breaks
 * and the empty braille cell become spaces. Never changes what is printable.
 */
export function printable(text: string): string {
  return text.replace(/\r\n/g, '\n').replace(SHOWN_AS_SPACE, ' ').replace(UNPRINTABLE, '');
}

/** The same, in one line: foreign text must not begin a line that looks like one of ours. */
export function printableLine(text: string): string {
  return PLAIN_LINE.test(text) ? text : tidied(printable(text));
}
/** Words in ASCII with one space between them: nothing to tidy, nothing that does not print. */
const PLAIN_LINE = /^[!-~]+(?: [!-~]+)*$/;

/** Whether there is nothing in it that Unicode has two forms of, or that hides. */
export function isAscii(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII is meant
  return /^[\x00-\x7f]*$/.test(text);
}

/** The same for JSON: as escapes, so that programs get the exact value and terminals nothing that acts on them. */
export function printableJson(json: string): string {
  return json.replace(UNPRINTABLE, (found) =>
    Array.from({ length: found.length }, (_, at) => `\\u${found.charCodeAt(at).toString(16).padStart(4, '0')}`).join(
      '',
    ),
  );
}

/** A line and a list below it, each in one line: what an item quotes must not begin another. */
export function withItems(about: string, items: readonly string[]): string {
  return [printableLine(about), ...items.map((item) => `  - ${printableLine(item)}`)].join('\n');
}

/** In front of what is no address of a machine; behind some of these a mere word is a link. */
const OPAQUE_SCHEME = /\b(javascript|vbscript|(?:https?|ftp|mailto|xmpp|data|file|tel|sms)(?=:\S)):/gi;

/**
 * Printable text whose links can be read and not clicked, in a terminal or in Markdown: `https[:]//`, `www[.]`,
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

/** For reading numbers: compatibility forms unified (full-width digits), every dash a hyphen, invisible characters gone. */
export function asciiDigitsAndHyphens(text: string): string {
  const unified = isAscii(text)
    ? text
    : text
        .normalize('NFKC')
        .replace(/[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu, '')
        .replace(/[\p{Pd}\u2212]/gu, '-');
  return unified.replace(/\s+/gu, ' ').trim();
}
