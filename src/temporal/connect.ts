import { accessSync } from 'node:fs';
import { Client, Connection } from '@temporalio/client';
import {
  type ClientConfigProfile,
  type ClientConnectConfig,
  loadClientConfig,
  loadClientConfigProfile,
  loadClientConnectConfig,
} from '@temporalio/envconfig';
import { NativeConnection } from '@temporalio/worker';
import { ConfigurationError } from '../config/configuration-error.js';
import type { Encryption } from '../encryption/keyring.js';
import { exposureOf } from '../files/private-path.js';
import { dataConverter } from './data-converter/data-converter.js';
import { isOnThisMachine, WITHOUT_PROXY } from './http-proxy.js';
import { claimNamespace, namespaceUse, refuseMisuse } from './namespace-use.js';
import { TemporalUnreachable } from './unreachable.js';

/**
 * Connections to Temporal. The address, namespace, TLS and keys come from TEMPORAL_* variables or a TOML profile, as
 * `@temporalio/envconfig` documents them. The defaults are 127.0.0.1:7233 and `default`.
 */

export interface TemporalClient {
  client: Client;
  namespace: string;
  close(): Promise<void>;
}

/** Most bytes in an answer. A page of a history can be larger than the 4 MB that the library allows by default. */
const LARGE_HISTORIES = { 'grpc.max_receive_message_length': 256 * 2 ** 20 };

/** For a connection that carries no data of onboardings, so that it needs no encryption. */
export const CARRIES_NO_DATA = 'carries no data';

/**
 * @param claim for workers: sets what the namespace is used for instead of checking it
 * @throws ConfigurationError without encryption, if Temporal is not on this machine or the namespace is not known to be for
 *   rehearsals; with encryption, if the keys are not those of the namespace's workers
 * @throws TemporalUnreachable if the server does not answer within ten seconds
 */
export async function connectClient(
  encryption: Encryption | undefined | typeof CARRIES_NO_DATA,
  { claim = false } = {},
): Promise<TemporalClient> {
  const { connectionOptions, namespace = 'default' } = connectConfig();
  refuseUnencrypted(encryption, connectionOptions);
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

/** @throws ConfigurationError without encryption if Temporal is not on this machine */
export async function connectWorker(
  encryption: Encryption | undefined,
): Promise<{ connection: NativeConnection; namespace: string }> {
  const { connectionOptions, namespace = 'default' } = connectConfig();
  refuseUnencrypted(encryption, connectionOptions);
  const connection = await NativeConnection.connect(connectionOptions).catch((cause) => {
    throw new TemporalUnreachable(connectionOptions.address ?? DEFAULT_ADDRESS, cause);
  });
  return { connection, namespace };
}

/**
 * @throws ConfigurationError for a missing file or profile and for invalid TOML, since the library's own messages do not
 *   say what to do; and for credentials in a file that other users can read or change
 */
function connectConfig(): ClientConnectConfig {
  const { config, exposed } = loadedConfig();
  if (exposed.length > 0) throw new ConfigurationError(exposed);
  return config;
}

function loadedConfig(): { config: ClientConnectConfig; exposed: string[] } {
  try {
    // The library treats a missing file as empty and would connect to this machine.
    if (process.env.TEMPORAL_CONFIG_FILE) accessSync(process.env.TEMPORAL_CONFIG_FILE);
    return { config: loadClientConnectConfig(), exposed: exposedCredentials() };
  } catch (error) {
    // After the first line, the TOML library quotes the file, including its keys.
    const [reason] = String(error instanceof Error ? error.message : error).split('\n');
    throw new ConfigurationError([
      `Cannot use the TEMPORAL_ variables or the profile they name: ${reason}. "ace-onboarding config show" lists them.`,
    ]);
  }
}

/**
 * Files with credentials for Temporal: the private key of a client certificate, and a file of profiles that contains a
 * secret.
 * @returns the ones that other users can read or change, each with its variable and the remedy
 * @throws the library's error for a file that it cannot read
 */
function exposedCredentials(env: NodeJS.ProcessEnv = process.env): string[] {
  const key = loadClientConfigProfile().tls?.clientKey;
  const profiles = env.TEMPORAL_CONFIG_FILE;
  const files = {
    TEMPORAL_TLS_CLIENT_KEY_PATH: key && 'path' in key ? key.path : undefined,
    TEMPORAL_CONFIG_FILE: profiles && hasSecret(profiles) ? profiles : undefined,
  };
  return Object.entries(files).flatMap(([name, file]) => {
    const exposure = file ? exposureOf(file, 'file', env) : undefined;
    return exposure?.refused ? [`${name}: ${exposure.message}`] : [];
  });
}

const hasSecret = (file: string) =>
  Object.values(loadClientConfig({ configSource: { path: file } }).profiles).some(
    ({ apiKey, tls, grpcMeta }: ClientConfigProfile) =>
      apiKey ||
      (tls?.clientKey && 'data' in tls.clientKey) ||
      Object.keys(grpcMeta ?? {}).some((name) => name.toLowerCase() === 'authorization'),
  );

const DEFAULT_ADDRESS = '127.0.0.1:7233';

/**
 * Anyone who can reach an open Temporal server can claim that an approval arrived, decide and withdraw. So a worker that
 * sends real email needs a server on this machine, or one that asks for credentials over TLS.
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
    `LIVE is true, and the connection to Temporal at ${address} does not use ${missing}: anyone who can reach the server can decide, approve and withdraw. Use TLS with an API key (TEMPORAL_API_KEY) or a client certificate (TEMPORAL_TLS_CLIENT_CERT_PATH), as docs/who-may-act.md describes. If only the workers can reach it, set ALLOW_OPEN_TEMPORAL=${address}.`,
  ]);
}

function missingProtection({ tls, apiKey, metadata }: ClientConnectConfig['connectionOptions']): string | undefined {
  const credentials = apiKey || (typeof tls === 'object' && tls?.clientCertPair) || hasAuthorization(metadata);
  if (!tls) return 'TLS';
  return credentials ? undefined : 'credentials';
}

function hasAuthorization(metadata: ClientConnectConfig['connectionOptions']['metadata']): boolean {
  return Object.keys(metadata ?? {}).some((name) => name.toLowerCase() === 'authorization');
}

/** Keeps personal data from leaving this machine unencrypted. @throws ConfigurationError */
export function refuseUnencrypted(
  encryption: unknown,
  { address = DEFAULT_ADDRESS }: ClientConnectConfig['connectionOptions'] = connectConfig().connectionOptions,
): void {
  if (encryption || isOnThisMachine(address)) return;
  throw new ConfigurationError([
    `Temporal is at ${address}, which is not this machine, and ENCRYPTION_KEYS is not set: importer numbers and birth dates would be stored there unencrypted. Make a key with "ace-onboarding keys new" and name its file in ENCRYPTION_KEYS_FILE.`,
  ]);
}
