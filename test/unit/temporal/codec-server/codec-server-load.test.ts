import { once } from 'node:events';
import type { Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { newKey } from '../../../../src/encryption/keyring.js';
import { CONNECTION_BOUNDS, type ListeningServer } from '../../../../src/process/http-listener.js';
import { BytesInFlight } from '../../../../src/temporal/codec-server/bytes-in-flight.js';
import { type CodecCall, RefusalRecord } from '../../../../src/temporal/codec-server/call-record.js';
import {
  type CodecServerOptions,
  DEFAULT_MAX_BYTES,
  DEFAULT_MAX_BYTES_IN_FLIGHT,
  startCodecServer,
} from '../../../../src/temporal/codec-server/codec-server.js';
import { tcpPeer } from '../../../support/tcp-peer.js';
import { keyringOf } from '../../encryption/keyring-of.js';

const MAX = 2 ** 20;
let server: ListeningServer;
let calls: CodecCall[];
const peers: Socket[] = [];
beforeEach(() => {
  calls = [];
});
afterEach(async () => {
  for (const peer of peers.splice(0)) peer.destroy();
  await server.close();
});

async function start(options: Partial<CodecServerOptions> = {}): Promise<void> {
  const record = calls;
  server = await startCodecServer({
    keyring: keyringOf(newKey()),
    origins: [],
    maxBytes: MAX,
    maxBytesInFlight: 2 * MAX,
    audit: (call) => record.push(call),
    ...options,
  });
}

const small = JSON.stringify({ payloads: [{ metadata: {}, data: 'AAAA' }] });
const large = JSON.stringify({ payloads: [{ metadata: {}, data: 'A'.repeat(900_000) }] });
const headerOf = (body: string, more = '') =>
  `POST /encode HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n${more}content-length: ${body.length}\r\n\r\n`;

async function peer(text: string): Promise<{ socket: Socket; heard: () => string }> {
  const { socket, heard } = await tcpPeer(server.port);
  peers.push(socket);
  socket.write(text);
  return { socket, heard };
}

/** The server's ends of the connections that are made from now on. */
function accepted(): Socket[] {
  const sockets: Socket[] = [];
  server.server.on('connection', (socket) => sockets.push(socket));
  return sockets;
}

describe('a codec server with many calls at once', () => {
  test('answers a large call even if other calls that never finish fill its memory', async () => {
    await start();
    const stuck: Awaited<ReturnType<typeof peer>>[] = [];
    for (let count = 0; count < 6; count++) stuck.push(await peer(headerOf(large) + large.slice(0, -1)));
    // Two fit. The others were told to try again as soon as their memory was needed for later calls.
    await expect.poll(() => stuck.filter(({ heard }) => heard().startsWith('HTTP/1.1 503 ')).length).toBe(4);
    const { heard } = await peer(headerOf(large) + large);
    await expect.poll(() => heard().slice(0, 16)).toBe('HTTP/1.1 200 OK\r');
    expect(stuck.map(({ heard }) => heard()).join()).toMatch(/retry-after: 1\r\n/i);
    expect(calls).toContainEqual(expect.objectContaining({ status: 503, why: expect.stringMatching(/Try again/) }));
  });

  test('skips the rest of a body it gave up on, and answers the next call on that connection', async () => {
    await start();
    const there = accepted();
    const begun = headerOf(large) + large.slice(0, 600_000);
    const early = await peer(begun);
    // The call that has used memory longest is evicted for one that needs more, not for one that has enough.
    await expect.poll(() => there[0]?.bytesRead).toBe(begun.length);
    for (let count = 0; count < 2; count++) await peer(headerOf(large) + large.slice(0, -1));
    await expect.poll(early.heard).toMatch(/^HTTP\/1\.1 503 /);
    early.socket.write(large.slice(600_000) + headerOf(small) + small);
    await expect.poll(early.heard).toContain('HTTP/1.1 200 OK');
  });

  test('answers all calls if they take turns, including a slow one', async () => {
    await start();
    const slow = await peer(headerOf(large) + large.slice(0, -1));
    for (let count = 0; count < 6; count++) {
      const { socket, heard } = await peer(headerOf(large, 'connection: close\r\n') + large);
      // By then the server has freed the memory of the answer.
      await once(socket, 'end');
      expect(heard().length).toBeGreaterThan(900_000);
    }
    slow.socket.write(large.slice(-1));
    await expect.poll(() => slow.heard().length).toBeGreaterThan(900_000);
    expect(calls.map(({ status }) => status)).toEqual(Array(7).fill(200));
  });

  test('drops answers that are not read', async () => {
    const size = 12 * MAX; // More than the operating system buffers.
    await start({ maxBytes: size, maxBytesInFlight: 2 * size });
    const huge = JSON.stringify({ payloads: [{ metadata: {}, data: 'A'.repeat(10 * MAX) }] });
    const there = accepted();
    for (let count = 0; count < 4; count++) {
      const { socket } = await peer('');
      socket.pause();
      socket.write(headerOf(huge) + huge);
      await expect.poll(() => calls.length).toBe(count + 1);
    }
    expect(calls.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    await expect.poll(() => there.map(({ destroyed }) => destroyed)).toEqual([true, true, false, false]);
  });

  test('uses no memory for a body that is only announced', async () => {
    await start();
    const early = await peer(headerOf(large) + large.slice(0, -1));
    for (let count = 0; count < 20; count++) await peer(headerOf(large) + large.slice(0, 100));
    early.socket.write(large.slice(-1));
    await expect.poll(() => early.heard().slice(0, 16)).toBe('HTTP/1.1 200 OK\r');
  });

  test('checks who calls before it reads a body', async () => {
    await start({ token: 'a-token-of-24-characters' });
    const early = await peer(
      headerOf(large, 'authorization: Bearer a-token-of-24-characters\r\n') + large.slice(0, -1),
    );
    for (let count = 0; count < 6; count++) {
      const { heard } = await peer(headerOf(large) + large.slice(0, -1));
      await expect.poll(heard).toMatch(/^HTTP\/1\.1 401 /);
    }
    early.socket.write(large.slice(-1));
    await expect.poll(() => early.heard().slice(0, 16)).toBe('HTTP/1.1 200 OK\r');
  });

  test('records a call that breaks off', async () => {
    await start();
    const { socket } = await peer(headerOf(small) + small.slice(0, 5));
    await once(server.server, 'request');
    socket.destroy();
    await expect
      .poll(() => calls)
      .toMatchObject([{ operation: 'refused', status: 400, why: expect.stringContaining('broke off') }]);
  });

  test('answers an unknown caller once per connection, and a known caller any number of times', async () => {
    await start({ token: 'a-token-of-24-characters' });
    const unknown = await peer(headerOf(small) + small);
    await once(unknown.socket, 'close');
    expect(unknown.heard()).toMatch(/^HTTP\/1\.1 401 .*connection: close\r\n.*Authorization: Bearer/is);
    const known = await peer('');
    for (const body of [small, '{', small]) {
      known.socket.write(headerOf(body, 'authorization: Bearer a-token-of-24-characters\r\n') + body);
      await expect.poll(known.heard).toContain(body === small ? '200 OK' : '400 Bad Request');
    }
    await expect.poll(() => known.heard().split('200 OK').length).toBe(3);
  });

  test('reads the whole request of an unknown caller, who could otherwise lose the answer', async () => {
    await start({ token: 'a-token-of-24-characters' });
    const connected = once(server.server, 'connection');
    const { socket, heard } = await peer(headerOf(large) + large.slice(0, 500_000));
    const [there] = (await connected) as [Socket];
    await expect.poll(heard).toContain('Authorization: Bearer');
    socket.write(large.slice(500_000));
    await once(socket, 'close');
    expect(there.bytesRead).toBe(headerOf(large).length + large.length);
  });

  test('records few calls of unknown callers, with their number, and every call of known ones', async () => {
    await start({ token: 'a-token-of-24-characters', userHeader: 'x-user' });
    const known = 'authorization: Bearer a-token-of-24-characters\r\nx-user: nobody\r\n';
    for (const more of ['', '', known, '', known, 'origin: https://evil.example\r\n']) {
      const { heard } = await peer(headerOf(small, more) + small);
      await expect.poll(heard).toContain('HTTP/1.1 ');
    }
    const before = [[401], [200], [200], [403]];
    await expect
      .poll(() => calls.map(({ status, calls: count }) => (count ? [status, count] : [status])))
      .toEqual(before);
    await server.close();
    expect(calls.slice(before.length)).toMatchObject([{ operation: 'refused', status: 401, calls: 2 }]);
  });

  test('accepts four of the largest Temporal messages at once, with the same timeouts as our other servers', async () => {
    await start();
    expect(DEFAULT_MAX_BYTES).toBeGreaterThan((4 * 2 ** 20 * 4) / 3);
    expect(DEFAULT_MAX_BYTES_IN_FLIGHT).toBe(4 * DEFAULT_MAX_BYTES);
    const { headersMs, requestMs, idleMs } = CONNECTION_BOUNDS;
    expect(server.server).toMatchObject({ headersTimeout: headersMs, requestTimeout: requestMs, timeout: idleMs });
  });
});

describe('the record of unknown callers', () => {
  afterEach(() => void vi.useRealTimers());

  test('has the first call with each status in a minute, and how many more there were', () => {
    vi.useFakeTimers();
    const recorded: CodecCall[] = [];
    const record = new RefusalRecord((call) => recorded.push(call));
    const refused = (status: number, address: string): CodecCall => ({
      at: '2026-11-25T15:00:00Z',
      operation: 'refused',
      status,
      who: 'nobody',
      address,
    });
    for (let minute = 0; minute < 2; minute++) {
      for (let call = 0; call < 1_000; call++) record.add(refused(401, `10.0.0.${call % 200}`));
      record.add(refused(403, '10.0.0.7'));
      vi.advanceTimersByTime(60_000);
      expect(recorded.splice(0)).toEqual([
        refused(401, '10.0.0.0'),
        refused(403, '10.0.0.7'),
        { ...refused(401, '10.0.0.199'), calls: 999 },
      ]);
    }
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('bytes in flight', () => {
  test('never exceed the limit, and the oldest calls are evicted', () => {
    const inFlight = new BytesInFlight(100);
    const gone: number[] = [];
    const shares = [0, 1, 2, 3].map((index) => inFlight.share(() => gone.push(index)));
    for (const [index, bytes] of [40, 40, 40, 90].entries()) {
      shares[index]?.use(bytes);
      expect(inFlight.inUse).toBeLessThanOrEqual(100);
    }
    expect(gone).toEqual([0, 1, 2]);
    // An evicted call may release its share later.
    for (const share of shares) share.release();
    expect(inFlight.inUse).toBe(0);
  });

  test('may exceed it for a single call, which evicts all others', () => {
    const inFlight = new BytesInFlight(100);
    const gone: string[] = [];
    inFlight.share(() => gone.push('small')).use(10);
    inFlight.share(() => gone.push('large')).use(150);
    expect([gone, inFlight.inUse]).toEqual([['small'], 150]);
  });

  test('count what a call uses now, not what it used in total', () => {
    const inFlight = new BytesInFlight(100);
    const [one, two] = [inFlight.share(() => {}), inFlight.share(() => {})];
    for (const bytes of [10, 20, 40]) one.use(bytes);
    two.use(60);
    expect(inFlight.inUse).toBe(100);
  });
});
