import { asyncLocalStorage } from '@temporalio/activity';
import type { Application } from '../application/application.js';
import { applicationIn } from '../application/canonical.js';
import type { Archive } from '../archive/archive.js';
import type { ImporterKeys } from '../archive/importer-key.js';
import { restoreIndex } from '../archive/index-case.js';
import { type CaseRecord, cases, outbox, read, type SendStop, sendResults } from '../archive/records.js';
import type { Deadline } from '../calendar/policy.js';
import { decisionDeadlines, grantDeadlines } from '../calendar/schedule.js';
import type { Config } from '../config/config.js';
import { composeApplication, type EarlierMail } from '../mail/outgoing/compose/compose-application.js';
import { composeNotice, NoticeRefused } from '../mail/outgoing/compose/compose-notice.js';
import { composeOnce, type SenderIdentity } from '../mail/outgoing/compose/compose-once.js';
import { SubjectRefused } from '../mail/outgoing/compose/subject.js';
import { DailyAllowance } from '../mail/outgoing/daily-allowance.js';
import { type MailPurpose, mailName, messageIdOf, purposeName } from '../mail/outgoing/message-id.js';
import { type FindSentCopy, reconcile, sentFolderOver } from '../mail/outgoing/reconcile.js';
import { CASE_NOT_ARCHIVED, retryLater } from '../mail/outgoing/send-failures.js';
import {
  knownResult,
  type OnceOnly,
  type OutgoingMail,
  type SendPoint,
  sendOnce,
  voidSend,
} from '../mail/outgoing/send-once.js';
import { SendingStop } from '../mail/outgoing/sending-stop.js';
import type { Timeouts } from '../mail/outgoing/smtp-session.js';
import { createTokenProvider, type TokenProvider } from '../mail/outgoing/token-provider.js';
import type { ApplicationMail, MailActivities, SendResult } from '../workflows/contract/mail-activities.js';
import { whileHeartbeating } from './heartbeats.js';

export interface MailDependencies {
  archive: Archive;
  config: Config;
  importerKeys: ImporterKeys;
  now?: () => Date;
  /** Default: made from the configuration. */
  logins?: TokenProvider;
  /** Default: the sent folder of the watched mailbox, over IMAP. */
  findSentCopy?: FindSentCopy;
  /** Waits before each look into the sent folder. */
  lookAfterMs?: readonly number[];
  /** Called once each time sending has to stop. */
  alert?: (stop: SendStop) => void;
  warn?: (message: string, error: unknown) => void;
  /** For links outside an activity. */
  temporalNamespace?: string;
  timeouts?: Timeouts;
  /** Called at the points of a send where tests stop and kill the process. */
  at?: (point: SendPoint) => Promise<void>;
}

/** Per attempt. The search for the email that this one replaces stops there. */
const MAX_TRANSMISSIONS = 5;
const LOOK_AFTER_MS = [500, 5_000, 15_000];
/** After how long one email tests whether a server that refused us accepts us again. */
const PROBE_SECONDS = 300;

