import { Command } from 'commander';
import { readCodecServerConfig } from '../config/read-config.js';
import { recordLines } from '../process/log-lines.js';
import { CommandFailure, EXIT, say } from '../process/output.js';
import { errorText, plain } from '../process/plain-text-output.js';
import { startCodecServer } from '../temporal/codec-server/codec-server.js';

const LOST = plain`The record of disclosures cannot be written, so the codec server shows nothing. Free some space, or start it again with stdout sent elsewhere.`;

/** `codec-server`: lets the Web UI and Temporal's command line show what is encrypted. */
export function codecServerCommand(): Command {
  return new Command('codec-server')
    .summary('let the Temporal Web UI show what is encrypted')
    .description(
      'Serves POST /decode and /encode with the keys of ENCRYPTION_KEYS, on loopback unless CODEC_HOST says otherwise. Prints one line of JSON for each call: who, from where, how much; never what; of calls that are refused before it is known who calls, the first with each status in a minute and the number of the others. Name it to the Web UI as its codec endpoint, or to the temporal command line with --codec-endpoint.',
    )
    .addHelpText(
      'after',
      `
Examples:
  $ CODEC_ORIGINS=http://localhost:8233 ace-onboarding codec-server
  $ temporal --codec-endpoint http://127.0.0.1:8234 workflow show -w onboarding-acme`,
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
      say(plain`The codec server listens on ${server.url}, for pages of ${config.origins.join(', ') || 'no origin'}.`);
      await new Promise<void>((resolve) => {
        for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
      });
      await server.close();
    });
}
