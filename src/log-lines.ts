import pino from 'pino';
import { printableJson } from './application/plain-text.js';

/**
 * JSON lines on stdout, which someone may read at a terminal: whatever a field quotes, no control or format character
 * gets there unescaped.
 */
export function logLines(options: Pick<pino.LoggerOptions, 'level' | 'timestamp'>): pino.Logger {
  const stdout = pino.destination(1);
  return pino({ ...options, base: null }, { write: (line) => stdout.write(printableJson(line)) });
}
