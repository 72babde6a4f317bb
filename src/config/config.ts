import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { printableJson } from '../application/plain-text.js';
import { isCalendarDay } from '../calendar/day.js';
import type { CalendarPolicy } from '../calendar/policy.js';
import { type Keyring, readKeys } from '../encryption/keyring.js';
import { type Exposure, exposureOf } from '../files/private-path.js';
import { productFile } from '../files/product-file.js';
import type { BucketSettings } from './bucket-settings.js';
import { environmentFileExposure } from './environment-file.js';
import { httpUrl, withoutPassword } from './http-url.js';
import { isLoopback } from './loopback.js';
import { mailHost } from './mail-host.js';
import { decimal, whole, wholeList } from './numbers.js';
import { TEMPORAL_VARIABLES } from './temporal-variables.js';

/**
 * The one typed configuration. Every variable stands here once, with what it means; the environment is read once, all
 * problems are reported together, and `.env.example` is printed from the same table (`scripts/configuration-pages.mjs`).
 */

const text = z.string().trim().min(1);
const list = z.string().transform((value) =>
  value
    .split(',')
    .map((item) => item.trim())
    .filter(Boolean),
);
const yesNo = z.enum(['true', 'false']).transform((value) => value === 'true');
const address = z
  .string()
  .trim()
  .regex(/^[^\s@<>]+@[^\s@<>]+$/, 'is not a bare mail address such as ace@broker.example');
const bucketUrl = z.string().transform((value, context) => {
  const match =
    /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/((?:[A-Za-z0-9_-][A-Za-z0-9._-]*\/)*(?:[A-Za-z0-9_-][A-Za-z0-9._-]*)?))?$/.exec(
      value,
    );
  if (match) return { bucket: match[1] ?? '', prefix: match[2] ? `${match[2].replace(/\/$/, '')}/` : '' };
  context.addIssue({ code: 'custom', message: 'is not s3://BUCKET or s3://BUCKET/PREFIX' });
  return z.NEVER;
});

const keys = z.string().transform((value, context): Keyring => {
  const read = readKeys(value);
  if (!('problems' in read)) return read;
  for (const message of read.problems) context.addIssue({ code: 'custom', message });
  return z.NEVER;
});

const securities = ['tls', 'starttls', 'none'] as const;
const logins = ['password', 'oauth2-client-credentials', 'oauth2-refresh-token', 'google-service-account'] as const;
const furtherMailboxes = z
  .string()
  .transform((value, context): unknown => {
    try {
      return JSON.parse(value);
    } catch {
      context.addIssue({ code: 'custom', message: 'is not JSON' });
      return z.NEVER;
    }
  })
  .pipe(
    z.record(
      z
        .string()
        .regex(/^(?!main$)[a-z0-9-]{1,40}$/, 'is no name for a mailbox: small letters, digits and hyphens, not "main"'),
      z.strictObject({
        user: text,
        password: text.optional(),
        auth: z.enum(logins).optional(),
        host: mailHost.optional(),
        port: whole(1, 65_535).optional(),
        security: z.enum(securities).optional(),
        inbox: text.optional(),
        processed: text.optional(),
        review: text.optional(),
        junk: text.optional(),
        sweepSeconds: whole(1, 3_600).optional(),
        silentHours: whole(0, 8_760).optional(),
      }),
    ),
  );

interface Variable<S extends z.ZodType = z.ZodType> {
  about: string;
  schema: S;
  /** Undefined: optional without a default, unless `required`. */
  default?: string;
  /** The default is a file that comes with the product: a path below the product's folder, not below the current one. */
  comesWithProduct?: true;
  required?: true;
  /** The value is the path of a file or folder that is for this user alone. */
  private?: 'file' | 'folder';
  /** Masked when shown, and may be given as NAME_FILE or NAME_COMMAND instead. */
  secret?: true;
}
const variable = <const V extends Variable>(v: V): V => v;

