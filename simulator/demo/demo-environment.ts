import { VARIABLES } from '../../src/config/variables.js';
import type { MailServers } from '../mail/mail-servers.js';
import { BROKER } from '../rehearsal/actors.js';

/** The day before Thanksgiving: the first deadline skips a holiday, and says so. */
const STARTING_AT = '2026-11-25T15:00:00-05:00';
const FIRST_DAY_MS = 8_000;

export interface DemoEnvironmentOptions {
  temporalAddress: string;
  uiUrl: string;
  archiveDir: string;
  importerKeyFile: string;
  /** If missing, nothing is encrypted. */
  encryptionKeysFile?: string | undefined;
  dnsRecordsFile: string;
  mail: MailServers;
  secondsPerBusinessDay: number;
}

/** For the leak test: it logs everything, and checks that it would find data that is not encrypted. */
const REHEARSED_LOG_LEVEL = 'REHEARSED_LOG_LEVEL';
const REHEARSED_IN_CLEAR = 'REHEARSED_IN_CLEAR';

/** The product's configuration in the demo. It uses only settings that a user could make. */
export function demoEnvironment(options: DemoEnvironmentOptions): Record<string, string> {
  const { mail } = options;
  return {
    ...clientEnvironment(options),
    LIVE: 'false',
    LOG_LEVEL: process.env[REHEARSED_LOG_LEVEL] ?? 'info',
    DNS_RECORDS_FILE: options.dnsRecordsFile,
    SMTP_HOST: mail.host,
    SMTP_PORT: String(mail.smtp.port),
    SMTP_SECURITY: 'none',
    IMAP_HOST: mail.host,
    IMAP_PORT: String(mail.imap.port),
    IMAP_SECURITY: 'none',
    IMAP_USER: mail.imap.user,
    IMAP_PASSWORD: mail.imap.password,
    IMAP_SWEEP_SECONDS: '1',
    MAIL_PER_SECOND: '50',
    MAIL_DAILY_CAP: '5000',
    SEND_RECONCILE_SECONDS: '20',
    BROKER_NAME: 'Clearit USA (rehearsal)',
    BROKER_PHONE: '+1 555 0100',
    BROKER_ACE_EMAIL: BROKER.aceEmail,
    MAIL_REPLY_ALIAS: 'ace+{token}@clearit.example',
    OPERATIONS_ADDRESS: 'operations@clearit.example',
    MANAGER_ADDRESS: 'manager@clearit.example',
    PACE_SECONDS_PER_BUSINESS_DAY: String(options.secondsPerBusinessDay),
    PACE_STARTING_AT: STARTING_AT,
    // Every client is started in the first seconds, which must all be on one day.
    PACE_BEGAN_AT: new Date(Date.now() + FIRST_DAY_MS).toISOString(),
  };
}

/** The settings that commands need to work with the demo's onboardings. */
export function clientEnvironment(
  options: Pick<
    DemoEnvironmentOptions,
    'temporalAddress' | 'uiUrl' | 'archiveDir' | 'importerKeyFile' | 'encryptionKeysFile'
  >,
): Record<string, string> {
  return {
    TEMPORAL_ADDRESS: options.temporalAddress,
    TEMPORAL_NAMESPACE: 'default',
    UI_URL: options.uiUrl,
    ARCHIVE_DIR: options.archiveDir,
    IMPORTER_KEY_FILE: options.importerKeyFile,
    ...(options.encryptionKeysFile && process.env[REHEARSED_IN_CLEAR] !== 'true'
      ? { ENCRYPTION_KEYS_FILE: options.encryptionKeysFile }
      : {}),
    MAIL_FROM: BROKER.mailbox,
  };
}

/** An environment without the user's settings, so that no real mailbox, cluster or LIVE gets into a rehearsal. */
export function withoutSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const ours = new Set(Object.keys(VARIABLES).flatMap((name) => [name, `${name}_FILE`, `${name}_COMMAND`]));
  return Object.fromEntries(
    Object.entries(env).filter(
      ([name]) => !ours.has(name) && (name === 'TEMPORAL_CLI_PATH' || !name.startsWith('TEMPORAL_')),
    ),
  );
}

/** In the format of `node --env-file`. */
export function environmentFile(env: Record<string, string>): string {
  return `${Object.entries(env)
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join('\n')}\n`;
}
