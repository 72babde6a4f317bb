import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ArchiveError } from '../../../../src/archive/archive.js';
import { messageIndex, outbox, read, sendResults, sends, sendVoids } from '../../../../src/archive/records.js';
import { messageIdOf } from '../../../../src/mail/outgoing/message-id.js';
import { anOutgoingCase, CBP, FORM, IMPATIENT, MAILBOX, PATIENT, WORKFLOW } from './outgoing-case.js';
import { type Act, openScriptedSmtp, type Point, type ScriptedSmtp } from './scripted-smtp.js';

let smtp: ScriptedSmtp;
beforeEach(async () => {
  smtp = await openScriptedSmtp();
});
afterEach(() => smtp.close());

const MESSAGE_ID = messageIdOf(WORKFLOW, { kind: 'application', attempt: 1, transmission: 1 }, MAILBOX);

/** How long the first try waits for a server that does this. */
const patience = (act: Act) => ({
  timeouts: act === 'silence' || act === 'keep-and-silence' ? IMPATIENT : PATIENT,
});

/** The first dialogue goes wrong at one point, later ones are healthy. */
function once(point: Point, act: Act) {
  smtp.script = (at, session) => (at === point && session.number === 1 ? act : undefined);
}

test('CBP has an accepted application once, with our copy, and the deadlines start at the acceptance', async () => {
  const { activities, application, archive } = await anOutgoingCase(smtp.port, {
    dependencies: { now: () => new Date('2026-11-25T15:00:00Z') },
  });
  const sent = await activities.sendApplication(application);
  expect(sent).toMatchObject({ kind: 'accepted', messageId: MESSAGE_ID, at: '2026-11-25T15:00:00.000Z' });
  if (sent.kind !== 'accepted') throw new Error('unreachable');
  expect(sent.deadlines.find(({ name }) => name === 'late')?.at).toBe('2026-12-03T22:00:00.000Z');
  expect(smtp.received).toHaveLength(1);
  expect(smtp.received[0]).toMatchObject({ messageId: MESSAGE_ID, to: [CBP, MAILBOX] });
  expect(await read(archive, sendResults, MESSAGE_ID)).toMatchObject({ source: 'server' });
  expect(await read(archive, messageIndex, MESSAGE_ID)).toMatchObject({ workflowId: WORKFLOW, reference: 'C-1042' });
});

test('an accepted email is never sent again: not on retry, not by another worker, not after a reset', async () => {
  const { activities, worker, application } = await anOutgoingCase(smtp.port);
  const first = await activities.sendApplication(application);
  expect(await activities.sendApplication(application)).toEqual(first);
  expect(await worker().sendApplication(application)).toEqual(first);
  expect(smtp.received).toHaveLength(1);
  expect(smtp.sessions).toHaveLength(1);
});

describe('whatever goes wrong before the server asks for the body, the application is sent on the next try', () => {
  const cases: [Point, Act][] = [
    ['greeting', 'cut'],
    ['greeting', 'silence'],
    ['greeting', { say: '421 4.3.2 come back later', thenCut: true }],
    ['ehlo', 'cut'],
    ['ehlo', 'reset'],
    ['mail', 'cut'],
    ['mail', { say: '451 4.3.0 try again' }],
    ['mail', { say: '452 4.3.1 no room' }],
    ['rcpt', 'cut'],
    ['rcpt', 'silence'],
    ['rcpt', { say: '450 4.2.0 greylisted' }],
    ['data', 'cut'],
    ['data', 'half-answer'],
    ['data', 'silence'],
    ['data', { say: '451 4.3.0 try again' }],
  ];
  test.each(cases)('at %s: %o', async (point, act) => {
    once(point, act);
    const { activities, worker, application, archive } = await anOutgoingCase(smtp.port);
    await expect(worker(patience(act)).sendApplication(application)).rejects.toMatchObject({
      type: 'smtp-unavailable',
    });
    expect(await read(archive, sends, MESSAGE_ID)).toBeUndefined();
    expect(smtp.received).toHaveLength(0);
    expect(await activities.sendApplication(application)).toMatchObject({ kind: 'accepted' });
    expect(smtp.received).toHaveLength(1);
  });
});

