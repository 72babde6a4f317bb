import { describe, expect, test } from 'vitest';
import type { PlainAnswer, ReceivedMail } from '../../../../src/workflows/contract/received-mail.js';
import { accessNews } from '../../../../src/workflows/record/access-policy.js';
import { approvalBasis, approvalOnRecord, decisionOnRecord } from '../../../../src/workflows/record/decision-policy.js';
import type { Entry, OnboardingRecord } from '../../../../src/workflows/record/record.js';
import { hasUnhandledReply, messagesForReview } from '../../../../src/workflows/record/review-policy.js';
import { statementIn } from '../../../../src/workflows/record/statement-policy.js';
import { sampleApplication } from '../../application/sample.js';
import { AT, mail, received, withEntries } from '../onboarding/records.js';

const QUESTION = 'question@broker.example';
const INSTRUCTIONS = 'instructions@broker.example';
const ASKED: Partial<OnboardingRecord> = { answerable: { question: [QUESTION], instructions: [INSTRUCTIONS] } };

/** What a mail program makes of a word: not signed by anyone that we know. */
const reply = (answer: PlainAnswer, overrides: Partial<ReceivedMail> = {}) =>
  mail('client-reply', {
    ...{ alias: 'client', from: sampleApplication().accountOwner.email, aboutMessageId: QUESTION },
    ...{ authenticity: { verdict: 'unauthentic', reasons: [] }, answers: { en: answer }, confidence: 1 },
    ...overrides,
  });
const recordOf = (one: ReceivedMail, overrides: Partial<OnboardingRecord> = {}) =>
  withEntries([received(one)], { ...ASKED, ...overrides });
const reviewed = (one: OnboardingRecord) => messagesForReview(one).map(({ why }) => why);

describe('a plain yes to "did CBP’s email come?"', () => {
  test('leads to the instructions, as what the client said, and needs no one', () => {
    const one = recordOf(reply('yes'));
    expect(decisionOnRecord(one)).toMatchObject({ kind: 'approved', entry: 0 });
    expect(approvalBasis(one, 0)).toBe('client-stated');
    expect(reviewed(one)).toEqual([]);
    expect(hasUnhandledReply(one)).toBe(false);
  });

  test('counts from the owner’s address in any case, as the application has it', () => {
    const application = sampleApplication();
    application.accountOwner.email = 'Bo.Park@Maple.example';
    expect(decisionOnRecord(recordOf(reply('yes'), { application }))?.kind).toBe('approved');
  });

  const { aboutMessageId: _, ...unthreaded } = reply('yes');
  const { answers: __, ...inOtherWords } = reply('yes');
  test.each<[string, ReceivedMail]>([
    ['from another address', reply('yes', { from: 'colleague@maple.example' })],
    ['to CBP’s alias', reply('yes', { alias: 'cbp' })],
    ['to no alias of ours', reply('yes', { alias: 'none' })],
    ['to another email of ours', reply('yes', { aboutMessageId: INSTRUCTIONS })],
    ['to an email of another case', reply('yes', { aboutMessageId: 'of-another@broker.example' })],
    ['outside any thread', unthreaded as ReceivedMail],
    ['with sign-in data', reply('yes', { credentials: true })],
    ['that asks for secrets', reply('yes', { doubts: ['asks-for-secrets'] })],
    ['in another language than the client’s', reply('yes', { answers: { es: 'yes' } })],
    ['in more than a word', inOtherWords as ReceivedMail],
  ])('moves nothing %s, and waits for a person', (_, one) => {
    const waiting = recordOf(one);
    expect(decisionOnRecord(waiting)).toBeUndefined();
    expect(approvalOnRecord(waiting)).toBeUndefined();
    expect(reviewed(waiting)).toEqual(['mail-to-review']);
  });

  test('counts in Spanish for a client who writes Spanish, and then not in English', () => {
    const application = { ...sampleApplication(), language: 'es' };
    expect(decisionOnRecord(recordOf(reply('yes', { answers: { es: 'yes' } }), { application }))?.kind).toBe(
      'approved',
    );
    expect(decisionOnRecord(recordOf(reply('yes'), { application }))).toBeUndefined();
  });

  test.each(['refused', 'already-registered'] as const)('moves nothing once CBP has sent a letter: %s', (kind) => {
    for (const mails of [
      [mail(kind), reply('yes')],
      [reply('yes'), mail(kind)],
    ])
      expect(decisionOnRecord(withEntries(mails.map(received), ASKED))).toBeUndefined();
  });

  test('moves nothing while a correction is awaited, because CBP asked for something: a person reads it', () => {
    const one = recordOf(reply('yes'), { stage: 'awaiting-correction' });
    expect(approvalOnRecord(one)).toBeUndefined();
    expect(reviewed(one)).toEqual(['mail-to-review']);
    expect(hasUnhandledReply(one)).toBe(true);
  });
});

test('a plain no changes nothing, and needs no one', () => {
  const one = recordOf(reply('no'));
  expect(decisionOnRecord(one)).toBeUndefined();
  expect(reviewed(one)).toEqual([]);
  expect(hasUnhandledReply(one)).toBe(false);
});

test('"done" says that our user was added only as an answer to the instructions', () => {
  const granting = { stage: 'awaiting-access-grant' } as const;
  const done = recordOf(reply('done', { aboutMessageId: INSTRUCTIONS }), granting);
  expect(accessNews(done)).toMatchObject({ kind: 'said', statement: { says: 'user-added' } });
  expect(reviewed(done)).toEqual([]);
  for (const one of [reply('done'), reply('yes', { aboutMessageId: INSTRUCTIONS })]) {
    expect(accessNews(recordOf(one, granting))).toBeUndefined();
    expect(reviewed(recordOf(one, granting))).toEqual(['mail-to-review']);
  }
});

test('a statement that a person recorded has its own day, or that of the record', () => {
  const said = (on?: string): Entry => ({
    at: AT,
    kind: 'statement',
    statement: { actor: 'jo', says: 'mail-came', evidence: 'by phone', ...(on ? { on } : {}) },
  });
  const none = withEntries([]);
  expect(statementIn(said('2026-11-23'), none)).toEqual({ says: 'mail-came', on: '2026-11-23', dated: true });
  expect(statementIn(said(), none)).toEqual({ says: 'mail-came', on: '2026-11-25', dated: false });
  // Unlike a plain answer, it counts although CBP sent something else: a person has weighed it.
  const disputed = withEntries([received(mail('refused')), said()]);
  expect(decisionOnRecord(disputed)).toMatchObject({ kind: 'approved', entry: 1 });
  expect(approvalBasis(disputed, 1)).toBe('client-stated');
});
