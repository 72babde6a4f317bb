import { describe, expect, test } from 'vitest';
import { ATTENTIONS, type Attention } from '../../../../src/workflows/contract/progress.js';
import { ATTENTION_HELP, TASKS } from '../../../../src/workflows/contract/tasks.js';
import {
  attentionOf,
  escalationOf,
  taskFacts,
  tasksOf,
  updateAttentionSince,
  urgentReasons,
} from '../../../../src/workflows/record/task-policy.js';
import { sampleApplication } from '../../application/sample.js';
import { AT, mail, received, record, withEntries } from '../onboarding/records.js';

describe('what the handler hears at once', () => {
  test('is a link or a user that dies, a refund, an unknown send and CBP’s mail; the digest has all the rest', () => {
    const urgent = ATTENTIONS.filter((reason) => TASKS[reason].urgent);
    expect(urgent).toEqual([
      'send-unknown',
      'decision-to-confirm',
      'contradiction',
      'link-dies',
      'lock-soon',
      'refund-deadline',
    ]);
    expect(urgentReasons(record(), ATTENTIONS)).toEqual(urgent);
  });

  test('is an email that waits only if it is proven to be from CBP', () => {
    const told = (one: Parameters<typeof received>[0]) => {
      const waiting = withEntries([received(one)]);
      expect(attentionOf(waiting)).toEqual(['mail-to-review']);
      return urgentReasons(waiting, attentionOf(waiting));
    };
    expect(told(mail('unclear'))).toEqual(['mail-to-review']);
    expect(told(mail('unclear', { authenticity: { verdict: 'unauthentic', reasons: [] } }))).toEqual([]);
    expect(told(mail('unclear', { alias: 'client' }))).toEqual([]);
  });
});

describe('a task', () => {
  test('is as old as its reason, and starts again when that comes back', () => {
    const one = record();
    updateAttentionSince(one, ['late'], '2026-12-03T22:00:00.000Z');
    updateAttentionSince(one, ['late', 'overdue'], '2026-12-10T22:00:00.000Z');
    expect(tasksOf(one, ['late', 'overdue'])).toEqual([
      { reason: 'late', since: '2026-12-03T22:00:00.000Z' },
      { reason: 'overdue', since: '2026-12-10T22:00:00.000Z' },
    ]);
    updateAttentionSince(one, ['overdue'], '2026-12-11T22:00:00.000Z');
    updateAttentionSince(one, ['late'], '2026-12-12T22:00:00.000Z');
    expect(tasksOf(one, ['late'])).toEqual([{ reason: 'late', since: '2026-12-12T22:00:00.000Z' }]);
  });

  test('says when it is too late: the link expires, the user is disabled, the refund is lost', () => {
    const dies = (reason: Attention, more: Parameters<typeof record>[0]) => tasksOf(record(more), [reason])[0]?.dies;
    const start = { wait: 'sign-in', at: '2026-12-03T22:00:00.000Z' } as const;
    // 21 days, through the end of the last one in New York.
    expect(dies('link-dies', { clock: { start: { ...start, linkSentOn: '2026-12-01' }, steps: [] } })).toBe(
      '2026-12-23T04:59:00.000Z',
    );
    expect(dies('link-dies', { clock: { start, steps: [] } })).toBe('2026-12-25T04:59:00.000Z');
    // 45 days.
    const signedIn = { ...start, wait: 'grant', signedInAt: '2026-12-02T17:00:00.000Z' } as const;
    expect(dies('lock-soon', { clock: { start: signedIn, steps: [] } })).toBe('2027-01-17T04:59:00.000Z');
    const application = { ...sampleApplication(), refundDeadline: '2027-03-31' };
    expect(dies('refund-deadline', { application })).toBe('2027-03-31T12:00:00.000Z');
    expect(dies('late', {})).toBeUndefined();
  });

  test('is explained in its email, with what the stage wants only if that is about it', () => {
    const wanted = 'CBP needs something';
    const one = record({ stageAttention: ['decision-to-confirm'], wanted });
    updateAttentionSince(one, ['decision-to-confirm'], AT);
    expect(taskFacts('decision-to-confirm', one)).toEqual({
      attention: 'decision-to-confirm',
      what: `${ATTENTION_HELP['decision-to-confirm']}\n${wanted}`,
      since: AT,
    });
    expect(taskFacts('mail-to-review', one).what).toBe(ATTENTION_HELP['mail-to-review']);
  });

  test('does not exist once the onboarding is closed', () => {
    expect(attentionOf(record({ stage: 'closed', stageAttention: ['late'] }))).toEqual([]);
  });
});

test('who is told is the highest of all clocks', () => {
  expect(escalationOf(record())).toBe('handler');
  expect(escalationOf(record({ besides: { unread: 'operations' } }))).toBe('operations');
  expect(escalationOf(record({ escalation: 'operations', besides: { unread: 'handler', chase: 'manager' } }))).toBe(
    'manager',
  );
  expect(escalationOf(record({ escalation: 'manager', besides: { unread: 'handler' } }))).toBe('manager');
});
