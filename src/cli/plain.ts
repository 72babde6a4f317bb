import { disarmed } from '../application/plain-text.js';

/**
 * Text that a command may print. A plain string is no such text: it may be a stranger's. So what is printed is written as
 * a template, whose words are ours and whose values stay within their line.
 */
export class Plain {
  constructor(readonly text: string) {}
}

/** `undefined` is nothing; a list of texts are lines. */
type Value = string | number | undefined | Plain | readonly Plain[];

/** Our words, with values that come from anywhere: `plain`From: ${name}`` is one line, whatever the name is. */
export function plain(words: TemplateStringsArray, ...values: Value[]): Plain {
  return joined(words, values, unbroken);
}

/** The same where strangers are quoted: no link in a value can be clicked. */
export function disarming(words: TemplateStringsArray, ...values: Value[]): Plain {
  return joined(words, values, (value) => unbroken(disarmed(value)));
}

function joined(words: TemplateStringsArray, values: Value[], foreign: (value: string) => string): Plain {
  const shown = values.map((value) => {
    if (typeof value === 'string') return foreign(value);
    if (typeof value === 'number') return String(value);
    return value === undefined ? '' : lines([value].flat()).text;
  });
  return new Plain(String.raw({ raw: words }, ...shown));
}

/** White space of any kind as spaces. */
function unbroken(value: string): string {
  return value.replace(/[^\S ]+/gu, ' ');
}

/** One below the other; `undefined` is left out. */
export function lines(parts: readonly (Plain | undefined)[]): Plain {
  return new Plain(parts.flatMap((part) => part?.text ?? []).join('\n'));
}

/** Values of a list in one line, such as names. */
export function inList(values: readonly string[], separator = ', '): Plain {
  return new Plain(values.map(unbroken).join(separator));
}

/** With an empty line between them. */
export function blocks(parts: readonly Plain[]): Plain {
  return new Plain(parts.map(({ text }) => text).join('\n\n'));
}

/** Rows with their cells one below the other. */
export function columns(rows: readonly (readonly string[])[]): Plain {
  const cells = rows.map((row) => row.map((cell) => unbroken(disarmed(cell))));
  const widths = (cells[0] ?? []).map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return new Plain(
    cells
      .map((row) =>
        row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd(),
      )
      .join('\n'),
  );
}

/** A stranger's text of several lines, each behind a bar, with no link to click: none can pass for a line of ours. */
export function quotation(text: string): Plain {
  return new Plain(behindBar(disarmed(text)));
}

/** Text of ours in which strangers may have written, each line behind a bar. */
export function excerpt(text: string): Plain {
  return new Plain(behindBar(text));
}

function behindBar(text: string): string {
  return `  | ${barred(text)}`;
}

/** No line of ours begins with a bar. */
function barred(text: string): string {
  return text.trimEnd().replaceAll('\n', '\n  | ');
}

/** A message that may quote anything: its first line goes on a line of ours, each other one is behind a bar. */
export function hanging(message: string): Plain {
  return new Plain(barred(message));
}

/** A list of ours below a line about it; each item is one line, whatever it quotes. */
export function itemized(about: Plain, items: readonly string[]): Plain {
  return lines([about, ...items.map((item) => plain`  - ${item}`)]);
}

/** What an error says. The list that some errors have is ours, as are the words in front of it. */
export function errorText({ message, problems = [] }: Error & { problems?: readonly string[] }): Plain {
  const [about = ''] = message.split('\n', 1);
  return problems.length === 0 ? hanging(message) : itemized(plain`${about}`, problems);
}
