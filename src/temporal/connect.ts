import { Client, Connection } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { NativeConnection } from '@temporalio/worker';

/**
 * Connections to Temporal: address, namespace, TLS and keys come from TEMPORAL_* variables or a TOML profile, as
 * `@temporalio/envconfig` documents them; 127.0.0.1:7233 and `default` without any.
 */

/** How data is encoded on its way to the server: the same for every client and worker. */
export function dataConverter(): DataConverter {
  return {};
}

export interface TemporalClient {
  client: Client;
  namespace: string;
  close(): Promise<void>;
}

/** @throws when the server does not answer within ten seconds, naming the address. */
export async function connectClient(): Promise<TemporalClient> {
  const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
  const connection = await Connection.connect({ connectTimeout: '10s', ...connectionOptions }).catch((cause) => {
    throw new Error(unreachable(connectionOptions.address, cause), { cause });
  });
  const client = new Client({ connection, namespace, dataConverter: dataConverter() });
  return { client, namespace, close: () => connection.close() };
}

export async function connectWorker(): Promise<{ connection: NativeConnection; namespace: string }> {
  const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
  const connection = await NativeConnection.connect(connectionOptions).catch((cause) => {
    throw new Error(unreachable(connectionOptions.address, cause), { cause });
  });
  return { connection, namespace };
}

function unreachable(address: string | undefined, cause: unknown): string {
  const where = address ?? '127.0.0.1:7233';
  const why = cause instanceof Error ? cause.message : String(cause);
  return `Temporal does not answer at ${where} (${why}). Start it (npm start runs one of its own), or set TEMPORAL_ADDRESS.`;
}
