import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A proxy between a client and a local server that can change what they send. */
export interface TcpProxy {
  port: number;
  /** Number of connections so far. */
  connections(): number;
  /** Closes every connection abruptly. */
  cut(): void;
  close(): Promise<void>;
}

export interface Meddling {
  /** What to pass on to the client instead. Undefined: nothing. */
  toClient?: (said: string) => string | undefined;
  /** The same in the other direction. `answer` replies to the client in place of the server. */
  toServer?: (said: string, answer: (said: string) => void) => string | undefined;
}

/** Handles chunks as they arrive, which is enough for a protocol in which each side waits for the other, like IMAP. */
export function startTcpProxy(target: number, meddling: Meddling): Promise<TcpProxy> {
  return relaying(target, (client, upstream) => {
    const answer = (said: string) => void client.write(said, 'latin1');
    client.on('data', (said: string) => {
      const passed = meddling.toServer ? meddling.toServer(said, answer) : said;
      if (passed !== undefined) upstream.write(passed, 'latin1');
    });
    upstream.on('data', (said: string) => {
      const passed = meddling.toClient ? meddling.toClient(said) : said;
      if (passed !== undefined) answer(passed);
    });
  });
}

/**
 * A proxy that leaves what is said to `relay`, which is called for each connection. When one side closes, so does the other.
 */
export async function relaying(target: number, relay: (client: Socket, upstream: Socket) => void): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((client) => {
    connections += 1;
    const upstream = connect(target, '127.0.0.1');
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from);
      from.setEncoding('latin1');
      from.on('error', () => to.destroy());
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
    }
    relay(client, upstream);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => connections,
    cut,
    async close() {
      server.close();
      cut();
      await once(server, 'close').catch(() => undefined);
    },
  };
}