describe('a definite refusal after the body releases the claim', () => {
  test.each<[Act]>([
    [{ say: '451 4.7.1 greylisted, try again in 5 minutes' }],
    [{ say: '452 4.2.2 mailbox full' }],
    [{ say: '421 4.3.2 shutting down', thenCut: true }],
  ])('%o is tried again', async (act) => {
    once('dot', act);
    const { activities, application } = await anOutgoingCase(smtp.port);
    await expect(activities.sendApplication(application)).rejects.toMatchObject({ type: 'smtp-unavailable' });
    expect(await activities.sendApplication(application)).toMatchObject({ kind: 'accepted' });
    expect(smtp.received).toHaveLength(1);
  });

  test('a permanent one is a result for a person, and the email is certainly not sent', async () => {
    once('dot', { say: '552 5.3.4 message too big' });
    const { activities, application, archive } = await anOutgoingCase(smtp.port);
    expect(await activities.sendApplication(application)).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('552 5.3.4'),
    });
    expect(await read(archive, sends, MESSAGE_ID)).toBeUndefined();
  });
});

describe('without a reply after the server asked for the body, nothing is sent again', () => {
  const cases: [Point, Act, number][] = [
    ['body', 'cut', 0],
    ['body', 'silence', 0],
    ['dot', 'cut', 0],
    ['dot', 'reset', 0],
    ['dot', 'silence', 0],
    ['dot', 'half-answer', 0],
    ['dot', 'keep-and-cut', 1],
    ['dot', 'keep-and-silence', 1],
  ];
  test.each(cases)('at %s: %o', async (point, act, kept) => {
    once(point, act);
    const { activities, worker, application } = await anOutgoingCase(smtp.port);
    const first = await worker(patience(act)).sendApplication(application);
    expect(first).toMatchObject({ kind: 'unknown', messageId: MESSAGE_ID });
    expect(first.kind === 'unknown' && first.deadlines[0]?.name).toBe('ask');
    expect(await activities.sendApplication(application)).toMatchObject({ kind: 'unknown' });
    expect(await worker().sendApplication(application)).toMatchObject({ kind: 'unknown' });
    expect(smtp.received).toHaveLength(kept);
    expect(smtp.sessions).toHaveLength(1);
  });
});

test('a server that confirms before it has the whole message is not trusted', async () => {
  smtp.script = (point) => (point === 'body' ? { say: '250 2.0.0 Ok, whatever comes' } : undefined);
  const { worker, application } = await anOutgoingCase(smtp.port);
  const slowly = (point: string) => new Promise<void>((wake) => setTimeout(wake, point === 'before-end' ? 200 : 0));
  expect(await worker({ at: slowly }).sendApplication(application)).toMatchObject({ kind: 'unknown' });
});

test('a blind copy that the watcher recorded resolves an unknown send', async () => {
  once('dot', 'keep-and-cut');
  const { activities, application, archive } = await anOutgoingCase(smtp.port);
  await activities.sendApplication(application);
  const at = new Date().toISOString();
  await archive.createRecord(sendResults.key(MESSAGE_ID), {
    messageId: MESSAGE_ID,
    acceptedAt: at,
    source: 'blind-copy',
  });
  expect(await activities.sendApplication(application)).toMatchObject({ kind: 'accepted', at });
  expect(smtp.received).toHaveLength(1);
});

test('of twelve workers with the same email, one sends it', async () => {
  const { worker, application } = await anOutgoingCase(smtp.port);
  const results = await Promise.all(Array.from({ length: 12 }, () => worker().sendApplication(application)));
  expect(results.every((result) => result.kind === 'accepted' || result.kind === 'unknown')).toBe(true);
  expect(results.some((result) => result.kind === 'accepted')).toBe(true);
  expect(smtp.received).toHaveLength(1);
});

test('a worker that another one overtakes between connection and claim withholds the body', async () => {
  const { worker, application } = await anOutgoingCase(smtp.port);
  let wake = () => {};
  const frozen = new Promise<void>((resolve) => {
    wake = resolve;
  });
  const slow = worker({ at: (point) => (point === 'before-claim' ? frozen : Promise.resolve()) }).sendApplication(
    application,
  );
  await expect.poll(() => smtp.sessions[0]?.commands.at(-1)).toBe('DATA');
  expect(await worker().sendApplication(application)).toMatchObject({ kind: 'accepted' });
  wake();
  expect(await slow).toMatchObject({ kind: 'accepted' });
  expect(smtp.received).toHaveLength(1);
});

