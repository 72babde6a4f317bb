import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startDevServer } from '../../../../simulator/dev-server/dev-server.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';

/** A server that is started in a folder of its own; its program is a shell script. */
function start(script: string, options: { port?: number; uiPort?: number } = {}, earlierLog = '') {
  const folder = temporaryFolder('dev-server');
  const executable = path.join(folder, 'temporal');
  writeFileSync(executable, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  const logFile = path.join(folder, 'temporal.log');
  if (earlierLog) writeFileSync(logFile, earlierLog);
  return { logFile, started: startDevServer({ executable, logFile, ui: true, ...options }) };
}

test.each(['port', 'uiPort'] as const)(
  'a %s that another program has is refused before anything starts',
  async (which) => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    onTestFinished(() => void other.close());
    const { port } = other.address() as AddressInfo;
    await expect(start('exit 9', { [which]: port }).started).rejects.toThrow(
      `Port ${port} is taken by another program. Choose another port, or leave it out to get a free one.`,
    );
  },
);

test('one port for two servers is refused', async () => {
  await expect(start('exit 9', { port: 7233, uiPort: 7233 }).started).rejects.toThrow('Choose two different ports.');
});

const FIRST = 'time=2026-11-28T09:29:26 level=ERROR msg="the \\"schema\\"\\n\\tis damaged"';
const AS_JSON =
  '{"time":"2026-11-28T09:34:12Z","level":"FATAL","prefix":"echo","file":"server.go","message":"listen tcp 127.0.0.1:45672: bind: address already in use"}';

test.each([
  [FIRST, ': the "schema" is damaged'],
  [AS_JSON, ': listen tcp 127.0.0.1:45672: bind: address already in use'],
  ['Server: localhost:7233', ''],
])('a server that ends right away is reported in one line with its last error and its log: %s', async (log, words) => {
  const { started, logFile } = start(`cat <<'END'\n${log}\nEND\nexit 3`);
  await expect(started).rejects.toThrow(`The Temporal server ended (3)${words}. Start again; its log is ${logFile}`);
});

test('the last error of an earlier server in the same log is not reported', async () => {
  const { started, logFile } = start('exit 1', {}, `${FIRST}\n`);
  await expect(started).rejects.toThrow(`The Temporal server ended (1). Start again; its log is ${logFile}`);
});
