import { Command } from 'commander';
import { readCodecServerConfig } from '../config/read-config.js';
import { recordLines } from '../process/log-lines.js';
import { CommandFailure, EXIT, say } from '../process/output.js';
import { errorText, plain } from '../process/plain-text-output.js';
import { startCodecServer } from '../temporal/codec-server/codec-server.js';
import { exampleLines } from './command-help.js';

const LOST = plain`The codec server stopped decrypting because it cannot write its log of disclosures. Free some disk space, or restart it with stdout sent elsewhere.`;

/** `codec-server`: lets the Web UI and Temporal's command line show encrypted data. */
export function codecServerCommand(): Command {
  return new Command('codec-server')
    .summary('let the Temporal Web UI show encrypted data')
    .description(
      'Serves POST /decode and /encode with the keys of ENCRYPTION_KEYS, on loopback unless you set CODEC_HOST. Prints one line of JSON per call: who, from where and how much, but never the data. Calls refused before the caller is known are summed up: the first with each status per minute, and the number of the rest. Set it as the codec endpoint of the Web UI, or pass it to the temporal command line with --codec-endpoint.',
    )
    .configureHelp(
      exampleLines([
        '$ CODEC_ORIGINS=http://localhost:8233 ace-onboarding codec-server',
        '$ temporal --codec-endpoint http://127.0.0.1:8234 workflow show -w onboarding-acme',
      ]),
    )
    .action(async () => {
      const config = readCodecServerConfig();
      const lines = recordLines({ timestamp: false }, LOST);
      const server = await startCodecServer({
        ...config,
        audit: (call) => lines.info({ ...call }, 'codec call'),
      }).catch((error: Error) => {
        throw new CommandFailure(EXIT.failed, errorText(error));
      });
      say(
        plain`The codec server is listening on ${server.url}. Allowed origins: ${config.origins.join(', ') || 'none'}.`,
      );
      await new Promise<void>((resolve) => {
        for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
      });
      await server.close();
    });
}
