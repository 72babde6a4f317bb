import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  findTemporalCli,
  getTemporalCli,
  TEMPORAL_CLI_VERSION,
  TemporalCliMissing,
} from '../../../../simulator/dev-server/temporal-cli.js';

let folder: string;
let said: string[];
const say = (line: string) => said.push(line);
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'ace-temporal-cli-'));
  said = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const GOOD = 'temporal version 1.5.1 (Server 1.29.1, UI 2.42.1)';

/** An executable that answers `--version`, and to anything else runs `otherwise`. */
function executable(file: string, version: string, otherwise = 'exit 1'): string {
  const place = path.join(folder, file);
  mkdirSync(path.dirname(place), { recursive: true });
  const script = `#!/bin/sh\ncase "$1" in --version) echo "${version}" ;; *) ${otherwise} ;; esac\n`;
  writeFileSync(place, script, { mode: 0o755 });
  return place;
}
const search = (env: Record<string, string> = {}) => ({ cacheDir: path.join(folder, 'cache'), env, say });
const inCache = `cache/temporal-cli-${TEMPORAL_CLI_VERSION}/temporal`;

test('TEMPORAL_CLI_PATH takes precedence over the PATH, and the PATH over the cache', async () => {
  const [wished, onPath, cached] = ['wished', 'bin/temporal', inCache].map((file) => executable(file, GOOD));
  const PATH = path.join(folder, 'bin');
  expect((await findTemporalCli(search({ TEMPORAL_CLI_PATH: wished ?? '', PATH })))?.path).toBe(wished);
  expect((await findTemporalCli(search({ PATH })))?.path).toBe(onPath);
  expect(await findTemporalCli(search())).toEqual({ path: cached, version: GOOD });
});

test('a wrong TEMPORAL_CLI_PATH is an error, and no other CLI is used', async () => {
  executable(inCache, GOOD);
  await expect(findTemporalCli(search({ TEMPORAL_CLI_PATH: '/nowhere/temporal' }))).rejects.toThrow(TemporalCliMissing);
});

test('a CLI with an old server is skipped with a message', async () => {
  executable('bin/temporal', 'temporal version 1.1.0 (Server 1.24.2, UI 2.30.0)');
  const cached = executable(inCache, GOOD);
  expect((await findTemporalCli(search({ PATH: path.join(folder, 'bin') })))?.path).toBe(cached);
  expect(said.join()).toContain('its server is 1.24, but must be 1.29 or newer');
});

const unreachable = { downloads: 'http://127.0.0.1:1/' };

test('without a network and Go, one line says why each attempt failed and what to do', async () => {
  await expect(getTemporalCli({ ...search(), ...unreachable })).rejects.toThrow(
    /^The Temporal dev server is missing: it can't be downloaded \(.+\) or built \(Go is not installed\)\. Install Go .+TEMPORAL_CLI_PATH\. Then start again\.$/,
  );
  expect(said.filter((line) => line.endsWith('…'))).toHaveLength(2);
});

test.each([
  ['its last line', 'echo "go: downloading x" >&2; echo "go: no such host" >&2', 'go: no such host'],
  ['a full disk, wherever it says so', 'echo "write: no space left on device" >&2; echo "exit 1" >&2', 'no space left'],
])('why Go failed is taken from %s', async (_where, script, why) => {
  executable('bin/go', '', `${script}; exit 1`);
  const here = search({ PATH: `${path.join(folder, 'bin')}:/bin:/usr/bin` });
  await expect(getTemporalCli({ ...here, ...unreachable })).rejects.toThrow(why);
});

test('Go builds exactly the pinned version into the cache', async () => {
  const built = path.join(folder, inCache);
  executable('bin/go', '', `echo "$2" > ${folder}/asked && cp ${executable('made', GOOD)} "$GOBIN/temporal"`);
  const here = search({ PATH: `${path.join(folder, 'bin')}:/bin:/usr/bin` });
  expect((await getTemporalCli({ ...here, downloads: 'http://127.0.0.1:1/' })).path).toBe(built);
});
