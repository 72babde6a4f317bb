import type { CalendarPolicy } from '../calendar/policy.js';
import type { Keyring } from '../encryption/keyring.js';
import {
  ARCHIVE_VARIABLES,
  archiveOf,
  type BucketSettings,
  CALENDAR_VARIABLES,
  type Config,
  calendarOf,
  configOf,
  type OidcSettings,
  oidcOf,
} from './config.js';
import { ConfigurationError } from './configuration-error.js';
import { readVariables } from './read-variables.js';
import { invalidClosures, unsafeBucket, unsafeOidc, unsafeSettings } from './safety-checks.js';
import { domainOf } from './variable.js';
import { VARIABLES, type Values } from './variables.js';

/**
 * The configuration from an environment, read once at start: all of it for a worker, a part for each kind of command.
 * Each function throws a ConfigurationError with every problem at once.
 */

type Env = Record<string, string | undefined>;

/** For a worker. @throws ConfigurationError */
export function readConfig(env: Env = process.env): Config {
  const v = readVariables(env, Object.keys(VARIABLES) as (keyof Values)[]);
  const config = configOf(v);
  refuse([...unsafeSettings(config), ...unsafeBucket(v)]);
  return config;
}

function refuse(problems: string[]): void {
  if (problems.length > 0) throw new ConfigurationError(problems);
}

/** What a client of the onboardings needs: where the archive is and which task queue the workers use. Nothing about mail. */
export type ClientConfig = Pick<
  Config,
  'taskQueue' | 'uiUrl' | 'archiveDir' | 'importerKeyFile' | 'companyInSearchAttributes'
> & {
  archiveBucket?: BucketSettings | undefined;
  /** Names of the people who may teach an approval letter without a second person. */
  letterManagers?: string[] | undefined;
  /** The single sign-on whose tokens say who acts. */
  actorOidc?: OidcSettings | undefined;
  encryptionKeys?: Keyring | undefined;
  /** Mail domains of the broker, which no account owner may have. Empty if MAIL_FROM is not set. */
  brokerDomains: string[];
};

/** @throws ConfigurationError */
export function readClientConfig(env: Env = process.env): ClientConfig {
  const v = readVariables(env, [
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
  ]);
  const oidc = [v.ACTOR_OIDC_ISSUER, v.ACTOR_OIDC_AUDIENCE, v.ACTOR_OIDC_JWKS_URL] as const;
  refuse([...unsafeBucket(v), ...unsafeOidc('ACTOR_OIDC', ...oidc)]);
  return {
    taskQueue: v.TASK_QUEUE,
    uiUrl: v.UI_URL,
    ...archiveOf(v),
    importerKeyFile: v.IMPORTER_KEY_FILE,
    encryptionKeys: v.ENCRYPTION_KEYS,
    actorOidc: oidcOf(...oidc),
    companyInSearchAttributes: v.COMPANY_IN_SEARCH_ATTRIBUTES,
    letterManagers: v.LETTER_MANAGERS,
    brokerDomains: env.MAIL_FROM ? [domainOf(env.MAIL_FROM)] : [],
  };
}

/** For the codec server. @throws ConfigurationError also when there are no keys to decode with */
export function readCodecServerConfig(env: Env = process.env) {
  const v = readVariables(env, [
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
  ]);
  const oidc = [v.CODEC_OIDC_ISSUER, v.CODEC_OIDC_AUDIENCE, v.CODEC_OIDC_JWKS_URL] as const;
  const unsafe = unsafeOidc('CODEC_OIDC', ...oidc);
  if (!v.ENCRYPTION_KEYS)
    throw new ConfigurationError([
      ...unsafe,
      'ENCRYPTION_KEYS is not set, so the codec server cannot decode anything. Use the same keys as the workers.',
    ]);
  refuse(unsafe);
  return {
    keyring: v.ENCRYPTION_KEYS,
    host: v.CODEC_HOST,
    port: v.CODEC_PORT,
    origins: v.CODEC_ORIGINS,
    token: v.CODEC_TOKEN,
    userHeader: v.CODEC_USER_HEADER,
    oidc: oidcOf(...oidc),
    openOn: v.ALLOW_OPEN_CODEC,
  };
}

/** What judging an email needs, without any server: for explaining emails offline. @throws ConfigurationError */
export function readJudgingConfig(env: Env = process.env) {
  // Required for a worker, optional here.
  const optional = (['MAIL_FROM', 'MAIL_REPLY_ALIAS', 'CBP_APPLICATIONS_ADDRESS'] as const).filter((name) =>
    env[name]?.trim(),
  );
  const v: Partial<Values> = readVariables(env, [
    'CBP_FROM_DOMAINS',
    'CBP_DKIM_DOMAINS',
    'MAIL_HOST_AUTHSERV_ID',
    'DNS_RECORDS_FILE',
    'LETTER_MANAGERS',
    ...optional,
  ]);
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

/** The broker's own ACE users. @throws ConfigurationError */
export function readAceUsers(env: Env = process.env) {
  const v = readVariables(env, ['BROKER_ACE_EMAIL', 'BROKER_ACE_SECOND_EMAIL']);
  return { aceEmail: v.BROKER_ACE_EMAIL, aceSecondEmail: v.BROKER_ACE_SECOND_EMAIL };
}

/** The form and its map, for commands that need nothing else. @throws ConfigurationError */
export function readFormFiles(env: Env = process.env) {
  const { FORM_TEMPLATE: template, FORM_MAP: map } = readVariables(env, ['FORM_TEMPLATE', 'FORM_MAP']);
  return { template, map };
}

/** The calendar, without the pace of a rehearsal. @throws ConfigurationError */
export function readCalendarPolicy(env: Env = process.env): CalendarPolicy {
  const calendar = calendarOf(readVariables(env, CALENDAR_VARIABLES));
  refuse(invalidClosures('CALENDAR_EXTRA_CLOSURES', calendar));
  return calendar;
}
