import pino from 'pino';
import { printableJson } from '../application/plain-text.js';
import { say } from './output.js';
import { type Plain, plain } from './plain-text-output.js';

type Destination = ReturnType<typeof pino.destination>;
type LineOptions = Pick<pino.LoggerOptions, 'level' | 'timestamp'>;

/**
 * JSON lines on stdout. Someone may read them in a terminal, so control and format characters in fields are escaped. A
 * line that cannot be written is dropped without telling the caller, because work does not depend on the log. The first
 * loss is reported on stderr.
 *
 * @param lost the message for stderr: what gets lost, and what to do
 */
export function logLines(options: LineOptions, lost: Plain): pino.Logger {
  const write = stdoutLines(lost);
  return pino({ ...options, base: null }, { write: (line) => void write(line) });
}

/**
 * The same for what must not happen without a record: when a call to the logger returns, its line is written.
 *
 * @throws from each call: the error that kept its line from being written, such as ENOSPC or EPIPE
 */
export function recordLines(options: LineOptions, lost: Plain): pino.Logger {
  const write = stdoutLines(lost);
  const writeOrThrow = (line: string) => {
    const failure = write(line);
    if (failure) throw failure;
  };
  return pino({ ...options, base: null }, { write: writeOrThrow });
}

/** @returns a function that writes a line, or returns the error if it could not. Each line is a new try. */
function stdoutLines(lost: Plain): (line: string) => Error | undefined {
  let isSaid = false;
  let failure: Error | undefined;
  // A destination keeps what it could not write and retries that first. So after a loss, the next line gets a new one.
  const open = (): Destination =>
    pino.destination({ dest: 1, sync: true }).on('error', (error: Error) => {
      stdout = open();
      failure = error;
      if (!isSaid) say(plain`${lost} (${error.message})`);
      isSaid = true;
    });
  let stdout = open();
  return (line) => {
    // A lost line may have been written in part. The next line must not continue it.
    const start = failure ? '\n' : '';
    failure = undefined;
    stdout.write(start + printableJson(line));
    return failure;
  };
}