export const VARIABLES = {
  LIVE: variable({
    about:
      'true: mail may leave this machine. false: only loopback mail servers are spoken to, whatever else is configured.',
    schema: yesNo,
    default: 'false',
  }),
  LOG_LEVEL: variable({
    about: 'trace, debug, info, warn or error. Logs carry references, never numbers, names of persons or mail text.',
    schema: z.enum(['trace', 'debug', 'info', 'warn', 'error']),
    default: 'info',
  }),
  TASK_QUEUE: variable({
    about: 'Temporal task queue of the workflows; mail goes through TASK_QUEUE-mail.',
    schema: text,
    default: 'onboarding',
  }),
  BUILD_ID: variable({
    about:
      'Version of these workers, for worker deployment versions: they get work once "ace-onboarding deploy promote" has made it current. Not set: unversioned workers, which get work at once.',
    schema: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$/, 'must be letters, digits, dots, hyphens and underscores, 80 at most'),
  }),
  HEALTH_PORT: variable({
    about:
      'Port on which a worker says over HTTP how it is: /healthz, /readyz, and /metrics for Prometheus. Each worker of a machine needs its own. Not set: none.',
    schema: whole(1, 65_535),
  }),
  HEALTH_HOST: variable({
    about: 'Address on which it does. Anything but loopback lets others read the counts of onboardings.',
    schema: text,
    default: '127.0.0.1',
  }),
  UI_URL: variable({
    about: 'Where people reach the Temporal Web UI, for links in mails and output.',
    schema: httpUrl,
    default: 'http://localhost:8233',
  }),
  ARCHIVE_DIR: variable({
    about:
      'The archive: filled forms, raw mails, claims. Back it up. Made with mode 0700; refused when others can read or change it.',
    schema: text,
    default: '.ace-onboarding/archive',
    private: 'folder',
  }),
  ARCHIVE_BUCKET: variable({
    about:
      'The archive in an S3-compatible bucket instead of ARCHIVE_DIR, for workers on several machines: s3://BUCKET or s3://BUCKET/PREFIX. The provider must know conditional writes (If-None-Match), which is tried at each start. Needs ENCRYPTION_KEYS unless it is on this machine.',
    schema: bucketUrl,
  }),
  ARCHIVE_S3_ENDPOINT: variable({
    about: 'Where the bucket is, when it is not with AWS: https://… (http:// on this machine only).',
    schema: httpUrl,
  }),
  ARCHIVE_S3_REGION: variable({ about: "The bucket's region.", schema: text, default: 'us-east-1' }),
  ARCHIVE_S3_PATH_STYLE: variable({
    about:
      "true: the bucket's name stands in the path, as most servers of one's own want it. Not set: true with ARCHIVE_S3_ENDPOINT, false without.",
    schema: yesNo,
  }),
  ARCHIVE_S3_ACCESS_KEY_ID: variable({
    about:
      "Access key for the bucket. Not set: what AWS's own tools would use (AWS_ variables, a profile, the role of the machine).",
    schema: text,
  }),
  ARCHIVE_S3_SECRET_ACCESS_KEY: variable({ about: 'Its secret.', schema: text, secret: true }),
  IMPORTER_KEY_FILE: variable({
    about:
      'Secret that turns importer numbers into ImporterKey. Made at first start with mode 0600; never change it. The same file on every machine: one with another secret is refused.',
    schema: text,
    default: '.ace-onboarding/importer-key',
    private: 'file',
  }),
  ENCRYPTION_KEYS: variable({
    about:
      'Keys that personal data is encrypted with, in Temporal and in the archive: base64 of 32 bytes each, the first for writing, all for reading. "ace-onboarding keys new" makes one. Better a file only the worker can read, ENCRYPTION_KEYS_FILE, or a command of your key management that prints them, ENCRYPTION_KEYS_COMMAND. Needed when LIVE, and when Temporal is not on this machine.',
    schema: keys,
    secret: true,
  }),
  ALLOW_OPEN_TEMPORAL: variable({
    about:
      'The address of a Temporal server (as in TEMPORAL_ADDRESS) that a worker may use with LIVE=true although it is not on this machine and asks for no credentials: whoever reaches it can decide cases. Only for one that nobody else reaches, such as that of docker-compose.yml.',
    schema: text,
  }),
  CODEC_HOST: variable({
    about:
      'Where the codec server listens, which lets the Web UI show what is encrypted. Anything but loopback needs CODEC_OIDC_ISSUER, CODEC_TOKEN or CODEC_USER_HEADER.',
    schema: text,
    default: '127.0.0.1',
  }),
  CODEC_PORT: variable({ about: 'Port of the codec server.', schema: whole(1, 65_535), default: '8234' }),
  CODEC_ORIGINS: variable({
    about: 'Where browsers reach the Web UI, exactly, comma-separated. Pages from elsewhere are refused.',
    schema: list,
    default: 'http://localhost:8233,http://127.0.0.1:8233',
  }),
  CODEC_TOKEN: variable({
    about: 'Callers of the codec server must send it as Authorization: Bearer.',
    schema: z.string().trim().min(24, 'is shorter than 24 characters: openssl rand -hex 24 makes a good one'),
    secret: true,
  }),
  CODEC_USER_HEADER: variable({
    about:
      'Header in which an authenticating gateway (OIDC) in front of the codec server names the user, such as X-Forwarded-Email. Only where nobody gets past the gateway.',
    schema: z.string().regex(/^[A-Za-z][A-Za-z0-9-]*$/, 'is not the name of a header'),
  }),
  CODEC_OIDC_ISSUER: variable({
    about:
      'Your single sign-on, exactly as the "iss" of its tokens says it. Callers of the codec server must then send such a token as Authorization: Bearer, as the Web UI does with TEMPORAL_CODEC_PASS_ACCESS_TOKEN=true. Needs CODEC_OIDC_AUDIENCE.',
    schema: httpUrl,
  }),
  CODEC_OIDC_AUDIENCE: variable({
    about: 'The "aud" of tokens that may decode: give them to those only who may see clients\' data.',
    schema: text,
  }),
  CODEC_OIDC_JWKS_URL: variable({
    about: "Where the issuer's public keys are. Not set: found in its /.well-known/openid-configuration.",
    schema: httpUrl,
  }),
  ALLOW_OPEN_CODEC: variable({
    about:
      'The address in CODEC_HOST, to have the codec server listen there without asking who calls. Only in a container whose port is published on loopback and whose network nobody shares, as in docker-compose.yml.',
    schema: text,
  }),
  ACTOR_OIDC_ISSUER: variable({
    about:
      'Back-office code that passes on the token of the person signed in: the single sign-on, exactly as the "iss" of its tokens says it. The actor is then recorded as verified. Needs ACTOR_OIDC_AUDIENCE.',
    schema: httpUrl,
  }),
  ACTOR_OIDC_AUDIENCE: variable({ about: 'The "aud" that such a token must have.', schema: text }),
  ACTOR_OIDC_JWKS_URL: variable({
    about: "Where the issuer's public keys are. Not set: found in its /.well-known/openid-configuration.",
    schema: httpUrl,
  }),
  COMPANY_IN_SEARCH_ATTRIBUTES: variable({
    about:
      'true: the Web UI lists company names (never encrypted). false: the reference stands instead, as it always does for a sole proprietor.',
    schema: yesNo,
    default: 'true',
  }),

  FORM_TEMPLATE: variable({
    about: "CBP's PDF as downloaded. The replica is refused when LIVE.",
    schema: text,
    default: 'forms/replica.pdf',
    comesWithProduct: true,
  }),
  FORM_MAP: variable({
    about: 'Field map for exactly that edition.',
    schema: text,
    default: 'forms/replica.map.json',
    comesWithProduct: true,
  }),

  CBP_APPLICATIONS_ADDRESS: variable({
    about: "CBP's mailbox for applications.",
    schema: address,
    default: 'ACE.Applications@cbp.dhs.gov',
  }),
  CBP_FROM_DOMAINS: variable({
    about: 'Domains whose From line may carry a decision of CBP.',
    schema: list,
    default: 'cbp.dhs.gov',
  }),
  CBP_DKIM_DOMAINS: variable({
    about: 'DKIM signing domains (d=) believed for those From domains.',
    schema: list,
    default: 'cbp.dhs.gov,dhs.gov',
  }),
  MAIL_HOST_AUTHSERV_ID: variable({
    about:
      'authserv-id your own mail host writes in Authentication-Results; when set, its verdict must agree. "microsoft-365" for its form without an id.',
    schema: text,
  }),
  DNS_RECORDS_FILE: variable({
    about: 'JSON of DNS records used instead of the network, for rehearsals. Refused when LIVE.',
    schema: text,
  }),
  LETTER_MANAGERS: variable({
    about:
      'People who may teach a letter of CBP that approves on their own, as they state their names with --actor, comma-separated. From anybody else such a letter takes a second person. Names are stated, not proven.',
    schema: list,
    default: '',
  }),

  SMTP_HOST: variable({ about: 'Outgoing mail server.', schema: mailHost, required: true }),
  SMTP_PORT: variable({ about: '587 for starttls, 465 for tls.', schema: whole(1, 65_535), default: '587' }),
  SMTP_SECURITY: variable({
    about: 'tls (from the first byte), starttls, or none (loopback only).',
    schema: z.enum(securities),
    default: 'starttls',
  }),
  SMTP_USER: variable({ about: 'User at the outgoing mail server; none: no log-in.', schema: text }),
  SMTP_PASSWORD: variable({
    about: 'Its password, or SMTP_PASSWORD_FILE with the path of a file that holds it.',
    schema: text,
    secret: true,
  }),
  SMTP_AUTH: variable({
    about:
      'How to log in: password; oauth2-client-credentials (Microsoft 365, an application of yours); oauth2-refresh-token (a user who consented once); google-service-account (Google Workspace, domain-wide delegation). All but password need the OAUTH_ or GOOGLE_ variables.',
    schema: z.enum(logins),
    default: 'password',
  }),
  MAIL_DAILY_CAP: variable({
    about: 'Mails a day from this mailbox, reminders included; beyond it they wait for the next day.',
    schema: whole(1, 100_000),
    default: '500',
  }),
  MAIL_PER_SECOND: variable({
    about: 'Mails a second from this mailbox over all workers, fractions allowed. Microsoft 365 allows 30 a minute.',
    schema: decimal(0.001, 100),
    default: '0.4',
  }),

  IMAP_HOST: variable({ about: 'Incoming mail server.', schema: mailHost, required: true }),
  IMAP_PORT: variable({ about: '993 for tls, 143 for starttls.', schema: whole(1, 65_535), default: '993' }),
  IMAP_SECURITY: variable({
    about: 'tls, starttls, or none (loopback only).',
    schema: z.enum(securities),
    default: 'tls',
  }),
  IMAP_USER: variable({
    about:
      'User whose mailbox is watched. Give the product a mailbox of its own: it sorts away whatever lies in the inbox.',
    schema: text,
    required: true,
  }),
  IMAP_PASSWORD: variable({
    about: 'Its password, or IMAP_PASSWORD_FILE with the path of a file that holds it.',
    schema: text,
    secret: true,
  }),
  IMAP_AUTH: variable({
    about: 'How to log in, as SMTP_AUTH.',
    schema: z.enum(logins),
    default: 'password',
  }),
  IMAP_INBOX: variable({ about: 'Folder in which mail arrives.', schema: text, default: 'INBOX' }),
  IMAP_PROCESSED: variable({ about: 'Folder for mail that was signalled.', schema: text, default: 'Processed' }),
  IMAP_REVIEW: variable({ about: 'Folder for mail that needs a person.', schema: text, default: 'Review' }),
  IMAP_SWEEP_SECONDS: variable({
    about: 'The inbox is read at least this often, whatever IDLE says.',
    schema: whole(1, 3_600),
    default: '60',
  }),
  IMAP_JUNK: variable({
    about:
      'Folder into which your mail host files suspected spam; mail about an onboarding is taken from it. Found by itself when the server names it.',
    schema: text,
  }),
  IMAP_SILENT_HOURS: variable({
    about: 'Hours without a single mail after which operations are told that the mailbox is silent. 0: never.',
    schema: whole(0, 8_760),
    default: '72',
  }),

  OAUTH_TOKEN_URL: variable({
    about:
      'Where tokens are had. Microsoft 365: https://login.microsoftonline.com/TENANT/oauth2/v2.0/token. Google: https://oauth2.googleapis.com/token, also when not set.',
    schema: httpUrl,
  }),
  OAUTH_CLIENT_ID: variable({ about: 'The registered application.', schema: text }),
  OAUTH_CLIENT_SECRET: variable({ about: 'Its secret.', schema: text, secret: true }),
  OAUTH_REFRESH_TOKEN: variable({
    about:
      'For oauth2-refresh-token. One that the provider replaces at each use is replaced in memory only: prefer client credentials with Microsoft 365.',
    schema: text,
    secret: true,
  }),
  OAUTH_SCOPE: variable({
    about:
      'What is asked for. Not set: https://outlook.office365.com/.default for client credentials, https://mail.google.com/ for a service account, nothing for a refresh token.',
    schema: text,
  }),
  GOOGLE_SERVICE_ACCOUNT_KEY: variable({
    about:
      "JSON key of the service account, or GOOGLE_SERVICE_ACCOUNT_KEY_FILE with its path. It acts as the mailbox's user.",
    schema: text,
    secret: true,
  }),

  IMAP_FURTHER_MAILBOXES: variable({
    about:
      'Further mailboxes to watch, as JSON: {"name": {"user": "…", "password": "…"}}, with host, port, security, auth, inbox, processed, review, junk, sweepSeconds and silentHours where they differ from the first. Better a file: IMAP_FURTHER_MAILBOXES_FILE.',
    schema: furtherMailboxes,
    secret: true,
  }),

  BROKER_NAME: variable({ about: 'The broker, as clients know it.', schema: text, default: 'Clearit USA' }),
  BROKER_PHONE: variable({ about: 'A number for clients to call back.', schema: text, required: true }),
  BROKER_ACE_EMAIL: variable({
    about:
      "The broker's own ACE user, to which clients grant access. No default on purpose: a wrong one gives a stranger the client's account.",
    schema: address,
    required: true,
  }),
  MAIL_FROM: variable({
    about: 'Address our mail comes from, in the watched mailbox.',
    schema: address,
    required: true,
  }),
  MAIL_REPLY_ALIAS: variable({
    about: 'Reply addresses, one for each onboarding: {token} is replaced. Must arrive in the watched mailbox.',
    schema: z
      .string()
      .regex(/^[^\s@<>]*\{token\}[^\s@<>]*@[^\s@<>]+$/, 'needs {token} before the @, as in ace+{token}@broker.example'),
    required: true,
  }),
  MAIL_ENVELOPE_SENDER: variable({
    about:
      'alias: bounces come home to the reply alias of their onboarding. from: to MAIL_FROM, for mail hosts that let a login send under its main address only, such as Microsoft 365.',
    schema: z.enum(['alias', 'from']),
    default: 'alias',
  }),
  MAIL_TEMPLATES_DIR: variable({
    about:
      'Directory with mail templates of your own (NAME.eta), used in place of the ones that come with the product.',
    schema: text,
  }),
  OPERATIONS_ADDRESS: variable({
    about: 'Who is told of what is late or needs a person.',
    schema: address,
    required: true,
  }),
  MANAGER_ADDRESS: variable({ about: 'Who is told of what is overdue.', schema: address, required: true }),
  SUBJECT_STYLE: variable({
    about:
      "importer-number: company and full importer number (the guide's manual route). ein: company and EIN (the form's button).",
    schema: z.enum(['importer-number', 'ein']),
    default: 'importer-number',
  }),

  CALENDAR_CUT_OFF_HOUR: variable({
    about:
      'What CBP gets at or after this hour (New York) counts from the next business day; also the hour at which deadlines fall.',
    schema: whole(1, 23),
    default: '17',
  }),
  CALENDAR_EXTRA_CLOSURES: variable({
    about: 'Further days on which CBP is closed, as YYYY-MM-DD or YYYY-MM-DD=reason, comma-separated.',
    schema: list,
    default: '',
  }),
  CALENDAR_INAUGURATION_DAY: variable({
    about: 'true: Inauguration Day is no business day (CBP headquarters).',
    schema: yesNo,
    default: 'false',
  }),
  PACE_SECONDS_PER_BUSINESS_DAY: variable({
    about: 'Rehearsals only: a business day lasts this many seconds. Refused when LIVE.',
    schema: decimal(0.01, 86_400),
  }),
  PACE_STARTING_AT: variable({
    about: 'Rehearsals only: the calendar instant at which the rehearsal begins, for explanations.',
    schema: z.iso.datetime({ offset: true }),
  }),
  PACE_BEGAN_AT: variable({
    about: 'Rehearsals only: the real instant at which the rehearsal began, so that explanations move on with it.',
    schema: z.iso.datetime({ offset: true }),
  }),
  ACKNOWLEDGEMENT_DAYS: variable({
    about: 'Business days without acknowledgement until the case notes it.',
    schema: whole(1, 60),
    default: '1',
  }),
  LATE_DAYS: variable({
    about: 'Business days without decision until operations and the client are asked.',
    schema: whole(1, 60),
    default: '5',
  }),
  OVERDUE_DAYS: variable({
    about: 'Business days without decision until the manager is told.',
    schema: whole(1, 90),
    default: '10',
  }),
  GRANT_REMINDER_DAYS: variable({
    about: 'Business days after the instructions at which the client is reminded, twelve times at most.',
    schema: wholeList(1, 250, 12),
    default: '2,5,8',
  }),
  GRANT_SILENT_DAYS: variable({
    about: 'Business days without the grant until operations are told.',
    schema: whole(1, 90),
    default: '10',
  }),
  GRANT_PARKED_DAYS: variable({
    about: 'Business days without the grant until the case is parked with the broker.',
    schema: whole(1, 250),
    default: '20',
  }),
  SEND_RECONCILE_SECONDS: variable({
    about: 'How long a mail of unknown fate waits for our blind copy or an acknowledgement before a person is asked.',
    schema: whole(1, 86_400),
    default: '900',
  }),
  SEND_UNKNOWN: variable({
    about:
      'What follows when a mail to CBP is still of unknown fate after that. ask: a person settles it. resend-once: the same application is sent once more by itself, and CBP may get it twice.',
    schema: z.enum(['ask', 'resend-once']),
    default: 'ask',
  }),
} as const;

