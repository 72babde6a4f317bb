import { createServer, IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

export interface ListeningServer {
  /** `http://127.0.0.1:8080` */
  url: string;
  port: number;
  /** Node's own server, to see its bounds. */
  server: Server;
  /** Ends open connections too. */
  close(): Promise<void>;
}

/** How many peers may be connected, and how long each may keep us waiting. */
export interface ConnectionBounds {
  /** When there are more, the one that has kept us waiting longest makes room. */
  connections: number;
  /** For the whole header, from the connection on: also cuts off a peer that sends nothing at all. */
  headersMs: number;
  /** For header and body together. */
  requestMs: number;
  /** Between two requests on a connection. */
  keepAliveMs: number;
  /** Without a byte in either direction, as with a peer that does not read its answer. */
  idleMs: number;
  /** From the header to the end of the answer. */
  exchangeMs: number;
  /** How often Node.js looks for headers and requests that are late. Its own default is 30 seconds. */
  checkMs: number;
}

/**
 * More connections than the system queues before they are accepted (511), so that a call is read before as many others
 * as may come at once can push it out.
 */
export const CONNECTION_BOUNDS: ConnectionBounds = {
  connections: 1_000,
  headersMs: 5_000,
  requestMs: 10_000,
  keepAliveMs: 5_000,
  idleMs: 15_000,
  exchangeMs: 30_000,
  checkMs: 1_000,
};

/**
 * Serves HTTP, and goes on serving whatever the peers do: one that is slow or silent is cut off within seconds, any
 * number of them leave room for the next call, and one that does not wait for its answer before it asks again
 * (pipelining) is cut off at once.
 * @param port 0: a free one
 * @param explain the whole error, for the reason why it cannot listen there
 * @throws the error explained, with the system's as its cause
 */
export async function listeningServer(
  answer: RequestListener,
  { host, port }: { host: string; port: number },
  explain: (reason: string) => string,
  bounds: ConnectionBounds = CONNECTION_BOUNDS,
): Promise<ListeningServer> {
  const server = createServer({
    IncomingMessage: Incoming,
    // Node.js itself would answer any number of requests without it.
    requireHostHeader: false,
    headersTimeout: bounds.headersMs,
    requestTimeout: bounds.requestMs,
    keepAliveTimeout: bounds.keepAliveMs,
    connectionsCheckingInterval: bounds.checkMs,
  });
  server.timeout = bounds.idleMs;
  serveWithin(bounds, server, answer);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => reject(new Error(explain(cause.message), { cause })));
    server.listen(port, host, resolve);
  });
  const taken = (server.address() as AddressInfo).port;
  return {
    port: taken,
    url: `http://${host.includes(':') ? `[${host}]` : host}:${taken}`,
    server,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/**
 * Ends the parsing where a connection was cut: Node.js goes on with what it has read of it, up to 64 KiB with thousands
 * of requests, except after one that takes the connection over for another protocol. No server here speaks another one.
 */
class Incoming extends IncomingMessage {
  get upgrade(): boolean {
    return this.socket.destroyed || this.method === 'CONNECT';
  }
  // What Node.js finds out from the header.
  set upgrade(_: boolean | null) {}
}

interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
}

/**
 * One exchange on a connection at a time: Node.js would serve all requests that a peer writes at once, before it turns
 * to another peer. Its own `maxConnections` turns the newest connection away, so that one peer with many locks the
 * server, and its `maxRequestsPerSocket` still answers each request beyond it with 503.
 */
function serveWithin({ connections, exchangeMs }: ConnectionBounds, server: Server, answer: RequestListener): void {
  /** The one that has kept us waiting longest first, each with its call if it is in one. */
  const open = new Map<Socket, Exchange | undefined>();
  const isNow = (socket: Socket, exchange?: Exchange) => {
    open.delete(socket);
    if (!socket.destroyed) open.set(socket, exchange);
  };
  server.on('connection', (socket) => {
    if (open.size >= connections) cutOff(open, longestWaiting(open));
    isNow(socket);
    socket.once('close', () => open.delete(socket));
  });
  const serve: RequestListener = (request, response) => {
    const { socket } = request;
    if (open.get(socket)) return void socket.destroy();
    isNow(socket, { request, response });
    const late = setTimeout(() => socket.destroy(), exchangeMs);
    response.once('close', () => {
      clearTimeout(late);
      isNow(socket);
    });
    const lacksHost = request.httpVersion === '1.1' && request.headers.host === undefined;
    if (lacksHost) return void response.writeHead(400, { connection: 'close' }).end();
    answer(request, response);
  };
  server.on('request', serve);
  server.on('upgrade', (_request, socket) => socket.destroy());
  // Otherwise Node.js itself answers whatever a peer says it expects, any number of times.
  server.on('checkExpectation', serve);
}

/** A peer that owes us the rest of a request; if none does, the one that has been longest at reading its answer. */
function longestWaiting(open: Map<Socket, Exchange | undefined>): Socket | undefined {
  for (const [socket, exchange] of open) if (!exchange?.request.complete) return socket;
  const [first] = open.keys();
  return first;
}

const BUSY = 'HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n';

function cutOff(open: Map<Socket, Exchange | undefined>, socket: Socket | undefined): void {
  if (!socket) return;
  const exchange = open.get(socket);
  open.delete(socket);
  if (!exchange) return void socket.destroy();
  // An answer that has begun is not spoiled by another one, only cut.
  if (exchange.response.headersSent) return void socket.destroy();
  socket.end(BUSY, () => socket.destroy());
}
