import { DefaultLogger, type LogEntry, type Logger, Runtime } from '@temporalio/worker';
import pino from 'pino';
import type { Config } from './config.js';

const PINO_LEVEL = { TRACE: 'trace', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' } as const;

/**
 * Logs of a worker: JSON lines on stdout, the engine's own included. They carry references and ids, never importer
 * numbers, names of persons or mail text.
 */
export function installLogger(level: Config['logLevel']): Logger {
  const lines = pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime });
  const logger = new DefaultLogger('TRACE', (entry: LogEntry) => {
    lines[PINO_LEVEL[entry.level]](Object.assign({}, entry.meta) as object, entry.message);
  });
  Runtime.install({ logger, telemetryOptions: { logging: { forward: {}, filter: { core: 'WARN', other: 'ERROR' } } } });
  return logger;
}
