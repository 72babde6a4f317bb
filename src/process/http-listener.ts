import { createServer, IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

export interface ListeningServer {
  /** `http://127.0.0.1:8080` */
  url: string;
  port: number;
  /** The server of Node.js, for its limits. */
  server: Server;
  /** Ends open connections too. */
  close(): Promise<void>;
}

/** How many clients may be connected, and how long each may keep us waiting. */
export interface ConnectionBounds {
  /** If there are more, we close the one that has kept us waiting longest. */
  connections: number;
  /** For the whole header, counted from the connection. Also cuts off a client that sends nothing at all. */
  headersMs: number;
  /** For header and body together. */
  requestMs: number;
  /** Between two requests on a connection. */
  keepAliveMs: number;
  /** Without a byte in either direction, as with a client that does not read its answer. */
  idleMs: number;
  /** From the end of the header to the end of the answer. */
  exchangeMs: number;
  /** How often Node.js looks for late headers and requests. Its default is 30 seconds. */
  checkMs: number;
}

/**
 * More connections than the operating system queues before we accept them (511), so that a burst of new connections
 * cannot push out a call before it is read.
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
 * Serves HTTP, and keeps serving whatever clients do: slow or silent clients are cut off within seconds, any number of
 * them leave room for the next call, and a client that does not wait for its answer before it asks again (pipelining) is
 * cut off right away.
 * @param port 0: any free port
 * @param explain the error message, given the reason why it cannot listen there
 * @throws Error with that message, and the system's error as its cause
 */
export async function listeningServer(
  answer: RequestListener,
  { host, port }: { host: string; port: number },
  explain: (reason: string) => string,
  bounds: ConnectionBounds = CONNECTION_BOUNDS,
): Promise<ListeningServer> {
  const server = createServer({
    IncomingMessage: Incoming,
    // Otherwise Node.js itself answers any number of requests without a Host header.
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
 * Stops parsing when a connection was cut. Otherwise Node.js keeps going through what it has read, up to 64 KiB with
 * thousands of requests. It stops only after a request to upgrade to another protocol, and our servers speak no other.
 */
class Incoming extends IncomingMessage {
  get upgrade(): boolean {
    return this.socket.destroyed || this.method === 'CONNECT';
  }
  // Node.js sets it from the header.
  set upgrade(_: boolean | null) {}
}

interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
}

/**
 * Allows one exchange at a time on each connection. Otherwise Node.js serves all requests that a client writes at once
 * before it turns to another client. The `maxConnections` of Node.js does not help: it turns away the newest connection, so
 * one client with many connections locks the server. Nor does its `maxRequestsPerSocket`, which still answers each request
 * beyond it with 503.
 */
function serveWithin({ connections, exchangeMs }: ConnectionBounds, server: Server, answer: RequestListener): void {
  /** The connection that has kept us waiting longest comes first. With the exchange it is in, if any. */
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
  // Otherwise Node.js itself answers any number of requests with an Expect header.
  server.on('checkExpectation', serve);
}

/** A client that owes us the rest of a request; if there is none, the one that has been reading its answer longest. */
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
  // Cut off an answer that has begun: a second answer would garble it.
  if (exchange.response.headersSent) return void socket.destroy();
  socket.end(BUSY, () => socket.destroy());
}
