import type { Application } from '../../application/application.js';
import { formatIssue } from '../../application/validation-issue.js';
import type { CorrectApplication } from '../contract/messages.js';
import { approvalOnRecord } from '../record/decision-policy.js';
import { correctionOnRecord } from '../record/people-policy.js';
import type { Answered } from '../record/record.js';
import { prepareApplication } from './activities.js';
import type { Onboarding } from './runtime.js';

export interface Prepared {
  /** Because the application says so, or someone saw CBP's approval before anything was sent. */
  accountExists: boolean;
  /** The index of the entry that says so. */
  approval?: number;
  applicationSha256: string;
  formSha256?: string;
}

/**
 * Checks the application, claims its numbers, and fills and archives the form. If refused, waits for a corrected one.
 * @param approved CBP has approved already: no form is needed
 */
export async function preparedApplication(onboarding: Onboarding, approved = false): Promise<Prepared> {
  const { record } = onboarding;
  for (;;) {
    onboarding.enter('preparing', 'nobody');
    onboarding.clock.startWork();
    const prepared = await onboarding.perform(() =>
      prepareApplication(
        {
          application: record.application,
          round: record.round,
          attempt: record.attempt,
          form: !approved && needsForm(record.application),
        },
        `attempt ${record.attempt}: check the application, claim the number, fill the form`,
      ),
    );
    if (prepared.kind === 'ready') {
      onboarding.usePreparation(prepared);
      if (prepared.form) {
        const { sha256, preview } = prepared.form;
        record.documents.push({ what: `form, attempt ${record.attempt}`, sha256 });
        if (preview) record.documents.push({ what: `picture of the form, attempt ${record.attempt}`, sha256: preview });
      }
      const approval = approvalOnRecord(record)?.entry;
      return {
        accountExists: approved || record.application.route.existingAccount === 'yes' || approval !== undefined,
        ...(approval === undefined ? {} : { approval }),
        applicationSha256: prepared.applicationSha256,
        ...(prepared.form ? { formSha256: prepared.form.sha256 } : {}),
      };
    }
    const what = prepared.complaints.map((issue) => `- ${formatIssue(issue)}`).join('\n');
    onboarding.enter('awaiting-correction', 'broker', `The application can't be sent as it is:\n${what}`, prepared.why);
    await onboarding.perform(() => onboarding.clock.begin('task'));
    useCorrection(onboarding, await onboarding.until(correctionOnRecord));
  }
}

/** The form goes out only by email, and only for an importer without an account. */
function needsForm({ route }: Application): boolean {
  return route?.existingAccount === 'none' && route.channel?.kind === 'email';
}

/** Uses only the correction, because nothing has been sent yet: an approval that came before it still counts. */
function useCorrection(onboarding: Onboarding, correction: Answered<CorrectApplication>): void {
  onboarding.record.consumed.push(correction.entry);
  onboarding.record.application = correction.application;
}
