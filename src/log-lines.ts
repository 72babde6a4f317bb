import pino from 'pino';
import { printableJson } from './application/plain-text.js';
import { say } from './cli/output.js';
import { type Plain, plain } from './cli/plain.js';

type Destination = ReturnType<typeof pino.destination>;

/**
 * JSON lines on stdout, which someone may read at a terminal: whatever a field quotes, no control or format character
 * gets there unescaped. A line that cannot be written is dropped, and whoever logs never notices: work does not depend
 * on its record being kept. The first loss is said on stderr.
 *
 * @param lost what gets lost, and what to do, as stderr says it
 */
export function logLines(options: Pick<pino.LoggerOptions, 'level' | 'timestamp'>, lost: Plain): pino.Logger {
  let isSaid = false;
  // A destination keeps what it could not write, and would try that again before anything else: after a loss, the next
  // line gets a new one.
  const open = (): Destination =>
    pino.destination({ dest: 1, sync: true }).on('error', (error: Error) => {
      stdout = open();
      if (!isSaid) say(plain`${lost} (${error.message})`);
      isSaid = true;
    });
  let stdout = open();
  return pino({ ...options, base: null }, { write: (line) => stdout.write(printableJson(line)) });
}
