import { setTimeout as delay } from 'node:timers/promises';
import { asyncLocalStorage } from '@temporalio/activity';
import { ApplicationFailure, type WorkflowClient } from '@temporalio/client';
import type { Archive } from '../archive/archive.js';
import { lastDigests } from '../archive/records.js';
import { isFirstOfWeek, type Morning, type MorningPolicy, morningAfter, morningAt } from '../calendar/mornings.js';
import type { Config } from '../config/config.js';
import { operationsAt } from '../config/people.js';
import { aceAddresses, aceUsersOf } from '../digest/ace-users.js';
import { buildDigests, buildWeeklies, type Digest, type Office, withTasksOf } from '../digest/build-digests.js';
import { composeDigest, composeWeekly, type OperationsNews } from '../digest/compose-digest.js';
import { type Counts, collectCases, countCases, type DigestCase } from '../digest/digest-case.js';
import { mailboxNews } from '../digest/mailbox-news.js';
import { composeOnce, type Draft } from '../mail/outgoing/compose/compose-once.js';
import { type MailPurpose, mailName, messageIdOf, purposeName } from '../mail/outgoing/message-id.js';
import type { DigestActivities, DigestState } from '../workflows/contract/digest-activities.js';
import type { SendResult } from '../workflows/contract/mail-activities.js';
import { whileHeartbeating } from './heartbeats.js';
import type { SendEmail } from './sender.js';

/** Thrown by `sendDigests` when some could not be sent yet. The next try sends no one a second email. */
export const DIGEST_UNSENT = 'DIGEST_UNSENT';

export interface DigestDependencies {
  archive: Archive;
  config: Pick<Config, 'mail' | 'people' | 'broker' | 'taskQueue' | 'smtp'>;
  policy: MorningPolicy;
  client: Pick<WorkflowClient, 'list' | 'getHandle' | 'withDeadline' | 'count'>;
  send: SendEmail;
  now?: () => Date;
  warn?: (message: string, error: unknown) => void;
  /** Default: the open cases of the server. */
  collect?: (signal?: AbortSignal) => Promise<DigestCase[]>;
  count?: () => Promise<Counts>;
}

