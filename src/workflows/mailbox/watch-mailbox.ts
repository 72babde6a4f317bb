import {
  ApplicationFailure,
  condition,
  defineSignal,
  log,
  makeContinueAsNewFunc,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { overLimit } from '../contract/limits.js';
import { type MailActivities, mailQueueOf } from '../contract/mail-activities.js';
import type { WatcherActivities } from '../contract/mailbox-activities.js';
import { ALERT_HELP, alertKindsIn, alertOrdinal, alertsIn, type MailboxAlert } from '../contract/mailbox-alerts.js';
import { SEARCH_ATTRIBUTES } from '../contract/search-attributes.js';
import { WATCHER_MEMO, watcherIdOf } from '../contract/watcher.js';

/**
 * Keeps one watcher running for each mailbox, with the id `mailbox-<name>`. Every worker tries to start it, and the first
 * one wins. The activity does the reading; if its worker dies, the heartbeat stops and another worker takes over. This
 * workflow shows what is wrong with the mailbox, and notifies operations once per kind of alert and day.
 */
export async function watchMailbox(input: WatchMailbox): Promise<void> {
  assertWorkflowId(input);
  let alerts = alertsIn(input.troubles);
  const notified = new Set(alertKindsIn(input.told));
  const sending = new Set<MailboxAlert['kind']>();
  setHandler(mailboxAlerts, (now) => {
    if (Array.isArray(now) && !overLimit(now)) alerts = alertsIn(now);
  });
  show(input.mailbox, alerts);

  let over = false;
  const watching = watcher.watch
    .executeWithOptions({ summary: `reading the mailbox ${input.mailbox}` }, [
      { mailbox: input.mailbox, forSeconds: WATCH_SECONDS, troubles: alerts.map(({ kind }) => kind) },
    ])
    .finally(() => {
      over = true;
    });
  for (let shown = alerts; !over; ) {
    const unnotified = alerts.filter(({ kind }) => !notified.has(kind));
    for (const alert of unnotified) notifyOperations(input.mailbox, alert, notified, sending);
    await condition(() => over || alerts !== shown);
    if (alerts === shown) continue;
    for (const kind of notified) if (!alerts.some((alert) => alert.kind === kind)) notified.delete(kind);
    shown = alerts;
    show(input.mailbox, shown);
  }
  await watching;
  // The memo is written again, so that it is encrypted with the current key and not with a retired one.
  await makeContinueAsNewFunc<typeof watchMailbox>({ memo: WATCHER_MEMO })({
    mailbox: input.mailbox,
    troubles: alerts,
    told: [...notified].filter((kind) => !sending.has(kind)),
  });
}

export interface WatchMailbox {
  /** Name of the mailbox in the configuration: `main` unless there are several. */
  mailbox: string;
  /** The alerts of the previous run, and the kinds that operations were notified about. */
  troubles?: MailboxAlert[];
  told?: MailboxAlert['kind'][];
}

/** A watcher under the id of another mailbox would keep the real one from starting. */
function assertWorkflowId(input: WatchMailbox | null | undefined): void {
  const { workflowId } = workflowInfo();
  if (typeof input?.mailbox === 'string' && watcherIdOf(input.mailbox) === workflowId) return;
  throw ApplicationFailure.nonRetryable(
    `${workflowId} was started without the name of its mailbox. You need not do anything: the next worker that starts also starts a correct watcher.`,
    'not-a-watcher',
  );
}

/** From the watcher, when the alerts change: all current alerts. */
export const mailboxAlerts = defineSignal<[MailboxAlert[]]>('mailboxTroubles');

/** Keeps histories small, and moves the watcher to a new worker version within the hour. */
const WATCH_SECONDS = 3_600;

function show(mailbox: string, alerts: MailboxAlert[]): void {
  setCurrentDetails(
    [
      alerts.length === 0 ? `The mailbox **${mailbox}** is being read.` : `**The mailbox ${mailbox} needs attention.**`,
      // Not the server's own words: they could name people, and the UI puts this text into URLs.
      ...alerts.map(({ kind }) => `- **${kind}**: ${ALERT_HELP[kind]}`),
      '',
      'For details, run `ace-onboarding mailbox status`. Leave this workflow running: if you terminate it, the next worker that starts will start it again.',
    ].join('\n'),
  );
  const shown = workflowInfo().typedSearchAttributes.get(SEARCH_ATTRIBUTES.needsAttention) ?? [];
  const kinds = alerts.map(({ kind }) => kind);
  if (shown.join() === kinds.join()) return;
  upsertSearchAttributes([{ key: SEARCH_ATTRIBUTES.needsAttention, value: kinds.length > 0 ? kinds : null }]);
}

/** Does not wait: an alert that cannot be sent yet must not hold up the next. Each alert is sent once until it clears. */
function notifyOperations(
  mailbox: string,
  { kind, says }: MailboxAlert,
  notified: Set<MailboxAlert['kind']>,
  sending: Set<MailboxAlert['kind']>,
): void {
  notified.add(kind);
  sending.add(kind);
  const { workflowId } = workflowInfo();
  operations()
    .sendNotice.executeWithOptions({ summary: `notify operations: ${kind}` }, [
      {
        workflowId,
        reference: workflowId,
        template: 'task',
        ordinal: alertOrdinal(kind, new Date()),
        applicationSha256: '',
        facts: { attention: kind, what: `Mailbox ${mailbox}: ${says}`, commands: ['ace-onboarding mailbox status'] },
      },
    ])
    .catch((error: unknown) => {
      notified.delete(kind);
      log.warn('Could not notify operations about a mailbox alert', { mailbox, kind, error });
    })
    .finally(() => sending.delete(kind));
}

// The activity handles all mail problems itself. It fails only when its worker stops, and is then retried forever.
const watcher = proxyActivities<Pick<WatcherActivities, 'watch'>>({
  startToCloseTimeout: '90 minutes',
  heartbeatTimeout: '15 seconds',
  // No backoff: an attempt ends only with its worker, and earlier dead workers say nothing about the next.
  retry: { initialInterval: '1 second', backoffCoefficient: 1 },
});

/** On the mail queue, limited to the provider's rate. The message is claimed, so it goes out once however often it is tried. */
const operations = () =>
  proxyActivities<Pick<MailActivities, 'sendNotice'>>({
    taskQueue: mailQueueOf(workflowInfo().taskQueue),
    startToCloseTimeout: '5 minutes',
    heartbeatTimeout: '30 seconds',
    scheduleToCloseTimeout: '50 minutes',
    retry: { initialInterval: '10 seconds', maximumInterval: '10 minutes' },
  });
