import type { Outcome } from '../contract/stages.js';
import { approvalBasis } from '../record/decision-policy.js';
import type { EscalationStep } from '../record/escalation-step.js';
import { correctionOnRecord, grantOnRecord, missingAccess } from '../record/people-policy.js';
import { preparedApplication } from './prepared-application.js';
import { deadlinesByName, type Onboarding } from './runtime.js';

/** The client's account owner grants access in ACE. We instruct and remind, and trust only what the broker sees there. */
export async function waitForAccessGrant(onboarding: Onboarding): Promise<Outcome> {
  const { record } = onboarding;
  onboarding.enter('awaiting-access-grant', 'client');
  const approval = approvalBasis(record);
  instruct(onboarding, 'grant-instructions', { approval });
  for (;;) {
    const answer = await onboarding.until(
      (record) => grantOnRecord(record) ?? correctionOnRecord(record),
      grantSchedule,
    );
    onboarding.consume(answer);
    if ('application' in answer) {
      // The contact or a number changed: the client gets new instructions.
      record.application = answer.application;
      await preparedApplication(onboarding);
      onboarding.enter('awaiting-access-grant', 'client');
      instruct(onboarding, 'grant-instructions', { approval });
      continue;
    }
    const missing = missingAccess(record, answer);
    record.importerNumbersMissing = missing.numbers;
    if (missing.numbers.length === 0 && !missing.role) return await onboarding.close('access-granted');

    onboarding.enter('awaiting-access-grant', 'client', describeMissing(missing), 'grant-partial');
    const lookedOn = record.entries[answer.entry]?.at ?? new Date().toISOString();
    instruct(onboarding, 'grant-partial', { missing: missing.numbers, role: answer.role, lookedOn });
  }
}

/** Emails the client the steps, or what is missing. The broker's ACE address stays that of the first instructions. */
function instruct(
  onboarding: Onboarding,
  template: 'grant-instructions' | 'grant-partial',
  facts: Record<string, string | string[]> = {},
): void {
  onboarding.notify(template, { ...facts, ...onboarding.pinnedAddress() }, ({ grant, result }) => {
    if (!grant) return;
    onboarding.record.brokerAceEmail ??= grant.brokerAceEmail;
    const at = result.kind === 'accepted' ? result.at : new Date().toISOString();
    if (result.kind === 'accepted') onboarding.record.instructedOn = result.at;
    onboarding.startClock({ kind: 'grant', at }, deadlinesByName(grant.deadlines));
  });
}

function describeMissing(missing: { numbers: string[]; role: boolean }): string {
  const parts = [
    missing.numbers.length > 0 ? `importer numbers not seen: ${missing.numbers.join(', ')}` : '',
    missing.role ? 'the role is not Full Access' : '',
  ];
  return `The grant is incomplete: ${parts.filter((part) => part !== '').join('; ')}.`;
}

const ORDINALS = ['first', 'second', 'third', 'fourth', 'fifth'];

function reminder(deadline: `reminder-${number}`, index: number): EscalationStep<Onboarding> {
  return {
    deadline,
    description: `${ORDINALS[index] ?? 'another'} reminder to the client`,
    act(onboarding) {
      const { instructedOn } = onboarding.record;
      onboarding.notify('grant-reminder', { ...onboarding.pinnedAddress(), ...(instructedOn ? { instructedOn } : {}) });
    },
  };
}

const clientSilent: EscalationStep<Onboarding> = {
  deadline: 'silent',
  description: 'operations is notified that the client has not responded',
  escalates: true,
  act(onboarding) {
    onboarding.addAttention('client-silent');
    onboarding.notify('operations-client-silent', onboarding.dueFact('silent'));
  },
};

const parked: EscalationStep<Onboarding> = {
  deadline: 'parked',
  description: 'the case is parked with the broker',
  act(onboarding) {
    onboarding.addAttention('parked', 'broker');
  },
};

/** Up to twelve reminders. Steps without a deadline in the record are skipped. */
const grantSchedule: EscalationStep<Onboarding>[] = [
  ...Array.from({ length: 12 }, (_, index) => reminder(`reminder-${index + 1}`, index)),
  clientSilent,
  parked,
];
