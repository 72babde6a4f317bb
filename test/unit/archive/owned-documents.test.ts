import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createMailReceiver, RECEIVER_PATIENCE } from '../../../src/activities/receive-mail.js';
import type { ArchiveStore } from '../../../src/archive/archive.js';
import { sha256Of } from '../../../src/archive/archive-names.js';
import { openBucketArchive } from '../../../src/archive/bucket.js';
import { openDirectoryArchive } from '../../../src/archive/directory.js';
import { openEncryptedArchive } from '../../../src/archive/encrypted-archive.js';
import { findOrphans, removeOrphan, sha256sIn, storedIn } from '../../../src/archive/orphans.js';
import { storeOwned } from '../../../src/archive/owned-document.js';
import {
  caseMails,
  documentRefs,
  fills,
  mails,
  onboardings,
  read,
  recordsBelow,
} from '../../../src/archive/records.js';
import { newKey } from '../../../src/encryption/keyring.js';
import { mailIdentity } from '../../../src/mail/incoming/mail-identity.js';
import type { Judgement } from '../../../src/mail/judging/judgement.js';
import { composeOnce } from '../../../src/mail/outgoing/compose/compose-once.js';
import { openS3Server, type S3Server, s3IsPossible } from '../../support/s3-server.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { keyringOf } from '../encryption/keyring-of.js';

/** Every stored document has an owner, even after a crash at any point; orphans are found. */

type Opened = Awaited<ReturnType<typeof opened>>;
const key = newKey();
let s3: S3Server;
beforeAll(async () => {
  if (s3IsPossible()) s3 = await openS3Server();
}, 600_000); // Building it the first time.
afterAll(async () => {
  await s3?.stop();
});

async function opened(store: ArchiveStore, encrypt: boolean) {
  if (!encrypt) return { archive: store, stored: storedIn(store, (sha256) => sha256) };
  const archive = await openEncryptedArchive(store, keyringOf(key));
  return { archive, stored: storedIn(store, (sha256) => archive.nameOf(sha256)) };
}

const directory = () => openDirectoryArchive(temporaryFolder('owned'));
const places: [string, () => Promise<Opened>, boolean][] = [
  ['a directory', async () => opened(await directory(), false), true],
  ['an encrypted directory', async () => opened(await directory(), true), true],
  ['a bucket', async () => opened(await openBucketArchive(s3.place()), false), s3IsPossible()],
];

/** The same archive, but one method fails while told to. */
function failing(archive: Opened['archive'], method: 'putDocument' | 'createRecord' | 'replaceRecord', below = '') {
  const state = { fails: true };
  const flaky = new Proxy(archive, {
    get(target, name) {
      const value = target[name as keyof typeof target] as unknown;
      if (typeof value !== 'function') return value;
      return async (...args: unknown[]) => {
        const hit = name === method && (below === '' || String(args[0]).startsWith(below));
        if (state.fails && hit) throw new Error('killed here');
        return await value.apply(target, args);
      };
    },
  });
  return { flaky, state };
}