type Values = {
  [K in keyof typeof VARIABLES]: z.output<(typeof VARIABLES)[K]['schema']> | Undefinable<(typeof VARIABLES)[K]>;
};
type Undefinable<V extends Variable> = V extends { default: string }
  ? never
  : V extends { required: true }
    ? never
    : undefined;

export type Config = ReturnType<typeof shape>;

export class ConfigurationError extends Error {
  constructor(readonly problems: string[]) {
    super(
      `The configuration has ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}:\n${problems.map((p) => `  - ${p}`).join('\n')}`,
    );
    this.name = 'ConfigurationError';
  }
}

/**
 * Reads the configuration of a worker from an environment.
 * @throws ConfigurationError naming every variable that is missing or wrong, at once.
 */
export function readConfig(env: Record<string, string | undefined> = process.env): Config {
  const v = readVariables(env, Object.keys(VARIABLES)) as Values;
  const config = shape(v);
  const unsafe = [...refusals(config), ...archiveRefused(v)];
  if (unsafe.length > 0) throw new ConfigurationError(unsafe);
  return config;
}

/** What a client of the onboardings needs: where the archive is and what the workers' queue is called; nothing of mail. */
export type ClientConfig = Pick<
  Config,
  'taskQueue' | 'uiUrl' | 'archiveDir' | 'importerKeyFile' | 'companyInSearchAttributes'
