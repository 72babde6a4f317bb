/**
 * The one place that writes to the terminal: results on stdout (text, or JSON with `--json`), everything else on stderr.
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
    message: string,
    /** Printed on stdout under `--json`, so that a script sees the complaints. */
    readonly details?: unknown,
  ) {
    super(message);
    this.name = 'CommandFailure';
  }
}

/** Prints a command's result: `value` as JSON under `--json`, else `text()`. */
export function printResult(json: boolean | undefined, value: unknown, text: () => string): void {
  process.stdout.write(json ? `${JSON.stringify(value, null, 2)}\n` : `${text()}\n`);
}

/** Says something beside the result. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
