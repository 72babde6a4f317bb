import { chmodSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { environmentCameFrom } from '../../../src/config/exposed-files.js';
import { readClientConfig } from '../../../src/config/read-config.js';
import { refuseUnencrypted } from '../../../src/temporal/connect.js';
import { CHECKOUT } from '../../support/checkout.js';
import { configurationProblems } from '../../support/configuration-problems.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const folder = temporaryFolder('environment-file');
function file(name: string, text: string, mode: number): string {
  const written = path.join(mkdtempSync(path.join(folder, 'one-')), name);
  writeFileSync(written, text);
  chmodSync(written, mode);
  return written;
}
const OURS = { ARCHIVE_DIR: path.join(folder, 'archive'), IMPORTER_KEY_FILE: path.join(folder, 'importer-key') };

afterEach(() => {
  environmentCameFrom(undefined);
  vi.unstubAllEnvs();
});

describe.skipIf(process.platform === 'win32')('a file of variables', () => {
  const read = (text: string, mode: number) => {
    const env = file('.env', text, mode);
    environmentCameFrom(env);
    return { env, problems: configurationProblems(() => readClientConfig(OURS)) };
  };

  test.each([
    ['SMTP_PASSWORD', 0o644],
    ['ENCRYPTION_KEYS', 0o666],
    ['IMAP_PASSWORD_COMMAND', 0o620],
    ['TEMPORAL_API_KEY', 0o640],
    ['TEMPORAL_TLS_CLIENT_KEY_DATA', 0o604],
  ])('that sets %s is refused at mode %o, with the remedy and without the value', (name, mode) => {
    const { env, problems } = read(`LIVE=false\n${name}=hunter2\n`, mode);
    expect(problems).toEqual([
      `Other users can open ${env} (mode ${mode.toString(8)}): run chmod 600 ${env}. If an orchestrator mounts it, put it in /run/secrets. It sets ${name}.`,
    ]);
  });

  test('that only its owner can open is read', () => {
    expect(read('SMTP_PASSWORD=hunter2\n', 0o600).problems).toEqual([]);
  });

  test('without a secret may be open to others, as a fresh copy of the example is', () => {
    const example = readFileSync(path.join(CHECKOUT, '.env.example'), 'utf8');
    expect(read(example, 0o644).problems).toEqual([]);
    expect(read('SMTP_PASSWORD=\nSMTP_PASSWORD_FILE=/run/secrets/smtp\n', 0o666).problems).toEqual([]);
  });
});

describe.skipIf(process.platform === 'win32')(
  'credentials for Temporal must be in files that others cannot open',
  () => {
    const connecting = (env: Record<string, string>) => {
      for (const [name, value] of Object.entries({ TEMPORAL_CONFIG_FILE: '', ...env })) vi.stubEnv(name, value);
      return configurationProblems(() => refuseUnencrypted(undefined));
    };
    const refused = (variable: string, path: string) => [
      expect.stringContaining(`${variable}: Other users can open ${path} (mode 644): run chmod 600 ${path}.`),
    ];

    test.each([0o644, 0o600])('an API key in a file of profiles: mode %o', (mode) => {
      const profiles = file(
        'temporal.toml',
        '[profile.default]\napi_key = "hunter2"\naddress = "127.0.0.1:7233"\n',
        mode,
      );
      expect(connecting({ TEMPORAL_CONFIG_FILE: profiles })).toEqual(
        mode === 0o600 ? [] : refused('TEMPORAL_CONFIG_FILE', profiles),
      );
    });

    test.each([
      '[profile.other.grpc_meta]\nAuthorization = "hunter2"',
      '[profile.other.tls]\nclient_key_data = "hunter2"',
    ])('credentials in another profile: %j', (text) => {
      const profiles = file('temporal.toml', `[profile.default]\naddress = "127.0.0.1:7233"\n${text}\n`, 0o644);
      expect(connecting({ TEMPORAL_CONFIG_FILE: profiles })).toEqual(refused('TEMPORAL_CONFIG_FILE', profiles));
    });

    test('but a file of profiles without credentials may be open', () => {
      const profiles = file('temporal.toml', '[profile.default]\naddress = "127.0.0.1:7233"\n', 0o644);
      expect(connecting({ TEMPORAL_CONFIG_FILE: profiles })).toEqual([]);
    });

    test.each([0o644, 0o600])('the private key of the client certificate: mode %o', (mode) => {
      const [cert, key] = [file('cert.pem', 'cert', 0o644), file('key.pem', 'key', mode)];
      expect(connecting({ TEMPORAL_TLS_CLIENT_CERT_PATH: cert, TEMPORAL_TLS_CLIENT_KEY_PATH: key })).toEqual(
        mode === 0o600 ? [] : refused('TEMPORAL_TLS_CLIENT_KEY_PATH', key),
      );
    });
  },
);
