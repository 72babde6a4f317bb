import type { UpdateDefinition } from '@temporalio/common';
import { ApplicationFailure, setHandler } from '@temporalio/workflow';
import { overLimit } from '../contract/limits.js';
import * as messages from '../contract/messages.js';
import type { Progress } from '../contract/progress.js';
import { closingOnRecord } from '../record/people-policy.js';
import { type Entry, type OnboardingRecord, recordMail } from '../record/record.js';
import { DESCRIPTIONS } from '../view/descriptions.js';
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
      if (mail.credentials && mail.alias === 'client') target.credentialsForwarded();
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
    note: ({ decision, evidence }) => `Decided: ${decision}. Evidence: ${evidence}`,
  });
  handleUpdate(target, messages.correctApplication, {
    check: checkCorrection,
    entry: (correct) => ({ kind: 'correct', correct }),
    summary: () => 'corrected application',
    note: ({ reason }) => `Corrected the application: ${reason}`,
  });
  handleUpdate(target, messages.settleSubmission, {
    check: checkSettlement,
    entry: (settle) => ({ kind: 'settle', settle }),
    summary: ({ outcome }) => (outcome === 'sent' ? 'CBP has the application' : 'the application was not sent'),
    note: ({ outcome, evidence }) => `Settled the submission: ${outcome}. Evidence: ${evidence}`,
  });
  handleUpdate(target, messages.confirmAccessGranted, {
    check: checkAccess,
    entry: (grant) => ({ kind: 'grant', grant }),
    summary: ({ importerNumbers, role }) => `${counted(importerNumbers.length)} visible in ACE, role ${role}`,
    note: ({ importerNumbers, role, evidence }) =>
      `Sees ${counted(importerNumbers.length)} in ACE, role ${role}. Evidence: ${evidence}`,
  });
  handleUpdate(target, messages.changeDeadline, {
    check: checkDeadline,
    entry: (change) => ({ kind: 'deadline', change }),
    summary: (change) => ('recompute' in change ? 'deadlines to recalculate' : `new deadline "${change.deadline}"`),
  });
  handleUpdate(target, messages.dismissMail, {
    check: checkDismissal,
    entry: (dismiss) => ({ kind: 'dismiss', dismiss }),
    summary: () => 'email dismissed',
    note: ({ reason }) => `Dismissed an email: ${reason}`,
  });
  handleUpdate(target, messages.withdraw, {
    check: checkWithdrawal,
    entry: (withdraw) => ({ kind: 'withdraw', withdraw }),
    summary: () => 'withdrawn',
    note: ({ reason }) => `Withdrew: ${reason}`,
  });
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
  /** For the list of notes. Absent if the workflow writes its own. */
  note?(message: M): string;
}

function handleUpdate<M extends { actor: string }>(
  { record, append, note }: MessageTarget,
  definition: UpdateDefinition<messages.Answer, [M]>,
  handling: UpdateHandling<M>,
): void {
  const handler = (message: M): messages.Answer => {
    append({ ...handling.entry(message), at: now() } as Entry);
    if (handling.note) note(message.actor, handling.note(message));
    return { said: `Recorded: ${handling.summary(message)} (${message.actor}).`, stage: record.stage };
  };
  const validator = (input: unknown): void => {
    const ending = record.outcome !== undefined || closingOnRecord(record) !== undefined;
    const problem = ending
      ? 'This onboarding is closing and accepts no more messages.'
      : (overLimit(input) ?? handling.check(input, record));
    if (problem) throw ApplicationFailure.nonRetryable(problem, 'refused');
  };
  setHandler(definition, handler, {
    validator,
    description: DESCRIPTIONS[definition.name as keyof typeof DESCRIPTIONS],
  });
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

function counted(numbers: number): string {
  return `${numbers} importer number${numbers === 1 ? '' : 's'}`;
}

function now(): string {
  return new Date().toISOString();
}
