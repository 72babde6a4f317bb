import { z } from 'zod';
import { isTimeZone } from '../calendar/day.js';
import { CBP_VARIABLES, INCOMING_MAIL_VARIABLES, OUTGOING_MAIL_VARIABLES } from './mail-variables.js';
import { peopleSchema } from './people.js';
import { REHEARSAL_VARIABLES } from './rehearsal-variables.js';
import {
  address,
  bucketUrl,
  httpUrl,
  keys,
  list,
  text,
  type Variable,
  variable,
  whole,
  wholeList,
  yesNo,
} from './variable.js';

/**
 * Every environment variable we read, with its meaning. `.env.example` and `docs/configuration.md` are written from this
 * table (`node scripts/configuration-pages.mjs`), in this order.
 */

const GENERAL_VARIABLES = {
  LIVE: variable({
    about:
      'true: email may leave this machine. false: only mail servers on this machine are used, whatever else is configured.',
    schema: yesNo,
    default: 'false',
  }),
  LOG_LEVEL: variable({
    about:
      'trace, debug, info, warn or error. Logs contain references and ids, never importer numbers, names of people or the text of emails.',
    schema: z.enum(['trace', 'debug', 'info', 'warn', 'error']),
    default: 'info',
  }),
  TASK_QUEUE: variable({
    about:
      'Temporal task queue for the workflows. Forms are filled from TASK_QUEUE-forms, and email is sent from TASK_QUEUE-mail.',
    schema: text,
    default: 'onboarding',
  }),
  BUILD_ID: variable({
    about:
      'Version of these workers, for worker deployment versions. They get work once "ace-onboarding deploy promote" has made this version current. Not set: the workers have no version and get work right away.',
    schema: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$/, 'must be letters, digits, dots, hyphens and underscores, 80 at most'),
  }),
  HEALTH_PORT: variable({
    about:
      'Port where a worker reports its health over HTTP: /healthz, /readyz, and /metrics for Prometheus. Each worker on a machine needs its own port. Not set: no health pages.',
    schema: whole(1, 65_535),
  }),
  HEALTH_HOST: variable({
    about: 'Address for the health pages. Any address but loopback lets others see how many onboardings there are.',
    schema: text,
    default: '127.0.0.1',
  }),
  UI_URL: variable({
    about: 'Where people reach the Temporal Web UI, for links in emails and output.',
    schema: httpUrl,
    default: 'http://localhost:8233',
  }),
  ARCHIVE_DIR: variable({
    about:
      'Folder for the archive: filled forms, raw emails, claims. Back it up. It is created with mode 0700, and nothing starts if others can read or change it.',
    schema: text,
    default: '.ace-onboarding/archive',
    private: 'folder',
  }),
  ARCHIVE_BUCKET: variable({
    about:
      'Keep the archive in an S3-compatible bucket instead of ARCHIVE_DIR, for workers on several machines: s3://BUCKET or s3://BUCKET/PREFIX. The provider must support conditional writes (If-None-Match), which is checked at every start. Needs ENCRYPTION_KEYS unless the bucket is on this machine.',
    schema: bucketUrl,
  }),
  ARCHIVE_S3_ENDPOINT: variable({
    about: 'URL of the bucket if it is not on AWS: https://… (http:// on this machine only).',
    schema: httpUrl,
  }),
  ARCHIVE_S3_REGION: variable({ about: 'Region of the bucket.', schema: text, default: 'us-east-1' }),
  ARCHIVE_S3_PATH_STYLE: variable({
    about:
      'true: put the name of the bucket in the path of URLs, as most self-hosted servers need. Not set: true with ARCHIVE_S3_ENDPOINT, false without.',
    schema: yesNo,
  }),
  ARCHIVE_S3_ACCESS_KEY_ID: variable({
    about:
      "Access key for the bucket. Not set: the credentials that AWS's own tools would use (AWS_ variables, a profile, the machine's role).",
    schema: text,
  }),
  ARCHIVE_S3_SECRET_ACCESS_KEY: variable({
    about: 'Secret of that access key.',
    schema: text,
    secret: true,
  }),
  IMPORTER_KEY_FILE: variable({
    about:
      'File with the secret that turns importer numbers into ImporterKey. Created at the first start with mode 0600. Never change it. Use the same file on every machine: a machine with another secret is refused.',
    schema: text,
    default: '.ace-onboarding/importer-key',
    private: 'file',
  }),
  ENCRYPTION_KEYS: variable({
    about:
      'Keys that encrypt personal data in Temporal and in the archive: base64 of 32 bytes each. The first key encrypts, all of them decrypt. "ace-onboarding keys new" makes one. Better: keep them in a file that only the worker can read (ENCRYPTION_KEYS_FILE), or have your key management print them (ENCRYPTION_KEYS_COMMAND). Required with LIVE=true, and if Temporal is not on this machine.',
    schema: keys,
    secret: true,
  }),
  ALLOW_OPEN_TEMPORAL: variable({
    about:
      'Address of a Temporal server (as in TEMPORAL_ADDRESS) that a worker may use with LIVE=true even though it is not on this machine and asks for no credentials. Anyone who can reach that server can decide cases, so use this only if no one else can reach it, as in docker-compose.yml.',
    schema: text,
  }),
  CODEC_HOST: variable({
    about:
      'Address where the codec server listens. The codec server lets the Web UI show encrypted data. Any address but loopback needs CODEC_OIDC_ISSUER, CODEC_TOKEN or CODEC_USER_HEADER.',
    schema: text,
    default: '127.0.0.1',
  }),
  CODEC_PORT: variable({ about: 'Port of the codec server.', schema: whole(1, 65_535), default: '8234' }),
  CODEC_ORIGINS: variable({
    about: 'Exact URLs where browsers reach the Web UI, comma-separated. Pages from anywhere else are refused.',
    schema: list,
    default: 'http://localhost:8233,http://127.0.0.1:8233',
  }),
  CODEC_TOKEN: variable({
    about: 'Token that callers of the codec server must send as Authorization: Bearer.',
    schema: z.string().trim().min(24, 'must be 24 characters or more: openssl rand -hex 24 makes a good one'),
    secret: true,
  }),
  CODEC_USER_HEADER: variable({
    about:
      'Header in which an authenticating gateway (OIDC) in front of the codec server names the user, such as X-Forwarded-Email. Only if no one can reach the codec server without the gateway.',
    schema: z.string().regex(/^[A-Za-z][A-Za-z0-9-]*$/, 'must be the name of a header'),
  }),
  CODEC_OIDC_ISSUER: variable({
    about:
      'Your single sign-on, exactly as the "iss" of its tokens. Callers of the codec server must then send one of its tokens as Authorization: Bearer. The Web UI does so with TEMPORAL_CODEC_PASS_ACCESS_TOKEN=true. Needs CODEC_OIDC_AUDIENCE.',
    schema: httpUrl,
  }),
  CODEC_OIDC_AUDIENCE: variable({
    about: 'The "aud" of tokens that may decode. Issue them only to people who may see clients\' data.',
    schema: text,
  }),
  CODEC_OIDC_JWKS_URL: variable({
    about: "URL of the issuer's public keys. Not set: taken from its /.well-known/openid-configuration.",
    schema: httpUrl,
  }),
  ALLOW_OPEN_CODEC: variable({
    about:
      'The address in CODEC_HOST, to let the codec server listen there without asking who calls. Only in a container whose port is published on loopback and whose network no one else uses, as in docker-compose.yml.',
    schema: text,
  }),
  ACTOR_OIDC_ISSUER: variable({
    about:
      'For back-office code that passes on the token of the person who is signed in: your single sign-on, exactly as the "iss" of its tokens. The actor is then recorded as verified. Needs ACTOR_OIDC_AUDIENCE.',
    schema: httpUrl,
  }),
  ACTOR_OIDC_AUDIENCE: variable({ about: 'The "aud" that such a token must have.', schema: text }),
  ACTOR_OIDC_JWKS_URL: variable({
    about: "URL of the issuer's public keys. Not set: taken from its /.well-known/openid-configuration.",
    schema: httpUrl,
  }),
  COMPANY_IN_SEARCH_ATTRIBUTES: variable({
    about:
      'true: the Web UI lists company names, which are not encrypted there. false: it lists the reference instead, as it always does for a sole proprietor.',
    schema: yesNo,
    default: 'true',
  }),
} as const;

