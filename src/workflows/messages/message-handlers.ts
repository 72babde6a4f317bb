import type { UpdateDefinition } from '@temporalio/common';
import { ApplicationFailure, setHandler } from '@temporalio/workflow';
import { longDayAndTime } from '../../calendar/format.js';
import { overLimit } from '../contract/limits.js';
import * as messages from '../contract/messages.js';
import type { Progress } from '../contract/progress.js';
import type { ReceivedMail } from '../contract/received-mail.js';
import { changesOf } from '../record/correction-policy.js';
import { closingOnRecord, isRevoked } from '../record/people-policy.js';
import { type Entry, type OnboardingRecord, recordMail } from '../record/record.js';
import * as after from './consequences.js';
import { DESCRIPTIONS } from './descriptions.js';
import {
  checkCall,
  checkHandOver,
  checkMessage,
  checkNote,
  checkProblem,
  checkSnooze,
  checkStatement,
} from './small-act-validators.js';
import {
  checkAccess,
  checkCorrection,
  checkDeadline,
  checkDecide,
  checkDismissal,
  checkSettlement,
  checkWithdrawal,
} from './update-validators.js';
import { usableApproval, usableMail } from './usable-signals.js';

/** The onboarding, as the message handlers see it. */
export interface MessageTarget {
  record: OnboardingRecord;
  progress(): Progress;
  append(entry: Entry): void;
  /** Call it after changing the record without `append`. */
  recorded(): void;
  note(by: string, text: string): void;
  /** A signal arrived with an unusable payload. */
  ignored(signal: string): void;
  /** The client sent sign-in data, and will do it again unless told not to. */
  credentialsForwarded(): void;
}

