import type { TestProject } from 'vitest/node';
import { build } from '../../scripts/build.mjs';
import { getTemporalCli } from '../../simulator/dev-server/temporal-cli.js';
import { CACHE_DIR } from './checkout.js';
import { startDevServer } from './temporal-dev-server.js';
import { provideTimeSkippingServer } from './time-skipping-server.js';

declare module 'vitest' {
  export interface ProvidedContext {
    temporalAddress: string;
  }
}

const say = (line: string) => process.stderr.write(`${line}\n`);

interface Shared {
  users: number;
  server: ReturnType<typeof prepare>;
}
// Each vitest project loads this file separately, but the run has only one server.
const run = globalThis as { aceOnboardingServers?: Shared };

/** Builds `dist`, installs both Temporal servers and starts the dev server that the tests share. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  run.aceOnboardingServers ??= { users: 0, server: prepare() };
  const shared = run.aceOnboardingServers;
  shared.users += 1;
  const server = await shared.server;
  project.provide('temporalAddress', server.address);
  return async () => {
    shared.users -= 1;
    if (shared.users === 0) await server.stop();
  };
}

async function prepare() {
  build();
  const [cli] = await Promise.all([getTemporalCli({ cacheDir: CACHE_DIR, say }), provideTimeSkippingServer(say)]);
  return await startDevServer({ executable: cli.path });
}
