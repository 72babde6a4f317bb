import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The Temporal CLI release whose dev server the product is tested with. */
export const TEMPORAL_CLI_VERSION = '1.5.1';
/** Older servers lack worker deployment versions. */
const OLDEST_SERVER = [1, 29] as const;
const BUILD_PATIENCE_MINUTES = 30;
const DOWNLOADS = 'https://temporal.download/';

export interface TemporalCli {
  path: string;
  /** What it prints: `temporal version 1.5.1 (Server 1.29.1, UI 2.42.1)`. */
  version: string;
}

export interface Search {
  /** Where the project keeps downloads: `.cache` in the checkout. */
  cacheDir: string;
  env?: Record<string, string | undefined>;
  /** Where the SDK downloads from. Checked first, because the SDK waits long for a server it cannot reach. */
  downloads?: string;
  /** Called with each attempt and its result. */
  say?: (line: string) => void;
}

/** There is no usable `temporal` executable. The message says what was tried and what to do. */
export class TemporalCliMissing extends Error {
  override readonly name = 'TemporalCliMissing';
}

/**
 * Finds the Temporal CLI on this machine: `TEMPORAL_CLI_PATH`, then the `PATH`, then the cache of an earlier setup.
 *
 * @returns undefined when there is none; {@link getTemporalCli} can install it
 * @throws TemporalCliMissing when `TEMPORAL_CLI_PATH` is set and wrong: an explicit setting is never replaced by a guess
 */
export async function findTemporalCli(search: Search): Promise<TemporalCli | undefined> {
  const env = search.env ?? process.env;
  const wished = env.TEMPORAL_CLI_PATH?.trim();
  if (wished) {
    const cli = await tryExecutable(wished, search);
    if (cli) return cli;
    throw new TemporalCliMissing(
      `TEMPORAL_CLI_PATH is ${wished}, which is not a usable Temporal CLI (see above). Correct it, or unset it to install one.`,
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
 * Like {@link findTemporalCli}, but installs a missing CLI into the cache: with the Temporal SDK's download, or else by
 * building it with Go.
 *
 * @throws TemporalCliMissing when every way fails
 */
export async function getTemporalCli(search: Search): Promise<TemporalCli> {
  const found = await findTemporalCli(search);
  if (found) return found;
  const say = search.say ?? (() => {});
  const tried: string[] = [];
  for (const [what, attempt] of [
    [`downloading the Temporal dev server from ${search.downloads ?? DOWNLOADS}`, downloadWithSdk],
    [`building the Temporal CLI ${TEMPORAL_CLI_VERSION} with Go (takes a few minutes, only once)`, buildWithGo],
  ] as const) {
    say(`Temporal: ${what} …`);
    try {
      await attempt(search);
      const cli = await findTemporalCli(search);
      if (cli) return cli;
      tried.push('it produced no executable');
    } catch (error) {
      tried.push(firstLine(error));
    }
    say(`Temporal: ${what} failed: ${tried.at(-1)}`);
  }
  const [download, goBuild] = tried;
  throw new TemporalCliMissing(
    `The Temporal dev server is missing: it can't be downloaded (${download}) or built (${goBuild}). ` +
      `Install Go (https://go.dev/dl), or install the Temporal CLI (https://docs.temporal.io/cli) on the PATH or set TEMPORAL_CLI_PATH. Then start again.`,
  );
}

async function downloadWithSdk(search: Search): Promise<void> {
  await fetch(search.downloads ?? DOWNLOADS, { method: 'HEAD', signal: AbortSignal.timeout(5_000) }).catch((error) => {
    throw new Error(firstLine(error.cause ?? error));
  });
  const downloadDir = downloadedInto(search);
  await mkdir(downloadDir, { recursive: true });
  // A development dependency, loaded only to set up a checkout. It downloads the server and starts it; we only need the file.
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
    // Go lists the modules that it downloads before the error.
    throw new Error(lines.find((line) => /no space left/.test(line)) ?? (lines.at(-1) || firstLine(error)));
  });
}

const builtInto = ({ cacheDir }: Search) => path.resolve(cacheDir, `temporal-cli-${TEMPORAL_CLI_VERSION}`);
const downloadedInto = ({ cacheDir }: Search) => path.resolve(cacheDir, 'temporal-cli-download');

/** `temporal`, or the name of the SDK's download: `temporal-sdk-typescript-1.24.0`. */
async function executablesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => /^temporal(-sdk-typescript-.*)?(\.exe)?$/.test(name)).map((n) => path.join(folder, n));
}

async function tryExecutable(file: string, { say = () => {} }: Search): Promise<TemporalCli | undefined> {
  try {
    await access(file, constants.X_OK);
    const version = (await run(file, ['--version'], { timeout: 30_000 })).stdout.trim();
    const server = /\(Server (\d+)\.(\d+)/.exec(version);
    if (!server) throw new Error(`its version does not name a server: "${version}"`);
    const [major, minor] = [Number(server[1]), Number(server[2])];
    if (major < OLDEST_SERVER[0] || (major === OLDEST_SERVER[0] && minor < OLDEST_SERVER[1]))
      throw new Error(`its server is ${major}.${minor}, but must be ${OLDEST_SERVER.join('.')} or newer`);
    return { path: file, version };
  } catch (error) {
    say(`Temporal: not using ${file}: ${firstLine(error)}`);
    return undefined;
  }
}

const firstLine = (error: unknown) => (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
