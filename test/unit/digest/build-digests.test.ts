import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { People } from '../../../src/config/people.js';
import { buildDigests, buildWeeklies, type Digest, type Office, openTasks } from '../../../src/digest/build-digests.js';
import type { DigestCase } from '../../../src/digest/digest-case.js';
import { ATTENTIONS } from '../../../src/workflows/contract/progress.js';
import { TASKS } from '../../../src/workflows/contract/tasks.js';

const DAY = '2026-12-01';
const NOW = new Date('2026-12-01T13:00:00Z');
const away = [{ from: DAY, to: DAY }];
const person = (id: string, more = {}) => ({ id, name: id, email: `${id}@broker.example`, absent: [], ...more });

function office(people: People = {}): Office {
  return {
    people,
    operationsAddress: 'operations@broker.example',
    managerAddress: 'manager@broker.example',
    day: DAY,
    now: NOW,
  };
}

function aCase(changes: Partial<DigestCase> = {}): DigestCase {
  const reference = changes.reference ?? 'C-1';
  return {
    workflowId: `onboarding-${reference}`,
    reference,
    company: 'Maple Trading',
    handler: 'jo',
    tasks: [{ reason: 'bounced', since: '2026-11-30T15:00:00Z' }],
    escalation: 'handler',
    ...changes,
  };
}

const reader = (digests: Digest[], reference = 'C-1') =>
  digests.filter(({ tasks }) => tasks.some((task) => task.reference === reference)).map(({ to }) => to.email);

describe('whatever the people and the cases', () => {
  const names = ['jo', 'kim', 'lee', 'max'];
  const name = fc.constantFrom(...names);
  const people: fc.Arbitrary<People> = fc
    .uniqueArray(
      fc.record({
        id: name,
        absent: fc.constantFrom([], away),
        deputy: fc.option(name, { nil: undefined }),
        // Two names may have one mailbox, also that of operations.
        email: fc.constantFrom(
          'jo@broker.example',
          'KIM@broker.example',
          'kim@broker.example',
          'Operations@broker.example',
        ),
      }),
      { selector: ({ id }) => id },
    )
    .map((all) => Object.fromEntries(all.map((one) => [one.id, { ...one, name: one.id }])));
  const instant = fc.date({ min: new Date('2026-01-01'), max: new Date('2027-12-31'), noInvalidDate: true });
  const cases = fc
    .uniqueArray(
      fc.record({
        reference: fc.string({ minLength: 1, maxLength: 5 }),
        handler: fc.option(fc.constantFrom(...names, 'nobody', ''), { nil: undefined }),
        escalation: fc.constantFrom('handler', 'operations', 'manager'),
        tasks: fc.uniqueArray(
          fc.record({ reason: fc.constantFrom(...ATTENTIONS), since: instant.map((at) => at.toISOString()) }),
          { selector: ({ reason }) => reason },
        ),
        unanswered: fc.option(fc.constant<string[]>(['late']), { nil: undefined }),
      }),
      { selector: ({ reference }) => reference },
    )
    .map((all) =>
      all.map(({ unanswered, ...one }) => ({
        ...aCase(),
        ...one,
        workflowId: `onboarding-${one.reference}`,
        ...(unanswered ? { unanswered } : {}),
      })),
    );

  test('every open task is in exactly one digest of a handler or operations, and of operations if it is escalated', () => {
    fc.assert(
      fc.property(people, cases, (book, open) => {
        const digests = buildDigests(open, office(book));
        const addresses = digests.map(({ to }) => to.email.toLowerCase());
        expect(new Set(addresses).size).toBe(addresses.length);
        for (const one of open)
          for (const { reason } of openTasks(one, NOW)) {
            const readers = digests.filter(({ tasks }) =>
              tasks.some((task) => task.reference === one.reference && task.reason === reason),
            );
            const others = readers.filter(({ to }) => to.email.toLowerCase() !== 'operations@broker.example');
            const withOperations = readers.length > others.length;
            if (one.escalation === 'handler') expect(readers).toHaveLength(1);
            else expect(withOperations).toBe(true);
            expect(others.length).toBeLessThanOrEqual(1);
            for (const { to } of others) expect(to.absent).toEqual([]);
          }
        const listed = digests.flatMap(({ to, tasks }) => tasks.map((t) => `${to.email} ${t.workflowId} ${t.reason}`));
        expect(new Set(listed).size).toBe(listed.length);
      }),
    );
  });

  test('a case that did not answer is listed, not dropped', () => {
    fc.assert(
      fc.property(people, cases, (book, open) => {
        const listed = buildDigests(open, office(book)).flatMap(({ tasks }) => tasks);
        for (const one of open.filter(({ unanswered }) => unanswered))
          expect(listed).toContainEqual(
            expect.objectContaining({ reference: one.reference, reason: 'no-answer', listedFor: ['late'] }),
          );
      }),
    );
  });
});

