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
import type { MailActivities } from '../contract/mail-activities.js';
import type { WatcherActivities } from '../contract/mailbox-activities.js';
import { ALERT_HELP, alertKindsIn, alertOrdinal, alertsIn, type MailboxAlert } from '../contract/mailbox-alerts.js';
import { SEARCH_ATTRIBUTES } from '../contract/search-attributes.js';
import { WATCHER_MEMO, watcherIdOf } from '../contract/watcher.js';

/**
 * Keeps one watcher per mailbox alive for ever: `mailbox-<name>`, started by every worker, of which the first wins. The
 * reading is in the activity; a worker that dies is noticed by its heartbeat, and another takes over. What is wrong with
 * the mailbox is shown here, and operations are told once for each kind of alert and day.
 */
export async function watchMailbox(input: WatchMailbox): Promise<void> {
  assertWorkflowId(input);
  let alerts = alertsIn(input.troubles);
  const told = new Set(alertKindsIn(input.told));
  const underWay = new Set<MailboxAlert['kind']>();
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
    const untold = alerts.filter(({ kind }) => !told.has(kind));
    for (const alert of untold) tellOperations(input.mailbox, alert, told, underWay);
    await condition(() => over || alerts !== shown);
    if (alerts === shown) continue;
    for (const kind of told) if (!alerts.some((alert) => alert.kind === kind)) told.delete(kind);
    shown = alerts;
    show(input.mailbox, shown);
  }
  await watching;
  // Encrypted with the key of now: one that was retired must not live on in it.
  await makeContinueAsNewFunc<typeof watchMailbox>({ memo: WATCHER_MEMO })({
    mailbox: input.mailbox,
    troubles: alerts,
    told: [...told].filter((kind) => !underWay.has(kind)),
  });
}

export interface WatchMailbox {
  /** Name of the mailbox in the configuration, `main` unless there are several. */
  mailbox: string;
  /** What the run before knew of, and of which kinds operations were told. */
  troubles?: MailboxAlert[];
  told?: MailboxAlert['kind'][];
}

/** Under the id of a mailbox that it does not name, it would keep the true watcher from being started. */
function assertWorkflowId(input: WatchMailbox | null | undefined): void {
  const { workflowId } = workflowInfo();
  if (typeof input?.mailbox === 'string' && watcherIdOf(input.mailbox) === workflowId) return;
  throw ApplicationFailure.nonRetryable(
    `${workflowId} was started without the name of its mailbox. Leave it: the next worker to start starts a proper one.`,
    'not-a-watcher',
  );
}

/** From the watcher, whenever there is something else to worry about: all alerts there are. */
export const mailboxAlerts = defineSignal<[MailboxAlert[]]>('mailboxTroubles');

/** Histories stay small, and a changed worker gets the watcher within the hour. */
const WATCH_SECONDS = 3_600;

function show(mailbox: string, alerts: MailboxAlert[]): void {
  setCurrentDetails(
    [
      alerts.length === 0 ? `The mailbox **${mailbox}** is read.` : `**The mailbox ${mailbox} needs attention.**`,
      // What a mail server answered may name persons, and the UI puts this text into addresses.
      ...alerts.map(({ kind }) => `- **${kind}**: ${ALERT_HELP[kind]}`),
      '',
      'More: `ace-onboarding mailbox status`. Leave this workflow running: terminated, it is started again with the next worker.',
    ].join('\n'),
  );
  const shown = workflowInfo().typedSearchAttributes.get(SEARCH_ATTRIBUTES.needsAttention) ?? [];
  const kinds = alerts.map(({ kind }) => kind);
  if (shown.join() === kinds.join()) return;
  upsertSearchAttributes([{ key: SEARCH_ATTRIBUTES.needsAttention, value: kinds.length > 0 ? kinds : null }]);
}

/** Not waited for: an alert that cannot go out yet must not hold up the next. Told again only when the alert comes anew. */
function tellOperations(
  mailbox: string,
  { kind, says }: MailboxAlert,
  told: Set<MailboxAlert['kind']>,
  underWay: Set<MailboxAlert['kind']>,
): void {
  told.add(kind);
  underWay.add(kind);
  const { workflowId } = workflowInfo();
  operations()
    .sendNotice.executeWithOptions({ summary: `operations told: ${kind}` }, [
      {
        workflowId,
        reference: workflowId,
        template: 'operations-task',
        ordinal: alertOrdinal(kind, new Date()),
        applicationSha256: '',
        facts: { attention: kind, what: `Mailbox ${mailbox}: ${says}`, commands: ['ace-onboarding mailbox status'] },
      },
    ])
    .catch((error: unknown) => {
      told.delete(kind);
      log.warn('Operations could not be told of a mailbox in trouble', { mailbox, kind, error });
    })
    .finally(() => underWay.delete(kind));
}

// Everything that goes wrong with mail is dealt with inside; what gets out is the worker's own end, and is tried again for ever.
const watcher = proxyActivities<Pick<WatcherActivities, 'watch'>>({
  startToCloseTimeout: '90 minutes',
  heartbeatTimeout: '15 seconds',
  // Never less often: each attempt ends with a worker, and the number of workers that died says nothing of the next.
  retry: { initialInterval: '1 second', backoffCoefficient: 1 },
});

/** On the mail queue, whose rate the provider sets. The claim of the message makes it one mail however often it is tried. */
const operations = () =>
  proxyActivities<Pick<MailActivities, 'sendNotice'>>({
    taskQueue: `${workflowInfo().taskQueue}-mail`,
    startToCloseTimeout: '5 minutes',
    heartbeatTimeout: '30 seconds',
    scheduleToCloseTimeout: '50 minutes',
    retry: { initialInterval: '10 seconds', maximumInterval: '10 minutes' },
  });
