import { beforeEach, describe, expect, test } from 'vitest';
import { type LetterRetrial, retryWaitingLetters } from '../../../../../src/activities/retry-letters.js';
import { type MailRecord, mails, read, signatures, unknownLetters } from '../../../../../src/archive/records.js';
import { mailIdentity } from '../../../../../src/mail/incoming/mail-identity.js';
import { createLetterStore } from '../../../../../src/mail/judging/letters/letter-store.js';
import { groupOf, noteUnknownLetter, waitingGroups } from '../../../../../src/mail/judging/letters/waiting-letters.js';
import { noteCaseMail } from '../../../../../src/mail/judging/text/case-facts.js';
import type { CaseFacts } from '../../../../../src/mail/judging/text/mask.js';
import type { ReceivedMail } from '../../../../../src/workflows/contract/received-mail.js';
import { MemoryArchive } from '../../../../support/memory-archive.js';
import { mail } from '../corpus.js';
import { ACME, DECIDES, FOOTER, letter, taught, writing } from './lessons.js';

const BOIS: CaseFacts = { company: 'Bois Ltée', importerNumbers: ['061234-12345'] };
const FACTS: Record<string, CaseFacts> = { 'onboarding-acme': ACME, 'onboarding-bois': BOIS };

let archive: MemoryArchive;
let told: { workflowId: string; mail: ReceivedMail; requestId: string }[];
const store = () => createLetterStore(archive, { managers: ['jo'] });
const retry = (changes: Partial<LetterRetrial> = {}) =>
  retryWaitingLetters({
    archive,
    store: store(),
    signal: async (workflowId, received, requestId) => {
      told.push({ workflowId, mail: received, requestId });
      return 'delivered';
    },
    factsOf: async (workflowId) => FACTS[workflowId],
    now: () => new Date('2026-03-05T12:00:00Z'),
    ...changes,
  });
const waiting = () => [...archive.records.keys()].filter((key) => key.startsWith('unknown-letters/'));
const recorded = async (mailId: string) => mails.schema.parse(await archive.readRecord(mails.key(mailId)));

async function arrive(workflowId: string, subject: string, body: string, group = 'g'): Promise<string> {
  const raw = mail({ subject, body });
  const { sha256 } = await archive.putDocument(raw);
  const mailId = mailIdentity(raw);
  const received: ReceivedMail = {
    mailId,
    receivedAt: '2026-03-03T20:00:00.000Z',
    mailbox: 'main',
    kind: 'unclear',
    confidence: 0.3,
    evidence: ['no known letter'],
    doubts: ['unknown-letter'],
    authenticity: { verdict: 'authentic', reasons: [] },
    alias: 'cbp',
    from: 'ace.applications@cbp.dhs.gov',
    subject,
    excerpt: '',
    documentSha256: sha256,
    signedBy: 'cbp.dhs.gov',
    signature: mailId,
    unknown: ['…'],
  };
  const record: MailRecord = {
    mailId,
    mailbox: 'main',
    receivedAt: received.receivedAt,
    firstSeenAt: received.receivedAt,
    state: 'signalled',
    workflowId,
    reference: workflowId.slice('onboarding-'.length),
    candidates: [],
    reasons: [],
    mail: received,
  };
  await archive.replaceRecord(mails.key(mailId), record);
  await noteCaseMail(archive, workflowId, received);
  const { reference = '' } = record;
  await noteUnknownLetter(archive, { mailId, workflowId, reference, group, domain: 'cbp.dhs.gov', since: 'x' });
  return mailId;
}

beforeEach(() => {
  archive = new MemoryArchive();
  told = [];
});

