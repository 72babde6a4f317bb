import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isBusinessDay } from '../../../src/calendar/business-days.js';
import { inZone, weekday } from '../../../src/calendar/day.js';
import type { BrokerCalendar, Policy } from '../../../src/calendar/policy.js';
import { deadlinesOf, nextReminderSlot, refundAlarm } from '../../../src/calendar/schedule.js';
import { type ClockStart, type DueStep, stepKindOf, WAITS } from '../../../src/workflows/contract/waits.js';
import { POLICY } from '../../support/usual-policy.js';

/** `reminder-1 2026-12-22T14:00Z`, as reckoned by hand with a wall calendar. */
const shown = ({ name, at }: DueStep) => `${name} ${at.replace(':00.000Z', 'Z')}`;
const stepsOf = (start: ClockStart, policy = POLICY) => deadlinesOf(start, policy).map(shown);
const step = (name: string, start: ClockStart, policy = POLICY) =>
  deadlinesOf(start, policy).find((one) => one.name === name);
const brokerWith = (broker: Partial<BrokerCalendar>): Policy => ({
  ...POLICY,
  broker: { ...POLICY.broker, ...broker },
});

describe('while CBP decides', () => {
  const accepted = { wait: 'decision', at: '2026-11-25T15:00:00.000Z' } as const;

  it('CBP’s days skip Thanksgiving, and each question comes in the client’s office hours', () => {
    expect(stepsOf(accepted)).toEqual([
      'acknowledgement 2026-11-27T22:00Z',
      'late 2026-12-03T22:00Z',
      'question-1 2026-12-07T14:00Z',
      'question-2 2026-12-09T14:00Z',
      'overdue 2026-12-10T22:00Z',
      'question-3 2026-12-14T14:00Z',
      'weekly 2026-12-17T13:00Z',
      'question-4 2026-12-17T14:00Z',
    ]);
  });

  it('the clock is the same before and after the acknowledgment', () => {
    expect(stepsOf({ ...accepted, wait: 'acknowledgement' })).toEqual(stepsOf(accepted));
  });

  it('a longer response time makes late and overdue later; a shorter one changes nothing', () => {
    const longer = stepsOf({ ...accepted, responseBusinessDays: 7 });
    expect(longer).toContain('late 2026-12-07T22:00Z');
    expect(longer).toContain('overdue 2026-12-14T22:00Z');
    expect(stepsOf({ ...accepted, responseBusinessDays: 3 })).toEqual(stepsOf(accepted));
  });

  it('only what history needs is returned, and nothing twice', () => {
    for (const due of deadlinesOf(accepted, POLICY)) expect(Object.keys(due)).toEqual(['name', 'at', 'explanation']);
    const calendar = { ...POLICY.calendar, extraClosures: [{ date: '2026-12-02', reason: 'a person wrote this' }] };
    for (const { explanation, brief } of deadlinesOf(accepted, { ...POLICY, calendar }))
      if (explanation.includes('a person wrote this')) expect(brief).toContain('announced closure');
  });
});

describe('while the client owes something', () => {
  const asked = { wait: 'client-correction', at: '2026-12-18T16:00:00.000Z' } as const;

  it('reminders, silence and parking skip Christmas, New Year and Martin Luther King Day', () => {
    expect(stepsOf(asked)).toEqual([
      'reminder-1 2026-12-22T14:00Z',
      'reminder-2 2026-12-28T14:00Z',
      'reminder-3 2026-12-31T14:00Z',
      'silent 2027-01-05T13:00Z',
      'parked 2027-01-20T13:00Z',
      'weekly 2027-01-27T13:00Z',
    ]);
  });

  it.each([
    ['America/Toronto', '2026-12-22T14:00:00.000Z'],
    ['America/Phoenix', '2026-12-22T16:00:00.000Z'],
    ['Pacific/Honolulu', '2026-12-22T19:00:00.000Z'],
    ['Europe/Berlin', '2026-12-22T08:00:00.000Z'],
  ])('a client in %s is reminded at nine there', (timeZone, at) => {
    expect(step('reminder-1', { ...asked, timeZone })?.at).toBe(at);
  });

  it('a client for whom the next day has begun has as many days as others', () => {
    const evening = {
      wait: 'client-correction',
      at: '2026-12-15T01:00:00.000Z',
      timeZone: 'Australia/Sydney',
    } as const;
    // Tuesday noon in Sydney, still Monday in New York: Thursday at nine in Sydney.
    expect(step('reminder-1', evening)?.at).toBe('2026-12-16T22:00:00.000Z');
  });

  it('two reminders are never on one day', () => {
    const policy = { ...POLICY, correctionReminderDays: [2, 3] };
    // Friday and Monday: reminders go out Monday to Thursday.
    expect(stepsOf({ ...asked, at: '2026-12-02T15:00:00.000Z' }, policy).slice(0, 2)).toEqual([
      'reminder-1 2026-12-07T14:00Z',
      'reminder-2 2026-12-08T14:00Z',
    ]);
  });

  it('the explanation is short and names closed days', () => {
    expect(step('reminder-1', { ...asked, timeZone: 'Pacific/Honolulu' })?.explanation).toBe(
      '2 working days from Fri Dec 18; due Tue Dec 22, 2:00 PM ET',
    );
    expect(step('reminder-2', asked)?.explanation).toBe(
      '5 working days from Fri Dec 18: skips Fri Dec 25 (Christmas Day); due Mon Dec 28, 9:00 AM ET',
    );
    expect(step('weekly', asked)?.explanation).toBe('1 week from Wed Jan 20; due Wed Jan 27, 8:00 AM ET');
  });
});

