import type { Values } from './variables.js';

/** The configuration of a worker, in the shape that the rest of the code uses. */
export type Config = ReturnType<typeof configOf>;

/** An S3-compatible bucket that has the archive. */
export interface BucketSettings {
  bucket: string;
  /** Ends with a slash, or is empty. */
  prefix: string;
  /** For a provider other than AWS, or your own server. */
  endpoint?: string | undefined;
  region: string;
  /** The name of the bucket is in the path, not in the host name. */
  pathStyle: boolean;
  /** Undefined: what AWS's own tools would use (variables, a profile, the machine's role). */
  credentials?: { accessKeyId: string; secretAccessKey: string } | undefined;
}

/** A single sign-on (OpenID Connect) whose tokens say who someone is. */
export interface OidcSettings {
  /** `iss` of its tokens, exactly. */
  issuer: string;
  /** `aud` that a token must have. */
  audience: string;
  /** URL of its public keys. Undefined: found by OpenID Connect Discovery. */
  jwksUrl?: string | undefined;
}

/** What a worker needs, from the values of its variables. */
export function configOf(v: Values) {
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
    /** By name. What is not given is the same as in the first mailbox. */
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
    broker: {
      name: v.BROKER_NAME,
      phone: v.BROKER_PHONE,
      filerCode: v.BROKER_FILER_CODE,
      aceEmail: v.BROKER_ACE_EMAIL,
      aceSecondEmail: v.BROKER_ACE_SECOND_EMAIL,
    },
    /** The broker's own people, by the name that cases have as their handler. */
    people: v.PEOPLE ?? {},
    /** When people get their digests, in the broker's time zone. */
    digestHour: v.DIGEST_HOUR,
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
      broker: brokerCalendarOf(v),
      acknowledgementDays: v.ACKNOWLEDGEMENT_DAYS,
      lateDays: v.LATE_DAYS,
      overdueDays: v.OVERDUE_DAYS,
      approvalQuestions: v.APPROVAL_QUESTIONS,
      correctionReminderDays: v.CORRECTION_REMINDER_DAYS,
      grantReminderDays: v.GRANT_REMINDER_DAYS,
      grantSilentDays: v.GRANT_SILENT_DAYS,
      grantParkedDays: v.GRANT_PARKED_DAYS,
      refundAlarmDays: v.REFUND_ALARM_DAYS,
      sendReconcileSeconds: v.SEND_RECONCILE_SECONDS,
      resendUnknown: v.SEND_UNKNOWN === 'resend-once',
      acceptsNarrowerRole: v.ACCEPTED_ROLE === 'any',
    },
  };
}

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

export const ARCHIVE_VARIABLES = [
  'ARCHIVE_DIR',
  'ARCHIVE_BUCKET',
  'ARCHIVE_S3_ENDPOINT',
  'ARCHIVE_S3_REGION',
  'ARCHIVE_S3_PATH_STYLE',
  'ARCHIVE_S3_ACCESS_KEY_ID',
  'ARCHIVE_S3_SECRET_ACCESS_KEY',
] as const satisfies (keyof Values)[];
export type ArchiveValues = Pick<Values, (typeof ARCHIVE_VARIABLES)[number]>;

/** Where the archive is: the bucket if there is one, otherwise the directory. */
export function archiveOf(v: ArchiveValues): { archiveDir: string; archiveBucket: BucketSettings | undefined } {
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

export const CALENDAR_VARIABLES = [
  'CALENDAR_CUT_OFF_HOUR',
  'CALENDAR_EXTRA_CLOSURES',
  'CALENDAR_INAUGURATION_DAY',
] as const satisfies (keyof Values)[];

export function calendarOf(v: Pick<Values, (typeof CALENDAR_VARIABLES)[number]>) {
  return {
    cutOffHour: v.CALENDAR_CUT_OFF_HOUR,
    extraClosures: v.CALENDAR_EXTRA_CLOSURES.map((item) => closureOf(item, 'announced closure')),
    inaugurationDay: v.CALENDAR_INAUGURATION_DAY,
  };
}

/** When the broker's people work. */
function brokerCalendarOf(v: Values) {
  return {
    timeZone: v.BROKER_TIME_ZONE,
    openingHour: v.BROKER_OPENING_HOUR,
    federalHolidays: v.BROKER_HOLIDAYS.includes('federal'),
    extraClosures: v.BROKER_HOLIDAYS.filter((item) => item !== 'federal' && item !== 'none').map((item) =>
      closureOf(item, 'closed'),
    ),
    inaugurationDay: false,
  };
}

/** From `2026-12-24=office party`, or the day alone. */
function closureOf(item: string, unexplained: string): { date: string; reason: string } {
  const [date = '', reason = unexplained] = item.split('=');
  return { date, reason };
}

export function oidcOf(issuer?: string, audience?: string, jwksUrl?: string): OidcSettings | undefined {
  return issuer && audience ? { issuer, audience, jwksUrl } : undefined;
}