describe.each(places)('in %s', (_, open, possible) => {
  let archive: Opened['archive'];
  let stored: Opened['stored'];
  /** What onboardings were told: the sha256 of each email. */
  let told: string[];
  beforeEach(async (context) => {
    context.skip(!possible);
    ({ archive, stored } = await open());
    told = [];
  });

  const documents = async () => {
    let count = 0;
    for await (const _ of stored.listDocuments()) count += 1;
    return count;
  };
  const orphans = async () => (await findOrphans(archive, stored)).map(({ name }) => name);
  const onboarding = () =>
    archive.createRecord(onboardings.key('a'), {
      reference: 'a',
      workflowId: 'onboarding-a',
      round: 1,
      applicationSha256: '0'.repeat(64),
      state: 'started',
      startedAt: '2026-11-28T08:00:00Z',
    });

  const identity = { messageId: 'm@x', name: 'n', workflowId: 'onboarding-a', purpose: 'application/1/1' };
  const compose = (on: Opened['archive'], at: string) =>
    composeOnce(on, identity, new Date(at), async (date) => ({
      recipient: 'c@x.example',
      envelope: { from: 'a@x.example', to: ['c@x.example'] },
      letter: {
        from: { name: 'a', address: 'a@x.example' },
        to: { address: 'c@x.example' },
        subject: 's',
        text: `Today is ${date.toISOString()}.`,
      },
    }));

  test('an email composed again after its record could not be written is the same document', async () => {
    await onboarding();
    const { flaky, state } = failing(archive, 'createRecord', 'outbox/');
    await expect(compose(flaky, '2026-11-28T08:00:00Z')).rejects.toThrow('killed here');
    state.fails = false;
    const composed = await compose(flaky, '2026-11-29T08:00:02Z');
    expect(composed.composedAt).toBe('2026-11-28T08:00:00.000Z');
    expect(await documents()).toBe(1);
    expect(Buffer.from(await archive.getDocument(composed.documentSha256)).toString()).toContain(
      'Today is 2026-11-28T08:00:00.000Z.',
    );
    expect(await orphans()).toEqual([]);
  });

  test('an email composed by two workers at once is one document', async () => {
    const both = await Promise.all([2, 3].map((second) => compose(archive, `2026-11-28T08:00:0${second}Z`)));
    expect(both[0]).toEqual(both[1]);
    expect(await documents()).toBe(1);
  });

  const body = 'Message-ID: <q@cbp.dhs.gov>\r\nFrom: x@cbp.dhs.gov\r\nSubject: hello\r\n\r\nApproved.\r\n';
  const copy = (n: number) => Buffer.from(`Received: from mx by us with ESMTP id ${n}\r\n${body}`);
  const receiver = (on: Opened['archive'], more: Partial<Judgement> = {}) =>
    createMailReceiver({
      archive: on,
      judge: {
        judge: async (raw) => ({
          mail: {
            mailId: mailIdentity(raw),
            kind: 'approved',
            documentSha256: sha256Of(raw),
            receivedAt: '2026-11-28T08:00:00Z',
            authenticity: { verdict: 'authentic', reasons: [] },
            doubts: [],
          } as never,
          action: 'signal',
          workflowId: 'onboarding-a',
          reference: 'a',
          candidates: [{ reference: 'a', evidence: [] }],
          reasons: [],
          ...more,
        }),
      },
      patience: RECEIVER_PATIENCE,
      signal: async (_, { documentSha256 }) => {
        told.push(documentSha256);
        return 'delivered';
      },
    });
  const message = (n: number) => ({ raw: copy(n), receivedAt: '2026-11-28T08:00:00Z', mailbox: 'main', attempt: 1 });
  const mailId = mailIdentity(copy(1));
  /** The one sha256 under which the email is known everywhere. */
  async function oneDocument(): Promise<string> {
    const record = await read(archive, mails, mailId);
    const listed: string[] = [];
    for await (const found of recordsBelow(archive, 'case-mails/', caseMails)) listed.push(found.record.documentSha256);
    const known = new Set([...told, ...listed, record?.mail.documentSha256 ?? '']);
    expect(told.length).toBeGreaterThan(0);
    expect([...known]).toHaveLength(1);
    return told[0] ?? '';
  }

  test('two copies of one email in one batch, or with two watchers, are told and recorded under one sha256', async () => {
    const watchers = [receiver(archive), receiver(archive)];
    await Promise.all(watchers.flatMap(({ receive }) => [receive(message(1)), receive(message(2))]));
    await archive.getDocument(await oneDocument());
    expect(await orphans()).toEqual([]);
  });

  test('an email whose watcher died between telling and recording is known by its first copy, and no other is stored', async () => {
    const { flaky, state } = failing(archive, 'replaceRecord', 'mails/');
    const { receive } = receiver(flaky);
    await expect(receive(message(1))).rejects.toThrow('killed here');
    state.fails = false;
    for (const n of [2, 1]) await receive(message(n));
    expect(told).toHaveLength(2);
    expect(await oneDocument()).toBe(sha256Of(copy(1)));
    expect(await documents()).toBe(1);
    expect(await orphans()).toEqual([]);
  });

  test('the copy of an email that counts is stored before it is fixed, even if its watcher dies in between', async () => {
    const { flaky, state } = failing(archive, 'createRecord', 'mail-documents/');
    await expect(receiver(flaky).receive(message(1))).rejects.toThrow('killed here');
    expect(await documents()).toBe(1);
    state.fails = false;
    await receiver(flaky).receive(message(2));
    await archive.getDocument(await oneDocument());
    expect(await orphans()).toEqual([]);
  });

  test('an email with a password is not stored, and its copies still have one sha256', async () => {
    const watcher = receiver(archive, { credentials: true });
    await Promise.all([watcher.receive(message(1)), watcher.receive(message(2))]);
    await oneDocument();
    expect(await documents()).toBe(0);
  });

  test('an email that is looked at again is not stored again', async () => {
    const waiting = receiver(archive, { workflowId: undefined, candidates: [] } as never);
    await waiting.receive(message(1));
    const { flaky } = failing(archive, 'putDocument');
    expect(await receiver(flaky).receive(message(2))).toMatchObject({ outcome: 'signalled' });
    expect(await oneDocument()).toBe(sha256Of(copy(1)));
  });

  test('a document is never stored before the record that names it', async () => {
    await onboarding();
    const { flaky } = failing(archive, 'createRecord');
    for (const owner of [{ workflowId: 'onboarding-a' }, { mailId: 'f'.repeat(64) }])
      await expect(storeOwned(flaky, owner, Buffer.from('x'))).rejects.toThrow('killed here');
    expect(await documents()).toBe(0);
  });

  test('documents that no record names are found, oldest first, and removed only when they are old', async () => {
    await onboarding();
    const owned = await storeOwned(
      archive,
      { workflowId: 'onboarding-a' },
      Buffer.from('form'),
      Buffer.from('picture'),
    );
    const { sha256 } = await archive.putDocument(Buffer.from('nobody’s'));
    const [orphan, ...others] = await findOrphans(archive, stored);
    expect(others).toEqual([]);
    expect(orphan).toMatchObject({ name: stored.nameOf(sha256) });
    expect(orphan?.bytes).toBeGreaterThanOrEqual(Buffer.byteLength('nobody’s'));
    if (!orphan) return;
    expect(await removeOrphan(archive, orphan, stored, new Date(orphan.storedAt.getTime()))).toBe(false);
    await archive.getDocument(sha256);
    expect(await removeOrphan(archive, orphan, stored, new Date(orphan.storedAt.getTime() + 1))).toBe(true);
    await expect(archive.getDocument(sha256)).rejects.toMatchObject({ code: 'document-missing' });
    expect(await removeOrphan(archive, orphan, stored, new Date(Date.now() + 60_000))).toBe(false);
    for (const kept of owned.sha256s) await archive.getDocument(kept);
  });

  test('an email that lost its document as an orphan is stored again when it comes again', async () => {
    const { flaky } = failing(archive, 'createRecord', 'case-mails/');
    await expect(receiver(flaky).receive(message(1))).rejects.toThrow('killed here');
    const [orphan] = await findOrphans(archive, stored);
    if (!orphan) throw new Error('there must be one');
    expect(await removeOrphan(archive, orphan, stored, new Date(Date.now() + 60_000))).toBe(true);
    told = [];
    await receiver(archive).receive(message(2));
    await archive.getDocument(await oneDocument());
    expect(await orphans()).toEqual([]);
  });

  test('unknown kinds of records name documents, too', async () => {
    const { sha256 } = await archive.putDocument(Buffer.from('x'));
    await archive.createRecord('something-new/1', { deep: [{ inside: `a text with ${sha256}, and more` }] });
    expect(await orphans()).toEqual([]);
  });

  test('a document for an onboarding or an email that was never recorded has no owner', async () => {
    const { sha256s } = await storeOwned(archive, { workflowId: 'onboarding-never' }, Buffer.from('application'));
    const [applicationSha256 = ''] = sha256s;
    const form = { sha256: applicationSha256, pages: 6, edition: 'replica' };
    await archive.createRecord(fills.key('onboarding-never'), { applicationSha256, fingerprint: '', form });
    const mailId = 'e'.repeat(64);
    const copies = await storeOwned(archive, { mailId }, Buffer.from('mail'));
    const names = [...sha256s, ...copies.sha256s].map((sha256) => stored.nameOf(sha256));
    expect((await orphans()).sort()).toEqual(names.sort());
    await archive.createRecord(mails.key(mailId), {
      ...{ mailId, mailbox: 'main', receivedAt: '', firstSeenAt: '', state: 'ignored', candidates: [], reasons: [] },
      mail: { mailId, documentSha256: '1'.repeat(64) },
    });
    expect(await orphans()).toEqual(sha256s.map((sha256) => stored.nameOf(sha256)));
    await onboarding();
    await archive.createRecord(documentRefs.key('onboarding-a.2', 'x'), { documents: sha256s });
    expect(await orphans()).toEqual(sha256s.map((sha256) => stored.nameOf(sha256)));
    await archive.createRecord(documentRefs.key('onboarding-a', 'x'), { documents: sha256s });
    expect(await orphans()).toEqual([]);
  });
});