describe('while the account owner signs in', () => {
  const instructed = { wait: 'sign-in', at: '2026-12-03T15:00:00.000Z' } as const;

  it('the link is counted from CBP’s account email', () => {
    const steps = stepsOf({ ...instructed, linkSentOn: '2026-12-01' });
    expect(steps).toContain('link-dies 2026-12-15T13:00Z');
    expect(steps).toContain('link-expired 2026-12-23T13:00Z');
  });

  it('without its day, the link is counted from the start of the wait', () => {
    expect(stepsOf(instructed)).toContain('link-dies 2026-12-17T13:00Z');
    expect(stepsOf(instructed)).toContain('link-expired 2026-12-28T13:00Z');
  });

  it('the warning comes before a weekend, the expiry after it', () => {
    const steps = stepsOf({ ...instructed, linkSentOn: '2026-12-05' });
    expect(steps).toContain('link-dies 2026-12-18T13:00Z');
    expect(steps).toContain('link-expired 2026-12-28T13:00Z');
  });

  it('a link that has expired already is due at once, without its warning', () => {
    const steps = stepsOf({ ...instructed, linkSentOn: '2026-11-09' });
    expect(steps[0]).toBe('link-expired 2026-12-03T15:00Z');
    expect(steps.join()).not.toContain('link-dies');
  });
});

describe('while the account owner adds our user', () => {
  it('nothing is said about the lock, unless the last sign-in is known', () => {
    expect(stepsOf({ wait: 'grant', at: '2026-12-03T15:00:00.000Z' }).join()).not.toContain('lock');
  });
});

describe('when the clock changes', () => {
  it('the grant in March 2027: every hour stays what it was', () => {
    expect(stepsOf({ wait: 'grant', at: '2027-03-11T15:00:00.000Z', signedInAt: '2027-03-11T15:00:00.000Z' })).toEqual([
      'reminder-1 2027-03-15T13:00Z',
      'reminder-2 2027-03-18T13:00Z',
      'reminder-3 2027-03-23T13:00Z',
      'silent 2027-03-25T12:00Z',
      'parked 2027-04-08T12:00Z',
      'lock-soon 2027-04-09T12:00Z',
      'locked 2027-04-26T12:00Z',
      'weekly 2027-05-03T12:00Z',
    ]);
  });

  it('the grant is counted from the last sign-in, where ACE counts', () => {
    const signedInAt = '2027-03-01T15:00:00.000Z';
    const steps = stepsOf({ wait: 'grant', at: '2027-03-11T15:00:00.000Z', signedInAt });
    expect(steps).toContain('lock-soon 2027-03-31T12:00Z');
    expect(steps).toContain('locked 2027-04-15T12:00Z');
  });

  it('a task in November 2027, with Veterans Day', () => {
    expect(stepsOf({ wait: 'task', at: '2027-11-04T14:00:00.000Z' })).toEqual([
      'operations 2027-11-08T13:00Z',
      'manager 2027-11-12T13:00Z',
      'weekly 2027-11-19T13:00Z',
    ]);
  });

  it('Phoenix keeps its clock', () => {
    const at = { march: '2027-03-11T15:00:00.000Z', november: '2027-11-04T14:00:00.000Z' };
    const reminder = (start: string) =>
      step('reminder-1', { wait: 'grant', at: start, timeZone: 'America/Phoenix' })?.at;
    expect(reminder(at.march)).toBe('2027-03-15T16:00:00.000Z');
    expect(reminder(at.november)).toBe('2027-11-08T16:00:00.000Z');
  });
});

