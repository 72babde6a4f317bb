import fc from 'fast-check';
import { MAIL_KINDS, type MailKind, type ReceivedMail } from '../../../../src/workflows/contract/received-mail.js';
import type { DueStep, StepName, Wait } from '../../../../src/workflows/contract/waits.js';
import { type Entry, newRecord, type OnboardingRecord } from '../../../../src/workflows/record/record.js';
import { withDoubts } from '../../../support/judged-mail.js';
import { sampleApplication } from '../../application/sample.js';

/** Records of onboardings for tests. */

export const SUBMISSION = 'application.1@broker.example';
export const AT = '2026-11-25T20:03:00.000Z';

/** Thu Dec 3, 2026, 5:00 PM in New York. */
export const DUE = '2026-12-03T22:00:00.000Z';

export const step = (name: StepName, at = DUE): DueStep => ({ name, at, explanation: 'x', brief: 'x' });
/** What is due in a wait, in this order, all at the same time. */
export const clock = (wait: Wait, ...names: StepName[]): NonNullable<OnboardingRecord['clock']> => ({
  start: { wait, at: AT },
  steps: names.map((name) => step(name)),
});

/** An onboarding that sent its application and is waiting for the decision, unless overridden. */
export function record(overrides: Partial<OnboardingRecord> = {}): OnboardingRecord {
  return {
    ...newRecord(sampleApplication(), 1, AT),
    stage: 'awaiting-decision',
    waitingOn: 'cbp',
    turn: { stage: 'awaiting-decision', who: 'cbp', since: AT },
    submissions: [{ attempt: 1, messageId: SUBMISSION }],
    clock: clock('decision', 'late', 'overdue', 'weekly'),
    ...overrides,
  };
}

export const withEntries = (entries: Entry[], overrides: Partial<OnboardingRecord> = {}) =>
  record({ ...overrides, entries });

let mails = 0;

/** An email from CBP that counts without a person, unless overridden. */
export function mail(kind: MailKind, overrides: Partial<ReceivedMail> = {}): ReceivedMail {
  return withDoubts({
    mailId: `mail-${++mails}`,
    receivedAt: AT,
    mailbox: 'main',
    kind,
    confidence: 0.95,
    evidence: ['the words say so'],
    authenticity: { verdict: 'authentic', reasons: ['DKIM of cbp.dhs.gov passes'] },
    alias: 'cbp',
    from: 'ace.applications@cbp.dhs.gov',
    subject: 'RE: application',
    excerpt: 'what the sender newly wrote',
    documentSha256: 'a'.repeat(64),
    aboutMessageId: SUBMISSION,
    ...overrides,
  });
}

export const received = (one: ReceivedMail): Entry => ({ at: AT, kind: 'mail', mail: one });
export const decided = (decide: Extract<Entry, { kind: 'decide' }>['decide']): Entry => ({
  at: AT,
  kind: 'decide',
  decide,
});
export const BY = { actor: 'jo', evidence: 'ticket 4711' };

/** Any email that the watcher could report, from anyone. */
export const anyMail: fc.Arbitrary<ReceivedMail> = fc
  .record({
    kind: fc.constantFrom(...MAIL_KINDS),
    verdict: fc.constantFrom('authentic', 'unauthentic', 'undetermined' as const),
    alias: fc.constantFrom('cbp', 'client', 'none' as const),
    confidence: fc.constantFrom(0, 0.5, 0.69, 0.7, 1),
    importerNumber: fc.constantFrom(undefined, '12-345678900', '98-765432100'),
    aboutMessageId: fc.constantFrom(undefined, SUBMISSION, 'something-else@broker.example'),
    responseBusinessDays: fc.constantFrom(undefined, 5, 10),
  })
  .map(({ kind, verdict, importerNumber, aboutMessageId, responseBusinessDays, ...rest }) => {
    const { aboutMessageId: _, ...base } = mail(kind);
    return {
      ...base,
      ...rest,
      authenticity: { verdict: verdict as ReceivedMail['authenticity']['verdict'], reasons: ['as generated'] },
      ...(importerNumber ? { importerNumber } : {}),
      ...(aboutMessageId ? { aboutMessageId } : {}),
      ...(responseBusinessDays ? { responseBusinessDays } : {}),
    } as ReceivedMail;
  })
  .map(({ doubts: _, ...one }) => withDoubts(one));

/** Emails that must never count without a person. (A bounce needs no authentic sender.) */
export const untrusted: fc.Arbitrary<ReceivedMail> = anyMail.filter(
  (one) =>
    one.kind !== 'bounce' &&
    (one.authenticity.verdict !== 'authentic' ||
      one.alias === 'client' ||
      one.confidence < 0.7 ||
      one.importerNumber === '98-765432100'),
);
