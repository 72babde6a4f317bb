import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Application } from '../../../../../src/application/application.js';
import { read, requests, sendResults, sends } from '../../../../../src/archive/records.js';
import { inZone } from '../../../../../src/calendar/day.js';
import type { Policy } from '../../../../../src/calendar/policy.js';
import { composeOnce } from '../../../../../src/mail/outgoing/compose/compose-once.js';
import { mailName, messageIdOf } from '../../../../../src/mail/outgoing/message-id.js';
import {
  noteRequest,
  personKey,
  removeRequest,
  requestsOfOthers,
  type StandingOf,
} from '../../../../../src/mail/outgoing/reminders/open-requests.js';
import { remind } from '../../../../../src/mail/outgoing/reminders/remind.js';
import { knownResult } from '../../../../../src/mail/outgoing/send-once.js';
import type { Notice, NoticeSent, NoticeTemplate } from '../../../../../src/workflows/contract/mail-activities.js';
import { MemoryArchive } from '../../../../support/memory-archive.js';
import { POLICY } from '../../../../support/usual-policy.js';
import { anApplication, IMPORTER_KEYS } from '../outgoing-case.js';

const FROM = 'ace@broker.example';
const ZONE = 'America/Chicago';
const OWNER = anApplication({ timeZone: ZONE });
const PERSON = personKey(IMPORTER_KEYS, OWNER.accountOwner.email);

class Crash extends Error {}

/** Dies at one of its operations, before or after it takes effect. Operations take a while, so that callers interleave. */
class MortalArchive extends MemoryArchive {
  dieAfter = Number.POSITIVE_INFINITY;
  override async createRecord<T>(key: string, record: T) {
    return await this.mortal(() => super.createRecord(key, record));
  }
  override async replaceRecord<T>(key: string, record: T) {
    return await this.mortal(() => super.replaceRecord(key, record));
  }
  override async readRecord(key: string) {
    return await this.mortal(() => super.readRecord(key));
  }
  private async mortal<T>(operation: () => Promise<T>): Promise<T> {
    await Promise.resolve();
    if (this.dieAfter <= 0) throw new Crash();
    this.dieAfter -= 0.5;
    const result = await operation();
    if (this.dieAfter <= 0) throw new Crash();
    this.dieAfter -= 0.5;
    return result;
  }
}

interface Sent {
  workflowId: string;
  at: Date;
  alsoAsks: string[];
}

/** The mail server and several cases of one account owner. */
function desk(options: { policy?: Policy; standingOf?: StandingOf; application?: Application } = {}) {
  const archive = new MortalArchive();
  const sent: Sent[] = [];
  const openWhenComposed = new Map<string, string[]>();
  let time = new Date('2026-11-30T16:00:00Z');
  let refuse = false;
  let down = false;
  const now = () => time;
  const ask = async (
    workflowId: string,
    ordinal = 1,
    template: NoticeTemplate = 'grant-reminder',
    owner?: Application,
  ): Promise<NoticeSent> => {
    const reference = workflowId.toUpperCase();
    const notice: Notice = { workflowId, reference, template, ordinal, applicationSha256: '', facts: {} };
    const purpose = { kind: 'notice', template, ordinal } as const;
    const messageId = messageIdOf(workflowId, purpose, FROM);
    const application = owner ?? options.application ?? OWNER;
    const { email } = application.accountOwner;
    return await remind(
      { archive, policy: options.policy ?? POLICY, from: FROM, now, standingOf: options.standingOf },
      notice,
      application,
      { person: personKey(IMPORTER_KEYS, email), request: request(workflowId) },
      async (others) => {
        const identity = { workflowId, purpose: 'reminder', name: mailName(workflowId, purpose), messageId };
        const composed = await composeOnce(archive, identity, now(), async () => {
          openWhenComposed.set(
            messageId,
            [...archive.records.keys()]
              .filter((key) => key.startsWith(`requests/${PERSON}/`))
              .map((key) => key.slice(key.lastIndexOf('/') + 1))
              .filter((one) => one !== workflowId),
          );
          return {
            letter: {
              from: { name: 'Broker', address: FROM },
              to: { address: email },
              subject: 'Reminder',
              text: others.lines.join('\n'),
            },
            envelope: { from: FROM, to: [email] },
            recipient: email,
            alsoAsks: others.workflowIds,
          };
        });
        const known = await knownResult(archive, messageId);
        if (known) return known;
        if (down) throw new Crash();
        if (refuse) return { kind: 'refused', messageId, reason: '550 no such user' };
        const claim = await archive.createRecord(sends.key(messageId), {
          ...{ messageId, by: 'test' },
          claimedAt: now().toISOString(),
        });
        if (!claim.created) return { kind: 'unknown', messageId, since: now().toISOString(), reason: 'claimed' };
        sent.push({ workflowId, at: now(), alsoAsks: composed.alsoAsks ?? [] });
        const at = now().toISOString();
        await archive.createRecord(sendResults.key(messageId), { messageId, acceptedAt: at, source: 'server' });
        return { kind: 'accepted', messageId, at };
      },
    );
  };
  return {
    archive,
    sent,
    openWhenComposed,
    ask,
    at(instant: string | Date) {
      time = new Date(instant);
    },
    now,
    refusing(now: boolean) {
      refuse = now;
    },
    mailServerIsDown(now: boolean) {
      down = now;
    },
  };
}

