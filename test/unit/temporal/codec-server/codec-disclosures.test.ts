import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, truncateSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { build } from '../../../../scripts/build.mjs';
import { newKey } from '../../../../src/encryption/keyring.js';
import { freePort } from '../../../../src/process/free-port.js';
import { startCodecServer } from '../../../../src/temporal/codec-server/codec-server.js';
import { CHECKOUT } from '../../../support/checkout.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';
import { keyringOf } from '../../encryption/keyring-of.js';

/** The codec server as a separate process whose stdout cannot be written. */

const FULL_DISK = 'exec "$@" > /dev/full';
/** The reader closes its end before the server starts. */
const READER_IS_GONE = 'rm -f pipe; mkfifo pipe; exec 3<> pipe 4> pipe 3>&-; exec "$@" >&4 4>&-';
/** Like a disk with room for this many blocks of 512 bytes. */
const SMALL_DISK = 'trap "" XFSZ; ulimit -f 8; exec "$@" >> lines';
const NOT_SHOWN = { message: 'The record of disclosures cannot be written, so nothing is shown.' };

let child: ChildProcess;
let folder: string;
let url: string;
let err: string;

beforeAll(() => void build(), 120_000);

/** @param script of `sh`, which says where stdout of `"$@"` goes */
async function start(script: string): Promise<void> {
  folder = temporaryFolder('disclosures');
  err = '';
  const command = [process.execPath, path.join(CHECKOUT, 'bin/ace-onboarding.mjs'), 'codec-server'];
  child = spawn('sh', ['-c', script, 'sh', ...command], {
    cwd: folder,
    env: { PATH: process.env.PATH, ENCRYPTION_KEYS: newKey(), CODEC_PORT: String(await freePort()) },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  child.stderr?.on('data', (chunk) => {
    err += chunk;
  });
  await expect.poll(() => err, { timeout: 10_000 }).toMatch(/listening on (\S+)\. .*\n/);
  url = /listening on (\S+)\. /.exec(err)?.[1] ?? '';
}

const headers = { 'content-type': 'application/json' };
const body = JSON.stringify({ payloads: [{ metadata: {}, data: 'AAAA' }] });

async function call(operation: string): Promise<{ status: number; body: unknown }> {
  const answer = await fetch(`${url}/${operation}`, { method: 'POST', headers, body });
  return { status: answer.status, body: await answer.json() };
}

const health = async () => (await fetch(`${url}/health`)).status;

describe.runIf(process.platform === 'linux')('nothing is shown without a record of it', () => {
  afterEach(() => void child.kill('SIGKILL'));

  test.each([
    ['the disk is full', FULL_DISK, 'ENOSPC'],
    ['the reader is gone', READER_IS_GONE, 'EPIPE'],
  ])('when %s: calls and probes get 503, stderr says it once, and SIGTERM ends it', async (_, script, code) => {
    await start(script);
    for (const operation of ['decode', 'encode', 'decode'])
      expect(await call(operation)).toEqual({ status: 503, body: NOT_SHOWN });
    expect(await health()).toBe(503);
    child.kill('SIGTERM');
    expect(await once(child, 'close')).toEqual([0, null]);
    expect(err.split('\n').slice(1)).toEqual([
      expect.stringMatching(
        `^The codec server stopped decrypting because it cannot write its log of disclosures.* \\(${code}`,
      ),
      '',
    ]);
  });

  test.each([
    ['call', async () => (await call('decode')).status],
    ['health check', health],
  ])('and once there is room, the next %s works again and writes whole lines', async (_, retry) => {
    await start(SMALL_DISK);
    let shown = 0;
    while ((await call('decode')).status === 200) shown += 1;
    const lines = path.join(folder, 'lines');
    const kept = () => readFileSync(lines, 'utf8').split('\n').filter(Boolean);
    expect(kept().filter((line) => line.endsWith('}'))).toHaveLength(shown);
    expect(await health()).toBe(503);
    // Part of a line that did not fit may be left.
    truncateSync(lines, 10);
    expect(await retry()).toBe(200);
    expect(await health()).toBe(200);
    expect(kept()).toHaveLength(2);
    expect(JSON.parse(kept()[1] ?? '')).toMatchObject({ address: '127.0.0.1' });
  });
});

test('the server survives when refusals cannot be recorded', async () => {
  const server = await startCodecServer({
    keyring: keyringOf(newKey()),
    origins: [],
    token: 'a-token-of-24-characters',
    audit: () => {
      throw new Error('lost');
    },
  });
  for (let count = 0; count < 2; count++)
    expect((await fetch(`${server.url}/decode`, { method: 'POST', headers, body })).status).toBe(401);
  expect((await fetch(`${server.url}/health`)).status).toBe(503);
  await server.close();
});
