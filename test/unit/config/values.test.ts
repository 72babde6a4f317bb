import { describe, expect, test } from 'vitest';
import { shownConfiguration } from '../../../src/cli/config.js';
import { ConfigurationError } from '../../../src/config/configuration-error.js';
import { readConfig } from '../../../src/config/read-config.js';
import { BROKER_SETTINGS } from '../../support/broker-settings.js';

const REHEARSAL = { SMTP_HOST: '127.0.0.1', IMAP_HOST: '127.0.0.1', ...BROKER_SETTINGS };

function said(env: Record<string, string>): string {
  try {
    readConfig({ ...REHEARSAL, ...env });
    return '';
  } catch (error) {
    return (error as ConfigurationError).problems.join('\n');
  }
}

describe('a URL', () => {
  const VARIABLES = ['UI_URL', 'OAUTH_TOKEN_URL', 'ARCHIVE_S3_ENDPOINT', 'CODEC_OIDC_ISSUER', 'ACTOR_OIDC_JWKS_URL'];

  test.each(VARIABLES)('in %s may not have a user or a password, and neither is ever shown', (name) => {
    for (const url of ['http://u:hunter2@127.0.0.1:9000/a', 'HTTPS://u:hunt/hunter2@h', 'http://hunter2@h']) {
      const env = { [name]: url };
      expect(said({ ARCHIVE_BUCKET: 's3://clients', ...env })).toMatch(new RegExp(`${name} is "https?://…@`, 'i'));
      expect(said(env)).not.toContain('hunter2');
      expect(JSON.stringify(shownConfiguration(env))).not.toContain('hunter2');
    }
    expect(said({ [name]: 'http://u:hunter2@h' })).toContain('must not have a user or a password');
  });

  test.each(['http://h/\n  - fake', 'http://h/\tx', 'http://h/a b', 'http://h\u0000/', 'http://h/\u200b.'])(
    'may not have white space or invisible characters: %j',
    (url) => {
      const message = said({ UI_URL: url });
      expect(message).toContain('must not have white space or invisible characters');
      expect(message).not.toMatch(/[\p{C}]/u);
    },
  );

  test('may have an @ after the host', () => {
    expect(said({ UI_URL: 'https://ui.example/@desk?to=a@b' })).toBe('');
  });
});

test('a message about a refused value shows its invisible characters', () => {
  expect(said({ LATE_DAYS: '5\u200b' })).toContain('LATE_DAYS is "5\\u200b": must be a whole number');
  expect(said({ LATE_DAYS: '5\n6' })).toContain('LATE_DAYS is "5\\n6": ');
});

describe('the host of a mail server', () => {
  const read = (host: string) => {
    const further = JSON.stringify({ desk: { user: 'desk@broker.example', host } });
    const { smtp, imap, furtherMailboxes } = readConfig({
      ...REHEARSAL,
      SMTP_HOST: host,
      IMAP_HOST: host,
      IMAP_FURTHER_MAILBOXES: further,
    });
    return [smtp.host, imap.host, furtherMailboxes.desk?.host];
  };

  test('may be an IPv6 address in brackets, which are removed', () => {
    expect(read('[::1]')).toEqual(['::1', '::1', '::1']);
    expect(read('::1')).toEqual(['::1', '::1', '::1']);
  });

  test.each(['[127.0.0.1]', '[localhost]', '127.0.0.1\u0000.evil.example', '127.0.0.1 x', 'jo@127.0.0.1', 'h/x'])(
    'cannot be anything else: %j',
    (host) => {
      for (const name of ['SMTP_HOST', 'IMAP_HOST'])
        expect(said({ [name]: host })).toMatch(
          new RegExp(`${name} is ".*": must be the name or the address of a host`),
        );
      expect(() => read(host)).toThrow(ConfigurationError);
    },
  );
});
