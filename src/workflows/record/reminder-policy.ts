import type { Notice, NoticeTemplate } from '../contract/mail-activities.js';
import type { Wait } from '../contract/waits.js';
import { accessFacts } from './access-policy.js';
import type { OnboardingRecord } from './record.js';
import { submissionFacts } from './submission-policy.js';

/** What the client is reminded of in each wait, and what the reminder may say. Pure. */

export const REMINDER_OF: Partial<Record<Wait, NoticeTemplate>> = {
  'client-correction': 'correction-reminder',
  'sign-in': 'sign-in-reminder',
  grant: 'grant-reminder',
};

export function reminderFacts(template: NoticeTemplate, record: OnboardingRecord): Notice['facts'] {
  const askedOn: Notice['facts'] = record.askedOn ? { askedOn: record.askedOn } : {};
  if (template === 'ask-whether-approved') return { ...submissionFacts(record), ...askedOn };
  if (template === 'correction-reminder') return { what: record.wanted ?? '', ...askedOn };
  return accessFacts(record);
}
