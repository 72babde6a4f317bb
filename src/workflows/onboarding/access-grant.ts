import type { Outcome } from '../contract/stages.js';
import type { EscalationStep } from '../record/escalation-step.js';
import { correctionOnRecord, grantOnRecord, missingAccess } from '../record/policy.js';
import { preparedApplication } from './prepared-application.js';
import { named, type Onboarding } from './runtime.js';

/** The client's account owner clicks; we instruct, remind, and believe only what the broker sees in ACE. */
export async function accessGranted(onboarding: Onboarding): Promise<Outcome> {
  const { record } = onboarding;
  onboarding.enter('awaiting-access-grant', 'client');
  instruct(onboarding, 'grant-instructions');
  for (;;) {
    const answer = await onboarding.until((all) => grantOnRecord(all) ?? correctionOnRecord(all), grantSchedule);
    onboarding.take(answer);
    if ('application' in answer) {
      // Another contact, or another number: the client gets the instructions anew.
      record.application = answer.application;
      await preparedApplication(onboarding);
      onboarding.enter('awaiting-access-grant', 'client');
      instruct(onboarding, 'grant-instructions');
      continue;
    }
    const missing = missingAccess(record, answer);
    record.importerNumbersMissing = missing.numbers;
    if (missing.numbers.length === 0 && !missing.role) return await onboarding.close('access-granted');

    onboarding.enter('awaiting-access-grant', 'client', saidMissing(missing), 'grant-partial');
    instruct(onboarding, 'grant-partial', { missing: missing.numbers, role: answer.role });
  }
}

/** The clicks, or what is missing of them, by mail; the broker's ACE address is the one of the first instructions. */
function instruct(
  onboarding: Onboarding,
  template: 'grant-instructions' | 'grant-partial',
  facts: Record<string, string | string[]> = {},
): void {
  onboarding.notify(template, { ...facts, ...onboarding.pinnedAddress() }, ({ grant, result }) => {
    if (!grant) return;
    onboarding.record.brokerAceEmail ??= grant.brokerAceEmail;
    const at = result.kind === 'accepted' ? result.at : new Date().toISOString();
    onboarding.startClock({ kind: 'grant', at }, named(grant.deadlines));
  });
}

function saidMissing(missing: { numbers: string[]; role: boolean }): string {
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
    say: `${ORDINALS[index] ?? 'another'} reminder to the client`,
    act(onboarding) {
      onboarding.notify('grant-reminder', onboarding.pinnedAddress());
    },
  };
}

const clientSilent: EscalationStep<Onboarding> = {
  deadline: 'silent',
  say: 'operations are told that the client is silent',
  escalates: true,
  act(onboarding) {
    onboarding.raise('client-silent');
    onboarding.notify('operations-client-silent', {});
  },
};

const parked: EscalationStep<Onboarding> = {
  deadline: 'parked',
  say: 'parked with the broker',
  act(onboarding) {
    onboarding.raise('parked', 'broker');
  },
};

/** The reminders that the policy asks for, at most as many as here; what has no deadline is no step. */
const grantSchedule: EscalationStep<Onboarding>[] = [
  ...Array.from({ length: 12 }, (_, index) => reminder(`reminder-${index + 1}`, index)),
  clientSilent,
  parked,
];
