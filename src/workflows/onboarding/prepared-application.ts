import type { Application } from '../../application/application.js';
import { formatIssue } from '../../application/validation-issue.js';
import type { CorrectApplication } from '../contract/messages.js';
import { type Answered, approvalOnRecord, correctionOnRecord } from '../record/policy.js';
import { preparation } from './activities.js';
import type { Onboarding } from './runtime.js';

export interface Prepared {
  /** So the application says, or somebody saw CBP's approval before anything was sent. */
  accountExists: boolean;
  applicationSha256: string;
  formSha256?: string;
}

/** Checked, claimed, filled, read back and archived. What is refused waits for a corrected application; nothing has been sent. */
export async function preparedApplication(onboarding: Onboarding): Promise<Prepared> {
  const { record } = onboarding;
  for (;;) {
    onboarding.enter('preparing', 'nobody');
    const prepared = await onboarding.perform(() =>
      preparation.prepareApplication.executeWithOptions(
        { summary: `attempt ${record.attempt}: check, claim the number, fill the form` },
        [
          {
            application: record.application,
            round: record.round,
            attempt: record.attempt,
            form: needsForm(record.application),
          },
        ],
      ),
    );
    if (prepared.kind === 'ready') {
      record.applicationSha256 = prepared.applicationSha256;
      onboarding.list(prepared.listed);
      if (prepared.form) {
        const { sha256, preview } = prepared.form;
        record.documents.push({ what: `form, attempt ${record.attempt}`, sha256 });
        if (preview) record.documents.push({ what: `picture of it, attempt ${record.attempt}`, sha256: preview });
      }
      for (const warning of prepared.warnings) onboarding.note('The application has a warning.', warning);
      return {
        accountExists: record.application.route.existingAccount === 'yes' || approvalOnRecord(record) !== undefined,
        applicationSha256: prepared.applicationSha256,
        ...(prepared.form ? { formSha256: prepared.form.sha256 } : {}),
      };
    }
    const what = prepared.complaints.map((complaint) => `- ${formatIssue(complaint)}`).join('\n');
    onboarding.enter('awaiting-correction', 'broker', `The application cannot go out as it is:\n${what}`, prepared.why);
    takeUp(onboarding, await onboarding.until(correctionOnRecord));
  }
}

/** The form goes out only by mail, and only for an importer without an account. */
function needsForm({ route }: Application): boolean {
  return route?.existingAccount === 'none' && route.channel?.kind === 'email';
}

/** Before anything was sent only the correction itself is used up: an approval that came before it still counts. */
function takeUp(onboarding: Onboarding, correction: Answered<CorrectApplication>): void {
  onboarding.record.consumed.push(correction.entry);
  onboarding.record.application = correction.application;
}
