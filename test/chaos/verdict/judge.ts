import type { DotFault } from '../world/dot-proxy.js';

/** What was found after a run, from outside: in the mail server's log, mailboxes, Temporal's list, the archive. */
export interface Facts {
  cases: CaseFacts[];
  /** Emails to CBP's mailbox that the mail server accepted, by its own message id. */
  acceptedForCbp: string[];
  /** Emails in CBP's mailbox: the mail server's message id, and the reference in the name of the attached form. */
  inCbpMailbox: { serverId: string; reference: string | undefined }[];
  /** Notices in the mailboxes of account owners and of the broker's people. */
  notices: { serverId: string; to: string; name: string; template: string; reference: string }[];
  /** Emails from people to the broker, by their own Message-ID, that the mail server accepted. */
  sentToBroker: string[];
  /** Message-IDs in the folders of the broker's mailbox. */
  brokerFolders: { inbox: string[]; processed: string[]; review: string[] };
  /** Envelopes that the mail server has not delivered. */
  queued: number;
  /** Names of documents that no record names. */
  orphans: string[];
  failedTasks: { workflowId: string; cause: string; message: string }[];
  /** What a forgotten case left. */
  left: string[];
  dotFaults: Record<DotFault, number>;
  /** How often each fault at the final dot had to happen. */
  dotFaultsWanted: number;
}

export interface CaseFacts {
  reference: string;
  /** As the starts were answered. */
  started: string[];
  /** In Temporal's list; undefined: not there. */
  status: 'running' | 'closed' | 'failed' | undefined;
  stage: string | undefined;
  outcome: string | undefined;
  /** Why the last thing that people tried for it failed. */
  refusal?: string | undefined;
}

export type ViolationKind =
  | 'duplicate'
  | 'lost'
  | 'stuck'
  | 'failed'
  | 'orphan'
  | 'failed-task'
  | 'not-forgotten'
  | 'not-tested';

export interface Violation {
  kind: ViolationKind;
  what: string;
}

/** The one cause of a failed workflow task that is no defect: something arrived while the task was completed. */
const ALLOWED_CAUSE = 'UNHANDLED_COMMAND';

/** Everything in the facts that the product promises will not happen. */
export function judge(facts: Facts): Violation[] {
  return [
    ...facts.cases.flatMap((one) => [...ofStart(one), ...ofEnd(one), ...ofApplications(one, facts)]),
    ...ofMailServer(facts),
    ...ofNotices(facts),
    ...ofBrokersMailbox(facts),
    ...facts.orphans.map((name) => violation('orphan', `document ${name} has no owner`)),
    ...facts.failedTasks
      .filter(({ cause }) => cause !== ALLOWED_CAUSE)
      .map(({ workflowId, cause, message }) => violation('failed-task', `${workflowId}: ${cause} ${message}`)),
    ...facts.left.map((what) => violation('not-forgotten', what)),
    ...Object.entries(facts.dotFaults)
      .filter(([, count]) => count < facts.dotFaultsWanted)
      .map(([fault, count]) =>
        violation('not-tested', `"${fault}" happened ${count} times at the final dot, not ${facts.dotFaultsWanted}`),
      ),
  ];
}

const violation = (kind: ViolationKind, what: string): Violation => ({ kind, what });

function ofStart({ reference, started }: CaseFacts): Violation[] {
  const first = started.filter((answer) => answer === 'started').length;
  if (started.length === 0) return [violation('lost', `${reference}: no start was answered`)];
  // The answer may be lost, and the next one then says `running`.
  return first > 1 ? [violation('duplicate', `${reference}: ${first} starts were answered "started"`)] : [];
}

function ofEnd({ reference, status, stage, outcome, refusal }: CaseFacts): Violation[] {
  if (status === undefined) return [violation('lost', `${reference}: not in the list`)];
  if (status === 'failed') return [violation('failed', `${reference}: the workflow failed`)];
  if (status === 'running')
    return [
      violation(
        'stuck',
        `${reference}: still in ${stage ?? 'no stage'}${refusal ? `; people were told: ${refusal}` : ''}`,
      ),
    ];
  return outcome === 'access-granted' ? [] : [violation('stuck', `${reference}: closed with ${outcome}`)];
}

function ofApplications({ reference }: CaseFacts, { inCbpMailbox }: Facts): Violation[] {
  const mine = inCbpMailbox.filter((mail) => mail.reference === reference.toLowerCase());
  // The same message twice is the mail server's doing.
  const serverIds = new Set(mine.map(({ serverId }) => serverId));
  if (serverIds.size === 0) return [violation('lost', `${reference}: CBP has no application`)];
  return serverIds.size === 1
    ? []
    : [violation('duplicate', `${reference}: CBP has ${serverIds.size} applications (${[...serverIds].join(', ')})`)];
}

function ofMailServer({ acceptedForCbp, inCbpMailbox, queued }: Facts): Violation[] {
  const there = new Set(inCbpMailbox.map(({ serverId }) => serverId));
  return [
    ...[...new Set(acceptedForCbp)]
      .filter((serverId) => !there.has(serverId))
      .map((serverId) => violation('lost', `message ${serverId} was accepted for CBP and is not in its mailbox`)),
    ...inCbpMailbox
      .filter((mail) => mail.reference === undefined)
      .map(({ serverId }) => violation('lost', `message ${serverId} in CBP's mailbox is nobody's application`)),
    ...(queued === 0 ? [] : [violation('stuck', `${queued} emails are still in the mail server's queue`)]),
  ];
}

/** Of these a client gets one, however often it was composed. */
const ONCE = 'grant-instructions';

function ofNotices({ notices }: Facts): Violation[] {
  const seen = new Map<string, Set<string>>();
  for (const { serverId, to, name, template, reference } of notices) {
    const what = template === ONCE ? `${template} for ${reference}` : `${template} ${name} for ${reference}`;
    const key = `${what} to ${to}`;
    seen.set(key, (seen.get(key) ?? new Set()).add(serverId));
  }
  return [...seen]
    .filter(([, serverIds]) => serverIds.size > 1)
    .map(([what, serverIds]) => violation('duplicate', `${what} went out ${serverIds.size} times`));
}

function ofBrokersMailbox({ sentToBroker, brokerFolders }: Facts): Violation[] {
  const settled = new Set([...brokerFolders.processed, ...brokerFolders.review]);
  return [
    ...brokerFolders.inbox.map((id) => violation('stuck', `<${id}> is still in the inbox`)),
    ...sentToBroker
      .filter((id) => !settled.has(id) && !brokerFolders.inbox.includes(id))
      .map((id) => violation('lost', `<${id}> is neither in Processed nor in Review`)),
  ];
}