describe('the broker’s own holidays', () => {
  const closed = brokerWith({ extraClosures: [{ date: '2026-12-24', reason: 'office party' }] });

  it('a day off for the broker alone counts for CBP', () => {
    const task = { wait: 'task', at: '2026-12-22T15:00:00.000Z' } as const;
    expect(step('operations', task, closed)).toEqual({
      name: 'operations',
      at: '2026-12-28T13:00:00.000Z',
      explanation:
        '2 working days from Tue Dec 22: skips Thu Dec 24 (office party), Fri Dec 25 (Christmas Day); due Mon Dec 28, 8:00 AM ET',
      brief: '2 working days from Tue Dec 22; due Mon Dec 28, 8:00 AM ET',
    });
    expect(step('late', { wait: 'decision', at: '2026-12-18T15:00:00.000Z' }, closed)?.at).toBe(
      '2026-12-28T22:00:00.000Z',
    );
  });

  it('clients get no reminder when no one is there to answer', () => {
    const start = { wait: 'client-correction', at: '2026-12-22T15:00:00.000Z' } as const;
    expect(step('reminder-1', start)?.at).toBe('2026-12-24T14:00:00.000Z');
    expect(step('reminder-1', start, closed)?.at).toBe('2026-12-28T14:00:00.000Z');
  });

  it('a broker that works on Columbus Day counts it', () => {
    const task = { wait: 'task', at: '2026-10-09T14:00:00.000Z' } as const;
    expect(step('operations', task)?.at).toBe('2026-10-14T12:00:00.000Z');
    expect(step('operations', task, brokerWith({ federalHolidays: false }))?.at).toBe('2026-10-13T12:00:00.000Z');
  });

  it('its opening hour is that of its own time zone', () => {
    const policy = brokerWith({ timeZone: 'America/Los_Angeles', openingHour: 7 });
    expect(step('operations', { wait: 'task', at: '2026-12-21T20:00:00.000Z' }, policy)?.at).toBe(
      '2026-12-23T15:00:00.000Z',
    );
  });
});

describe('other waits', () => {
  it('an application that may have been sent: first the reconciliation, then people', () => {
    expect(stepsOf({ wait: 'send-unknown', at: '2026-12-18T22:00:00.000Z' })).toEqual([
      'ask 2026-12-18T22:15Z',
      'operations 2026-12-21T13:00Z',
      'manager 2026-12-22T13:00Z',
      'weekly 2026-12-29T13:00Z',
    ]);
  });

  it('our own work is late after a day, on a working day', () => {
    expect(stepsOf({ wait: 'work', at: '2026-12-18T15:00:00.000Z' })).toEqual([
      'delayed 2026-12-21T13:00Z',
      'weekly 2026-12-28T13:00Z',
    ]);
  });

  it.each(WAITS)('%s: only the next weekly step, a week later or on the next working day', (wait) => {
    const start = { wait, at: '2026-11-02T15:00:00.000Z', weeklyAfter: '2026-12-18T13:00:00.000Z' };
    expect(stepsOf(start)).toEqual(['weekly 2026-12-28T13:00Z']);
  });

  it('what is not an instant is refused with a remedy', () => {
    for (const at of ['soon', '9999-01-01T00:00:00Z'])
      expect(() => deadlinesOf({ wait: 'task', at }, POLICY)).toThrow(
        `"${at}" is not an instant to count from. Write it like 2026-11-25T15:00:00Z.`,
      );
  });
});

