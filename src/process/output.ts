import type { OutputConfiguration } from 'commander';
import { printable, printableJson } from '../application/plain-text.js';
import { hanging, type Plain } from './plain-text-output.js';

/**
 * The one place that writes to the terminal: results on stdout (text, or JSON with `--json`), everything else on stderr.
 * Control and format characters never reach the terminal, whatever a text quotes.
 */

/** Exit codes, stable and documented in `docs/command-line.md`. */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  notFound: 3,
  /** Already decided, already claimed, or not possible at this stage. */
  conflict: 4,
  /** The input is wrong, and every problem was printed. */
  invalid: 5,
  /** A check finished and found something. */
  findings: 6,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Ends a command with a message and an exit code. Commands throw it, and `main.ts` catches it. */
export class CommandFailure extends Error {
  constructor(
    readonly exitCode: ExitCode,
    readonly said: Plain,
    /** Printed on stdout with `--json`, so that scripts get the problems. */
    readonly details?: unknown,
  ) {
    super(said.text);
    this.name = 'CommandFailure';
  }
}

/** Prints the result of a command: `value` as JSON with `--json`, otherwise `text()`. */
export function printResult(json: boolean | undefined, value: unknown, text: () => Plain): void {
  if (json) printJson(value);
  else write(process.stdout, `${text().text}\n`);
}

/** Whether this run has printed JSON. A second value would make stdout unreadable for a program. */
let hasJson = false;

/** Prints a result as JSON. Programs get every value exactly. */
export function printJson(value: unknown): void {
  hasJson = true;
  process.stdout.write(printableJson(`${JSON.stringify(value, null, 2)}\n`));
}

/** Prints an error as JSON, unless the command has printed a result: that says already what went wrong. */
export function printJsonError(value: unknown): void {
  if (!hasJson) printJson(value);
}

/** Called as a command starts. */
export function expectOutput(): void {
  hasJson = false;
}

/** Prints a message that is not part of the result. */
export function say(text: Plain): void {
  write(process.stderr, `${text.text}\n`);
}

/** How commander prints help, and usage errors, which quote the command line. */
export const COMMANDER_OUTPUT: OutputConfiguration = {
  writeOut: (text) => write(process.stdout, text),
  writeErr: (text) => write(process.stderr, text),
  outputError: (text, writeError) => writeError(`${hanging(text).text}\n`),
};

function write(stream: NodeJS.WritableStream, text: string): void {
  stream.write(printable(text));
}
