import { isCalendarDay } from '../calendar/day.js';
import type { Closures } from '../calendar/policy.js';
import { ARCHIVE_VARIABLES, type ArchiveValues, type Config } from './config.js';
import { isLoopback } from './loopback.js';
import type { Values } from './variables.js';

/**
 * What a configuration may not do although each value is valid by itself: reach real servers by accident, send secrets or
 * personal data unencrypted, or contradict itself. Each check returns its problems as sentences with the remedy.
 */

export function unsafeSettings(config: Config): string[] {
  return [
    ...unsafeMailServers(config),
    ...unsafeWhenLive(config),
    ...unsafeTokens(config),
    ...sharedFolders(config),
    ...deadlinesOutOfOrder(config.policy),
    ...invalidClosures('CALENDAR_EXTRA_CLOSURES', config.policy.calendar),
    ...invalidClosures('BROKER_HOLIDAYS', config.policy.broker, 'federal, none or a date such as 2026-12-24'),
  ];
}

function unsafeMailServers(config: Config): string[] {
  const unsafe: string[] = [];
  for (const [name, server] of [['SMTP', config.smtp] as const, ...mailboxesOf(config)]) {
    const local = isLoopback(server.host);
    if (!config.live && !local)
      unsafe.push(
        `${name}_HOST is ${server.host}, which is not this machine, and LIVE is not true. To send and receive real email, set LIVE=true. Otherwise use a mail server on 127.0.0.1.`,
      );
    if (server.security === 'none' && !local)
      unsafe.push(
        `${name}_SECURITY=none, but ${server.host} is not this machine: passwords and tax numbers would cross the network unencrypted. Use tls or starttls.`,
      );
  }
  return unsafe;
}

function unsafeWhenLive({ live, encryptionKeys, dnsRecordsFile, policy }: Config): string[] {
  if (!live) return [];
  const unsafe: string[] = [];
  if (!encryptionKeys)
    unsafe.push(
      `LIVE is true without ENCRYPTION_KEYS: Temporal and the archive would store importer numbers and birth dates unencrypted. ${MAKE_A_KEY}`,
    );
  if (dnsRecordsFile)
    unsafe.push('DNS_RECORDS_FILE is set while LIVE is true: with made-up DNS, anyone could pose as CBP. Remove it.');
  if (policy.calendar.pace)
    unsafe.push('PACE_SECONDS_PER_BUSINESS_DAY is set while LIVE is true: CBP does not work at that pace. Remove it.');
  return unsafe;
}

const MAKE_A_KEY = 'Make a key with "ace-onboarding keys new" and name its file in ENCRYPTION_KEYS_FILE.';

/** Each kind of login has what it needs, and the token endpoint is as safe as a mail server must be. */
function unsafeTokens(config: Config): string[] {
  const { live, smtp, oauth } = config;
  const unsafe: string[] = [];
  const needed = {
    password: {},
    'oauth2-client-credentials': {
      OAUTH_TOKEN_URL: oauth.tokenUrl,
      OAUTH_CLIENT_ID: oauth.clientId,
      OAUTH_CLIENT_SECRET: oauth.clientSecret,
    },
    'oauth2-refresh-token': {
      OAUTH_TOKEN_URL: oauth.tokenUrl,
      OAUTH_CLIENT_ID: oauth.clientId,
      OAUTH_REFRESH_TOKEN: oauth.refreshToken,
    },
    'google-service-account': { GOOGLE_SERVICE_ACCOUNT_KEY: oauth.serviceAccountKey },
  };
  for (const [name, { auth, user }] of [['SMTP', smtp] as const, ...mailboxesOf(config)]) {
    if (auth === 'password') continue;
    for (const [variableName, value] of Object.entries({ ...needed[auth], [`${name}_USER`]: user }))
      if (!value) unsafe.push(`${variableName} is not set, but ${name}_AUTH=${auth} needs it.`);
  }
  if (!oauth.tokenUrl) return unsafe;
  const { hostname, protocol } = new URL(oauth.tokenUrl);
  if (!isLoopback(hostname) && protocol !== 'https:')
    unsafe.push('OAUTH_TOKEN_URL is not https: secrets would cross the network unencrypted. Use https.');
  if (!isLoopback(hostname) && !live)
    unsafe.push(
      `OAUTH_TOKEN_URL is at ${hostname}, which is not this machine, and LIVE is not true. To use it, set LIVE=true.`,
    );
  return unsafe;
}

/** An email moved from the inbox to the inbox would be new again forever. */
function sharedFolders(config: Config): string[] {
  return mailboxesOf(config).flatMap(([name, { inbox, processed, review, junk }]) => {
    const folders = { INBOX: inbox, PROCESSED: processed, REVIEW: review, JUNK: junk };
    const used = new Map<string, string>();
    return Object.entries(folders).flatMap(([folder, path]) => {
      // Only the name of the inbox is case-insensitive. RFC 3501 section 5.1
      const key = path?.toLowerCase() === 'inbox' ? 'INBOX' : (path ?? '');
      const other = key && used.get(key);
      used.set(key, folder);
      return other
        ? [`${name}_${folder} and ${name}_${other} are both "${path}". Use a different folder for each.`]
        : [];
    });
  });
}