describe('whenever a wait starts', () => {
  const at = fc.date({ min: new Date('2026-01-01'), max: new Date('2030-01-01'), noInvalidDate: true });
  const zones = [
    'America/New_York',
    'America/Phoenix',
    'Pacific/Honolulu',
    'America/St_Johns',
    'Asia/Kolkata',
    'Pacific/Auckland',
  ];
  const start = fc.record({ wait: fc.constantFrom(...WAITS), at, timeZone: fc.constantFrom(...zones) });

  it('its steps are in order, the last ones weekly, people at their opening hour and clients in their office hours', () => {
    fc.assert(
      fc.property(start, ({ wait, at: from, timeZone }) => {
        const steps = deadlinesOf({ wait, at: from.toISOString(), timeZone }, POLICY);
        expect(steps.some(({ name }) => name === 'weekly')).toBe(true);
        let before = from.getTime();
        for (const due of steps) {
          expect(Date.parse(due.at)).toBeGreaterThanOrEqual(before);
          before = Date.parse(due.at);
          const kind = stepKindOf(due.name);
          if (kind === 'reminder' || kind === 'question') {
            const local = inZone(new Date(due.at), timeZone);
            expect([1, 2, 3, 4]).toContain(weekday(local.day));
            expect(local.hour).toBeGreaterThanOrEqual(9);
            expect(local.hour).toBeLessThan(16);
            expect(isBusinessDay(local.day, POLICY.broker)).toBe(true);
          } else if (!['ask', 'acknowledgement', 'late', 'overdue'].includes(kind)) {
            const local = inZone(new Date(due.at), 'America/New_York');
            expect(local).toMatchObject({ hour: 8, minute: 0 });
            expect(isBusinessDay(local.day, POLICY.broker)).toBe(true);
          }
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('in a rehearsal', () => {
  const calendar = { ...POLICY.calendar, pace: { secondsPerBusinessDay: 2, startingAt: '2026-12-18T16:00:00Z' } };
  const policy = { ...POLICY, calendar };
  const at = '2031-05-10T03:00:00.000Z';

  it('all is quick, in order, and regardless of office hours', () => {
    const seconds = deadlinesOf({ wait: 'sign-in', at, linkSentOn: '2026-12-01' }, policy).map(
      (due) => `${due.name} ${(Date.parse(due.at) - Date.parse(at)) / 1000}`,
    );
    expect(seconds).toEqual([
      'reminder-1 4',
      'reminder-2 10',
      'reminder-3 16',
      'silent 20',
      'link-dies 20',
      'link-expired 31.428',
      'parked 40',
      'weekly 50',
    ]);
  });

  it('the explanation gives the rehearsed calendar and the pace', () => {
    expect(step('reminder-1', { wait: 'grant', at }, policy)?.explanation).toBe(
      '2 working days from Fri Dec 18; due Tue Dec 22, 9:00 AM ET (rehearsal: a business day takes 2 s, so due at 11:00:04 PM ET)',
    );
  });

  it('CBP’s days and the client’s hours are those of the rehearsed calendar', () => {
    expect(step('question-1', { wait: 'decision', at }, policy)).toMatchObject({
      at: '2031-05-10T03:00:10.000Z',
      explanation:
        '5 business days from Fri Dec 18; due Tue Dec 29, 9:00 AM ET (rehearsal: a business day takes 2 s, so due at 11:00:10 PM ET)',
    });
  });

  it('a reminder may go out at any time', () => {
    expect(nextReminderSlot(new Date(at), 'America/Chicago', policy)).toEqual(new Date(at));
  });

  it('the refund alarm comes as quickly', () => {
    const alarm = refundAlarm('2027-01-15', policy, new Date(at));
    // Six calendar days from December 18 to 24.
    expect(Date.parse(alarm?.at ?? '') - Date.parse(at)).toBe(Math.floor((6 * 2000 * 5) / 7));
  });
});

describe('the next reminder', () => {
  it.each([
    ['2026-12-07T13:59:00.000Z', 'America/New_York', '2026-12-07T14:00:00.000Z'],
    ['2026-12-07T20:59:00.000Z', 'America/New_York', '2026-12-07T20:59:00.000Z'],
    ['2026-12-07T21:00:00.000Z', 'America/New_York', '2026-12-08T14:00:00.000Z'],
    ['2026-12-11T15:00:00.000Z', 'America/New_York', '2026-12-14T14:00:00.000Z'],
    // Thursday 3 PM in Honolulu is Friday in London.
    ['2026-12-11T01:00:00.000Z', 'Pacific/Honolulu', '2026-12-11T01:00:00.000Z'],
    ['2026-12-11T01:00:00.000Z', 'Europe/London', '2026-12-14T09:00:00.000Z'],
    ['2026-11-25T22:00:00.000Z', 'America/Chicago', '2026-11-30T15:00:00.000Z'],
  ])('that is free at %s in %s goes out at %s', (after, timeZone, slot) => {
    expect(nextReminderSlot(new Date(after), timeZone, POLICY).toISOString()).toBe(slot);
  });
});

describe('the refund alarm', () => {
  const alarm = (now: string) => refundAlarm('2027-01-15', POLICY, new Date(now));

  it('comes as many working days before the last day, at the opening hour', () => {
    expect(alarm('2026-12-01T15:00:00Z')).toEqual({
      name: 'refund',
      at: '2026-12-24T13:00:00.000Z',
      explanation: '14 working days before Fri Jan 15, 2027; due Thu Dec 24, 8:00 AM ET',
      brief: '14 working days before Fri Jan 15, 2027; due Thu Dec 24, 8:00 AM ET',
    });
  });

  it('comes at once if that is past, until the last day is over', () => {
    expect(alarm('2027-01-05T15:00:00.000Z')).toMatchObject({
      at: '2027-01-05T15:00:00.000Z',
      explanation: '14 working days before Fri Jan 15, 2027; due Tue Jan 5, 10:00 AM ET',
    });
    expect(alarm('2027-01-16T04:59:00.000Z')?.at).toBe('2027-01-16T04:59:00.000Z');
    expect(alarm('2027-01-16T05:00:00.000Z')).toBeUndefined();
  });

  it('does not come without a refund deadline', () => {
    expect(refundAlarm(undefined, POLICY, new Date())).toBeUndefined();
  });
});
