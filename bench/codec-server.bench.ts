import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import path from 'node:path';
import { expect, test } from 'vitest';
import { newKey } from '../src/encryption/keyring.js';
import { freePort } from '../src/process/free-port.js';
import { CHECKOUT } from '../test/support/checkout.js';

/**
 * What many callers cost the codec server: its peak memory (as Linux counts it), and how long a genuine call waits while
 * they are connected. Neither may grow with their number. Each kind of caller gets a fresh process.
 */
const CALLERS = [1, 100, 600];
const BODY = JSON.stringify({ payloads: [{ metadata: {}, data: 'A'.repeat(5_500_000) }] });
const SMALL = JSON.stringify({ payloads: [{ metadata: {}, data: 'AAAA' }] });
const HEADER = `POST /encode HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: ${BODY.length}\r\n\r\n`;

const KINDS: Record<string, (socket: Socket) => void> = {
  'send nothing': () => {},
  'send half a header': (socket) => void socket.write(HEADER.slice(0, 40)),
  'send all but the end of a body': (socket) => void socket.write(HEADER + BODY.slice(0, -1)),
  'never read the answer': (socket) => void socket.pause().write(HEADER + BODY),
  'send 2,000 requests at once': (socket) =>
    void socket.resume().write('GET / HTTP/1.1\r\nhost: x\r\n\r\n'.repeat(2_000)),
  'send a body and read the answer': (socket) => void socket.resume().write(HEADER + BODY),
};

test.skipIf(process.platform !== 'linux')('peak memory and response time with many callers', async () => {
  const rows: Record<string, string | number>[] = [];
  for (const [kind, begin] of Object.entries(KINDS))
    for (const callers of CALLERS) {
      const { server, port } = await startServer();
      const idle = peakMegabytes(server);
      const sockets = Array.from({ length: callers }, () =>
        connect(port, '127.0.0.1', function (this: Socket) {
          begin(this);
        }).on('error', () => {}),
      );
      await Promise.all(sockets.map((socket) => Promise.race([once(socket, 'connect'), once(socket, 'close')])));
      const since = performance.now();
      for (let call = 0; call < 20; call++) expect(await answered(port, 'POST', '/encode', SMALL)).toBe(200);
      const waited = performance.now() - since;
      rows.push({
        callers: `${callers} ${kind}`,
        'idle MB': idle,
        'peak MB': peakMegabytes(server),
        '20 calls ms': Math.round(waited),
      });
      for (const socket of sockets) socket.destroy();
      server.kill('SIGKILL');
      await once(server, 'exit');
    }
  console.table(rows);
});

async function startServer(): Promise<{ server: ChildProcess; port: number }> {
  const port = await freePort();
  const server = spawn(process.execPath, [path.join(CHECKOUT, 'bin/ace-onboarding.mjs'), 'codec-server'], {
    env: { PATH: process.env.PATH, ENCRYPTION_KEYS: newKey(), CODEC_PORT: String(port) },
    stdio: 'ignore',
  });
  await expect.poll(() => answered(port, 'GET', '/health').catch(() => 0)).toBe(200);
  return { server, port };
}

function answered(port: number, method: string, place: string, body = ''): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': body.length };
    request({ host: '127.0.0.1', port, method, path: place, agent: false, headers }, (response) =>
      response.resume().once('end', () => resolve(response.statusCode ?? 0)),
    )
      .once('error', reject)
      .end(body);
  });
}

/** The peak memory of a process so far, in MB. */
function peakMegabytes({ pid }: ChildProcess): number {
  const [, kilobytes] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Math.round(Number(kilobytes) / 1024);
}