test("an absent handler's tasks go to the deputy, who sees whose they are", () => {
  const people = { jo: person('jo', { absent: away, deputy: 'kim' }), kim: person('kim') };
  const digests = buildDigests([aCase()], office(people));
  expect(reader(digests)).toEqual(['kim@broker.example']);
  expect(digests[0]?.tasks[0]?.handler).toBe('jo');
});

test.each([
  ['unknown', aCase({ handler: 'zoe' })],
  ['missing', aCase({ handler: undefined })],
])('the tasks of a case whose handler is %s go to operations', (_, one) => {
  expect(reader(buildDigests([one], office({ jo: person('jo') })))).toEqual(['operations@broker.example']);
});

test('a snoozed case lists only mail that arrived and what is urgent, until its day', () => {
  const tasks = ATTENTIONS.map((reason) => ({ reason, since: '2026-11-30T15:00:00Z' }));
  const snoozed = (until: string) => aCase({ tasks, snoozed: { until, by: 'jo', why: 'client on vacation' } });
  const listed = openTasks(snoozed('2026-12-05T13:00:00Z'), NOW).map(({ reason }) => reason);
  for (const reason of ATTENTIONS.filter((one) => TASKS[one].urgent)) expect(listed).toContain(reason);
  expect(listed).toContain('mail-to-review');
  expect(listed).not.toContain('client-silent');
  expect(listed).not.toContain('look-in-ace');
  expect(openTasks(snoozed('2026-12-01T13:00:00Z'), NOW)).toHaveLength(ATTENTIONS.length);
});

test('what dies first comes first, then the nearest refund deadline, then what has waited longest', () => {
  const task = (reference: string, dies: string | undefined, refundDeadline: string | undefined, since: string) =>
    aCase({ reference, refundDeadline, tasks: [{ reason: 'bounced', since, ...(dies ? { dies } : {}) }] });
  const open = [
    task('waits-long', undefined, undefined, '2026-10-01T00:00:00Z'),
    task('waits-longer', undefined, undefined, '2026-09-01T00:00:00Z'),
    task('refund-late', undefined, '2026-12-20', '2026-11-30T00:00:00Z'),
    task('refund-soon', undefined, '2026-12-10', '2026-11-30T00:00:00Z'),
    task('dies-later', '2026-12-09T22:00:00Z', undefined, '2026-11-30T00:00:00Z'),
    task('dies-first', '2026-12-02T22:00:00Z', '2027-01-01', '2026-11-30T00:00:00Z'),
    aCase({ reference: 'no-answer', unanswered: [] }),
  ];
  const [digest] = buildDigests(open, office({ jo: person('jo') }));
  expect(digest?.tasks.map(({ reference }) => reference)).toEqual([
    ...['no-answer', 'dies-first', 'dies-later', 'refund-soon', 'refund-late', 'waits-longer', 'waits-long'],
  ]);
});

test('the weekly digest has what was escalated to the manager, for each manager of the handlers', () => {
  const people = { jo: person('jo', { manager: 'lee' }), kim: person('kim'), lee: person('lee') };
  const digests = buildWeeklies(
    [
      aCase({ reference: 'A', escalation: 'manager' }),
      aCase({ reference: 'B', escalation: 'operations' }),
      aCase({ reference: 'C', escalation: 'manager', handler: 'kim' }),
    ],
    office(people),
  );
  const lists = Object.fromEntries(digests.map(({ to, tasks }) => [to.id, tasks.map(({ reference }) => reference)]));
  expect(lists).toEqual({ lee: ['A'], manager: ['C'] });
});