/** Registers the handlers of all signals, updates and the query. Handlers only add to the record. */
export function handleMessages(target: MessageTarget): void {
  const { record } = target;
  setHandler(messages.progress, () => target.progress(), { description: DESCRIPTIONS.progress });

  setHandler(
    messages.mailReceived,
    (input) => {
      const mail = usableMail(input);
      if (!mail) return target.ignored('mailReceived');
      if (!recordMail(record, mail, now())) return;
      if (mustWarn(mail, record)) target.credentialsForwarded();
      target.recorded();
    },
    { description: DESCRIPTIONS.mailReceived },
  );
  setHandler(
    messages.approvalArrived,
    (input) => {
      const approval = usableApproval(input);
      if (!approval) return target.ignored('approvalArrived');
      target.append({ kind: 'approval', approval, at: now() });
      target.note(approval.actor, `${approval.source} reports that CBP approved. Evidence: ${approval.evidence}`);
    },
    { description: DESCRIPTIONS.approvalArrived },
  );

  handleUpdate(target, messages.decide, {
    check: checkDecide,
    entry: (decide) => ({ kind: 'decide', decide }),
    summary: ({ decision }) => DECIDED[decision],
    next: after.afterDecision,
    note: (decide) => `Decided: ${decide.decision}${verified(decide)}. Evidence: ${decide.evidence}`,
  });
  handleUpdate(target, messages.correctApplication, {
    check: checkCorrection,
    entry: (correct) => ({ kind: 'correct', correct }),
    summary: ({ because }) => (because === 'form-5106' ? 'the Form 5106 comes first' : 'corrected application'),
    next: after.afterCorrection,
    note: ({ reason, because }, changed) =>
      `${because === 'form-5106' ? 'Asked for a correction' : 'Corrected the application'} (${[...(because ? [because] : []), changed.join(', ') || 'nothing changed'].join('; ')}): ${reason}`,
  });
  handleUpdate(target, messages.settleSubmission, {
    check: checkSettlement,
    entry: (settle) => ({ kind: 'settle', settle }),
    summary: ({ outcome }) => (outcome === 'sent' ? 'CBP has the application' : 'the application was not sent'),
    next: after.afterSettlement,
    note: (settle) =>
      `Settled the submission: ${settle.outcome}${settle.outcome === 'sent' ? `, ${longDayAndTime(new Date(settle.at))}` : ''}. Evidence: ${settle.evidence}`,
  });
  handleUpdate(target, messages.confirmAccessGranted, {
    check: checkAccess,
    entry: (grant) => ({ kind: 'grant', grant }),
    summary: ({ importerNumbers, role, roles }) =>
      importerNumbers.length === 0
        ? 'nothing visible in ACE'
        : `${counted(importerNumbers.length)} visible in ACE, ${roles ? 'with different roles' : `role ${role}`}`,
    next: after.afterLook,
    note: (grant) => `${lookNoted(grant)}. Evidence: ${grant.evidence}`,
  });
  handleUpdate(target, messages.changeDeadline, {
    check: checkDeadline,
    entry: (change) => ({ kind: 'deadline', change }),
    summary: (change) => ('recompute' in change ? 'deadlines to recalculate' : `new deadline "${change.deadline}"`),
    next: after.afterDeadlineChange,
  });
  handleUpdate(target, messages.dismissMail, {
    check: checkDismissal,
    entry: (dismiss) => ({ kind: 'dismiss', dismiss }),
    summary: () => 'email dismissed',
    next: () => 'It needs no one any more.',
    note: ({ reason, mailId }) => `Dismissed email ${mailId}: ${reason}`,
  });
  handleUpdate(target, messages.withdraw, {
    check: checkWithdrawal,
    entry: (withdraw) => ({ kind: 'withdraw', withdraw }),
    summary: () => 'withdrawn',
    next: after.afterWithdrawal,
    note: ({ reason, because = 'client-withdraws' }) => `Withdrew (${because}): ${reason}`,
  });
  handleUpdate(target, messages.handOver, {
    check: checkHandOver,
    entry: (handOver) => ({ kind: 'hand-over', handOver }),
    summary: ({ handler }) => `handed over to ${handler}`,
    next: () =>
      "Its tasks are in that person's digest, and emails to the client are signed with that name, if the address book has it. Otherwise operations gets the tasks. No one is emailed.",
    note: ({ handler, reason }) => `Handed over to ${handler}: ${reason}`,
  });
  handleUpdate(target, messages.addNote, {
    check: checkNote,
    entry: (added) => ({ kind: 'note', note: added }),
    summary: () => 'note',
    next: () => 'Nothing else changes.',
    note: ({ text }) => text,
  });
  handleUpdate(target, messages.snooze, {
    check: checkSnooze,
    entry: (snooze) => ({ kind: 'snooze', snooze }),
    summary: ({ until }) => `snoozed until ${until}`,
    next: after.afterSnooze,
    note: ({ until, reason }) => `Snoozed until ${until}: ${reason}`,
  });
  handleUpdate(target, messages.logCall, {
    check: checkCall,
    entry: (call) => ({ kind: 'call', call }),
    summary: (call) => `call with ${call.with === 'cbp' ? 'CBP' : 'the client'}`,
    next: after.afterCall,
    note: (call) =>
      `Call with ${call.with === 'cbp' ? 'CBP' : 'the client'}, ${call.who}${call.ticket ? `, ticket ${call.ticket}` : ''}: ${call.said}${call.chaseOn ? ` (to follow up on ${call.chaseOn})` : ''}`,
  });
  handleUpdate(target, messages.recordStatement, {
    check: checkStatement,
    entry: (statement) => ({ kind: 'statement', statement }),
    summary: ({ says }) => `the client says: ${SAID[says]}`,
    next: after.afterStatement,
    note: ({ says, on, evidence }) => `The client says: ${SAID[says]}${on ? `, on ${on}` : ''}. Evidence: ${evidence}`,
  });
  handleUpdate(target, messages.reportProblem, {
    check: checkProblem,
    entry: (problem) => ({ kind: 'problem', problem }),
    summary: ({ problem }) => `problem ${problem}`,
    next: after.afterProblem,
    note: ({ problem, evidence }) => `Problem: ${problem}. Evidence: ${evidence}`,
  });
  handleUpdate(target, messages.sendMessage, {
    check: checkMessage,
    entry: (message) => ({ kind: 'message', message }),
    summary: ({ to }) => `message to ${to === 'cbp' ? 'CBP' : 'the client'}`,
    next: after.afterMessage,
    note: ({ to, text, ticket }) =>
      `Wrote to ${to === 'cbp' ? 'CBP' : 'the client'}${ticket ? `, ticket ${ticket}` : ''}: ${text}`,
  });
}

/** A client that sends sign-in data is told at most once a day never to do that, and no machine is. */
function mustWarn({ credentials, alias, kind, receivedAt }: ReceivedMail, record: OnboardingRecord): boolean {
  const day = receivedAt.slice(0, 10);
  if (!credentials || alias !== 'client' || kind !== 'client-reply' || record.warnedOn === day) return false;
  record.warnedOn = day;
  return true;
}

const SAID: Record<messages.ClientStatement, string> = {
  'mail-came': "CBP's account email came",
  'no-mail': "CBP's account email has not come",
  'signed-in': 'signed in to ACE',
  'user-added': 'our user was added',
};