> & {
  archiveBucket?: BucketSettings | undefined;
  /** Who may teach a letter that approves alone, as they state their names. */
  letterManagers?: string[] | undefined;
  /** Whose tokens say who acts. */
  actorOidc?: OidcSettings | undefined;
  encryptionKeys?: Keyring | undefined;
  /** Mail domains of the broker, which no account owner may have; empty when MAIL_FROM is not set. */ brokerDomains: string[];
};

/** @throws ConfigurationError */
export function readClientConfig(env: Record<string, string | undefined> = process.env): ClientConfig {
  const names = [
    'TASK_QUEUE',
    'UI_URL',
    ...ARCHIVE_VARIABLES,
    'IMPORTER_KEY_FILE',
    'ENCRYPTION_KEYS',
    'COMPANY_IN_SEARCH_ATTRIBUTES',
    'LETTER_MANAGERS',
    'ACTOR_OIDC_ISSUER',
    'ACTOR_OIDC_AUDIENCE',
    'ACTOR_OIDC_JWKS_URL',
  ] as const;
  const v = readVariables(env, names) as Pick<Values, (typeof names)[number]>;
  const refused = [
    ...archiveRefused(v),
    ...oidcRefused('ACTOR_OIDC', v.ACTOR_OIDC_ISSUER, v.ACTOR_OIDC_AUDIENCE, v.ACTOR_OIDC_JWKS_URL),
  ];
  if (refused.length > 0) throw new ConfigurationError(refused);
  return {
    taskQueue: v.TASK_QUEUE,
    uiUrl: v.UI_URL,
    ...archiveOf(v),
    importerKeyFile: v.IMPORTER_KEY_FILE,
    encryptionKeys: v.ENCRYPTION_KEYS,
    actorOidc: oidcOf(v.ACTOR_OIDC_ISSUER, v.ACTOR_OIDC_AUDIENCE, v.ACTOR_OIDC_JWKS_URL),
    companyInSearchAttributes: v.COMPANY_IN_SEARCH_ATTRIBUTES,
    letterManagers: v.LETTER_MANAGERS,
    brokerDomains: env.MAIL_FROM ? [domainOf(env.MAIL_FROM)] : [],
  };
}

