import type { OutputConfiguration } from 'commander';
import { printable, printableJson } from '../application/plain-text.js';
import { hanging, type Plain } from './plain-text-output.js';

/**
 * The one place that writes to the terminal: results on stdout (text, or JSON with `--json`), everything else on stderr.
 * Whatever a text quotes, it reaches the terminal without control and format characters.
 */

/** Exit codes, stable and documented in `docs/command-line.md`. */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  notFound: 3,
  /** Already decided, already claimed, or not possible at this stage. */
  conflict: 4,
  /** The input is wrong; every complaint was printed. */
  invalid: 5,
  /** A check ran to its end and found something. */
  findings: 6,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Ends a command with a message and an exit code; thrown by commands, caught once in `main.ts`. */
export class CommandFailure extends Error {
  constructor(
    readonly exitCode: ExitCode,
    readonly said: Plain,
    /** Printed on stdout under `--json`, so that a script sees the complaints. */
    readonly details?: unknown,
  ) {
    super(said.text);
    this.name = 'CommandFailure';
  }
}

/** Prints a command's result: `value` as JSON under `--json`, else `text()`. */
export function printResult(json: boolean | undefined, value: unknown, text: () => Plain): void {
  if (json) printJson(value);
  else write(process.stdout, `${text().text}\n`);
}

/** Prints a result that is always JSON. Programs get every value exactly. */
export function printJson(value: unknown): void {
  process.stdout.write(printableJson(`${JSON.stringify(value, null, 2)}\n`));
}

/** Says something beside the result. */
export function say(text: Plain): void {
  write(process.stderr, `${text.text}\n`);
}

/** How commander prints help and what is wrong with a call, which it quotes. */
export const COMMANDER_OUTPUT: OutputConfiguration = {
  writeOut: (text) => write(process.stdout, text),
  writeErr: (text) => write(process.stderr, text),
  outputError: (text, writeError) => writeError(`${hanging(text).text}\n`),
};

function write(stream: NodeJS.WritableStream, text: string): void {
  stream.write(printable(text));
}
