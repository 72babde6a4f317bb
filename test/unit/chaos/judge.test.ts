import { describe, expect, test } from 'vitest';
import { type Facts, judge, type ViolationKind } from '../../chaos/verdict/judge.js';

/** A run of one case in which nothing is wrong. */
const CALM: Facts = {
  cases: [
    {
      reference: 'Chaos-1',
      started: ['started', 'running'],
      status: 'closed',
      stage: 'closed',
      outcome: 'access-granted',
    },
  ],
  acceptedForCbp: ['aaaaaaaa'],
  inCbpMailbox: [
    { serverId: 'aaaaaaaa', reference: 'chaos-1' },
    // The mail server delivered one message twice.
    { serverId: 'aaaaaaaa', reference: 'chaos-1' },
  ],
  notices: [
    {
      serverId: 'bbbbbbbb',
      to: 'owner@client.example',
      name: 'n1',
      template: 'grant-instructions',
      reference: 'Chaos-1',
    },
    { serverId: 'cccccccc', to: 'owner@client.example', name: 'n2', template: 'grant-reminder', reference: 'Chaos-1' },
    { serverId: 'dddddddd', to: 'owner@client.example', name: 'n3', template: 'grant-reminder', reference: 'Chaos-1' },
  ],
  sentToBroker: ['letter-1@cbp.dhs.gov', 'letter-2@cbp.dhs.gov'],
  brokerFolders: { inbox: [], processed: ['letter-1@cbp.dhs.gov'], review: ['letter-2@cbp.dhs.gov'] },
  queued: 0,
  orphans: [],
  failedTasks: [{ workflowId: 'onboarding-chaos-1', cause: 'UNHANDLED_COMMAND', message: 'UnhandledCommand' }],
  left: [],
  dotFaults: { lost: 3, unanswered: 3, 'killed-before': 3, 'killed-after': 3 },
  dotFaultsWanted: 3,
};

const [theCase] = CALM.cases as [Facts['cases'][number]];
const withCase = (change: Partial<Facts['cases'][number]>): Partial<Facts> => ({ cases: [{ ...theCase, ...change }] });
const [instructions, reminder] = CALM.notices as [Facts['notices'][number], Facts['notices'][number]];

test('a calm run has no violation', () => {
  expect(judge(CALM)).toEqual([]);
});

describe('the verdict notices', () => {
  test.each<[string, ViolationKind, Partial<Facts>]>([
    ['a start that was answered "started" twice', 'duplicate', withCase({ started: ['started', 'started'] })],
    ['a start that was never answered', 'lost', withCase({ started: [] })],
    ['a case that is not in the list', 'lost', withCase({ status: undefined })],
    ['an open case', 'stuck', withCase({ status: 'running', stage: 'submitting' })],
    ['a failed workflow', 'failed', withCase({ status: 'failed' })],
    ['another end', 'stuck', withCase({ outcome: 'abandoned' })],
    [
      'a second application, whatever its Message-ID',
      'duplicate',
      { inCbpMailbox: [...CALM.inCbpMailbox, { serverId: 'eeeeeeee', reference: 'chaos-1' }] },
    ],
    ['a missing application', 'lost', { acceptedForCbp: [], inCbpMailbox: [] }],
    ['an accepted message that never arrived', 'lost', { acceptedForCbp: ['aaaaaaaa', 'ffffffff'] }],
    [
      'a message for CBP without a form',
      'lost',
      { inCbpMailbox: [...CALM.inCbpMailbox, { serverId: 'eeeeeeee', reference: undefined }] },
    ],
    ['what is left in the queue', 'stuck', { queued: 1 }],
    ['a notice that went out twice', 'duplicate', { notices: [reminder, { ...reminder, serverId: 'eeeeeeee' }] }],
    [
      'second instructions, even if they are another email',
      'duplicate',
      { notices: [instructions, { ...instructions, serverId: 'eeeeeeee', name: 'n9' }] },
    ],
    [
      'an email that stayed in the inbox',
      'stuck',
      { brokerFolders: { ...CALM.brokerFolders, review: [], inbox: ['letter-2@cbp.dhs.gov'] } },
    ],
    ['an email that is gone', 'lost', { brokerFolders: { ...CALM.brokerFolders, processed: [] } }],
    ['a document without an owner', 'orphan', { orphans: ['0123'] }],
    [
      'a failed workflow task',
      'failed-task',
      { failedTasks: [{ workflowId: 'onboarding-chaos-1', cause: 'NON_DETERMINISTIC_ERROR', message: 'TMPRL1100' }] },
    ],
    ['what forget left', 'not-forgotten', { left: ['record cases/onboarding-chaos-1'] }],
    ['that too few emails met a fault', 'not-tested', { dotFaults: { ...CALM.dotFaults, unanswered: 2 } }],
  ])('%s', (_, kind, change) => {
    expect(judge({ ...CALM, ...change }).map((one) => one.kind)).toEqual([kind]);
  });
});