const FORM_VARIABLES = {
  FORM_TEMPLATE: variable({
    about: "CBP's PDF as you downloaded it. The replica is not allowed with LIVE=true.",
    schema: text,
    default: 'forms/replica.pdf',
    comesWithProduct: true,
  }),
  FORM_MAP: variable({
    about: 'Field map for exactly that edition of the form.',
    schema: text,
    default: 'forms/replica.map.json',
    comesWithProduct: true,
  }),
} as const;

const BROKER_VARIABLES = {
  BROKER_NAME: variable({
    about: 'Name of the brokerage, as clients know it.',
    schema: text,
    default: 'Clearit USA',
  }),
  BROKER_PHONE: variable({ about: 'Phone number that clients can call.', schema: text, required: true }),
  BROKER_ACE_EMAIL: variable({
    about:
      "Your brokerage's own ACE user, to which clients grant access. It has no default on purpose: the wrong address would give a stranger access to the client's account.",
    schema: address,
    required: true,
  }),
  BROKER_ACE_SECOND_EMAIL: variable({
    about:
      "A second ACE user of your brokerage, which the instructions also ask clients to add. ACE disables a user who does not sign in for 45 days, so one user alone can lose you the access to every client's account.",
    schema: address,
  }),
  BROKER_FILER_CODE: variable({
    about:
      'Your filer code at CBP. The application then says that you are a customs broker and submit it under a power of attorney: set it only if you have one from every client.',
    schema: z.string().regex(/^[A-Za-z0-9]{3}$/, 'must be three letters or digits'),
  }),
  MAIL_FROM: variable({
    about: 'Address our email comes from. It must belong to the watched mailbox.',
    schema: address,
    required: true,
  }),
  MAIL_REPLY_ALIAS: variable({
    about:
      'Reply address. {token} is replaced, so that each onboarding has its own. All of them must deliver to the watched mailbox.',
    schema: z
      .string()
      .regex(/^[^\s@<>]*\{token\}[^\s@<>]*@[^\s@<>]+$/, 'needs {token} before the @, as in ace+{token}@broker.example'),
    required: true,
  }),
  MAIL_ENVELOPE_SENDER: variable({
    about:
      "Where bounces go. alias: to the onboarding's own reply address. from: to MAIL_FROM, for mail hosts that let a login send from its main address only, such as Microsoft 365.",
    schema: z.enum(['alias', 'from']),
    default: 'alias',
  }),
  MAIL_TEMPLATES_DIR: variable({
    about:
      'Folder with your own email templates, laid out as the ones that come with the product: en/NAME.eta and es/NAME.eta for clients, cbp/NAME.eta, staff/NAME.eta. Each replaces the one of that name. A further folder with every client template and words.json adds a language.',
    schema: text,
  }),
  OPERATIONS_ADDRESS: variable({
    about:
      'Address that gets the tasks of cases whose handler is not in PEOPLE or not there, tasks that have waited too long, and problems of the mailbox.',
    schema: address,
    required: true,
  }),
  MANAGER_ADDRESS: variable({
    about:
      'Address that gets the weekly list of tasks that no one has done in time. For handlers whose manager is in PEOPLE, the manager gets it instead.',
    schema: address,
    required: true,
  }),
  DIGEST_HOUR: variable({
    about:
      "The hour at which your people get the morning's digest of their tasks, in your time zone and on your working days.",
    schema: whole(0, 23),
    default: '8',
  }),
  PEOPLE: variable({
    about:
      'Your address book, as JSON: {"jo": {"name": "Jo Park", "email": "jo@broker.example"}}. The name before the colon is what cases have as their handler. Add phone, deputy, absent ([{"from": "2026-12-21", "to": "2027-01-01"}], both days included) and manager as needed. Best kept in a file: PEOPLE_FILE.',
    schema: peopleSchema,
    secret: true,
  }),
  SUBJECT_STYLE: variable({
    about:
      "Subject of the application. importer-number: company and full importer number (the guide's manual route). ein: company and EIN (what the form's button writes).",
    schema: z.enum(['importer-number', 'ein']),
    default: 'importer-number',
  }),
} as const;