describe('email that waits when its letter is taught', () => {
  let acme: string;
  let bois: string;
  let other: string;
  beforeEach(async () => {
    acme = await arrive('onboarding-acme', 'ACE application 12-345678900', `${DECIDES}\n\n${FOOTER}`);
    const subject = 'ACE application 061234-12345';
    bois = await arrive('onboarding-bois', subject, `Your application for Bois Ltée has been approved.\n\n${FOOTER}`);
    other = await arrive('onboarding-acme', 'ACE application 12-345678900', `${DECIDES}\n\nNot yet.\n\n${FOOTER}`);
    await store().add(taught('jo'));
  });

  test('is signaled to its case as that letter and stops waiting, whichever case taught it; other emails keep waiting', async () => {
    expect(await retry()).toMatchObject({ waiting: 3, known: expect.arrayContaining([acme, bois]) });
    expect(told.map(({ workflowId, requestId }) => [workflowId, requestId]).sort()).toEqual([
      ['onboarding-acme', `${acme}/${letter().id}`],
      ['onboarding-bois', `${bois}/${letter().id}`],
    ]);
    const known = told.find(({ workflowId }) => workflowId === 'onboarding-bois')?.mail;
    expect(known).toMatchObject({ kind: 'approved', confidence: 1, letter: { id: letter().id, dates: [] } });
    expect(known).not.toHaveProperty('unknown');
    expect(known?.doubts).toEqual([]);
    expect((await recorded(bois)).mail).toEqual(known);
    expect((await recorded(bois)).handled).toEqual([
      expect.objectContaining({ what: 'known', reason: expect.stringContaining(letter().id) }),
    ]);
    expect(waiting()).toEqual([unknownLetters.key(other)]);
  });

  test.each(['replaceRecord', 'removeRecord'] as const)(
    'is told again under the same request id after a death before %s, and ends the same',
    async (step) => {
      const { [step]: real } = archive;
      archive[step] = async () => {
        throw new Error('killed');
      };
      await expect(retry()).rejects.toThrow('killed');
      expect(waiting()).toHaveLength(3);
      archive[step] = real as never;
      await retry();
      expect(waiting()).toEqual([unknownLetters.key(other)]);
      expect(new Set(told.map(({ requestId }) => requestId)).size).toBe(2);
      expect((await recorded(acme)).handled).toHaveLength(1);
    },
  );

  test('is tried even if others fail', async () => {
    const failing = retry({
      signal: async (workflowId, received, requestId) => {
        if (workflowId === 'onboarding-acme') throw new Error('unreachable');
        told.push({ workflowId, mail: received, requestId });
        return 'delivered';
      },
    });
    await expect(failing).rejects.toThrow('unreachable');
    expect(told).toHaveLength(1);
    expect(waiting()).toHaveLength(2);
  });

  test('stops being signaled once its letter is revoked halfway through many', async () => {
    for (let more = 0; more < 40; more++)
      await arrive('onboarding-acme', 'ACE application 12-345678900', `${DECIDES}\n\n${FOOTER}`);
    const revoking = store();
    await retry({
      signal: async (workflowId, received, requestId) => {
        await revoking.add({ act: 'revoke', by: 'kim', what: letter().id, reason: 'x' });
        told.push({ workflowId, mail: received, requestId });
        return 'delivered';
      },
    });
    expect(told.length).toBeGreaterThan(0);
    expect(told.length).toBeLessThan(20);
    expect(waiting()).toHaveLength(43 - told.length);
  });

  test('is compared step by step, so that a watcher sees progress and can cancel', async () => {
    let steps = 0;
    await retry({ progress: () => steps++ });
    expect(steps).toBe(3);
    const ended = () => {
      throw new Error('stopped');
    };
    await expect(retry({ progress: ended })).rejects.toThrow('stopped');
  });

  test('gets the checks for decisions only: its recipients and when it was signed', async () => {
    const record = await recorded(acme);
    const mail: ReceivedMail = {
      ...record.mail,
      alias: 'client',
      authenticity: { verdict: 'undetermined', reasons: [] },
      signedAt: '2026-03-01T12:00:00.000Z',
    };
    await archive.replaceRecord(mails.key(acme), { ...record, mail });
    await retry({ factsOf: async () => ({ ...ACME, submittedAt: '2026-03-02T12:00:00.000Z' }) });
    expect((await recorded(acme)).mail.doubts).toEqual([
      'sender-unchecked',
      'to-client-alias',
      'signed-before-submission',
    ]);
  });

  test('from an address that no one agreed on keeps waiting', async () => {
    const record = await recorded(acme);
    await archive.replaceRecord(mails.key(acme), { ...record, mail: { ...record.mail, from: 'x@cbp.dhs.gov' } });
    expect((await retry()).known).toEqual([bois]);
  });

  test('of a closed case stops waiting, and its record is unchanged', async () => {
    expect(await retry({ signal: async () => 'not-found' })).toMatchObject({ known: [] });
    expect((await recorded(acme)).mail.kind).toBe('unclear');
    expect(waiting()).toEqual([unknownLetters.key(other)]);
  });

  test('keeps waiting while its case is unknown or its letter is revoked', async () => {
    expect(await retry({ factsOf: async () => undefined })).toMatchObject({ waiting: 3, known: [] });
    await store().add({ act: 'revoke', by: 'kim', what: letter().id, reason: 'x' });
    expect(await retry()).toMatchObject({ waiting: 3, known: [] });
    expect(told).toEqual([]);
  });

  test('loses the doubts about its letter and keeps those about its sender', async () => {
    const record = await recorded(acme);
    const mail: ReceivedMail = { ...record.mail, doubts: ['evidence-unsigned', 'unknown-letter'] };
    await archive.replaceRecord(mails.key(acme), { ...record, mail });
    await retry();
    expect(told.map(({ mail: { mailId, doubts } }) => [mailId, doubts])).toContainEqual([acme, ['evidence-unsigned']]);
    expect(told.find(({ mail: { mailId } }) => mailId !== acme)?.mail.doubts).toEqual([]);
  });

  test('does not count if its signature already moved a case', async () => {
    await archive.createRecord(signatures.key(acme), { mailId: 'another', workflowId: 'onboarding-bois' });
    await retry();
    expect(told.find(({ mail: { mailId } }) => mailId === acme)?.mail.doubts).toEqual(['signature-used']);
  });

  test('counts once, however many emails have its signature', async () => {
    const again = await arrive('onboarding-acme', 'Re: ACE application 12-345678900', `${DECIDES}\n\n${FOOTER}`);
    for (const mailId of [acme, again]) {
      const record = await recorded(mailId);
      const mail: ReceivedMail = { ...record.mail, doubts: ['unclear'], signature: 'f'.repeat(64) };
      await archive.replaceRecord(mails.key(mailId), { ...record, mail });
    }
    await retry();
    const doubts = [(await recorded(acme)).mail.doubts, (await recorded(again)).mail.doubts];
    expect(doubts).toEqual(expect.arrayContaining([[], ['signature-used']]));
  });
});