/** Every mailbox with the beginning of the names of its variables. */
function mailboxesOf({ imap, furtherMailboxes }: Pick<Config, 'imap' | 'furtherMailboxes'>) {
  const further = Object.entries(furtherMailboxes).map(
    ([name, mailbox]) => [`IMAP_FURTHER_MAILBOXES: ${name}: IMAP`, mailbox] as const,
  );
  return [['IMAP', imap] as const, ...further];
}

function deadlinesOutOfOrder({
  lateDays,
  overdueDays,
  correctionReminderDays,
  grantReminderDays,
  grantSilentDays,
  grantParkedDays,
}: Config['policy']): string[] {
  const wrong: string[] = [];
  if (lateDays > overdueDays)
    wrong.push(`LATE_DAYS is ${lateDays}, more than OVERDUE_DAYS, ${overdueDays}. Set it to fewer days.`);
  if (grantSilentDays > grantParkedDays)
    wrong.push(
      `GRANT_SILENT_DAYS is ${grantSilentDays}, more than GRANT_PARKED_DAYS, ${grantParkedDays}. Set it to fewer days.`,
    );
  const reminders = { CORRECTION_REMINDER_DAYS: correctionReminderDays, GRANT_REMINDER_DAYS: grantReminderDays };
  for (const [name, list] of Object.entries(reminders))
    if (list.some((days, at) => days <= (list[at - 1] ?? 0)))
      wrong.push(`${name} is "${list.join(',')}". Write the days in order, such as 2,5,8.`);
  return wrong;
}

/** @param name the variable that they come from */
export function invalidClosures(
  name: string,
  { extraClosures }: Pick<Closures, 'extraClosures'>,
  wanted = 'a date such as 2026-12-24',
): string[] {
  return extraClosures
    .filter(({ date }) => !isCalendarDay(date))
    .map(({ date }) => `${name} has "${date}", which is not ${wanted}.`);
}

/** A bucket is someone else's machine: nothing travels or is stored there unencrypted. */
export function unsafeBucket(v: ArchiveValues & Pick<Values, 'ENCRYPTION_KEYS'>): string[] {
  if (!v.ARCHIVE_BUCKET) return settingsWithoutBucket(v);
  const unsafe: string[] = [];
  const endpoint = v.ARCHIVE_S3_ENDPOINT ? new URL(v.ARCHIVE_S3_ENDPOINT) : undefined;
  const local = endpoint !== undefined && isLoopback(endpoint.hostname);
  if (!v.ARCHIVE_S3_ACCESS_KEY_ID !== !v.ARCHIVE_S3_SECRET_ACCESS_KEY)
    unsafe.push('ARCHIVE_S3_ACCESS_KEY_ID and ARCHIVE_S3_SECRET_ACCESS_KEY belong together: set both or neither.');
  if (endpoint?.protocol === 'http:' && !local)
    unsafe.push(`ARCHIVE_S3_ENDPOINT is http at ${endpoint.hostname}, which is not this machine. Use https.`);
  if (!local && !v.ENCRYPTION_KEYS)
    unsafe.push(
      `ARCHIVE_BUCKET is not on this machine, and ENCRYPTION_KEYS is not set: importer numbers and birth dates would be stored there unencrypted. ${MAKE_A_KEY}`,
    );
  return unsafe;
}

function settingsWithoutBucket(v: ArchiveValues): string[] {
  return ARCHIVE_VARIABLES.filter(
    (name) => name.startsWith('ARCHIVE_S3_') && name !== 'ARCHIVE_S3_REGION' && v[name] !== undefined,
  ).map(
    (name) =>
      `${name} is set, but ARCHIVE_BUCKET is not, so the archive would be in ARCHIVE_DIR. Set ARCHIVE_BUCKET or remove ${name}.`,
  );
}

/** @param name the beginning of the names of the variables, such as CODEC_OIDC */
export function unsafeOidc(name: string, issuer?: string, audience?: string, jwksUrl?: string): string[] {
  const unsafe: string[] = [];
  if (!issuer !== !audience) unsafe.push(`${name}_ISSUER and ${name}_AUDIENCE belong together: set both or neither.`);
  for (const [variableName, url] of Object.entries({ ISSUER: issuer, JWKS_URL: jwksUrl }))
    if (url && new URL(url).protocol === 'http:' && !isLoopback(new URL(url).hostname))
      unsafe.push(
        `${name}_${variableName} is http and not on this machine: anyone on the network path could sign tokens. Use https.`,
      );
  return unsafe;
}