/** What the codec server needs. @throws ConfigurationError also when there are no keys to decode with. */
export function readCodecServerConfig(env: Record<string, string | undefined> = process.env) {
  const names = [
    'ENCRYPTION_KEYS',
    'CODEC_HOST',
    'CODEC_PORT',
    'CODEC_ORIGINS',
    'CODEC_TOKEN',
    'CODEC_USER_HEADER',
    'CODEC_OIDC_ISSUER',
    'CODEC_OIDC_AUDIENCE',
    'CODEC_OIDC_JWKS_URL',
    'ALLOW_OPEN_CODEC',
  ] as const;
  const v = readVariables(env, names) as Pick<Values, (typeof names)[number]>;
  const { CODEC_OIDC_ISSUER: issuer, CODEC_OIDC_AUDIENCE: audience, CODEC_OIDC_JWKS_URL: jwksUrl } = v;
  const refused = oidcRefused('CODEC_OIDC', issuer, audience, jwksUrl);
  if (!v.ENCRYPTION_KEYS)
    throw new ConfigurationError([
      ...refused,
      'ENCRYPTION_KEYS is not set: there is nothing to decode with. Name the keys of the workers.',
    ]);
  if (refused.length > 0) throw new ConfigurationError(refused);
  return {
    keyring: v.ENCRYPTION_KEYS,
    host: v.CODEC_HOST,
    port: v.CODEC_PORT,
    origins: v.CODEC_ORIGINS,
    token: v.CODEC_TOKEN,
    userHeader: v.CODEC_USER_HEADER,
    oidc: oidcOf(issuer, audience, jwksUrl),
    openOn: v.ALLOW_OPEN_CODEC,
  };
}

function oidcOf(issuer?: string, audience?: string, jwksUrl?: string): OidcSettings | undefined {
  return issuer && audience ? { issuer, audience, jwksUrl } : undefined;
}

function oidcRefused(name: string, issuer?: string, audience?: string, jwksUrl?: string): string[] {
  const refused: string[] = [];
  if (!issuer !== !audience) refused.push(`${name}_ISSUER and ${name}_AUDIENCE belong together: set both or neither.`);
  for (const [variableName, url] of Object.entries({ ISSUER: issuer, JWKS_URL: jwksUrl }))
    if (url && new URL(url).protocol === 'http:' && !isLoopback(new URL(url).hostname))
      refused.push(
        `${name}_${variableName} is http beyond this machine: whoever is on the way could sign tokens. Use https.`,
      );
  return refused;
}

/** What judging a mail needs and nothing of servers: for explaining mails without one. @throws ConfigurationError */
export function readJudgingConfig(env: Record<string, string | undefined> = process.env) {
  const names = [
    'CBP_FROM_DOMAINS',
    'CBP_DKIM_DOMAINS',
    'MAIL_HOST_AUTHSERV_ID',
    'DNS_RECORDS_FILE',
    'LETTER_MANAGERS',
  ];
  // Compulsory for a worker, welcome here.
  const further = ['MAIL_FROM', 'MAIL_REPLY_ALIAS', 'CBP_APPLICATIONS_ADDRESS'].filter((name) => env[name]?.trim());
  const v = readVariables(env, [...names, ...further]) as Partial<Values>;
  return {
    trust: {
      fromDomains: v.CBP_FROM_DOMAINS ?? [],
      dkimDomains: v.CBP_DKIM_DOMAINS ?? [],
      ...(v.MAIL_HOST_AUTHSERV_ID ? { authservId: v.MAIL_HOST_AUTHSERV_ID } : {}),
    },
    dnsRecordsFile: v.DNS_RECORDS_FILE,
    letterManagers: v.LETTER_MANAGERS ?? [],
    ownAddress: v.MAIL_FROM,
    replyAlias: v.MAIL_REPLY_ALIAS,
    cbpAddress: v.CBP_APPLICATIONS_ADDRESS,
  };
}

/** The form and its map, for commands that work on them without a worker's configuration. @throws ConfigurationError */
export function readFormFiles(env: Record<string, string | undefined> = process.env) {
  const { FORM_TEMPLATE: template, FORM_MAP: map } = readVariables(env, ['FORM_TEMPLATE', 'FORM_MAP']) as Values;
  return { template, map };
}

export function domainOf(mailAddress: string): string {
  return mailAddress
    .slice(mailAddress.lastIndexOf('@') + 1)
    .trim()
    .toLowerCase();
}

function readVariables(env: Record<string, string | undefined>, names: readonly string[]): Record<string, unknown> {
  const problems: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, about] of Object.entries<Variable>(VARIABLES)) {
    if (!names.includes(name)) continue;
    const given = givenFor(name, about, env, problems) ?? defaultOf(about);
    if (given === undefined) {
      if (about.required) problems.push(`${name} is not set. ${about.about}`.trim());
      continue;
    }
    const parsed = about.schema.safeParse(given);
    if (parsed.success) values[name] = parsed.data;
    else
      problems.push(
        `${name} ${about.secret ? '' : `is ${quoted(given)}: `}${parsed.error.issues.map(inWords).join('; ')}. ${about.about}`.trim(),
      );
  }
  for (const { message, refused } of exposures(env, names)) if (refused) problems.push(message);
  if (problems.length > 0) throw new ConfigurationError(problems);
  return values;
}

