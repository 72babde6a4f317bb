import { describe, expect, test } from 'vitest';
import { LIBRARY_VARIABLES, TEMPORAL_VARIABLES } from '../../../src/config/temporal-variables.js';
import { VARIABLES } from '../../../src/config/variables.js';
import { configurationWarnings } from '../../../src/config/warnings.js';

const warned = (...names: string[]) =>
  configurationWarnings(Object.fromEntries(names.map((name) => [name, 'hunter2'])));

describe('a misspelled variable gets a warning', () => {
  test.each([
    ['LATE_DAY', 'LATE_DAYS'],
    ['late_days', 'LATE_DAYS'],
    ['SMPT_HOST', 'SMTP_HOST'],
    ['SMTP_HOTS', 'SMTP_HOST'],
    ['SMTP_HOT', 'SMTP_HOST'],
    ['SMTP_POT', 'SMTP_PORT'],
    ['SMTP_PASSWD', 'SMTP_PASSWORD'],
    ['SMTP_PASWORD_FILE', 'SMTP_PASSWORD_FILE'],
    ['ENCRYPTION_KEY_FILE', 'ENCRYPTION_KEYS_FILE'],
    ['ENCRYPTION_KEYS_COMAND', 'ENCRYPTION_KEYS_COMMAND'],
    ['CALENDER_CUT_OFF_HOUR', 'CALENDAR_CUT_OFF_HOUR'],
    ['CALENDAR_CUTOFF_HOUR', 'CALENDAR_CUT_OFF_HOUR'],
    ['ACKNOWLEDGMENT_DAYS', 'ACKNOWLEDGEMENT_DAYS'],
    ['GRANT_REMINDERS_DAYS', 'GRANT_REMINDER_DAYS'],
    ['MAIL_FORM', 'MAIL_FROM'],
    ['ARCHIVE_DIRS', 'ARCHIVE_DIR'],
    ['CODEC_ORIGIN', 'CODEC_ORIGINS'],
    ['TEMPORAL_ADRESS', 'TEMPORAL_ADDRESS'],
    ['TEMPORAL_NAMESPCE', 'TEMPORAL_NAMESPACE'],
    ['LVIE', 'LIVE'],
    ['LATEDAYS', 'LATE_DAYS'],
    ['LOGLEVEL', 'LOG_LEVEL'],
    ['SMTPHOST', 'SMTP_HOST'],
    ['CALENDARCUTOFFHOUR', 'CALENDAR_CUT_OFF_HOUR'],
    ['MAL_FROM', 'MAIL_FROM'],
    ['PACE_STARTED_AT', 'PACE_STARTING_AT'],
    ['TEMPORAL_HOST', 'TEMPORAL_ADDRESS'],
  ])('%s, with %s suggested', (given, meant) => {
    expect(warned(given)).toEqual([`${given} is set, but nothing reads it: did you mean ${meant}?`]);
  });

  test('if its last letter is missing or doubled', () => {
    for (const name of Object.keys(VARIABLES).filter((name) => name.includes('_')))
      for (const slip of [name.slice(0, -1), `${name}${name.at(-1)}`])
        if (!(slip in VARIABLES))
          expect(warned(slip)).toEqual([expect.stringContaining(`${slip} is set, but nothing`)]);
  });

  test.each(['LATE_DAYS_FILE', 'SMTP_HOST_COMMAND', 'TEMPORAL_API_KEY_FILE'])(
    '%s: only secrets can come from a file or a command',
    (name) => {
      const plain = name.replace(/_[A-Z]+$/, '');
      expect(warned(name)).toEqual([
        `${name} is set, but nothing reads it: set ${plain} itself, which cannot come from a file or a command.`,
      ]);
    },
  );

  test('but not if it is empty', () => {
    expect(configurationWarnings({ LATE_DAY: ' ', SMTP_HOTS: undefined })).toEqual([]);
  });
});

describe('there is no warning', () => {
  test('about any variable that is read', () => {
    const secrets = Object.entries(VARIABLES).flatMap(([name, about]) =>
      'secret' in about ? [`${name}_COMMAND`] : [],
    );
    const read = [...Object.keys(VARIABLES), ...Object.keys(TEMPORAL_VARIABLES)];
    expect(warned(...read, ...secrets, ...LIBRARY_VARIABLES)).toEqual([]);
  });

  test('about the usual variables of an environment', () => {
    expect(
      warned(
        ...['PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'LANG', 'LANGUAGE', 'LC_ALL', 'TERM', 'TZ', 'PWD', 'OLDPWD'],
        ...[
          'LINES',
          'COLUMNS',
          'HOSTNAME',
          'MAIL',
          'MAILCHECK',
          'EDITOR',
          'DISPLAY',
          'TMPDIR',
          'SHLVL',
          '_',
          'LS_COLORS',
        ],
        ...[
          'NODE_ENV',
          'NODE_OPTIONS',
          'NODE_PATH',
          'npm_config_cache',
          'npm_lifecycle_event',
          'npm_package_name',
          'CI',
        ],
        ...[
          'DATABASE_URL',
          'DB_URL',
          'API_URL',
          'REDIS_URL',
          'BASE_URL',
          'PORT',
          'HOST',
          'DEBUG',
          'VERBOSE',
          'SECRET_KEY',
        ],
        ...['SFTP_HOST', 'SFTP_USER', 'SFTP_PORT', 'SFTP_PASSWORD', 'LDAP_HOST', 'LDAP_PORT', 'LDAP_USER', 'HTTP_PORT'],
        ...[
          'SMTP_FROM',
          'SMTP_USERNAME',
          'SMTP_PASS',
          'SMTP_TLS',
          'SMTP_SENDER',
          'MAIL_HOST',
          'MAIL_PORT',
          'MAIL_USER',
        ],
        ...[
          'IMAP_TLS',
          'IMAP_SSL',
          'POP3_HOST',
          'EMAIL_HOST',
          'EMAIL_PORT',
          'EMAIL_FROM',
          'MAP_HOST',
          'ARCHIVE_PATH',
          'ARCHIVE_URL',
          'LOG_DIR',
        ],
        ...[
          'LOG_FORMAT',
          'LOG_FILE',
          'BUILD_URL',
          'BUILD_TAG',
          'BUILD_OS',
          'BUILD_NUMBER',
          'GIT_COMMIT',
          'JOB_NAME',
          'CACHE_DIR',
        ],
        ...['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_REGION', 'AWS_S3_ENDPOINT', 'GOOGLE_CLOUD_PROJECT'],
        ...[
          'GOOGLE_APPLICATION_CREDENTIALS',
          'OAUTH_TOKEN',
          'OAUTH_ISSUER',
          'KUBERNETES_SERVICE_HOST',
          'LIFE',
          'LIVES',
        ],
        ...['TEMPORAL_CLI_ADDRESS', 'TEMPORAL_UI_PORT', 'TEMPORAL_CORS_ORIGINS', 'TEMPORAL_TLS_CA', 'TEMPORAL_VERSION'],
        ...[
          'POSTGRES_USER',
          'POSTGRES_PASSWORD',
          'POSTGRES_DB',
          'CREDENTIALS_DIRECTORY',
          'INVOCATION_ID',
          'NOTIFY_SOCKET',
        ],
      ),
    ).toEqual([]);
  });
});
