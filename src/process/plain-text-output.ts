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

/** Longer cells are cut: one of a stranger must not pad every row beyond the screen. */
const WIDEST_CELL = 60;

/** Rows with their cells one below the other. */
export function columns(rows: readonly (readonly string[])[]): Plain {
  const cells = rows.map((row) => row.map((cell) => clipped(unbroken(disarmed(cell)))));
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

function clipped(cell: string): string {
  const characters = Array.from(cell);
  return characters.length <= WIDEST_CELL
    ? cell
    : `${characters
        .slice(0, WIDEST_CELL - 1)
        .join('')
        .trimEnd()}…`;
}

/** A stranger's text of several lines, each behind a bar, with no link to click: none can pass for a line of ours. */
export function quotation(text: string): Plain {
  return new Plain(behindBar(disarmed(text)));
}

/** Text of ours in which strangers may have written, each line behind a bar. */
export function excerpt(text: string): Plain {
  return new Plain(behindBar(text));
}

/** No line of ours begins with a bar. A terminal of 80 columns wraps none of these, so it begins none by itself. */
function behindBar(text: string): string {
  return text
    .trimEnd()
    .split('\n')
    .flatMap(wrapped)
    .map((line) => `  | ${line}`)
    .join('\n');
}

/** A message that may quote anything: its first line goes on a line of ours, each other one is behind a bar. */
export function hanging(message: string): Plain {
  const [first = '', ...others] = message.trimEnd().split('\n');
  return new Plain(others.length === 0 ? first : `${first}\n${behindBar(others.join('\n'))}`);
}

/** What 80 columns leave behind the bar. */
const BEHIND_BAR = 76;

/** A line in pieces that fit behind the bar, broken between words, and within a word that is longer than a piece. */
function wrapped(line: string): string[] {
  const pieces = [''];
  let room = BEHIND_BAR;
  const append = (character: string) => {
    pieces.push(`${pieces.pop()}${character}`);
    room -= columnsOf(character);
  };
  const breakLine = () => {
    pieces.push('');
    room = BEHIND_BAR;
  };
  for (const word of line.split(/(?<=\s)(?=\S)/u)) {
    if (columnsOf(word.trimEnd()) > room && room < BEHIND_BAR) breakLine();
    for (const character of word) {
      if (columnsOf(character) <= room) append(character);
      else if (/\s/u.test(character)) room = 0;
      else {
        breakLine();
        append(character);
      }
    }
  }
  return pieces.map((piece) => piece.trimEnd());
}

/** The columns that a terminal needs at most: East Asian letters and emoji may take two, all of which come from U+1100 on. */
function columnsOf(text: string): number {
  return Array.from(text, (character) => (character === '\t' ? 8 : character < '\u1100' ? 1 : 2)).reduce(
    (sum, one) => sum + one,
    0,
  );
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