/**
 * Files and folders that others can read or change: those that variables name, each with its variable, and the one that
 * the variables came from.
 */
export function exposures(
  env: Record<string, string | undefined>,
  names: readonly string[] = Object.keys(VARIABLES),
): Exposure[] {
  const source = environmentFileExposure(isSecret, env);
  const named = Object.entries<Variable>(VARIABLES).flatMap(([name, about]) => {
    // Nothing lies there when the archive is in a bucket.
    if (!names.includes(name) || (name === 'ARCHIVE_DIR' && env.ARCHIVE_BUCKET?.trim())) return [];
    const [from, path, kind] = about.secret
      ? [`${name}_FILE`, secretFile(name, env), 'file' as const]
      : [name, env[name]?.trim() || defaultOf(about), about.private];
    const exposure = path && kind ? exposureOf(path, kind, env) : undefined;
    return exposure ? [{ ...exposure, message: `${from}: ${exposure.message}` }] : [];
  });
  return source ? [source, ...named] : named;
}

/** A command that prints a secret may hold one of its own. */
const SECRETS = new Set(
  Object.entries<{ about: string; secret?: true }>({ ...VARIABLES, ...TEMPORAL_VARIABLES })
    .flatMap(([name, { secret }]) => (secret ? [name, `${name}_COMMAND`] : []))
    .concat('TEMPORAL_TLS_CLIENT_KEY_DATA'),
);
const isSecret = (name: string) => SECRETS.has(name);

/** Where a secret is read from, unless it is given itself. */
const secretFile = (name: string, env: Record<string, string | undefined>) =>
  env[name]?.trim() ? undefined : env[`${name}_FILE`]?.trim();

/** What a variable is when it is not set. */
export function defaultOf({ default: usual, comesWithProduct }: Pick<Variable, 'default' | 'comesWithProduct'>) {
  return usual !== undefined && comesWithProduct ? productFile(usual) : usual;
}

/** A value that is refused, with what is invisible in it as escapes. */
const quoted = (value: string) => printableJson(JSON.stringify(withoutPassword(value)));

/** What is wrong, for somebody who does not know the schema. What is wrong inside of a JSON value is named by its place. */
function inWords(issue: z.core.$ZodIssue): string {
  const where = issue.path.filter((key) => typeof key === 'string').join('.');
  return `${where} ${problemOf(issue)}`.trim();
}

function problemOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_value':
      return `is none of ${issue.values.join(', ')}`;
    case 'invalid_type':
      return issue.message.endsWith('undefined') ? 'is missing' : `is no ${issue.expected}`;
    case 'too_small':
      return issue.minimum === 1 ? 'is empty' : issue.message;
    case 'unrecognized_keys':
      return `has ${issue.keys.join(', ')}, which nobody reads`;
    case 'invalid_key':
      return issue.issues.map(problemOf).join('; ');
    default:
      return issue.message.replace(/^Invalid ISO datetime$/, 'is no instant such as 2026-11-25T15:00:00Z');
  }
}

function givenFor(
  name: string,
  about: Variable,
  env: Record<string, string | undefined>,
  problems: string[],
): string | undefined {
  const direct = env[name]?.trim();
  if (direct) return direct;
  const file = about.secret ? secretFile(name, env) : undefined;
  const command = about.secret ? env[`${name}_COMMAND`]?.trim() : undefined;
  try {
    if (file) return readFileSync(file, 'utf8').trim();
  } catch (error) {
    problems.push(`${name}_FILE names ${file}, which cannot be read: ${(error as Error).message}.`);
  }
  return command && !file ? printedBy(name, command, problems) : undefined;
}

/** What a command of a key management or a password store prints. Its error output is the operator's to read, and is shown. */
function printedBy(name: string, command: string, problems: string[]): string | undefined {
  const { stdout, status, error, signal } = spawnSync(command, {
    shell: true,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: SECRET_COMMAND_MS,
  });
  const printed = stdout?.trim();
  if (status === 0 && printed) return printed;
  const why = error?.message ?? (status === 0 ? 'it printed nothing' : `it ended with ${status ?? signal}`);
  problems.push(`${name}_COMMAND did not give a secret: ${why}. Try the command in a shell as the worker's user.`);
  return undefined;
}
const SECRET_COMMAND_MS = 30_000;

function mainMailbox(v: Values) {
  return {
    host: v.IMAP_HOST,
    port: v.IMAP_PORT,
    security: v.IMAP_SECURITY,
    user: v.IMAP_USER,
    password: v.IMAP_PASSWORD,
    auth: v.IMAP_AUTH,
    inbox: v.IMAP_INBOX,
    processed: v.IMAP_PROCESSED,
    review: v.IMAP_REVIEW,
    sweepSeconds: v.IMAP_SWEEP_SECONDS,
    junk: v.IMAP_JUNK,
    silentHours: v.IMAP_SILENT_HOURS,
  };
}