const DEADLINE_VARIABLES = {
  CALENDAR_CUT_OFF_HOUR: variable({
    about:
      'What CBP gets at or after this hour (New York time) counts from the next business day. Deadlines fall at this hour, too.',
    schema: whole(1, 23),
    default: '17',
  }),
  CALENDAR_EXTRA_CLOSURES: variable({
    about: 'More days when CBP is closed, as YYYY-MM-DD or YYYY-MM-DD=reason, comma-separated.',
    schema: list,
    default: '',
  }),
  CALENDAR_INAUGURATION_DAY: variable({
    about: 'true: CBP is closed on Inauguration Day, as its headquarters are.',
    schema: yesNo,
    default: 'false',
  }),
  BROKER_TIME_ZONE: variable({
    about: 'The time zone where your people work, as its IANA name.',
    schema: z.string().refine(isTimeZone, 'must be the IANA name of a time zone, such as America/Chicago'),
    default: 'America/New_York',
  }),
  BROKER_OPENING_HOUR: variable({
    about: 'The hour at which your working day starts. What your people must be told is due then.',
    schema: whole(0, 23),
    default: '8',
  }),
  BROKER_HOLIDAYS: variable({
    about:
      'Weekdays when your people do not work, comma-separated: federal for all federal holidays, and days as YYYY-MM-DD or YYYY-MM-DD=reason. none: they work on every weekday. Clients get no reminders on these days.',
    schema: list,
    default: 'federal',
  }),
  ACKNOWLEDGEMENT_DAYS: variable({
    about: 'Business days without an acknowledgment before the case notes it.',
    schema: whole(1, 60),
    default: '1',
  }),
  LATE_DAYS: variable({
    about: 'Business days without a decision before operations and the client are asked.',
    schema: whole(1, 60),
    default: '5',
  }),
  OVERDUE_DAYS: variable({
    about: 'Business days without a decision before the manager is told.',
    schema: whole(1, 90),
    default: '10',
  }),
  APPROVAL_QUESTIONS: variable({
    about:
      "How often the client is asked whether CBP's account email came: first when the decision is late, then every three business days.",
    schema: whole(0, 12),
    default: '4',
  }),
  CORRECTION_REMINDER_DAYS: variable({
    about:
      "Your working days after our request for what CBP wants corrected when the client gets a reminder, in the client's office hours. Twelve reminders at most.",
    schema: wholeList(1, 250, 12),
    default: '2,5,8',
  }),
  GRANT_REMINDER_DAYS: variable({
    about:
      "Your working days after the instructions when the client gets a reminder, in the client's office hours. Twelve reminders at most.",
    schema: wholeList(1, 250, 12),
    default: '2,5,8',
  }),
  GRANT_SILENT_DAYS: variable({
    about: 'Your working days without the grant before operations is notified.',
    schema: whole(1, 90),
    default: '10',
  }),
  GRANT_PARKED_DAYS: variable({
    about: 'Your working days without the grant before the case is parked with the broker.',
    schema: whole(1, 250),
    default: '20',
  }),
  REFUND_ALARM_DAYS: variable({
    about: 'Your working days before the last day to file a refund when your people are told, if the client has one.',
    schema: whole(1, 250),
    default: '14',
  }),
  SEND_RECONCILE_SECONDS: variable({
    about:
      'If we cannot tell whether an email was sent: how long to wait for our blind copy or an acknowledgment before asking a person.',
    schema: whole(1, 86_400),
    default: '900',
  }),
  ACCEPTED_ROLE: variable({
    about:
      'The role in ACE that you need for a client. full-access: with a narrower one, the client is asked for Full Access unless a person accepts it for that client. any: every role is enough.',
    schema: z.enum(['full-access', 'any']),
    default: 'full-access',
  }),
  SEND_UNKNOWN: variable({
    about:
      'If we still cannot tell whether an application was sent. ask: a person decides. resend-once: send the same application once more automatically, so CBP may get it twice.',
    schema: z.enum(['ask', 'resend-once']),
    default: 'ask',
  }),
} as const;

export const VARIABLES = {
  ...GENERAL_VARIABLES,
  ...FORM_VARIABLES,
  ...CBP_VARIABLES,
  ...OUTGOING_MAIL_VARIABLES,
  ...INCOMING_MAIL_VARIABLES,
  ...BROKER_VARIABLES,
  ...DEADLINE_VARIABLES,
  ...REHEARSAL_VARIABLES,
} as const;

/** What the variables say, parsed. Without a default and not required: undefined when not set. */
export type Values = {
  [K in keyof typeof VARIABLES]: z.output<(typeof VARIABLES)[K]['schema']> | Undefinable<(typeof VARIABLES)[K]>;
};
type Undefinable<V extends Variable> = V extends { default: string }
  ? never
  : V extends { required: true }
    ? never
    : undefined;
