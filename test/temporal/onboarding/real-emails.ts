import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { simpleParser } from 'mailparser';
import { createApplicationActivities } from '../../../src/activities/prepare-application.js';
import { createMailActivities } from '../../../src/activities/send-mail.js';
import { sha256Of } from '../../../src/archive/archive-names.js';
import { MemoryArchive } from '../../support/memory-archive.js';
import { aConfig, FORM, IMPORTER_KEYS, PATIENT } from '../../unit/mail/outgoing/outgoing-case.js';
import { openScriptedSmtp } from '../../unit/mail/outgoing/scripted-smtp.js';
import type { Parts } from './rehearsed-onboarding.js';

/** An email as its recipient gets it. */
export interface Email {
  /** When the mail server took it, by the environment's clock. */
  at: Date;
  to: string;
  subject: string;
  /** With single spaces only. */
  text: string;
  messageId: string;
}

/**
 * The activities that prepare and send, as in production, with a mail server and an archive for the test. Only the form is
 * made up. Their clock is that of the environment.
 * @param settings variables of the configuration
 */
export async function realEmails(environment: TestWorkflowEnvironment, settings: Record<string, string>) {
  const smtp = await openScriptedSmtp();
  const config = aConfig(smtp.port, settings);
  const archive = new MemoryArchive();
  const times: Date[] = [];
  let clock = new Date(0);
  smtp.script = (point) => {
    if (point === 'dot') times.push(clock);
    return undefined;
  };
  const dependencies = { archive, config, importerKeys: IMPORTER_KEYS, now: () => clock };
  const mail = createMailActivities({ ...dependencies, timeouts: PATIENT, findSentCopy: async () => undefined });
  const { prepareApplication } = createApplicationActivities({
    ...dependencies,
    policy: config.policy,
    brokerDomains: [],
    companyInSearchAttributes: true,
    filler: {
      fingerprint: 'made up',
      async fill({ company }) {
        const pdf = Buffer.concat([FORM, Buffer.from(company.legalName)]);
        const picture = Buffer.from('a picture');
        return { kind: 'filled', pdf, sha256: sha256Of(pdf), pages: 6, edition: 'made up', picture };
      },
    },
  });
  const atTheEnvironmentsTime =
    <I, O>(activity: (input: I) => Promise<O>) =>
    async (input: I): Promise<O> => {
      clock = new Date(await environment.currentTimeMs());
      return await activity(input);
    };
  const parts: Partial<Parts> = {
    prepareApplication: atTheEnvironmentsTime(prepareApplication),
    sendApplication: atTheEnvironmentsTime((application) => mail.sendApplication(application)),
    sendNotice: atTheEnvironmentsTime((notice) => mail.sendNotice(notice)),
  };
  return {
    parts,
    policy: config.policy,
    /** How many the mail server has taken. */
    count: () => smtp.received.length,
    /** Those that the mail server has taken, in order. */
    emails: () =>
      Promise.all(smtp.received.map(({ raw }, index) => emailOf(raw, times[index] ?? new Date(Number.NaN)))),
    close: () => smtp.close(),
  };
}

export type RealEmails = Awaited<ReturnType<typeof realEmails>>;

async function emailOf(raw: string, at: Date): Promise<Email> {
  const { to, subject = '', text = '', messageId = '' } = await simpleParser(Buffer.from(raw, 'latin1'));
  const [recipient] = [to ?? []].flat().flatMap(({ value }) => value);
  return {
    at,
    to: recipient?.address ?? '',
    subject,
    text: text.replace(/\s+/g, ' '),
    messageId: messageId.replace(/[<>]/g, ''),
  };
}
