import { execFile } from 'node:child_process';
import { access, chmod, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { ConnectionPlugin } from '@temporalio/client';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { registerSearchAttributes } from '../../src/temporal/register-search-attributes.js';
import { SEARCH_ATTRIBUTES } from '../../src/workflows/contract/search-attributes.js';
import { CACHE_DIR, CHECKOUT } from './checkout.js';

const run = promisify(execFile);

const VERSION = '1.32.1';
const FOLDER = path.join(CACHE_DIR, `time-skipping-server-${VERSION}`);
const LAUNCHER = path.join(FOLDER, 'temporal-test-server');
const DOWNLOADS = 'https://temporal.download/';

/**
 * Temporal's test server, which skips time while a client waits for a result, with the search attributes registered. Its
 * time is global, so use one server per test file and run one test at a time. Call `teardown()` in `afterAll`.
 *
 * It cannot list, count or schedule, and it reports a rejected update as not found. Use the dev server for those.
 */
export async function createTimeSkippingEnvironment(): Promise<TestWorkflowEnvironment> {
  const environment = await started();
  // The SDK retries a failed call from a timer. On a closed connection that throws where nothing can catch it, and the run
  // fails. So the connection stays open until the process ends. `teardown` stops the server.
  Object.assign(environment.connection, { close: async () => undefined });
  await registerSearchAttributes(environment.connection, environment.namespace ?? 'default', [
    ...Object.values(SEARCH_ATTRIBUTES),
  ]);
  return environment;
}

/** The SDK waits five seconds for the server to start. On a busy machine, Java alone sometimes takes that long. */
async function started(tries = 12): Promise<TestWorkflowEnvironment> {
  try {
    return await TestWorkflowEnvironment.createTimeSkipping({
      server: {
        executable: (await exists(LAUNCHER))
          ? { type: 'existing-path', path: LAUNCHER }
          : { type: 'cached-download', downloadDir: CACHE_DIR, ttl: '3650 days' },
      },
      plugins: [rarelyPinging],
    });
  } catch (error) {
    if (tries <= 1 || !String(error).includes('did not start within')) throw error;
    return await started(tries - 1);
  }
}

/**
 * The test server closes connections that ping more often than every five minutes. The call that skips time is then
 * retried, unlocks time once too often, and time runs on for centuries.
 */
const rarelyPinging: ConnectionPlugin = {
  name: 'rarely-pinging',
  configureConnection: (options) => ({
    ...options,
    channelArgs: {
      ...options.channelArgs,
      'grpc.keepalive_time_ms': 3_600_000,
      'grpc.keepalive_permit_without_calls': 0,
    },
  }),
};

/**
 * Makes sure that {@link createTimeSkippingEnvironment} will work: uses the SDK's own download if the network allows it,
 * otherwise builds the same server from Maven as a Java program.
 *
 * @throws Error with what to install if neither works
 */
export async function provideTimeSkippingServer(say: (line: string) => void): Promise<void> {
  if (await exists(LAUNCHER)) return;
  if (process.arch === 'x64' || process.platform === 'darwin') {
    const reachable = await fetch(DOWNLOADS, { method: 'HEAD', signal: AbortSignal.timeout(5_000) }).then(
      () => true,
      () => false,
    );
    if (reachable) return;
  }
  say(`Temporal: fetching the time-skipping test server ${VERSION} with Maven …`);
  await fetchWithMaven();
}

async function fetchWithMaven(): Promise<void> {
  const unfinished = `${FOLDER}.${process.pid}`;
  await mkdir(unfinished, { recursive: true });
  try {
    await run(
      'mvn',
      [
        ...['-q', '-B', '-f', path.join(CHECKOUT, 'test/support/time-skipping-server/pom.xml')],
        ...['org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies', '-DincludeScope=runtime'],
        `-DoutputDirectory=${path.join(unfinished, 'lib')}`,
      ],
      { maxBuffer: 16 * 2 ** 20, timeout: 10 * 60_000 },
    );
    await writeFile(path.join(unfinished, 'temporal-test-server'), launcher(), { mode: 0o755 });
    await chmod(path.join(unfinished, 'temporal-test-server'), 0o755);
    await rename(unfinished, FOLDER);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    if (await exists(LAUNCHER)) return; // Another run was quicker.
    throw new Error(
      `The time-skipping test server could not be fetched: ${(error as Error).message}\n` +
        'It needs either the download of the Temporal SDK (temporal.download) or Java and Maven (Debian: apt-get install default-jre-headless maven).',
      { cause: error },
    );
  }
}

/** Compiled once, with a single garbage collector thread: it runs for seconds, and other tests need the cores. */
const launcher = () => `#!/bin/sh
exec java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xshare:auto -cp '${FOLDER}/lib/*' io.temporal.testserver.TestServer "$@"
`;

const exists = (file: string) =>
  access(file).then(
    () => true,
    () => false,
  );