function shape(v: Values) {
  return {
    live: v.LIVE,
    logLevel: v.LOG_LEVEL,
    taskQueue: v.TASK_QUEUE,
    buildId: v.BUILD_ID,
    health: { host: v.HEALTH_HOST, port: v.HEALTH_PORT },
    uiUrl: v.UI_URL,
    ...archiveOf(v),
    importerKeyFile: v.IMPORTER_KEY_FILE,
    encryptionKeys: v.ENCRYPTION_KEYS,
    allowOpenTemporal: v.ALLOW_OPEN_TEMPORAL,
    companyInSearchAttributes: v.COMPANY_IN_SEARCH_ATTRIBUTES,
    form: { template: v.FORM_TEMPLATE, map: v.FORM_MAP },
    cbp: { applicationsAddress: v.CBP_APPLICATIONS_ADDRESS },
    trust: {
      fromDomains: v.CBP_FROM_DOMAINS,
      dkimDomains: v.CBP_DKIM_DOMAINS,
      ...(v.MAIL_HOST_AUTHSERV_ID ? { authservId: v.MAIL_HOST_AUTHSERV_ID } : {}),
    },
    dnsRecordsFile: v.DNS_RECORDS_FILE,
    letterManagers: v.LETTER_MANAGERS,
    smtp: {
      host: v.SMTP_HOST,
      port: v.SMTP_PORT,
      security: v.SMTP_SECURITY,
      user: v.SMTP_USER,
      password: v.SMTP_PASSWORD,
      auth: v.SMTP_AUTH,
      dailyCap: v.MAIL_DAILY_CAP,
      perSecond: v.MAIL_PER_SECOND,
    },
    imap: mainMailbox(v),
    /** By name; what is not given is as for the first. */
    furtherMailboxes: Object.fromEntries(
      Object.entries(v.IMAP_FURTHER_MAILBOXES ?? {}).map(([name, given]) => [
        name,
        { ...mainMailbox(v), password: undefined, ...given } as ReturnType<typeof mainMailbox>,
      ]),
    ),
    oauth: {
      tokenUrl: v.OAUTH_TOKEN_URL,
      clientId: v.OAUTH_CLIENT_ID,
      clientSecret: v.OAUTH_CLIENT_SECRET,
      refreshToken: v.OAUTH_REFRESH_TOKEN,
      scope: v.OAUTH_SCOPE,
      serviceAccountKey: v.GOOGLE_SERVICE_ACCOUNT_KEY,
    },
    broker: { name: v.BROKER_NAME, phone: v.BROKER_PHONE, aceEmail: v.BROKER_ACE_EMAIL },
    mail: {
      from: v.MAIL_FROM,
      replyAlias: v.MAIL_REPLY_ALIAS,
      envelopeSender: v.MAIL_ENVELOPE_SENDER,
      templatesDir: v.MAIL_TEMPLATES_DIR,
      operations: v.OPERATIONS_ADDRESS,
      manager: v.MANAGER_ADDRESS,
      subjectStyle: v.SUBJECT_STYLE,
    },
    policy: {
      calendar: {
        ...calendarOf(v),
        ...(v.PACE_SECONDS_PER_BUSINESS_DAY
          ? {
              pace: {
                secondsPerBusinessDay: v.PACE_SECONDS_PER_BUSINESS_DAY,
                ...(v.PACE_STARTING_AT ? { startingAt: v.PACE_STARTING_AT } : {}),
                ...(v.PACE_BEGAN_AT ? { beganAt: v.PACE_BEGAN_AT } : {}),
              },
            }
          : {}),
      },
      acknowledgementDays: v.ACKNOWLEDGEMENT_DAYS,
      lateDays: v.LATE_DAYS,
      overdueDays: v.OVERDUE_DAYS,
      grantReminderDays: v.GRANT_REMINDER_DAYS,
      grantSilentDays: v.GRANT_SILENT_DAYS,
      grantParkedDays: v.GRANT_PARKED_DAYS,
      sendReconcileSeconds: v.SEND_RECONCILE_SECONDS,
      resendUnknown: v.SEND_UNKNOWN === 'resend-once',
    },
  };
}

const ARCHIVE_VARIABLES = [
  'ARCHIVE_DIR',
  'ARCHIVE_BUCKET',
  'ARCHIVE_S3_ENDPOINT',
  'ARCHIVE_S3_REGION',
  'ARCHIVE_S3_PATH_STYLE',
  'ARCHIVE_S3_ACCESS_KEY_ID',
  'ARCHIVE_S3_SECRET_ACCESS_KEY',
] as const satisfies (keyof Values)[];
type ArchiveValues = Pick<Values, (typeof ARCHIVE_VARIABLES)[number]>;

/** Where the archive is: the bucket if there is one, otherwise the directory. */
function archiveOf(v: ArchiveValues): { archiveDir: string; archiveBucket: BucketSettings | undefined } {
  const { ARCHIVE_BUCKET: place, ARCHIVE_S3_ACCESS_KEY_ID: id, ARCHIVE_S3_SECRET_ACCESS_KEY: secret } = v;
  return {
    archiveDir: v.ARCHIVE_DIR,
    archiveBucket: place && {
      ...place,
      endpoint: v.ARCHIVE_S3_ENDPOINT,
      region: v.ARCHIVE_S3_REGION,
      pathStyle: v.ARCHIVE_S3_PATH_STYLE ?? v.ARCHIVE_S3_ENDPOINT !== undefined,
      credentials: id && secret ? { accessKeyId: id, secretAccessKey: secret } : undefined,
    },
  };
}

/** A bucket is somebody else's machine: nothing crosses the network in clear, nothing lies there readable. */
function archiveRefused(v: ArchiveValues & Pick<Values, 'ENCRYPTION_KEYS'>): string[] {
  const refused: string[] = [];
  const endpoint = v.ARCHIVE_S3_ENDPOINT ? new URL(v.ARCHIVE_S3_ENDPOINT) : undefined;
  const local = endpoint !== undefined && isLoopback(endpoint.hostname);
  if (!v.ARCHIVE_BUCKET) {
    const idle = ARCHIVE_VARIABLES.filter((name) => name.startsWith('ARCHIVE_S3_') && name !== 'ARCHIVE_S3_REGION');
    for (const name of idle.filter((name) => v[name] !== undefined))
      refused.push(
        `${name} is set, but ARCHIVE_BUCKET is not: the archive would lie in ARCHIVE_DIR. Set or remove it.`,
      );
    return refused;
  }
  if (!v.ARCHIVE_S3_ACCESS_KEY_ID !== !v.ARCHIVE_S3_SECRET_ACCESS_KEY)
    refused.push('ARCHIVE_S3_ACCESS_KEY_ID and ARCHIVE_S3_SECRET_ACCESS_KEY belong together: set both or neither.');
  if (endpoint?.protocol === 'http:' && !local)
    refused.push(`ARCHIVE_S3_ENDPOINT is http at ${endpoint.hostname}, which is not this machine. Use https.`);
  if (!local && !v.ENCRYPTION_KEYS)
    refused.push(
      'ARCHIVE_BUCKET is not on this machine, and ENCRYPTION_KEYS is not set: importer numbers and birth dates would lie there readable. Make a key with "ace-onboarding keys new" and name its file in ENCRYPTION_KEYS_FILE.',
    );
  return refused;
}

const CALENDAR_VARIABLES = [
  'CALENDAR_CUT_OFF_HOUR',
  'CALENDAR_EXTRA_CLOSURES',
  'CALENDAR_INAUGURATION_DAY',
] as const satisfies (keyof Values)[];