test('an archive that is full at the claim: the email is certainly not sent, and goes out once there is space', async () => {
  const { activities, application, archive } = await anOutgoingCase(smtp.port);
  const { createRecord } = archive;
  archive.createRecord = async (key, record) => {
    if (key === sends.key(MESSAGE_ID)) throw new ArchiveError('full', 'It is full.');
    return await createRecord.call(archive, key, record);
  };
  await expect(activities.sendApplication(application)).rejects.toMatchObject({ name: 'ArchiveError', code: 'full' });
  expect(smtp.received).toEqual([]);
  archive.createRecord = createRecord;
  expect(await activities.sendApplication(application)).toMatchObject({ kind: 'accepted' });
  expect(smtp.received).toHaveLength(1);
});

test('an archive that fails after the mail server accepted the email does not make its fate unknown', async () => {
  const { activities, application, archive } = await anOutgoingCase(smtp.port);
  const { readRecord, createRecord } = archive;
  let isGone = false;
  smtp.script = (at) => {
    isGone ||= at === 'dot';
    return undefined;
  };
  const gone = new ArchiveError('unreachable', 'It is gone.');
  archive.readRecord = async (key) => (isGone ? Promise.reject(gone) : readRecord.call(archive, key));
  archive.createRecord = async (key, record) =>
    isGone ? Promise.reject(gone) : createRecord.call(archive, key, record);
  expect(await activities.sendApplication(application)).toMatchObject({ kind: 'accepted' });
});

test('a worker that wakes after the time for the body does not finish the message', async () => {
  const { worker, application } = await anOutgoingCase(smtp.port, {
    dependencies: { timeouts: { connectMs: 1_000, greetingMs: 1_000, silenceMs: 5_000, bodyMs: 50, overallMs: 9_000 } },
  });
  const late = (point: string) => new Promise<void>((wake) => setTimeout(wake, point === 'before-end' ? 120 : 0));
  expect(await worker({ at: late }).sendApplication(application)).toMatchObject({ kind: 'unknown' });
  expect(smtp.received).toHaveLength(0);
});

describe('a person records an email with an unknown outcome as not sent', () => {
  test('and the next transmission goes out, saying that CBP may already have it', async () => {
    once('dot', 'cut');
    const { activities, application } = await anOutgoingCase(smtp.port);
    await activities.sendApplication(application);
    expect(await activities.sendApplication({ ...application, transmission: 2 })).toMatchObject({ kind: 'accepted' });
    expect(smtp.received).toHaveLength(1);
    // Quoted-printable: a soft line break can fall anywhere.
    expect(smtp.received[0]?.raw.replaceAll('=\r\n', '')).toContain('Please treat the two as one');
  });

  test('and a worker that is still sending the old one stops, before the claim and before the end', async () => {
    for (const stop of ['before-claim', 'before-end'] as const) {
      const { worker, application, archive } = await anOutgoingCase(smtp.port);
      let wake = () => {};
      let reached = false;
      const frozen = new Promise<void>((resolve) => {
        wake = resolve;
      });
      const slow = worker({
        at: async (point) => {
          if (point !== stop) return;
          reached = true;
          await frozen;
        },
      }).sendApplication(application);
      await expect.poll(() => reached).toBe(true);
      const before = smtp.received.length;
      expect(await worker().sendApplication({ ...application, transmission: 2 })).toMatchObject({ kind: 'accepted' });
      wake();
      // A try that never sent a byte knows that it did not.
      expect((await slow).kind).toBe(stop === 'before-claim' ? 'refused' : 'unknown');
      expect(smtp.received.length - before).toBe(1);
      expect(await read(archive, sendVoids, MESSAGE_ID)).toBeDefined();
    }
  });

  test('but it was accepted in the meantime: the next transmission is that one', async () => {
    const { activities, application } = await anOutgoingCase(smtp.port);
    await activities.sendApplication(application);
    expect(await activities.sendApplication({ ...application, transmission: 2 })).toMatchObject({
      kind: 'accepted',
      messageId: MESSAGE_ID,
    });
    expect(smtp.received).toHaveLength(1);
  });
});