const request = (workflowId: string) => ({
  workflowId,
  reference: workflowId.toUpperCase(),
  company: `Company ${workflowId}`,
  template: 'grant-reminder',
  stage: 'awaiting-access-grant' as const,
  since: '2026-11-30T16:00:00Z',
});

const dayOf = (at: Date) => inZone(at, ZONE).day;
/** The Monday, by counting back from a known one. */
const weekOf = (at: Date) => Math.floor((Date.parse(`${dayOf(at)}T00:00:00Z`) / 86_400_000 - 4) / 7);

describe('the limits of one person', () => {
  test('one email a day lists what all cases ask for, and the others go out in it', async () => {
    const { archive, ask, sent } = desk();
    await noteRequest(archive, PERSON, request('b'));
    await noteRequest(archive, PERSON, request('c'));
    const first = await ask('a');
    expect(first).toEqual({ result: expect.objectContaining({ kind: 'accepted' }) });
    expect(sent).toEqual([expect.objectContaining({ workflowId: 'a', alsoAsks: ['b', 'c'] })]);
    expect(await ask('b')).toEqual({ result: first.result, bundledWith: 'A' });
    expect(await ask('c')).toEqual({ result: first.result, bundledWith: 'A' });
    expect(sent).toHaveLength(1);
  });

  test('a case that asked only after the email was composed is not said to be in it, but reminded on another day', async () => {
    const { ask, sent, at } = desk();
    await ask('a');
    const put = await ask('late');
    expect(put).toMatchObject({ result: { kind: 'refused' }, deferredUntil: '2026-12-01T15:00:00.000Z' });
    at('2026-12-01T15:00:00Z');
    expect(await ask('late')).not.toHaveProperty('deferredUntil');
    expect(sent.map(({ workflowId }) => workflowId)).toEqual(['a', 'late']);
  });

  test('the third of a week waits until Monday nine in the client’s time zone', async () => {
    const { ask, sent, at } = desk();
    await ask('a');
    at('2026-12-01T16:00:00Z');
    await ask('a', 2);
    at('2026-12-02T16:00:00Z');
    expect((await ask('a', 3)).deferredUntil).toBe('2026-12-07T15:00:00.000Z');
    expect(sent).toHaveLength(2);
    at('2026-12-07T15:00:00Z');
    expect(await ask('a', 3)).toMatchObject({ result: { kind: 'accepted' } });
  });

  test('outside of office hours nothing is sent, even if the mail server comes back at night', async () => {
    const { ask, sent, at } = desk();
    at('2026-12-01T03:00:00Z');
    expect((await ask('a')).deferredUntil).toBe('2026-12-01T15:00:00.000Z');
    at('2026-12-04T16:00:00Z');
    expect((await ask('a')).deferredUntil).toBe('2026-12-07T15:00:00.000Z');
    expect(sent).toEqual([]);
  });

  test('a worker whose clock is a little behind does not put off what is due at nine', async () => {
    const { ask, at } = desk();
    at('2026-12-01T14:59:58Z');
    expect(await ask('a')).toMatchObject({ result: { kind: 'accepted' } });
  });

  test('while today’s email of another case has not left, nothing is said about it', async () => {
    const { archive, ask, at } = desk();
    await noteRequest(archive, PERSON, request('b'));
    archive.dieAfter = 8;
    await expect(ask('a')).rejects.toThrow(Crash);
    archive.dieAfter = Number.POSITIVE_INFINITY;
    await expect(ask('b')).rejects.toMatchObject({ type: 'reminder-pending' });
    await ask('a');
    expect(await ask('b')).toMatchObject({ bundledWith: 'A' });
    at('2026-12-03T16:00:00Z');
    expect(await ask('b')).toMatchObject({ bundledWith: 'A' });
  });

  test('a reminder that went out is told as sent, even at night of a week that is full, and takes no other turn', async () => {
    const { archive, ask, sent, at } = desk();
    const first = await ask('a');
    at('2026-12-02T04:00:00Z');
    const records = archive.records.size;
    expect(await ask('a')).toEqual(first);
    expect(sent).toHaveLength(1);
    expect(archive.records.size).toBe(records);
  });

  test('an email that was refused takes no one’s turn that day', async () => {
    const { ask, sent, refusing } = desk();
    refusing(true);
    expect(await ask('a')).toEqual({ result: expect.objectContaining({ kind: 'refused' }) });
    refusing(false);
    expect(await ask('b')).toMatchObject({ result: { kind: 'accepted' } });
    expect(sent).toHaveLength(1);
  });

  test('a rehearsal keeps the limits at its own pace', async () => {
    const policy = { ...POLICY, calendar: { ...POLICY.calendar, pace: { secondsPerBusinessDay: 2 } } };
    const { ask, sent, at } = desk({ policy });
    at(new Date(10_000));
    await ask('a');
    expect((await ask('a', 2)).deferredUntil).toBe(new Date(12_000).toISOString());
    at(new Date(12_000));
    await ask('a', 2);
    at(new Date(14_000));
    expect((await ask('a', 3)).deferredUntil).toBe(new Date(20_000).toISOString());
    expect(sent).toHaveLength(2);
  });

  test('whatever the order, the crashes and the number of cases, never more than one a day and two a week', async () => {
    const step = fc.record({
      hours: fc.integer({ min: 0, max: 30 }),
      cases: fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1 }),
      dieAfter: fc.oneof(fc.constant(Number.POSITIVE_INFINITY), fc.integer({ min: 0, max: 24 })),
      closes: fc.option(fc.constantFrom('a', 'b', 'c', 'd')),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const { archive, ask, sent, at, now, openWhenComposed } = desk();
        const ordinals: Record<string, number> = { a: 1, b: 1, c: 1, d: 1 };
        for (const { hours, cases, dieAfter, closes } of steps) {
          at(new Date(now().getTime() + hours * 3_600_000));
          if (closes) await removeRequest(archive, closes);
          archive.dieAfter = dieAfter;
          const answers = await Promise.allSettled(cases.map((one) => ask(one, ordinals[one])));
          archive.dieAfter = Number.POSITIVE_INFINITY;
          for (const [index, one] of cases.entries()) {
            const answer = answers[index];
            if (answer?.status === 'rejected') {
              const { reason } = answer;
              if (!(reason instanceof Crash) && reason.type !== 'reminder-pending') throw reason;
              continue;
            }
            if (answer?.value.deferredUntil) {
              expect(Date.parse(answer.value.deferredUntil)).toBeGreaterThan(now().getTime());
              continue;
            }
            // Asking again later gives the same answer.
            const again = await ask(one, ordinals[one]);
            expect(again.bundledWith).toEqual(answer?.value.bundledWith);
            if (answer?.value.result.kind === 'accepted') expect(again.result).toEqual(answer.value.result);
            if (answer?.value.bundledWith)
              expect(
                sent.some(
                  ({ workflowId, alsoAsks }) =>
                    workflowId === answer.value.bundledWith?.toLowerCase() && alsoAsks.includes(one),
                ),
              ).toBe(true);
            ordinals[one] = (ordinals[one] ?? 0) + 1;
          }
        }
        const days = sent.map((one) => dayOf(one.at));
        expect(new Set(days).size).toBe(days.length);
        const weeks = sent.map((one) => weekOf(one.at));
        for (const week of new Set(weeks)) expect(weeks.filter((one) => one === week).length).toBeLessThanOrEqual(2);
        // Crashes aside, an email has every request that was open when it was composed.
        if (steps.every(({ cases, dieAfter }) => cases.length === 1 && dieAfter === Number.POSITIVE_INFINITY))
          expect(sent.map(({ alsoAsks }) => [...alsoAsks].sort())).toEqual(
            [...openWhenComposed.values()].map((open) => open.sort()),
          );
      }),
      { numRuns: 300 },
    );
  }, 60_000);
});

