import { createServer } from 'node:net';

/** A TCP port on 127.0.0.1 that is free now. Another process may take it before the caller does. */
export async function freePort(): Promise<number> {
  const server = createServer();
  return await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        address !== null && typeof address === 'object'
          ? resolve(address.port)
          : reject(new Error('The operating system did not give us a port on 127.0.0.1.')),
      );
    });
  });
}

/** A sentence that says why we can't listen on a TCP port of 127.0.0.1; undefined if we can. */
export async function portProblem(port: number): Promise<string | undefined> {
  const server = createServer();
  return await new Promise((resolve) => {
    server.once('error', ({ code }: NodeJS.ErrnoException) =>
      resolve(
        code === 'EADDRINUSE' ? `Port ${port} is taken by another program.` : `Port ${port} can't be used (${code}).`,
      ),
    );
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(undefined)));
  });
}
