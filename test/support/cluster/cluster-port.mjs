import net from 'node:net';

/** Temporal stores its members' ports in a column with a maximum of 32767. Operating systems pick free ports above that. */
const [LOWEST, HIGHEST] = [20_000, 32_767];

/** @returns {Promise<number>} a port on 127.0.0.1 that is free now */
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