/** Sends through a real server, archive, and clock. `send-once.ts` explains what makes it safe. */
export function createMailActivities(dependencies: MailDependencies): MailActivities {
  const { archive, config, importerKeys } = dependencies;
  const now = dependencies.now ?? (() => new Date());
  const logins = dependencies.logins ?? createTokenProvider(config);
  const mailbox = config.mail.from;
  const findSentCopy = dependencies.findSentCopy ?? sentFolderOver(config.imap, () => logins.imap());
  const lookAfterMs = dependencies.lookAfterMs ?? LOOK_AFTER_MS;
  const warn = dependencies.warn ?? (() => {});
  const once: Omit<OnceOnly, 'login'> = {
    archive,
    server: {
      host: config.smtp.host,
      port: config.smtp.port,
      security: config.smtp.security,
      live: config.live,
    },
    allowance: new DailyAllowance(archive, mailbox, config.smtp.dailyCap),
    stop: new SendingStop(archive, mailbox, PROBE_SECONDS, dependencies.alert ?? (() => {})),
    now,
    warn,
    ...(dependencies.timeouts ? { timeouts: dependencies.timeouts } : {}),
  };

  /** The case an email is about. Its index entries are there before the email leaves, since a reply may come at once. */
  async function caseToReplyTo({ workflowId }: { workflowId: string }, application: Application): Promise<CaseRecord> {
    const found = await read(archive, cases, workflowId);
    if (!found)
      throw retryLater(
        CASE_NOT_ARCHIVED,
        `The archive has no record of ${workflowId}, so no reply could be matched to it. Restore the archive.`,
      );
    await restoreIndex(archive, importerKeys, found, application);
    return found;
  }

  async function applicationOf(sha256: string): Promise<Application> {
    return applicationIn(await archive.getDocument(sha256));
  }

  function identify(workflowId: string, purpose: MailPurpose): SenderIdentity {
    return {
      workflowId,
      purpose: purposeName(purpose),
      name: mailName(workflowId, purpose),
      messageId: messageIdOf(workflowId, purpose, config.mail.from),
    };
  }

  function identityOf({ workflowId, attempt, transmission }: ApplicationMail): SenderIdentity {
    return identify(workflowId, { kind: 'application', attempt, transmission });
  }

  function send(mail: OutgoingMail): Promise<SendResult> {
    return whileHeartbeating(async (signal) => {
      const result = await sendOnce({ ...once, login: logins.smtp() }, mail, {
        ...(signal ? { signal } : {}),
        ...(dependencies.at ? { at: dependencies.at } : {}),
      });
      return result.kind === 'unknown' ? ((await lookIntoSentFolder(mail)) ?? result) : result;
    });
  }

  async function lookIntoSentFolder(mail: OutgoingMail): Promise<SendResult | undefined> {
    try {
      if (!(await reconcile(archive, mail.messageId, findSentCopy, lookAfterMs))) return undefined;
      return await knownResult(archive, mail.messageId);
    } catch (error) {
      warn('It is unknown whether an email was sent, and the sent folder could not be read.', error);
      return undefined;
    }
  }

  /** The latest email that CBP received, or may have received, before this one. */
  async function earlierMail(mail: ApplicationMail): Promise<EarlierMail | undefined> {
    for (let attempt = mail.attempt; attempt > 0; attempt--) {
      const last = attempt === mail.attempt ? mail.transmission - 1 : MAX_TRANSMISSIONS;
      for (let transmission = last; transmission > 0; transmission--) {
        const { messageId } = identityOf({ ...mail, attempt, transmission });
        const composed = await read(archive, outbox, messageId);
        const result = composed && (await read(archive, sendResults, messageId));
        if (composed && (result || attempt === mail.attempt))
          return { attempt, sentAt: result?.acceptedAt ?? composed.composedAt };
      }
    }
    return undefined;
  }

  async function transmitApplication(mail: ApplicationMail): Promise<SendResult> {
    const identity = identityOf(mail);
    for (let transmission = 1; transmission < mail.transmission; transmission++) {
      const earlier = identityOf({ ...mail, transmission });
      const known = await voidSend(archive, earlier.messageId, identity.messageId, now());
      if (known) return known;
    }
    const application = await applicationOf(mail.applicationSha256);
    const { aliases } = await caseToReplyTo(mail, application);
    const composed = await composeOnce(archive, identity, now(), async () =>
      composeApplication(
        { ...mail, name: identity.name },
        application,
        await archive.getDocument(mail.formSha256),
        aliases.cbp,
        await earlierMail(mail),
        config,
      ),
    );
    if (composed.formSha256 !== mail.formSha256)
      return {
        kind: 'refused',
        messageId: identity.messageId,
        reason: `Attempt ${mail.attempt} of this onboarding was emailed, or was about to be, with another form. The run was probably reset. Correct the application once more, so that this form goes out as a new attempt.`,
      };
    return send({ ...composed, reference: mail.reference });
  }

  return {
    async sendApplication(mail) {
      const result = await refusalsAsResults(identityOf(mail), () => transmitApplication(mail));
      if (result.kind === 'accepted')
        return { ...result, deadlines: decisionDeadlines(new Date(result.at), config.policy) };
      return result.kind === 'unknown'
        ? {
            ...result,
            askAt: askAt(now(), config.policy.sendReconcileSeconds),
            ...(config.policy.resendUnknown && mail.transmission === 1 ? { resend: true as const } : {}),
          }
        : result;
    },

    async sendNotice(notice) {
      const identity = identify(notice.workflowId, {
        kind: 'notice',
        template: notice.template,
        ordinal: notice.ordinal,
      });
      let brokerAceEmail = config.broker.aceEmail;
      const result = await refusalsAsResults(identity, async () => {
        // Our own people get notices even about an onboarding whose application was never archived.
        const application = notice.applicationSha256 ? await applicationOf(notice.applicationSha256) : undefined;
        const known = application && (await caseToReplyTo(notice, application));
        const composed = await composeOnce(archive, identity, now(), async () =>
          composeNotice(notice, application, known?.aliases.client, config, temporalNamespace(dependencies)),
        );
        brokerAceEmail = composed.brokerAceEmail ?? brokerAceEmail;
        return send({ ...composed, reference: notice.reference });
      });
      if (notice.template !== 'grant-instructions' && notice.template !== 'grant-partial') return { result };
      const from = result.kind === 'accepted' ? new Date(result.at) : now();
      return { result, grant: { deadlines: grantDeadlines(from, config.policy), brokerAceEmail } };
    },
  };
}

/** An email that cannot be composed needs a person, not a retry. */
async function refusalsAsResults(identity: SenderIdentity, send: () => Promise<SendResult>): Promise<SendResult> {
  try {
    return await send();
  } catch (error) {
    if (error instanceof SubjectRefused || error instanceof NoticeRefused)
      return { kind: 'refused', messageId: identity.messageId, reason: error.message };
    throw error;
  }
}

function temporalNamespace(dependencies: MailDependencies): string {
  return asyncLocalStorage.getStore()?.info.workflowNamespace ?? dependencies.temporalNamespace ?? 'default';
}

function askAt(now: Date, seconds: number): Deadline {
  const explanation = `${seconds} seconds for our blind copy or an acknowledgement to settle it`;
  return { at: new Date(now.getTime() + seconds * 1_000).toISOString(), explanation, brief: explanation };
}