test('all tries send the bytes that were composed first', async () => {
  once('dot', { say: '451 4.3.0 try again' });
  let clock = new Date('2026-11-24T12:00:00Z');
  const { activities, application, archive } = await anOutgoingCase(smtp.port, { dependencies: { now: () => clock } });
  const raws: string[] = [];
  const { script } = smtp;
  smtp.script = (point, session, argument) => script(point, session, argument);
  await activities.sendApplication(application).catch(() => {});
  const record = await read(archive, outbox, MESSAGE_ID);
  clock = new Date('2026-11-25T12:00:00Z');
  await activities.sendApplication(application);
  raws.push(smtp.received[0]?.raw ?? '');
  expect(await read(archive, outbox, MESSAGE_ID)).toEqual(record);
  const archived = Buffer.from(await archive.getDocument(record?.documentSha256 ?? '')).toString('latin1');
  expect(raws[0]).toBe(archived);
  expect(archived).toContain('Date: Tue, 24 Nov 2026 12:00:00 +0000');
});

test('an attempt that went out with another form is not mistaken for this one', async () => {
  const { activities, application, archive } = await anOutgoingCase(smtp.port);
  await activities.sendApplication(application);
  const { sha256 } = await archive.putDocument(Buffer.concat([FORM, Buffer.from('corrected')]));
  expect(await activities.sendApplication({ ...application, formSha256: sha256 })).toMatchObject({
    kind: 'refused',
    reason: expect.stringContaining('another form'),
  });
  expect(smtp.received).toHaveLength(1);
});

describe('success means that the recipient was accepted', () => {
  test.each([['PIPELINING'], ['8BITMIME']])(
    'CBP refused, our blind copy accepted (%s): nothing goes out at all',
    async (extension) => {
      smtp.extensions = [extension];
      smtp.script = (point, _session, argument) =>
        point === 'rcpt' && argument === CBP ? { say: '550 5.1.1 no such mailbox' } : undefined;
      const { activities, application, archive } = await anOutgoingCase(smtp.port);
      expect(await activities.sendApplication(application)).toMatchObject({
        kind: 'refused',
        reason: expect.stringContaining('550 5.1.1'),
      });
      expect(smtp.received).toHaveLength(0);
      expect(await read(archive, sends, MESSAGE_ID)).toBeUndefined();
    },
  );

  test('both refused, ours only temporarily: the reply for CBP counts', async () => {
    smtp.script = (point, _session, argument) =>
      point === 'rcpt' ? { say: argument === CBP ? '550 5.1.1 no such mailbox' : '450 4.2.1 busy' } : undefined;
    const { activities, application } = await anOutgoingCase(smtp.port);
    expect(await activities.sendApplication(application)).toMatchObject({ kind: 'refused' });
  });

  test('our blind copy refused: the application still goes out', async () => {
    smtp.script = (point, _session, argument) =>
      point === 'rcpt' && argument === MAILBOX ? { say: '450 4.2.1 busy' } : undefined;
    const { activities, application } = await anOutgoingCase(smtp.port);
    expect(await activities.sendApplication(application)).toMatchObject({ kind: 'accepted' });
    expect(smtp.received[0]?.to).toEqual([CBP]);
  });
});

test('a message larger than the server accepts is refused without sending it', async () => {
  smtp.extensions = ['SIZE 5000'];
  const { activities, application } = await anOutgoingCase(smtp.port);
  expect(await activities.sendApplication(application)).toMatchObject({
    kind: 'refused',
    reason: expect.stringContaining('larger'),
  });
  expect(smtp.sessions[0]?.commands.some((command) => command.startsWith('MAIL'))).toBe(false);
});

test('a Message-ID that the server put in place of ours also finds the onboarding', async () => {
  const serverId = 'BN1PR09MB1234@BN1PR09MB1234.namprd09.prod.outlook.com';
  smtp.goodbye = () => `250 2.0.0 OK <${serverId}> [Hostname=BN1PR09MB1234.namprd09.prod.outlook.com]`;
  const { activities, application, archive } = await anOutgoingCase(smtp.port);
  expect(await activities.sendApplication(application)).toMatchObject({ kind: 'accepted', serverMessageId: serverId });
  expect(await read(archive, messageIndex, serverId)).toMatchObject({ workflowId: WORKFLOW });
});