test('in a directory, a document that is stored again counts as new, so it is not removed for its age', async () => {
  const { archive, stored } = await opened(await directory(), false);
  await archive.putDocument(Buffer.from('x'));
  const [orphan] = await findOrphans(archive, stored);
  if (!orphan) throw new Error('there must be one');
  await expect
    .poll(async () => {
      await archive.putDocument(Buffer.from('x'));
      return (await findOrphans(archive, stored))[0]?.storedAt.getTime();
    })
    .toBeGreaterThan(orphan.storedAt.getTime());
});

test('a sha256 is found anywhere in a record, and a longer number does not count', () => {
  const one = 'a'.repeat(64);
  expect(sha256sIn({ a: [{ b: one }], [one]: 1 })).toEqual([one, one]);
  expect(sha256sIn({ a: `${one}a` })).toEqual([]);
  expect(sha256sIn(undefined)).toEqual([]);
});

test('only storeOwned and the archive itself store documents', async () => {
  const files = (await readdir('src', { recursive: true })).filter((file) => file.endsWith('.ts'));
  const found: string[] = [];
  for (const file of files)
    if (!file.startsWith('archive/') && (await readFile(path.join('src', file), 'utf8')).includes('putDocument('))
      found.push(file);
  expect(found).toEqual([]);
});