function verified(decide: messages.Decide): string {
  const facts = [
    'verification' in decide ? decide.verification : undefined,
    'mailedOn' in decide && decide.mailedOn ? `CBP's email of ${decide.mailedOn}` : undefined,
    'next' in decide ? `next: ${decide.next}` : undefined,
    'waitingOn' in decide ? `waiting on the ${decide.waitingOn}` : undefined,
    'work' in decide ? decide.work : undefined,
    'what' in decide ? decide.what : undefined,
  ].filter((fact) => fact !== undefined);
  return facts.length > 0 ? ` (${facts.join('; ')})` : '';
}

function lookNoted({ importerNumbers, role, roles, topAccount, acceptRole }: messages.ConfirmAccessGranted): string {
  if (importerNumbers.length === 0) return 'Looked in ACE and saw none of the importer numbers';
  const others = Object.entries(roles ?? {}).map(([number, other]) => `${number}: ${other}`);
  return [
    `Saw in ACE ${importerNumbers.join(', ')}, role ${role}`,
    ...others,
    ...(topAccount ? [`${topAccount} top account`] : []),
    ...(acceptRole ? ['the narrower role is enough for us'] : []),
  ].join('; ');
}

const DECIDED: Record<messages.Decide['decision'], string> = {
  approved: 'approved',
  'already-registered': 'already registered',
  'correction-needed': 'correction needed',
  rejected: 'rejected',
  abandoned: 'abandoned',
};

/** How one update is validated, recorded and answered. */
interface UpdateHandling<M> {
  /** @returns the problem and its remedy, or undefined. Synchronous, because an update validator must be. */
  check(input: unknown, record: OnboardingRecord): string | undefined;
  entry(message: M): DistributiveOmit<Entry, 'at'>;
  /** What was recorded, in a few words for the person who sent it. */
  summary(message: M): string;
  /** What happens now. Asked before the message is on record. */
  next(message: M, record: OnboardingRecord): string;
  /** For the list of notes, with every fact. Absent if the workflow writes its own. */
  note?(message: M, changed: string[]): string;
}

function handleUpdate<M extends { actor: string }>(
  { record, append, note }: MessageTarget,
  definition: UpdateDefinition<messages.Answer, [M]>,
  handling: UpdateHandling<M>,
): void {
  const handler = (message: M): messages.Answer => {
    const next = handling.next(message, record);
    const changed = 'application' in message ? changesOf(record, message as never) : [];
    append({ ...handling.entry(message), at: now() } as Entry);
    if (handling.note) note(message.actor, handling.note(message, changed));
    return { said: `Recorded: ${handling.summary(message)} (${message.actor}). ${next}`, stage: record.stage };
  };
  const validator = (input: unknown): void => {
    const ending = record.outcome !== undefined || closingOnRecord(record) !== undefined;
    const problem = ending
      ? 'This onboarding is closing and accepts no more messages.'
      : (overLimit(input) ??
        whileRevoked(definition.name, record) ??
        handling.check(input, record) ??
        (isRepeated(handling.entry(input as M), record) ? REPEATED : undefined));
    if (problem) throw ApplicationFailure.nonRetryable(problem, 'refused');
  };
  setHandler(definition, handler, {
    validator,
    description: DESCRIPTIONS[definition.name as keyof typeof DESCRIPTIONS],
  });
}

/** Someone has pressed a button twice, or two people did the same: an email would go out twice. */
function isRepeated(entry: DistributiveOmit<Entry, 'at'>, { entries }: OnboardingRecord): boolean {
  const last = entries.at(-1);
  if (!last || Date.parse(last.at) < Date.now() - REPEATED_WITHIN_MS) return false;
  const { at: _, ...before } = last;
  return JSON.stringify(before) === JSON.stringify(entry);
}
const REPEATED_WITHIN_MS = 5 * 60_000;
const REPEATED = 'Exactly this was recorded a moment ago. If it is meant a second time, wait five minutes.';

/** Our authority has ended: only what does not act for the client. */
function whileRevoked(message: string, record: OnboardingRecord): string | undefined {
  if (AFTER_REVOCATION.includes(message) || !isRevoked(record)) return undefined;
  return 'The power of attorney was revoked, so we do not act for this client any more. Once ACE shows us nothing, use confirmAccessGranted with an empty importerNumbers.';
}
const AFTER_REVOCATION = [
  'confirmAccessGranted',
  'dismissMail',
  'addNote',
  'logCall',
  'handOver',
  'snooze',
  'sendMessage',
  'changeDeadline',
];

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

function counted(numbers: number): string {
  return `${numbers} importer number${numbers === 1 ? '' : 's'}`;
}

function now(): string {
  return new Date().toISOString();
}
