import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { openDirectoryArchive } from '../../../src/archive/directory.js';
import { readClientConfig, readConfig } from '../../../src/config/read-config.js';
import { configurationWarnings } from '../../../src/config/warnings.js';
import { newKey } from '../../../src/encryption/keyring.js';
import { exposureOf } from '../../../src/files/private-path.js';
import { BROKER_SETTINGS } from '../../support/broker-settings.js';
import { configurationProblems } from '../../support/configuration-problems.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const folder = temporaryFolder('private-path');
let made = 0;
function secret(mode: number, text = 'hunter2', below = folder): string {
  const file = path.join(below, `secret-${made++}`);
  writeFileSync(file, text);
  chmodSync(file, mode);
  return file;
}
const REHEARSAL = {
  SMTP_HOST: '127.0.0.1',
  IMAP_HOST: '127.0.0.1',
  IMPORTER_KEY_FILE: path.join(folder, 'importer-key'),
  ARCHIVE_DIR: path.join(folder, 'archive'),
  ...BROKER_SETTINGS,
};

describe.skipIf(process.platform === 'win32')('a file with a secret', () => {
  test.each([0o640, 0o620, 0o610, 0o604, 0o602, 0o601, 0o444])('of mode %o is refused, with the remedy', (mode) => {
    const file = secret(mode);
    expect(configurationProblems(() => readConfig({ ...REHEARSAL, SMTP_PASSWORD_FILE: file }))).toEqual([
      `SMTP_PASSWORD_FILE: Other users can open ${file} (mode ${mode.toString(8)}): run chmod 600 ${file}. If an orchestrator mounts it, put it in /run/secrets.`,
    ]);
  });

  test.each([0o600, 0o400])('of mode %o can be used', (mode) => {
    const config = readConfig({ ...REHEARSAL, SMTP_PASSWORD_FILE: secret(mode) });
    expect(config.smtp.password).toBe('hunter2');
  });

  test('is also checked for clients and commands, and so is the importer key', () => {
    const keys = secret(0o644, newKey());
    const key = secret(0o660, 'f'.repeat(64));
    expect(
      configurationProblems(() =>
        readClientConfig({ ...REHEARSAL, ENCRYPTION_KEYS_FILE: keys, IMPORTER_KEY_FILE: key }),
      ),
    ).toEqual([
      expect.stringContaining(`IMPORTER_KEY_FILE: Other users can open ${key} (mode`),
      expect.stringContaining(`ENCRYPTION_KEYS_FILE: Other users can open ${keys} (mode`),
    ]);
  });

  test('does not stop a command that does not read it', () => {
    const file = secret(0o644);
    expect(readClientConfig({ ...REHEARSAL, SMTP_PASSWORD_FILE: file }).taskQueue).toBe('onboarding');
    expect(readConfig({ ...REHEARSAL, SMTP_PASSWORD_FILE: file, SMTP_PASSWORD: 'given' }).smtp.password).toBe('given');
  });

  test('causes only a warning if an orchestrator mounted it', () => {
    const mount = path.join(folder, 'credentials');
    mkdirSync(mount);
    const file = secret(0o444, 'hunter2', mount);
    const env = { ...REHEARSAL, SMTP_PASSWORD_FILE: file, CREDENTIALS_DIRECTORY: mount };
    expect(readConfig(env).smtp.password).toBe('hunter2');
    expect(configurationWarnings(env)).toEqual([
      `SMTP_PASSWORD_FILE: Other users can open ${file} (mode 444). Mount it with mode 400 if your orchestrator can.`,
    ]);
    expect(configurationWarnings({ ...env, SMTP_PASSWORD_FILE: secret(0o600, 'hunter2', mount) })).toEqual([]);
  });

  test('does not count as mounted because of a similar path or a link to elsewhere', () => {
    const mount = path.join(folder, 'run');
    mkdirSync(mount);
    mkdirSync(`${mount}-not`);
    const beside = secret(0o444, 'hunter2', `${mount}-not`);
    const link = path.join(mount, 'link');
    symlinkSync(beside, link);
    for (const file of [beside, link])
      expect(exposureOf(file, 'file', { CREDENTIALS_DIRECTORY: mount })).toMatchObject({ refused: true });
  });

  test('may be a pipe, whose mode means nothing, and may not exist yet', () => {
    expect(exposureOf('/dev/null', 'file', {})).toBeUndefined();
    expect(exposureOf(path.join(folder, 'none'), 'file', {})).toBeUndefined();
  });
});

describe.skipIf(process.platform === 'win32')('the folder of the archive', () => {
  test('is created for its owner only', async () => {
    const archive = path.join(folder, 'made', 'archive');
    await openDirectoryArchive(archive);
    expect(readClientConfig({ ...REHEARSAL, ARCHIVE_DIR: archive }).archiveDir).toBe(archive);
  });

  test.each([0o750, 0o755, 0o770, 0o707])('of mode %o is refused, with the remedy', (mode) => {
    const archive = path.join(folder, `archive-${mode}`);
    mkdirSync(archive);
    chmodSync(archive, mode);
    const refused = [
      `ARCHIVE_DIR: Other users can open ${archive} (mode ${mode.toString(8)}): run chmod 700 ${archive}, or use a folder inside it, which is created with that mode.`,
    ];
    expect(configurationProblems(() => readConfig({ ...REHEARSAL, ARCHIVE_DIR: archive }))).toEqual(refused);
    expect(configurationProblems(() => readClientConfig({ ...REHEARSAL, ARCHIVE_DIR: archive }))).toEqual(refused);
  });

  test('does not matter if the archive is in a bucket', () => {
    const archive = path.join(folder, 'idle');
    mkdirSync(archive);
    chmodSync(archive, 0o777);
    const bucket = { ARCHIVE_BUCKET: 's3://clients', ENCRYPTION_KEYS: newKey() };
    expect(configurationProblems(() => readClientConfig({ ...REHEARSAL, ...bucket, ARCHIVE_DIR: archive }))).toEqual(
      [],
    );
  });
});