export function createDigestActivities(dependencies: DigestDependencies): DigestActivities {
  const { archive, config, policy, client, send } = dependencies;
  const now = dependencies.now ?? (() => new Date());
  const warn = dependencies.warn ?? (() => {});
  const { taskQueue } = config;
  const collect = dependencies.collect ?? ((signal) => collectCases({ client, taskQueue, signal }));
  const count = dependencies.count ?? (() => countCases(client, taskQueue));

  /** Emails of one run go out one after another, at the rate of the mailbox. One that fails does not hold up the others. */
  async function deliver(workflowId: string, mails: Mail[]): Promise<Delivery[]> {
    const deliveries: Delivery[] = [];
    for (const { template, name, digest, compose } of mails) {
      const purpose = { kind: 'digest', template, morning: name, to: digest.to.email } as const;
      try {
        const draft = compose();
        if (!draft) continue;
        if (deliveries.length > 0) await delay(1000 / config.smtp.perSecond, undefined, { signal: stopSignal() });
        deliveries.push({ digest, result: await sendAs(workflowId, purpose, draft) });
      } catch (error) {
        stopSignal()?.throwIfAborted();
        warn(`A digest could not be sent yet. Its template is staff/${template}.eta.`, error);
        const reason = error instanceof Error ? error.message : String(error);
        deliveries.push({ digest, result: { kind: 'unsent', reason } });
      }
    }
    return deliveries;
  }

  async function sendAs(workflowId: string, purpose: MailPurpose, draft: Draft): Promise<SendResult> {
    const identity = {
      workflowId,
      purpose: purposeName(purpose),
      name: mailName(workflowId, purpose),
      messageId: messageIdOf(workflowId, purpose, config.mail.from),
    };
    const composed = await composeOnce(archive, identity, now(), async () => draft);
    return await send({ ...composed, reference: workflowId });
  }

  return {
    async nextDigest({ last }) {
      const next = last && morningAfter(last.morning, policy);
      // The first time, people wait for the next morning. The rest of today is not worth an email.
      return { at: (next ?? morningAfter(morningAt(now(), policy).name, policy))?.at ?? now().toISOString() };
    },

    async sendDigests({ workflowId, last }) {
      return await whileHeartbeating(async (signal) => {
        const morning = morningAt(now(), policy);
        const office: Office = {
          people: config.people,
          operationsAddress: config.mail.operations,
          managerAddress: config.mail.manager,
          day: morning.day,
          now: now(),
        };
        const settings = { config, broker: policy.broker, day: morning.day, now: office.now };
        const cases = await collect(signal);
        const { operations, others } = split(buildDigests(cases, office), office);
        const mails = others.map((digest): Mail => {
          const compose = () => composeDigest(digest, undefined, settings);
          return { template: 'digest', name: morning.name, digest, compose };
        });
        if (beginsWeek(morning, last, policy)) {
          const counts = await count();
          for (const digest of buildWeeklies(cases, office)) {
            const compose = () => composeWeekly(digest, counts, settings);
            mails.push({ template: 'weekly', name: morning.week, digest, compose });
          }
        }
        const delivered = await deliver(workflowId, mails);
        const undelivered = delivered.filter(({ result }) => result.kind !== 'accepted');
        // Operations comes last, because it gets the tasks of everyone who got no email.
        const news: OperationsNews = {
          mailbox: await mailboxNews(archive),
          aceUsers: await aceUsersOf(archive, aceAddresses(config.broker), morning.day),
          undelivered: undelivered.map(({ digest, result }) => ({
            name: digest.to.name,
            reason: 'reason' in result ? result.reason : '',
          })),
        };
        const everything = withTasksOf(
          operations,
          undelivered.map(({ digest }) => digest),
        );
        const compose = () => composeDigest(everything, news, settings);
        delivered.push(
          ...(await deliver(workflowId, [{ template: 'digest', name: morning.name, digest: operations, compose }])),
        );
        const unsent = delivered.filter(({ result }) => result.kind === 'unsent');
        if (unsent.length > 0)
          throw ApplicationFailure.create({
            type: DIGEST_UNSENT,
            message: `${unsent.length} of ${delivered.length} digests of ${morning.name} could not be sent yet. The reasons are in the worker's log. They are tried again; no one gets two.`,
          });
        const emails = delivered.filter(({ result }) => result.kind === 'accepted').length;
        await archive.replaceRecord(lastDigests.key(workflowId), {
          workflowId,
          morning: morning.name,
          at: now().toISOString(),
          emails,
        });
        return {
          morning: morning.name,
          week: morning.week,
          emails,
          cases: new Set(cases.map((one) => one.workflowId)).size,
          unanswered: cases.filter(({ unanswered }) => unanswered).length,
          undelivered: delivered.length - emails,
        };
      });
    },
  };
}

interface Mail {
  template: 'digest' | 'weekly';
  /** The morning or the week that it is for. */
  name: string;
  digest: Digest;
  /** Undefined if there is nothing to do. @throws TemplateError */
  compose: () => Draft | undefined;
}

interface Delivery {
  digest: Digest;
  /** `unsent`: certainly not sent, to be tried again. */
  result: SendResult | { kind: 'unsent'; reason: string };
}

function split(digests: Digest[], { operationsAddress }: Office): { operations: Digest; others: Digest[] } {
  const isOperations = ({ to }: Digest) => to.email.toLowerCase() === operationsAddress.toLowerCase();
  return {
    operations: digests.find(isOperations) ?? { to: operationsAt(operationsAddress), tasks: [] },
    others: digests.filter((digest) => !isOperations(digest)),
  };
}

/** Whether managers get their weekly digest: with the first digests of a week, whatever day that is. */
function beginsWeek(morning: Morning, last: DigestState['last'], policy: MorningPolicy): boolean {
  return last ? last.week !== morning.week : isFirstOfWeek(morning, policy);
}

function stopSignal(): AbortSignal | undefined {
  return asyncLocalStorage.getStore()?.cancellationSignal;
}
