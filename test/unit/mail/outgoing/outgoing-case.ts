import { createMailActivities, type MailDependencies } from '../../../../src/activities/send-mail.js';
import type { Application } from '../../../../src/application/application.js';
import type { Archive } from '../../../../src/archive/archive.js';
import { openDirectoryArchive } from '../../../../src/archive/directory.js';
import { cases } from '../../../../src/archive/records.js';
import type { Config } from '../../../../src/config/config.js';
import { readConfig } from '../../../../src/config/read-config.js';
import type { ApplicationMail, MailActivities, Notice } from '../../../../src/workflows/contract/mail-activities.js';
import { BROKER_SETTINGS } from '../../../support/broker-settings.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';

/** A valid application with invented numbers and addresses. */
export function anApplication(changes: Partial<Application> = {}): Application {
  return {
    reference: 'C-1042',
    company: {
      legalName: 'Maple & Söhne Trading, Inc.',
      organization: 'corporation',
      address: { street: '1 Example Street', city: 'Albany', state: 'NY', postalCode: '12207', country: 'US' },
      phone: '+1 518 555 0100',
      fiscalYearEnd: '12-31',
    },
    importerNumber: '07-123456700',
    furtherImporterNumbers: ['07-1234567A1'],
    officer: { firstName: 'Ada', lastName: 'Example', title: 'President', dateOfBirth: '1970-01-02' },
    accountOwner: { firstName: 'Jane', lastName: 'Owner', email: 'jane@client.example', phone: '+1 518 555 0101' },
    acknowledgements: {
      officer: { name: 'Ada Example', at: '2026-11-01', evidence: 'DOC-1' },
      accountOwner: { name: 'Jane Owner', at: '2026-11-01', evidence: 'DOC-2' },
    },
    route: { existingAccount: 'none', form5106OnFile: true, channel: { kind: 'email' } },
    ...changes,
  };
}

export const CBP = 'ace.applications@cbp.dhs.example';
export const MAILBOX = BROKER_SETTINGS.MAIL_FROM;

/** Loopback only; the mail server at this port accepts everything. */
export function mailEnvironment(port: number): Record<string, string> {
  return {
    CBP_APPLICATIONS_ADDRESS: CBP,
    SMTP_HOST: '127.0.0.1',
    SMTP_PORT: String(port),
    SMTP_SECURITY: 'none',
    IMAP_HOST: '127.0.0.1',
    BROKER_NAME: 'Clearit USA',
    ...BROKER_SETTINGS,
  };
}

export function aConfig(port: number, changes: Record<string, string> = {}): Config {
  return readConfig({ ...mailEnvironment(port), ...changes });
}

export const ALIASES = { cbp: 'abcdefghijklmnop', client: 'qrstuvwxyz234567' };
export const WORKFLOW = 'onboarding-c-1042';
export const IMPORTER_KEYS = { keyOf: (number: string) => `KEY${number.replace(/\W/g, '')}` };
export const FORM = Buffer.from(`%PDF-1.7\n${'the filled form\n'.repeat(6_000)}`);

/** Long enough for a busy machine. */
export const PATIENT = { connectMs: 10_000, greetingMs: 10_000, silenceMs: 10_000, bodyMs: 10_000, overallMs: 30_000 };
/** For a server that goes silent on request. */
export const IMPATIENT = { ...PATIENT, greetingMs: 400, silenceMs: 400 };

/** A Monday morning. Reminders go out only in office hours. */
export const OFFICE_HOURS = new Date('2026-11-30T16:00:00Z');

export interface OutgoingCase {
  archive: Archive;
  directory: string;
  config: Config;
  application: ApplicationMail;
  notice: (changes?: Partial<Notice>) => Notice;
  activities: MailActivities;
  /** Activities of another worker with the same archive. */
  worker: (changes?: Partial<MailDependencies>) => MailActivities;
}

/** One onboarding, ready to send, with its own archive. */
export async function anOutgoingCase(
  port: number,
  options: {
    application?: Application;
    environment?: Record<string, string>;
    dependencies?: Partial<MailDependencies>;
  } = {},
): Promise<OutgoingCase> {
  const directory = temporaryFolder('mail-out');
  const archive = await openDirectoryArchive(directory);
  const config = aConfig(port, options.environment);
  const application = options.application ?? anApplication();
  const { sha256: applicationSha256 } = await archive.putDocument(Buffer.from(JSON.stringify(application)));
  const { sha256: formSha256 } = await archive.putDocument(FORM);
  await archive.createRecord(cases.key(WORKFLOW), { workflowId: WORKFLOW, reference: 'C-1042', aliases: ALIASES });
  const worker = (changes: Partial<MailDependencies> = {}) =>
    createMailActivities({
      archive,
      config,
      importerKeys: IMPORTER_KEYS,
      timeouts: PATIENT,
      findSentCopy: async () => undefined,
      lookAfterMs: [0],
      now: () => OFFICE_HOURS,
      ...options.dependencies,
      ...changes,
    });
  return {
    archive,
    directory,
    config,
    application: {
      workflowId: WORKFLOW,
      reference: 'C-1042',
      attempt: 1,
      transmission: 1,
      applicationSha256,
      formSha256,
    },
    notice: (changes = {}) => ({
      workflowId: WORKFLOW,
      reference: 'C-1042',
      template: 'grant-instructions',
      ordinal: 1,
      applicationSha256,
      facts: { approval: 'cbp-letter' },
      ...changes,
    }),
    activities: worker(),
    worker,
  };
}
