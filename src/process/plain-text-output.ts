import { disarmed } from '../application/plain-text.js';

/**
 * Text that a command may print. A string may come from a stranger, so commands print templates instead: we write their
 * words, and their values stay within one line.
 */
export class Plain {
  constructor(readonly text: string) {}
}

/** `undefined` prints nothing, and a list prints lines. */
type Value = string | number | undefined | Plain | readonly Plain[];

/** Our words with any values: `plain`From: ${name}`` is one line, whatever the name is. */
export function plain(words: TemplateStringsArray, ...values: Value[]): Plain {
  return joined(words, values, unbroken);
}

/** The same for quoting strangers: links in the values cannot be clicked. */
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

/** Replaces white space of any kind by spaces. */
function unbroken(value: string): string {
  return value.replace(/[^\S ]+/gu, ' ');
}

/** One below the other, without `undefined`. */
export function lines(parts: readonly (Plain | undefined)[]): Plain {
  return new Plain(parts.flatMap((part) => part?.text ?? []).join('\n'));
}

/** A list in one line, such as names. */
export function inList(values: readonly string[], separator = ', '): Plain {
  return new Plain(values.map(unbroken).join(separator));
}

/** With an empty line between them. */
export function blocks(parts: readonly Plain[]): Plain {
  return new Plain(parts.map(({ text }) => text).join('\n\n'));
}

/** Longer cells are cut off: a stranger's text must not make every row wider than the screen. */
const WIDEST_CELL = 60;

/** A table with aligned columns. */
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

/** A stranger's text, each line after a bar and without links to click, so that none can pass as our own. */
export function quotation(text: string): Plain {
  return new Plain(afterBar(disarmed(text)));
}

/** Our own text with parts that strangers may have written, each line after a bar. */
export function excerpt(text: string): Plain {
  return new Plain(afterBar(text));
}

/** None of our own lines begins with a bar. A terminal with 80 columns does not wrap these lines. */
function afterBar(text: string): string {
  return text
    .trimEnd()
    .split('\n')
    .flatMap(wrapped)
    .map((line) => `  | ${line}`)
    .join('\n');
}

/** A message that may quote anything: its first line continues our line, all others come after a bar. */
export function hanging(message: string): Plain {
  const [first = '', ...others] = message.trimEnd().split('\n');
  return new Plain(others.length === 0 ? first : `${first}\n${afterBar(others.join('\n'))}`);
}

/** What 80 columns leave after the bar. */
const BAR_COLUMNS = 76;

/** Breaks a line into pieces that fit after the bar, between words, or within a word that is longer than a piece. */
function wrapped(line: string): string[] {
  const pieces = [''];
  let room = BAR_COLUMNS;
  const append = (character: string) => {
    pieces.push(`${pieces.pop()}${character}`);
    room -= columnsOf(character);
  };
  const breakLine = () => {
    pieces.push('');
    room = BAR_COLUMNS;
  };
  for (const word of line.split(/(?<=\s)(?=\S)/u)) {
    if (columnsOf(word.trimEnd()) > room && room < BAR_COLUMNS) breakLine();
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

/** Most columns a terminal may need. East Asian letters and emoji may take two, and all of them are U+1100 or above. */
function columnsOf(text: string): number {
  return Array.from(text, (character) => (character === '\t' ? 8 : character < '\u1100' ? 1 : 2)).reduce(
    (sum, one) => sum + one,
    0,
  );
}

/** A list below a line about it. Each item is one line, whatever it quotes. */
export function itemized(about: Plain, items: readonly string[]): Plain {
  return lines([about, ...items.map((item) => plain`  - ${item}`)]);
}

/** The message of an error. Some errors have a list of problems, which we wrote ourselves. */
export function errorText({ message, problems = [] }: Error & { problems?: readonly string[] }): Plain {
  const [about = ''] = message.split('\n', 1);
  return problems.length === 0 ? hanging(message) : itemized(plain`${about}`, problems);
}
