import net from 'node:net';

/** Temporal stores its members' ports in a column that ends at 32767, below where operating systems take free ports from. */
const [LOWEST, HIGHEST] = [20_000, 32_767];

/** @returns {Promise<number>} a port on 127.0.0.1 that nobody listens on now */
export async function clusterPort() {
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST + 1));
    if (await isFree(port)) return port;
  }
  throw new Error(`No free port found between ${LOWEST} and ${HIGHEST}.`);
}

/**
 * @param {number} port
 * @returns {Promise<boolean>}
 */
function isFree(port) {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
