import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ListeningServer {
  /** `http://127.0.0.1:8080` */
  url: string;
  port: number;
  /** Ends open connections too. */
  close(): Promise<void>;
}

/**
 * Has a server listen.
 * @param port 0: a free one
 * @param explain the whole error, for the reason why it cannot listen there
 * @throws the error explained, with the system's as its cause
 */
export async function listeningServer(
  server: Server,
  { host, port }: { host: string; port: number },
  explain: (reason: string) => string,
): Promise<ListeningServer> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => reject(new Error(explain(cause.message), { cause })));
    server.listen(port, host, resolve);
  });
  const taken = (server.address() as AddressInfo).port;
  return {
    port: taken,
    url: `http://${host.includes(':') ? `[${host}]` : host}:${taken}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
