import { makeArchive } from '../../src/archive/open-archive.js';
import { readClientConfig } from '../../src/config/read-config.js';
import { connectClient } from '../../src/temporal/connect.js';

/**
 * What a worker does at its start, and what clients need: creates the configured archive, and marks what the namespace is
 * used for.
 */
export async function beginAsWorker(): Promise<void> {
  const { encryption } = await makeArchive(readClientConfig());
  const { close } = await connectClient(encryption, { claim: true });
  await close();
}
