import { DefaultLogger, type LogEntry, type Logger, Runtime } from '@temporalio/worker';
import pino from 'pino';
import type { Config } from '../config/config.js';
import { logLines } from './log-lines.js';
import { redactForLog } from './log-redaction.js';
import { plain } from './plain-text-output.js';

const PINO_LEVEL = { TRACE: 'trace', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' } as const;

const LOST = plain`The log cannot be written. The worker keeps running without it. Free some space, or send stdout elsewhere.`;

/**
 * The log of a worker: JSON lines on stdout, including the engine's. They contain references and ids, never importer
 * numbers, names of people or the text of emails.
 * @param engineMetricsAddress where the engine serves its own metrics, such as `127.0.0.1:9464`
 */
export function installLogger(
  level: Config['logLevel'],
  engineMetricsAddress?: string,
): { logger: Logger; close(): Promise<void> } {
  const lines = logLines({ level, timestamp: pino.stdTimeFunctions.isoTime }, LOST);
  const logger = new DefaultLogger('TRACE', (entry: LogEntry) => {
    lines[PINO_LEVEL[entry.level]](redactForLog(entry.meta), entry.message);
  });
  const runtime = Runtime.install({
    logger,
    telemetryOptions: {
      logging: { forward: {}, filter: { core: 'WARN', other: 'ERROR' } },
      ...(engineMetricsAddress ? { metrics: { prometheus: { bindAddress: engineMetricsAddress } } } : {}),
    },
  });
  // The engine shuts down when a worker has run. Before that it would keep the process alive.
  return { logger, close: () => runtime.shutdown() };
}