test('an email that quotes words of unknown origin is not a known letter', async () => {
  const body = `${DECIDES}\n\n${FOOTER}\n\n> It is closed.`;
  const quoting = await arrive('onboarding-acme', 'ACE application 12-345678900', body);
  await store().add(taught('jo'));
  expect(await retry()).toMatchObject({ waiting: 1, known: [] });
  const { sha256 } = await archive.putDocument(mail({ body: 'It is closed.' }));
  await noteCaseMail(archive, 'onboarding-acme', { mailId: 'earlier', documentSha256: sha256 });
  expect(await retry()).toMatchObject({ known: [quoting] });
});

test('an email that is still being received is left alone', async () => {
  const mailId = await arrive('onboarding-acme', 'ACE application 12-345678900', `${DECIDES}\n\n${FOOTER}`);
  await store().add(taught('jo'));
  const record = await read(archive, mails, mailId);
  await archive.replaceRecord(mails.key(mailId), { ...record, state: 'waiting' });
  expect(await retry()).toMatchObject({ waiting: 1, known: [] });
});

describe('groups', () => {
  test('are equal for one letter of different cases, and differ for other words, subjects, senders and parts', () => {
    const bois = writing(['Your application for Bois Ltée has been approved.', FOOTER]);
    const group = groupOf(writing(), ACME);
    expect(groupOf({ ...bois, subject: 'ACE application 061234-12345' }, BOIS)).toBe(group);
    const others = [
      writing([DECIDES.replace('approved', 'denied'), FOOTER]),
      writing(undefined, { subject: 'Another' }),
      writing(undefined, { domain: 'dhs.gov' }),
      writing(undefined, { parts: { html: [DECIDES, FOOTER] } }),
      writing([FOOTER, DECIDES]),
    ].map((one) => groupOf(one, ACME));
    expect(new Set([group, ...others]).size).toBe(6);
  });

  test('show the oldest email, and no group is left when nothing waits', async () => {
    expect(await waitingGroups(archive)).toEqual([]);
  });
});
