import { asyncLocalStorage } from '@temporalio/activity';
import type { Application } from '../application/application.js';
import { applicationIn } from '../application/canonical.js';
import type { ImporterKeys } from '../archive/importer-key.js';
import { restoreIndex } from '../archive/index-case.js';
import { type CaseRecord, cases, outbox, read, sendResults } from '../archive/records.js';
import { deadlinesOf } from '../calendar/schedule.js';
import type { Config } from '../config/config.js';
import { inThread } from '../mail/answering/in-thread.js';
import { composeApplication, type EarlierMail } from '../mail/outgoing/compose/compose-application.js';
import { composeNotice } from '../mail/outgoing/compose/compose-notice.js';
import { composeOnce, type SenderIdentity } from '../mail/outgoing/compose/compose-once.js';
import { NoticeRefused } from '../mail/outgoing/compose/notice-refused.js';
import { SubjectRefused } from '../mail/outgoing/compose/subject.js';
import { type MailPurpose, mailName, messageIdOf, purposeName } from '../mail/outgoing/message-id.js';
import {
  isReminder,
  noteRequest,
  personKey,
  removeRequest,
  type StandingOf,
  stageAsking,
} from '../mail/outgoing/reminders/open-requests.js';
import { type AlsoAsked, remind } from '../mail/outgoing/reminders/remind.js';
import { CASE_NOT_ARCHIVED, retryLater } from '../mail/outgoing/send-failures.js';
import { voidSend } from '../mail/outgoing/send-once.js';
import { createTokenProvider, type TokenProvider } from '../mail/outgoing/token-provider.js';
import type {
  ApplicationMail,
  MailActivities,
  Notice,
  NoticeSent,
  NoticeTemplate,
  SendResult,
} from '../workflows/contract/mail-activities.js';
import { createSender, type SenderDependencies } from './sender.js';

export interface MailDependencies extends Omit<SenderDependencies, 'config' | 'logins'> {
  config: Config;
  importerKeys: ImporterKeys;
  /** Default: made from the configuration. */
  logins?: TokenProvider;
  /** Where the cases of one person stand, for reminders. Default: every request on record is open. */
  standingOf?: StandingOf;
  /** For links outside an activity. */
  temporalNamespace?: string;
}

/** Per attempt. The search for the email that this one replaces stops there. */
const MAX_TRANSMISSIONS = 5;

/** Sends through a real server, archive, and clock. `send-once.ts` explains what makes it safe. */
export function createMailActivities(dependencies: MailDependencies): MailActivities {
  const { archive, config, importerKeys } = dependencies;
  const now = dependencies.now ?? (() => new Date());
  const send = createSender({ ...dependencies, logins: dependencies.logins ?? createTokenProvider(config) });

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
      if (result.kind === 'refused') return result;
      if (result.kind === 'accepted')
        return { ...result, deadlines: deadlinesOf({ wait: 'decision', at: result.at }, config.policy) };
      return {
        ...result,
        deadlines: deadlinesOf({ wait: 'send-unknown', at: now().toISOString() }, config.policy),
        ...(config.policy.resendUnknown && mail.transmission === 1 ? { resend: true as const } : {}),
      };
    },

    async sendNotice(notice) {
      const identity = identify(notice.workflowId, {
        kind: 'notice',
        template: notice.template,
        ordinal: notice.ordinal,
      });
      let brokerAceEmail = config.broker.aceEmail;
      // Our own people get notices even about an onboarding whose application was never archived.
      const application = notice.applicationSha256 ? await applicationOf(notice.applicationSha256) : undefined;
      const known = application && (await caseToReplyTo(notice, application));
      const deliver = (others?: AlsoAsked) =>
        refusalsAsResults(identity, async () => {
          const composed = await composeOnce(archive, identity, now(), async (at) => {
            const facts = others ? { ...notice.facts, siblings: others.lines } : notice.facts;
            const namespace = temporalNamespace(dependencies);
            const draft = composeNotice({ ...notice, facts }, application, known?.aliases, config, namespace, at);
            const threaded = application ? await inThread(archive, notice, application, draft, config) : draft;
            return { ...threaded, ...(others ? { alsoAsks: others.workflowIds } : {}) };
          });
          brokerAceEmail = composed.brokerAceEmail ?? brokerAceEmail;
          return send({ ...composed, reference: notice.reference });
        });
      const sent = application ? await sendToClient(notice, application, deliver) : { result: await deliver() };
      const at = sent.result.kind === 'accepted' ? sent.result.at : now().toISOString();
      return {
        ...sent,
        ...(notice.starts ? { deadlines: deadlinesOf({ ...notice.starts, at }, config.policy) } : {}),
        ...(notice.template === 'grant-instructions' ? { brokerAceEmail } : {}),
      };
    },
  };

  /** Keeps the record of what the case asks its account owner for, and the limits of reminders. */
  async function sendToClient(
    notice: Notice,
    application: Application,
    deliver: (others?: AlsoAsked) => Promise<SendResult>,
  ): Promise<NoticeSent> {
    const { workflowId, reference, template } = notice;
    const person = personKey(importerKeys, application.accountOwner.email);
    const stage = stageAsking(notice);
    const request = stage && {
      ...{ workflowId, reference, template, stage },
      company: application.company.legalName,
      since: now().toISOString(),
    };
    if (request && isReminder(template))
      return await remind(
        { ...dependencies, policy: config.policy, from: config.mail.from, now },
        notice,
        application,
        { person, request },
        deliver,
      );
    const result = await deliver();
    if (request && result.kind !== 'refused') await noteRequest(archive, person, request);
    if (ENDS_REQUEST.includes(template)) await removeRequest(archive, workflowId);
    return { result };
  }
}

/** Nothing is asked of the client any more. */
const ENDS_REQUEST: readonly NoticeTemplate[] = ['application-submitted', 'access-seen', 'cbp-withdrawal'];

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
