import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { inject } from 'vitest';
import {
  type DevServer,
  type DevServerOptions,
  startDevServer as startFrom,
} from '../../simulator/dev-server/dev-server.js';
import { findTemporalCli } from '../../simulator/dev-server/temporal-cli.js';
import { CACHE_DIR } from './checkout.js';

/** The dev server that all tests of this run share. Use your own task queue and workflow ids. */
export function sharedDevServer(): { address: string } {
  return { address: inject('temporalAddress') };
}

/** The server can delete a closed workflow only after it has saved its progress, by default every half minute. */
export const DELETES_SOON = Object.fromEntries(
  ['transfer', 'timer', 'visibility'].map((queue) => [`history.${queue}ProcessorUpdateAckInterval`, '500ms']),
);

/**
 * A separate dev server, on free loopback ports, with the search attributes registered, for tests that kill it, read its
 * database or need an empty namespace. Stop it in `afterAll`.
 */
export async function startDevServer(options: Partial<DevServerOptions> = {}): Promise<DevServer> {
  const cli = options.executable ?? (await findTemporalCli({ cacheDir: CACHE_DIR }))?.path;
  if (!cli) throw new Error('The Temporal dev server is not installed. Run: npm run setup');
  const folder = await mkdtemp(path.join(tmpdir(), 'ace-temporal-'));
  const server = await startFrom({
    dynamicConfig: DELETES_SOON,
    ...options,
    executable: cli,
    logFile: path.join(folder, 'server.log'),
  });
  const cleanUp = () => rm(folder, { recursive: true, force: true });
  return {
    ...server,
    stop: async () => {
      await server.stop();
      await cleanUp();
    },
    kill: async () => {
      await server.kill();
      await cleanUp();
    },
  };
}
