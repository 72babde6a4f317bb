import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The release of Temporal's command line whose development server the product is tested with. */
export const TEMPORAL_CLI_VERSION = '1.5.1';
/** Older servers lack worker deployment versions. */
const OLDEST_SERVER = [1, 29] as const;
const BUILD_PATIENCE_MINUTES = 30;
const DOWNLOADS = 'https://temporal.download/';

export interface TemporalCli {
  path: string;
  /** As it says itself: `temporal version 1.5.1 (Server 1.29.1, UI 2.42.1)`. */
  version: string;
}

export interface Search {
  /** Where the project keeps what it fetched; `.cache` in the checkout. */
  cacheDir: string;
  env?: Record<string, string | undefined>;
  /** Where the SDK downloads from; looked at first, since the SDK waits long for what cannot be reached. */
  downloads?: string;
  /** Told each attempt and what came of it. */
  say?: (line: string) => void;
}

/** No usable `temporal` executable; the message lists what was tried and what to do. */
export class TemporalCliMissing extends Error {
  override readonly name = 'TemporalCliMissing';
}

/**
 * The Temporal command line that is on this machine already: `TEMPORAL_CLI_PATH`, then the `PATH`, then what an earlier
 * set-up left in the cache.
 *
 * @returns undefined when there is none; {@link getTemporalCli} can fetch it.
 * @throws TemporalCliMissing when `TEMPORAL_CLI_PATH` is set and wrong: an explicit wish is never replaced by a guess.
 */
export async function findTemporalCli(search: Search): Promise<TemporalCli | undefined> {
  const env = search.env ?? process.env;
  const wished = env.TEMPORAL_CLI_PATH?.trim();
  if (wished) {
    const cli = await tryExecutable(wished, search);
    if (cli) return cli;
    throw new TemporalCliMissing(
      `TEMPORAL_CLI_PATH is ${wished}, which is no usable Temporal command line (see above). Correct it, or unset it to have one fetched.`,
    );
  }
  const onPath = (env.PATH ?? '').split(path.delimiter).filter(Boolean);
  for (const folder of [...onPath, builtInto(search), downloadedInto(search)]) {
    for (const file of await executablesIn(folder)) {
      const cli = await tryExecutable(file, search);
      if (cli) return cli;
    }
  }
  return undefined;
}

/**
 * As {@link findTemporalCli}, and when nothing is there fetches it into the cache: by the Temporal SDK's own download,
 * else by building it with Go.
 *
 * @throws TemporalCliMissing when every way fails.
 */
export async function getTemporalCli(search: Search): Promise<TemporalCli> {
  const found = await findTemporalCli(search);
  if (found) return found;
  const say = search.say ?? (() => {});
  const tried: string[] = [];
  for (const [what, attempt] of [
    [`downloading the Temporal development server from ${search.downloads ?? DOWNLOADS}`, downloadWithSdk],
    [`building Temporal's command line ${TEMPORAL_CLI_VERSION} with Go (some minutes, once)`, buildWithGo],
  ] as const) {
    say(`Temporal: ${what} …`);
    try {
      await attempt(search);
      const cli = await findTemporalCli(search);
      if (cli) return cli;
      tried.push('it ended without an executable');
    } catch (error) {
      tried.push(firstLine(error));
    }
    say(`Temporal: ${what} failed: ${tried.at(-1)}`);
  }
  const [download, goBuild] = tried;
  throw new TemporalCliMissing(
    `The Temporal development server is missing: it can't be downloaded (${download}) or built (${goBuild}). ` +
      `Install Go (https://go.dev/dl), or Temporal's command line (https://docs.temporal.io/cli) on the PATH or named in TEMPORAL_CLI_PATH, and start again.`,
  );
}

async function downloadWithSdk(search: Search): Promise<void> {
  await fetch(search.downloads ?? DOWNLOADS, { method: 'HEAD', signal: AbortSignal.timeout(5_000) }).catch((error) => {
    throw new Error(firstLine(error.cause ?? error));
  });
  const downloadDir = downloadedInto(search);
  await mkdir(downloadDir, { recursive: true });
  // A development dependency, loaded only while setting up a checkout. It downloads and then starts; the file is what counts.
  const { TestWorkflowEnvironment } = await import('@temporalio/testing');
  const server = await TestWorkflowEnvironment.createLocal({
    server: { executable: { type: 'cached-download', downloadDir, ttl: '3650 days' } },
  });
  await server.teardown();
}

async function buildWithGo(search: Search): Promise<void> {
  const folder = builtInto(search);
  await mkdir(folder, { recursive: true });
  await run('go', ['install', `github.com/temporalio/cli/cmd/temporal@v${TEMPORAL_CLI_VERSION}`], {
    env: { ...(search.env ?? process.env), GOBIN: folder, GOFLAGS: '-buildvcs=false' },
    maxBuffer: 64 * 2 ** 20,
    timeout: BUILD_PATIENCE_MINUTES * 60_000,
  }).catch((error) => {
    if (error.code === 'ENOENT') throw new Error('Go is not installed');
    if (error.killed) throw new Error(`it took longer than ${BUILD_PATIENCE_MINUTES} minutes`);
    const lines = String(error.stderr).trim().split('\n');
    // Before its reason Go names the modules that it downloads.
    throw new Error(lines.find((line) => /no space left/.test(line)) ?? (lines.at(-1) || firstLine(error)));
  });
}

const builtInto = ({ cacheDir }: Search) => path.resolve(cacheDir, `temporal-cli-${TEMPORAL_CLI_VERSION}`);
const downloadedInto = ({ cacheDir }: Search) => path.resolve(cacheDir, 'temporal-cli-download');

/** `temporal`, or what the SDK calls its download: `temporal-sdk-typescript-1.24.0`. */
async function executablesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => /^temporal(-sdk-typescript-.*)?(\.exe)?$/.test(name)).map((n) => path.join(folder, n));
}

async function tryExecutable(file: string, { say = () => {} }: Search): Promise<TemporalCli | undefined> {
  try {
    await access(file, constants.X_OK);
    const version = (await run(file, ['--version'], { timeout: 30_000 })).stdout.trim();
    const server = /\(Server (\d+)\.(\d+)/.exec(version);
    if (!server) throw new Error(`it does not say which server it has: "${version}"`);
    const [major, minor] = [Number(server[1]), Number(server[2])];
    if (major < OLDEST_SERVER[0] || (major === OLDEST_SERVER[0] && minor < OLDEST_SERVER[1]))
      throw new Error(`its server is ${major}.${minor}, needed is ${OLDEST_SERVER.join('.')} or newer`);
    return { path: file, version };
  } catch (error) {
    say(`Temporal: not using ${file}: ${firstLine(error)}`);
    return undefined;
  }
}

const firstLine = (error: unknown) => (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
