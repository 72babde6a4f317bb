import { formatIssue } from '../../application/validation-issue.js';
import type { Preparation } from '../contract/application-activities.js';
import type { CorrectApplication } from '../contract/messages.js';
import type { Attention } from '../contract/progress.js';
import type { OnboardingRecord } from '../record/record.js';
import { prepareApplication } from './activities.js';

/** The onboarding, as far as a change in place needs it. */
interface Changed {
  record: OnboardingRecord;
  perform<T>(work: () => Promise<T>): Promise<T>;
  addAttention(attention: Attention): void;
  note(brief: string, details?: string): void;
  usePreparation(prepared: Extract<Preparation, { kind: 'ready' }>): void;
}

/**
 * Changes what is on record, once it has been checked. Nothing goes to CBP or to the client.
 * @returns whether it passed the checks
 */
export async function changeInPlace(onboarding: Changed, { application }: CorrectApplication): Promise<boolean> {
  const { record } = onboarding;
  const { round, attempt } = record;
  const { handler } = record.application;
  const order = { application, round, attempt, form: false };
  const summary = 'check the changed application';
  record.changing = true;
  const prepared = await onboarding
    .perform(() => prepareApplication(order, summary))
    .finally(() => {
      record.changing = false;
    });
  if (prepared.kind === 'refused') {
    onboarding.addAttention('application-refused');
    onboarding.note('The change was refused, and nothing was changed.', prepared.complaints.map(formatIssue).join(' '));
    return false;
  }
  // The case may have been handed over meanwhile.
  const after = record.application.handler;
  record.application = after !== undefined && after !== handler ? { ...application, handler: after } : application;
  onboarding.usePreparation(prepared);
  record.stageAttention = record.stageAttention.filter((reason) => reason !== 'application-refused');
  return true;
}