describe('a reminder that waited', () => {
  const ASKING = { stage: 'awaiting-access-grant', waitingOn: 'client' } as const;
  test.each([
    ['the client has answered', { ...ASKING, waitingOn: 'broker' }],
    ['the case is at another stage', { ...ASKING, stage: 'awaiting-correction' }],
    ['the case has ended', undefined],
  ] as const)('for the mail server is dropped if meanwhile %s', async (_, then) => {
    let standing: Awaited<ReturnType<StandingOf>> = ASKING;
    const { ask, sent, mailServerIsDown } = desk({ standingOf: async () => standing });
    mailServerIsDown(true);
    await expect(ask('a')).rejects.toThrow(Crash);
    mailServerIsDown(false);
    standing = then;
    expect(await ask('a')).toEqual({ result: expect.objectContaining({ kind: 'refused' }), dropped: true });
    expect(sent).toEqual([]);
    standing = ASKING;
    expect(await ask('a')).toMatchObject({ result: { kind: 'accepted' } });
  });

  test('does not replace what its case asks for now', async () => {
    const { archive, ask } = desk({
      standingOf: async () => ({ stage: 'awaiting-correction', waitingOn: 'client' }),
    });
    const now = { ...request('a'), stage: 'awaiting-correction' as const };
    await noteRequest(archive, PERSON, now);
    expect(await ask('a')).toHaveProperty('dropped', true);
    expect(await read(archive, requests, PERSON, 'a')).toEqual(now);
  });

  test('is told as sent if it left before its case asked for nothing any more', async () => {
    let standing: Awaited<ReturnType<StandingOf>> = ASKING;
    const { ask } = desk({ standingOf: async () => standing });
    const first = await ask('a');
    standing = undefined;
    expect(await ask('a')).toEqual(first);
  });

  test('is dropped if it was written to the account owner before the correction, and the next one goes to the new one', async () => {
    const { ask, sent, mailServerIsDown, at } = desk();
    mailServerIsDown(true);
    await expect(ask('a')).rejects.toThrow(Crash);
    mailServerIsDown(false);
    const corrected = anApplication({ timeZone: ZONE });
    corrected.accountOwner = { ...corrected.accountOwner, email: 'new@client.example' };
    at('2026-12-02T16:00:00Z');
    expect(await ask('a', 1, 'grant-reminder', corrected)).toHaveProperty('dropped', true);
    expect(sent).toEqual([]);
    expect(await ask('a', 2, 'grant-reminder', corrected)).toMatchObject({ result: { kind: 'accepted' } });
  });
});

