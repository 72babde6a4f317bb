import { CommandFailure, EXIT } from '../process/output.js';
import { plain } from '../process/plain-text-output.js';

/**
 * Parses the bytes of a JSON file. A byte order mark, which some programs write, is skipped.
 * @param remedy what to do, added to the error
 * @throws CommandFailure when it is not UTF-8, which would damage names, or not JSON. The error quotes nothing from the
 * file, because an importer number without quotation marks is a common mistake.
 */
export function jsonIn(file: string, bytes: Uint8Array, remedy = 'Correct it.'): unknown {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new CommandFailure(
      EXIT.invalid,
      plain`${file} is not in UTF-8, so names with accents would be damaged. ${remedy}`,
    );
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new CommandFailure(EXIT.invalid, plain`${file} is not JSON: ${unquoted(text, error as Error)}. ${remedy}`);
  }
}

/** The parser's message with the line number, but without the part of the file that it quotes. */
function unquoted(text: string, { message }: Error): string {
  const [quoting, before = '', quoted = ''] =
    /, (\.\.\.)?"([\s\S]*)"(?:\.\.\.)? is not valid JSON$/.exec(message) ?? [];
  if (quoting === undefined) {
    const position = / in JSON at position (\d+).*$/.exec(message);
    return position ? `${message.slice(0, position.index)} in ${lineAt(text, Number(position[1]))}` : message;
  }
  const said = message.slice(0, -quoting.length);
  // V8 quotes ten characters on each side of the unexpected one.
  const inside = before ? 10 : quoted.indexOf(/'(.*)'$/su.exec(said)?.[1] ?? '');
  return `${said} in ${lineAt(text, text.indexOf(quoted) + Math.max(inside, 0))}`;
}

function lineAt(text: string, position: number): string {
  return `line ${text.slice(0, position).split('\n').length}`;
}