function calendarOf(v: Pick<Values, (typeof CALENDAR_VARIABLES)[number]>) {
  return {
    cutOffHour: v.CALENDAR_CUT_OFF_HOUR,
    extraClosures: v.CALENDAR_EXTRA_CLOSURES.map((closure) => {
      const [date = '', reason = 'announced closure'] = closure.split('=');
      return { date, reason };
    }),
    inaugurationDay: v.CALENDAR_INAUGURATION_DAY,
  };
}

/** The calendar alone, without the pace of a rehearsal. @throws ConfigurationError */
export function readCalendarPolicy(env: Record<string, string | undefined> = process.env): CalendarPolicy {
  const calendar = calendarOf(readVariables(env, CALENDAR_VARIABLES) as Values);
  const refused = closuresRefused(calendar);
  if (refused.length > 0) throw new ConfigurationError(refused);
  return calendar;
}

/** Every mailbox with the beginning of its variables' names. */
function mailboxesOf({ imap, furtherMailboxes }: Pick<Config, 'imap' | 'furtherMailboxes'>) {
  const further = Object.entries(furtherMailboxes).map(
    ([name, mailbox]) => [`IMAP_FURTHER_MAILBOXES: ${name}: IMAP`, mailbox] as const,
  );
  return [['IMAP', imap] as const, ...further];
}

/** What each way of logging in needs; and a token's endpoint is a server like the mail servers. */
function tokensRefused(config: Config): string[] {
  const { live, smtp, oauth } = config;
  const refused: string[] = [];
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
      if (!value) refused.push(`${variableName} is not set, which ${name}_AUTH=${auth} needs.`);
  }
  if (!oauth.tokenUrl) return refused;
  const { hostname, protocol } = new URL(oauth.tokenUrl);
  if (!isLoopback(hostname) && protocol !== 'https:')
    refused.push(`OAUTH_TOKEN_URL is not https: secrets would cross the network in clear. Use https.`);
  if (!isLoopback(hostname) && !live)
    refused.push(
      `OAUTH_TOKEN_URL is at ${hostname}, which is not this machine, and LIVE is not true. Set LIVE=true to mean it.`,
    );
  return refused;
}

function closuresRefused({ extraClosures }: Pick<CalendarPolicy, 'extraClosures'>): string[] {
  return extraClosures
    .filter(({ date }) => !isCalendarDay(date))
    .map(({ date }) => `CALENDAR_EXTRA_CLOSURES has "${date}", which is not a date such as 2026-12-24.`);
}

/** A mail that is moved from the inbox to the inbox would be new again for ever. */
function foldersRefused(config: Config): string[] {
  return mailboxesOf(config).flatMap(([name, { inbox, processed, review, junk }]) => {
    const folders = { INBOX: inbox, PROCESSED: processed, REVIEW: review, JUNK: junk };
    const used = new Map<string, string>();
    return Object.entries(folders).flatMap(([folder, path]) => {
      // Of all folders only the inbox has a name without case. RFC 3501 section 5.1
      const key = path?.toLowerCase() === 'inbox' ? 'INBOX' : (path ?? '');
      const other = key && used.get(key);
      used.set(key, folder);
      return other ? [`${name}_${folder} is "${path}", as ${name}_${other} is. Name a folder of its own.`] : [];
    });
  });
}

/** Deadlines that come one after the other. */
function outOfOrder({
  lateDays,
  overdueDays,
  grantReminderDays,
  grantSilentDays,
  grantParkedDays,
}: Config['policy']): string[] {
  const refused: string[] = [];
  if (lateDays > overdueDays)
    refused.push(`LATE_DAYS is ${lateDays}, more than OVERDUE_DAYS, ${overdueDays}. Set it to fewer days.`);
  if (grantSilentDays > grantParkedDays)
    refused.push(
      `GRANT_SILENT_DAYS is ${grantSilentDays}, more than GRANT_PARKED_DAYS, ${grantParkedDays}. Set it to fewer days.`,
    );
  if (grantReminderDays.some((days, at) => days <= (grantReminderDays[at - 1] ?? 0)))
    refused.push(`GRANT_REMINDER_DAYS is "${grantReminderDays.join(',')}". Write the days in order, such as 2,5,8.`);
  return refused;
}

/** Nothing real happens by accident: what an unarmed or an armed worker may never do. */
function refusals(config: Config): string[] {
  const refused: string[] = [];
  for (const [name, server] of [['SMTP', config.smtp] as const, ...mailboxesOf(config)]) {
    const local = isLoopback(server.host);
    if (!config.live && !local)
      refused.push(
        `${name}_HOST is ${server.host}, which is not this machine, and LIVE is not true: no mail server but a loopback one is spoken to. Set LIVE=true to mean it, or use 127.0.0.1.`,
      );
    if (server.security === 'none' && !local)
      refused.push(
        `${name}_SECURITY is none, but ${server.host} is not this machine: passwords and tax numbers would cross the network in clear. Use tls or starttls.`,
      );
  }
  if (config.live && !config.encryptionKeys)
    refused.push(
      'LIVE is true without ENCRYPTION_KEYS: importer numbers and birth dates would lie readable in Temporal and the archive. Make a key with "ace-onboarding keys new" and name its file in ENCRYPTION_KEYS_FILE.',
    );
  if (config.live && config.dnsRecordsFile)
    refused.push(
      'DNS_RECORDS_FILE is set while LIVE is true: with DNS of our own making anybody could be CBP. Remove it.',
    );
  if (config.live && config.policy.calendar.pace)
    refused.push('PACE_SECONDS_PER_BUSINESS_DAY is set while LIVE is true: CBP does not work at that pace. Remove it.');
  refused.push(...tokensRefused(config));
  refused.push(...foldersRefused(config), ...outOfOrder(config.policy));
  refused.push(...closuresRefused(config.policy.calendar));
  return refused;
}
/** A single sign-on whose tokens say who somebody is (OpenID Connect). */
export interface OidcSettings {
  /** `iss` of its tokens, exactly. */
  issuer: string;
  /** `aud` that a token must have. */
  audience: string;
  /** Its public keys. Undefined: found by OpenID Connect Discovery. */
  jwksUrl?: string | undefined;
}