describe('what a reminder lists', () => {
  test.each([
    ['the client has answered', { stage: 'awaiting-access-grant', waitingOn: 'broker' }, 0],
    ['the case is at another stage', { stage: 'awaiting-correction', waitingOn: 'client' }, 0],
    ['the case has ended', undefined, 0],
    ['the client owes it', { stage: 'awaiting-access-grant', waitingOn: 'client' }, 1],
  ] as const)('%s', async (_, standing, listed) => {
    const archive = new MemoryArchive();
    await noteRequest(archive, PERSON, request('b'));
    const standingOf: StandingOf = async () => standing;
    expect(await requestsOfOthers(archive, PERSON, 'a', standingOf)).toHaveLength(listed);
    expect(archive.records.has(requests.key(PERSON, 'b'))).toBe(standing !== undefined);
  });

  test('nothing that was asked of an earlier account owner', async () => {
    const archive = new MemoryArchive();
    await noteRequest(archive, 'earlier', request('b'));
    await noteRequest(archive, PERSON, request('b'));
    expect(await requestsOfOthers(archive, 'earlier', 'a')).toEqual([]);
    expect(await requestsOfOthers(archive, PERSON, 'a')).toHaveLength(1);
  });

  test('no address is in a key of the archive', async () => {
    expect(personKey(IMPORTER_KEYS, 'Jane@Client.example ')).toBe(PERSON);
    expect(PERSON).not.toContain('@');
  });
});
