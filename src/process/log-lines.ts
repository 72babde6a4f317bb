import pino from 'pino';
import { printableJson } from '../application/plain-text.js';
import { say } from './output.js';
import { type Plain, plain } from './plain-text-output.js';

type Destination = ReturnType<typeof pino.destination>;
type LineOptions = Pick<pino.LoggerOptions, 'level' | 'timestamp'>;

/**
 * JSON lines on stdout, which someone may read at a terminal: whatever a field quotes, no control or format character
 * gets there unescaped. A line that cannot be written is dropped, and the caller never notices: work does not depend
 * on its record being kept. The first loss is said on stderr.
 *
 * @param lost what gets lost, and what to do, as stderr says it
 */
export function logLines(options: LineOptions, lost: Plain): pino.Logger {
  const write = stdoutLines(lost);
  return pino({ ...options, base: null }, { write: (line) => void write(line) });
}

/**
 * The same for what must not happen off the record: when a call of it returns, its line is written.
 *
 * @throws of each call: what kept its line from being written, such as ENOSPC or EPIPE
 */
export function recordLines(options: LineOptions, lost: Plain): pino.Logger {
  const write = stdoutLines(lost);
  const writeOrThrow = (line: string) => {
    const failure = write(line);
    if (failure) throw failure;
  };
  return pino({ ...options, base: null }, { write: writeOrThrow });
}

/** @returns writes a line before it returns, and returns what kept it from that. Each line is a new try. */
function stdoutLines(lost: Plain): (line: string) => Error | undefined {
  let isSaid = false;
  let failure: Error | undefined;
  // A destination keeps what it could not write, and would try that again before anything else: after a loss, the next
  // line gets a new one.
  const open = (): Destination =>
    pino.destination({ dest: 1, sync: true }).on('error', (error: Error) => {
      stdout = open();
      failure = error;
      if (!isSaid) say(plain`${lost} (${error.message})`);
      isSaid = true;
    });
  let stdout = open();
  return (line) => {
    // A lost line may have been written in part; the next must not be the rest of it.
    const start = failure ? '\n' : '';
    failure = undefined;
    stdout.write(start + printableJson(line));
    return failure;
  };
}
