import { accessSync } from 'node:fs';
import { Client, Connection } from '@temporalio/client';
import { type ClientConnectConfig, loadClientConnectConfig } from '@temporalio/envconfig';
import { NativeConnection } from '@temporalio/worker';
import { ConfigurationError } from '../config/configuration-error.js';
import type { Encryption } from '../encryption/keyring.js';
import { exposedCredentials } from '../files/private-files.js';
import { dataConverter } from './data-converter/data-converter.js';
import { isOnThisMachine, WITHOUT_PROXY } from './http-proxy.js';
import { claimNamespace, namespaceUse, refuseMisuse } from './namespace-use.js';
import { TemporalUnreachable } from './unreachable.js';

/**
 * Connections to Temporal: address, namespace, TLS and keys come from TEMPORAL_* variables or a TOML profile, as
 * `@temporalio/envconfig` documents them; 127.0.0.1:7233 and `default` without any.
 */

export interface TemporalClient {
  client: Client;
  namespace: string;
  close(): Promise<void>;
}

/** Bytes of an answer: a page of a history is as large as its events are, and the library takes 4 MB unless told. */
const LARGE_HISTORIES = { 'grpc.max_receive_message_length': 256 * 2 ** 20 };

/** Says that no onboarding's data will go through a connection, so that it needs no encryption. */
export const CARRIES_NO_DATA = 'carries no data';

/**
 * @param claim for workers: says what the namespace is used for, instead of asking
 * @throws ConfigurationError without encryption when Temporal is not on this machine, or when the namespace is not known
 *   to be for rehearsals; with keys that are not those of the namespace's workers.
 * @throws TemporalUnreachable when the server does not answer within ten seconds.
 */
export async function connectClient(
  encryption: Encryption | undefined | typeof CARRIES_NO_DATA,
  { claim = false } = {},
): Promise<TemporalClient> {
  const { connectionOptions, namespace = 'default' } = connectConfig();
  refuseInClear(encryption, connectionOptions);
  const { address = DEFAULT_ADDRESS } = connectionOptions;
  const connection = await Connection.connect({
    connectTimeout: '10s',
    ...connectionOptions,
    channelArgs: { ...LARGE_HISTORIES, ...(isOnThisMachine(address) ? WITHOUT_PROXY.channelArgs : {}) },
  }).catch((cause) => {
    throw new TemporalUnreachable(address, cause);
  });
  if (encryption !== CARRIES_NO_DATA) {
    try {
      if (claim) await claimNamespace(connection, namespace, encryption?.keyring);
      else refuseMisuse(await namespaceUse(connection, namespace), encryption?.keyring, namespace);
    } catch (error) {
      await connection.close();
      throw error;
    }
  }
  const converter = dataConverter(encryption === CARRIES_NO_DATA ? undefined : encryption);
  const client = new Client({ connection, namespace, dataConverter: converter });
  return { client, namespace, close: () => connection.close() };
}

/** @throws ConfigurationError without encryption when Temporal is not on this machine. */
export async function connectWorker(
  encryption: Encryption | undefined,
): Promise<{ connection: NativeConnection; namespace: string }> {
  const { connectionOptions, namespace = 'default' } = connectConfig();
  refuseInClear(encryption, connectionOptions);
  const connection = await NativeConnection.connect(connectionOptions).catch((cause) => {
    throw new TemporalUnreachable(connectionOptions.address ?? DEFAULT_ADDRESS, cause);
  });
  return { connection, namespace };
}

/**
 * @throws ConfigurationError for a file or a profile that is not there, or is no TOML: the library's words alone do not
 *   do; and for a credential in a file that others can read or change.
 */
function connectConfig(): ClientConnectConfig {
  const { config, exposed } = loadedConfig();
  if (exposed.length > 0) throw new ConfigurationError(exposed);
  return config;
}

function loadedConfig(): { config: ClientConnectConfig; exposed: string[] } {
  try {
    // The library takes a file that is not there for an empty one, and would connect to this machine.
    if (process.env.TEMPORAL_CONFIG_FILE) accessSync(process.env.TEMPORAL_CONFIG_FILE);
    return { config: loadClientConnectConfig(), exposed: exposedCredentials() };
  } catch (error) {
    // Below its first line the TOML library quotes the file, keys and all.
    const [reason] = String(error instanceof Error ? error.message : error).split('\n');
    throw new ConfigurationError([
      `The TEMPORAL_ variables, or the profile they name, cannot be used: ${reason}. "ace-onboarding config show" lists them.`,
    ]);
  }
}

const DEFAULT_ADDRESS = '127.0.0.1:7233';

/**
 * Whoever reaches an open Temporal server can say that an approval arrived, decide and withdraw. So a worker whose mail
 * is real wants one on this machine, or one that asks for credentials over TLS.
 * @throws ConfigurationError
 */
export function refuseOpenTemporal({
  live,
  allowOpenTemporal,
}: {
  live: boolean;
  allowOpenTemporal?: string | undefined;
}) {
  const { connectionOptions } = connectConfig();
  const { address = DEFAULT_ADDRESS } = connectionOptions;
  const missing = missingProtection(connectionOptions);
  if (!live || !missing || isOnThisMachine(address) || allowOpenTemporal === address) return;
  throw new ConfigurationError([
    `LIVE is true, and Temporal at ${address} is ${missing}: whoever reaches it can decide, approve and withdraw. Use TLS with an API key (TEMPORAL_API_KEY) or a client certificate (TEMPORAL_TLS_CLIENT_CERT_PATH), as docs/who-may-act.md describes. If nobody but the workers reaches it: ALLOW_OPEN_TEMPORAL=${address}.`,
  ]);
}

function missingProtection({ tls, apiKey, metadata }: ClientConnectConfig['connectionOptions']): string | undefined {
  const credentials = apiKey || (typeof tls === 'object' && tls?.clientCertPair) || hasAuthorization(metadata);
  if (!tls) return 'spoken to without TLS';
  return credentials ? undefined : 'spoken to without credentials, so it asks for none';
}

function hasAuthorization(metadata: ClientConnectConfig['connectionOptions']['metadata']): boolean {
  return Object.keys(metadata ?? {}).some((name) => name.toLowerCase() === 'authorization');
}

/** Nothing personal leaves this machine readable. @throws ConfigurationError */
export function refuseInClear(
  encryption: unknown,
  { address = DEFAULT_ADDRESS }: ClientConnectConfig['connectionOptions'] = connectConfig().connectionOptions,
): void {
  if (encryption || isOnThisMachine(address)) return;
  throw new ConfigurationError([
    `Temporal is at ${address}, which is not this machine, and ENCRYPTION_KEYS is not set: importer numbers and birth dates would lie there readable. Make a key with "ace-onboarding keys new" and name its file in ENCRYPTION_KEYS_FILE.`,
  ]);
}
