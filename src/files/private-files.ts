import { type ClientConfigProfile, loadClientConfig, loadClientConfigProfile } from '@temporalio/envconfig';
import { exposureOf } from './private-path.js';

/**
 * Credentials for Temporal that lie in files: the private key of a client certificate, and the file of profiles when one
 * of them holds a secret itself.
 * @returns what others than its owner can read or change, each with its variable and the remedy
 * @throws Error of the library for files that it cannot read
 */
export function exposedCredentials(env: NodeJS.ProcessEnv = process.env): string[] {
  const key = loadClientConfigProfile().tls?.clientKey;
  const profiles = env.TEMPORAL_CONFIG_FILE;
  const files = {
    TEMPORAL_TLS_CLIENT_KEY_PATH: key && 'path' in key ? key.path : undefined,
    TEMPORAL_CONFIG_FILE: profiles && holdsSecret(profiles) ? profiles : undefined,
  };
  return Object.entries(files).flatMap(([name, file]) => {
    const exposure = file ? exposureOf(file, 'file', env) : undefined;
    return exposure?.refused ? [`${name}: ${exposure.message}`] : [];
  });
}

const holdsSecret = (file: string) =>
  Object.values(loadClientConfig({ configSource: { path: file } }).profiles).some(
    ({ apiKey, tls, grpcMeta }: ClientConfigProfile) =>
      apiKey ||
      (tls?.clientKey && 'data' in tls.clientKey) ||
      Object.keys(grpcMeta ?? {}).some((name) => name.toLowerCase() === 'authorization'),
  );
