import { existsSync, writeFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { expect, test } from 'vitest';
import { shownConfiguration } from '../../../src/cli/config.js';
import { ConfigurationError } from '../../../src/config/configuration-error.js';
import { readClientConfig, readConfig, readFormFiles } from '../../../src/config/read-config.js';
import { newKey } from '../../../src/encryption/keyring.js';
import { BROKER_SETTINGS } from '../../support/broker-settings.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { keyringOf } from '../encryption/keyring-of.js';

const key = newKey();

test('the configuration is shown with the source of each value, without any secret', () => {
  const shown = shownConfiguration({
    SMTP_PASSWORD: 'hunter2',
    ENCRYPTION_KEYS: key,
    IMAP_PASSWORD_FILE: '/etc/imap',
    TEMPORAL_API_KEY: 'an-api-key',
    SMTP_HOST: 'mail.example',
  });
  const text = JSON.stringify(shown);
  for (const secret of ['hunter2', key, 'an-api-key']) expect(text).not.toContain(secret);
  expect(shown).toContainEqual({ name: 'ENCRYPTION_KEYS', value: '(set)', from: 'environment' });
  expect(shown).toContainEqual({ name: 'IMAP_PASSWORD', value: '(set, in /etc/imap)', from: 'file' });
  expect(shown).toContainEqual({ name: 'SMTP_HOST', value: 'mail.example', from: 'environment' });
  expect(shown).toContainEqual({ name: 'LIVE', value: 'false', from: 'default' });
  expect(shown).toContainEqual({ name: 'IMAP_HOST', value: undefined, from: 'not set' });
});

test("the form is the product's replica unless another is set, whatever the current folder is", () => {
  const shownValue = (name: string) => shownConfiguration({}).find((shown) => shown.name === name)?.value ?? '';
  for (const name of ['FORM_TEMPLATE', 'FORM_MAP']) {
    expect(isAbsolute(shownValue(name))).toBe(true);
    expect(existsSync(shownValue(name))).toBe(true);
  }
  expect(readFormFiles({})).toEqual({ template: shownValue('FORM_TEMPLATE'), map: shownValue('FORM_MAP') });
  expect(readFormFiles({ FORM_TEMPLATE: 'forms/real.pdf', FORM_MAP: '' })).toEqual({
    template: 'forms/real.pdf',
    map: shownValue('FORM_MAP'),
  });
});

test('a variable that nothing reads is not shown as set', () => {
  const shown = shownConfiguration({ TEMPORAL_API_KEY_FILE: '/etc/key', SMTP_HOST_COMMAND: 'echo mail.example' });
  expect(shown.filter(({ name }) => ['TEMPORAL_API_KEY', 'SMTP_HOST'].includes(name)).map(({ from }) => from)).toEqual([
    'not set',
    'not set',
  ]);
});

test('keys come from the environment or a file, and their problems are reported without showing them', () => {
  const file = join(temporaryFolder('keys'), 'keys');
  writeFileSync(file, `${key} # made today\n`, { mode: 0o600 });
  expect(readClientConfig({ ENCRYPTION_KEYS_FILE: file }).encryptionKeys?.ids).toEqual(keyringOf(key).ids);
  expect(readClientConfig({ ENCRYPTION_KEYS: key }).encryptionKeys?.ids).toEqual(keyringOf(key).ids);
  expect(readClientConfig({}).encryptionKeys).toBeUndefined();
  const bad = key.slice(0, 20);
  expect(() => readClientConfig({ ENCRYPTION_KEYS: `${bad},${key}` })).toThrow(/ENCRYPTION_KEYS key 1 is not base64/);
  expect(() => readClientConfig({ ENCRYPTION_KEYS: bad })).not.toThrow(bad);
});

test('keys come from a key management command, and a failing command is reported with what to try', () => {
  const file = join(temporaryFolder('keys'), 'keys');
  writeFileSync(file, `${key} # made today\n`, { mode: 0o600 });
  const from = (command: string) => readClientConfig({ ENCRYPTION_KEYS_COMMAND: command }).encryptionKeys?.ids;
  expect(from(`cat "${file}"`)).toEqual(keyringOf(key).ids);
  expect(() => from('exit 3')).toThrow(
    /ENCRYPTION_KEYS_COMMAND did not give a secret: it ended with 3\. Try the command/,
  );
  expect(() => from('true')).toThrow(/it printed nothing/);
  expect(() => from('no-such-key-management 2>/dev/null')).toThrow(/ENCRYPTION_KEYS_COMMAND/);
  const shown = shownConfiguration({ ENCRYPTION_KEYS_COMMAND: 'vault --token s3cret read keys' });
  expect(shown).toContainEqual({ name: 'ENCRYPTION_KEYS', value: '(set, by a command)', from: 'command' });
  expect(JSON.stringify(shown)).not.toContain('s3cret');
});

test('a live worker does not start without keys', () => {
  const problems = (env: Record<string, string>) => {
    try {
      readConfig({
        LIVE: 'true',
        SMTP_HOST: 'smtp.example',
        IMAP_HOST: 'imap.example',
        ...BROKER_SETTINGS,
        ...env,
      });
      return [];
    } catch (error) {
      return error instanceof ConfigurationError ? error.problems : [String(error)];
    }
  };
  expect(problems({}).join()).toMatch(/LIVE is true without ENCRYPTION_KEYS/);
  expect(problems({ ENCRYPTION_KEYS: key })).toEqual([]);
});

test('a problem with a value is described in words, or by its place inside JSON', () => {
  const said = (env: Record<string, string>) => {
    try {
      readConfig(env);
      return '';
    } catch (error) {
      return (error as ConfigurationError).problems.join('\n');
    }
  };
  expect(said({ SMTP_PORT: 'smtp' })).toContain(
    'SMTP_PORT is "smtp": must be a whole number from 1 to 65535, in digits. 587 for starttls',
  );
  expect(said({ LIVE: 'yes' })).toContain('LIVE is "yes": must be one of: true, false.');
  expect(said({ UI_URL: 'localhost:8233' })).toContain(
    'UI_URL is "localhost:8233": must be an http:// or https:// URL.',
  );
  expect(said({ GRANT_REMINDER_DAYS: '2,x' })).toContain(
    'GRANT_REMINDER_DAYS is "2,x": must be a whole number from 1 to 250, in digits.',
  );
  expect(said({ CODEC_TOKEN: 'hunter2' })).toContain('CODEC_TOKEN must be 24 characters or more: openssl rand');
  const mailboxes = { desk: { user: 'x', security: 'ssl', passwort: 'hunter2' }, second: {}, main: { user: 'y' } };
  const wrong = said({ IMAP_FURTHER_MAILBOXES: JSON.stringify(mailboxes) });
  expect(wrong).toContain('desk.security must be one of: tls, starttls, none');
  expect(wrong).toContain('desk has passwort, which nothing reads');
  expect(wrong).toContain('second.user is missing');
  expect(wrong).toContain('main is not a valid mailbox name');
  expect(wrong).not.toMatch(/hunter2|Invalid/);
});
