import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import type { Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { startHealthServer } from '../../../src/process/health-server.js';
import {
  CONNECTION_BOUNDS,
  type ConnectionBounds,
  type ListeningServer,
  listeningServer,
} from '../../../src/process/http-listener.js';
import { tcpPeer } from '../../support/tcp-peer.js';

const GENEROUS: ConnectionBounds = {
  connections: 100,
  headersMs: 60_000,
  requestMs: 60_000,
  keepAliveMs: 60_000,
  idleMs: 60_000,
  exchangeMs: 60_000,
  checkMs: 20,
};
const GET = 'GET / HTTP/1.1\r\nhost: x\r\n\r\n';
const HALF_HEADER = 'POST / HTTP/1.1\r\nhost:';
const HALF_BODY = 'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\nhalf';

let listening: ListeningServer;
const peers: Socket[] = [];
afterEach(async () => {
  for (const peer of peers.splice(0)) peer.destroy();
  await listening.close();
});

/** Answers when the whole request has arrived, unless told otherwise. */
const whole: RequestListener = (request, response) => {
  request.resume().once('end', () => response.end('whole'));
  request.on('error', () => {});
};

async function serve(bounds: Partial<ConnectionBounds>, answer: RequestListener = whole): Promise<void> {
  listening = await listeningServer(answer, { host: '127.0.0.1', port: 0 }, (reason) => reason, {
    ...GENEROUS,
    ...bounds,
  });
  expect(boundsOf(listening)).toEqual(inNode({ ...GENEROUS, ...bounds }));
}

const inNode = ({ headersMs, requestMs, keepAliveMs, idleMs, checkMs }: ConnectionBounds) => ({
  headersTimeout: headersMs,
  requestTimeout: requestMs,
  keepAliveTimeout: keepAliveMs,
  timeout: idleMs,
  connectionsCheckingInterval: checkMs,
});

function boundsOf({ server }: ListeningServer) {
  const { headersTimeout, requestTimeout, keepAliveTimeout, timeout } = server;
  // Not in the types of Node.js.
  const { connectionsCheckingInterval } = server as unknown as { connectionsCheckingInterval: number };
  return { headersTimeout, requestTimeout, keepAliveTimeout, timeout, connectionsCheckingInterval };
}

/** A client, and the server's end of the connection. */
async function peer(text = ''): Promise<{ socket: Socket; there: Socket; heard: () => string }> {
  const accepted = once(listening.server, 'connection');
  const { socket, heard } = await tcpPeer(listening.port);
  peers.push(socket);
  const [there] = await accepted;
  if (text) await new Promise<void>((resolve) => socket.write(text, () => resolve()));
  return { socket, there, heard };
}

/** Not `once`, which throws if the server's end of the connection has an error. */
const closed = (there: Socket) => new Promise((resolve) => there.once('close', resolve));

const MUCH = Buffer.alloc(16 * 2 ** 20);

describe('an HTTP server', () => {
  test.each<[string, string, Partial<ConnectionBounds>]>([
    ['sends nothing at all', '', { headersMs: 100 }],
    ['stops in the middle of its header', HALF_HEADER, { headersMs: 100 }],
    ['stops in the middle of its body', HALF_BODY, { headersMs: 100, requestMs: 100 }],
    ['keeps its connection without using it', GET, { keepAliveMs: 100 }],
  ])('cuts off a client that %s', { timeout: 10_000 }, async (_, text, bounds) => {
    await serve(bounds);
    const { there } = await peer(text);
    await closed(there);
  });

  test('cuts off a client that sends its body byte by byte', { timeout: 10_000 }, async () => {
    await serve({ headersMs: 100, requestMs: 100 });
    const { socket, there } = await peer(HALF_BODY);
    const drip = setInterval(() => socket.write('x'), 10);
    await closed(there);
    clearInterval(drip);
  });

  test.each<[string, Partial<ConnectionBounds>]>([
    ['does not read its answer', { idleMs: 100 }],
    ['is not done reading its answer in time', { exchangeMs: 100 }],
  ])('cuts off a client that %s', { timeout: 10_000 }, async (_, bounds) => {
    await serve(bounds, (_request, response) => response.end(MUCH));
    const { socket, there } = await peer();
    socket.pause();
    socket.write(GET);
    await closed(there);
  });

  test.each([
    ['nothing', ''],
    ['half a header', HALF_HEADER],
    ['half a body', HALF_BODY],
  ])('answers a call even if too many clients have sent %s', async (_, text) => {
    await serve({ connections: 5 });
    const held = [];
    for (let count = 0; count < 12; count++) held.push(await peer(text));
    const { heard } = await peer(GET);
    await expect.poll(heard).toContain('whole');
    expect(held.filter(({ there }) => !there.destroyed)).toHaveLength(4);
    expect(held.slice(-4).filter(({ there }) => there.destroyed)).toEqual([]);
  });

  test('closes clients that sent half a request before one that waits for its answer', async () => {
    const due: (() => void)[] = [];
    await serve({ connections: 3 }, (_request, response) => void due.push(() => response.end('at last')));
    const waiting = await peer(GET);
    await expect.poll(() => due.length).toBe(1);
    for (let count = 0; count < 6; count++) await peer(HALF_HEADER);
    due[0]?.();
    await expect.poll(waiting.heard).toContain('at last');
  });

  test('also closes clients that do not read their answers', async () => {
    await serve({ connections: 3 }, (request, response) => response.end(request.url === '/much' ? MUCH : 'little'));
    const held: Socket[] = [];
    for (let count = 0; count < 3; count++) {
      const { socket, there } = await peer();
      const called = once(listening.server, 'request');
      socket.pause();
      socket.write(GET.replace('/', '/much'));
      await called;
      held.push(there);
    }
    const { heard } = await peer(GET);
    await expect.poll(heard).toContain('little');
    expect(held.map(({ destroyed }) => destroyed)).toEqual([true, false, false]);
  });

  test('answers 503 and when to retry to a call that it closes', async () => {
    await serve({ connections: 1 });
    const called = once(listening.server, 'request');
    const { heard, there } = await peer(HALF_BODY);
    await called;
    await Promise.all([closed(there), peer()]);
    await expect.poll(heard).toMatch(/^HTTP\/1\.1 503 .*\r\nRetry-After: 1\r\n/);
  });

  test.each([
    ['requests', GET],
    ['requests that it expects something of', GET.replace('\r\n\r\n', '\r\nexpect: much\r\n\r\n')],
    ['requests without a host', 'GET / HTTP/1.1\r\n\r\n'],
  ])('cuts off a client that writes many %s at once, and reads two of them at most', async (_, text) => {
    let answered = 0;
    await serve({}, (_request, response) => {
      answered += 1;
      setImmediate(() => response.end('whole'));
    });
    let read = 0;
    listening.server.on('request', () => read++).on('checkExpectation', () => read++);
    const { there } = await peer(text.repeat(1_000));
    await closed(there);
    expect(answered).toBeLessThanOrEqual(1);
    expect(read).toBe(2);
  });

  test('cuts off a client that sends a request during an answer', async () => {
    await serve({}, () => {});
    const called = once(listening.server, 'request');
    const { socket, there } = await peer(GET);
    await called;
    socket.write(GET);
    await closed(there);
  });

  test('answers any number of calls on a connection, one after the other', async () => {
    await serve({});
    const { socket, heard } = await peer();
    for (let count = 1; count <= 50; count++) {
      socket.write(count % 2 ? GET : `${HALF_BODY}${'x'.repeat(996)}`);
      await expect.poll(() => heard().split('whole').length - 1, { interval: 1 }).toBe(count);
    }
  });

  test('answers a call that offers another protocol like any other', async () => {
    await serve({});
    const { heard } = await peer(GET.replace('\r\n\r\n', '\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n'));
    await expect.poll(heard).toContain('whole');
  });

  test.each([
    ['1.1', 'HTTP/1.1 400 '],
    ['1.0', 'HTTP/1.1 200 '],
  ])('answers a call of HTTP/%s without a host with %s', async (version, status) => {
    await serve({});
    const { heard, there } = await peer(`GET / HTTP/${version}\r\n\r\n`);
    await closed(there);
    await expect.poll(heard).toContain(status);
  });

  test('has limits of seconds, and checks them every second', async () => {
    listening = await startHealthServer({
      host: '127.0.0.1',
      port: 0,
      ready: () => true,
      metrics: async () => '',
    });
    const { connections, headersMs, requestMs, keepAliveMs, idleMs, exchangeMs, checkMs } = CONNECTION_BOUNDS;
    expect(boundsOf(listening)).toEqual(inNode(CONNECTION_BOUNDS));
    expect(Math.max(headersMs, requestMs, keepAliveMs)).toBeLessThanOrEqual(10_000);
    expect(Math.max(idleMs, exchangeMs)).toBeLessThanOrEqual(30_000);
    expect(checkMs).toBeLessThanOrEqual(1_000);
    // More than the operating system may queue before they are accepted.
    expect(connections).toBeGreaterThan(511);
  });
});
