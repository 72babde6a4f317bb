import { MockActivityEnvironment } from '@temporalio/testing';
import { expect, onTestFinished, test, vi } from 'vitest';
import { MailboxReport, statusOf } from '../../../../../src/activities/mailbox-report.js';
import { createMailReceiver } from '../../../../../src/activities/receive-mail.js';
import { makeArchive } from '../../../../../src/archive/open-archive.js';
import { aliasIndex, mailboxStatus } from '../../../../../src/archive/records.js';
import { newKey } from '../../../../../src/encryption/keyring.js';
import { FolderSweep } from '../../../../../src/mail/incoming/mailbox/sweep-folder.js';
import { archiveIndex } from '../../../../../src/mail/judging/correlation/correlation-index.js';
import { createMailJudge } from '../../../../../src/mail/judging/judge.js';
import { recordsResolver } from '../../../../../src/mail/judging/origin/dns.js';
import { headerJudge } from '../../../../support/header-judge.mjs';
import { MemoryArchive } from '../../../../support/memory-archive.js';
import { temporaryFolder } from '../../../../support/temporary-folder.js';
import { keyringOf } from '../../../encryption/keyring-of.js';
import { MailFolders } from './mail-folders.js';

const TOKEN = 'abcdefghijklmnop';
const ALIAS = 'ace+{token}@broker.example';
const mailTo = (address: string) => `From: desk@cbp.example\nTo: ${address}\nSubject: your application\n\nHello.\n`;

test('email that needs a key of another worker waits for it as long as it takes, and no other email does', async () => {
  const folder = temporaryFolder('ace-missing-key');
  const folders = new MailFolders();
  const told: string[] = [];
  let clock = Date.parse('2026-03-02T15:00:00Z');

  /** A worker with these keys, in a mailbox that all workers read. */
  async function worker(...keys: string[]) {
    const { archive, importerKeys } = await makeArchive({
      archiveDir: `${folder}/archive`,
      importerKeyFile: `${folder}/key`,
      encryptionKeys: keyringOf(...keys),
    });
    const judge = createMailJudge({
      trust: { fromDomains: ['cbp.example'], dkimDomains: ['cbp.example'] },
      resolver: recordsResolver({}),
      index: archiveIndex(archive, importerKeys, ALIAS),
    });
    onTestFinished(() => judge.close());
    const sweep = new FolderSweep(
      createMailReceiver({
        archive,
        judge,
        patience: { unmatchedMs: 0, ownCopyMs: 0 },
        now: () => clock,
        async signal(workflowId) {
          told.push(workflowId);
          return 'delivered';
        },
      }),
    );
    const session = folders.session();
    return {
      archive,
      sweep: () =>
        sweep.sweep(session, {
          ...{ mailbox: 'main', folder: 'INBOX', processed: 'Processed', review: 'Review', now: () => clock },
        }),
    };
  }

  const [old, fresh] = [newKey(), newKey()];
  const behind = await worker(old);
  const ahead = await worker(fresh, old);
  const key = aliasIndex.key(TOKEN);
  await ahead.archive.createRecord(key, { token: TOKEN, alias: 'cbp', workflowId: 'onboarding-a', reference: 'a' });

  folders.put(mailTo(`ace+${TOKEN}@broker.example`));
  folders.put(mailTo('someone@broker.example'));
  // Longer than a failed lookup is retried.
  for (let minutes = 0; minutes < 11; minutes++) {
    expect(await behind.sweep()).toMatchObject({
      blocked: 1,
      waiting: 0,
      blockedBy: [expect.stringMatching(`the key ${keyringOf(fresh).writingId}.*Add that key to ENCRYPTION_KEYS`)],
    });
    clock += 61_000;
  }
  expect(folders.contents('Review')).toEqual([mailTo('someone@broker.example')]);
  expect(told).toEqual([]);
  expect(await ahead.sweep()).toMatchObject({ blocked: 0, blockedBy: [] });
  expect(told).toEqual(['onboarding-a']);
  expect(folders.contents('INBOX')).toEqual([]);
});

test('a mailbox is read although another worker wrote its status with a key that this one does not have', async () => {
  const folder = temporaryFolder('ace-missing-key');
  const [old, fresh] = [newKey(), newKey()];
  const opened = (...keys: string[]) =>
    makeArchive({
      archiveDir: `${folder}/archive`,
      importerKeyFile: `${folder}/key`,
      encryptionKeys: keyringOf(...keys),
    });
  const { archive } = await opened(old);
  const ahead = await opened(fresh, old);
  await ahead.archive.replaceRecord(mailboxStatus.key('main'), { mailbox: 'main', connected: false, counts: {} });
  const warn = vi.fn();
  const environment = new MockActivityEnvironment({}, { logger: { ...QUIET, warn } });
  await environment.run(async () => {
    const report = await MailboxReport.open({
      ...{ archive, client: {} as never, mailbox: 'main', settings: { sweepSeconds: 60 }, sender: 'a@x.example' },
      ...{ unreadMs: 60_000, shownAlerts: [], archiveFull: () => undefined },
    });
    const found = { signalled: 1, reviewed: 0, ignored: 0, waiting: 0, unmovable: 0, unfetchable: 0, flagged: 0 };
    await report.swept({ ...found, blocked: 0, blockedBy: [] }, new Date(), false);
  });
  expect(await statusOf(archive, 'main')).toMatchObject({ connected: true, counts: { signalled: 1 } });
  expect(warn.mock.calls[0]?.[1]).toMatchObject({ mailbox: 'main', error: { name: 'KeyMissing' } });
});
const QUIET = { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} };

test('an email that waits for its match is not unreadable when a lookup fails once, however long it has waited', async () => {
  const folders = new MailFolders();
  let clock = Date.parse('2026-03-02T15:00:00Z');
  let dnsFails = false;
  const judge = headerJudge();
  const sweep = new FolderSweep(
    createMailReceiver({
      archive: new MemoryArchive(),
      judge: {
        judge: async (...message) => {
          if (dnsFails) throw Object.assign(new Error('no answer'), { code: 'ETIMEOUT' });
          return await judge.judge(...message);
        },
      },
      patience: { unmatchedMs: 3_600_000, ownCopyMs: 0 },
      now: () => clock,
      signal: async () => 'delivered',
    }),
  );
  folders.put('Subject: whose is this?\n\nhello\n');
  for (let looks = 0; looks < 12; looks++) {
    dnsFails = looks === 11;
    const options = { mailbox: 'main', folder: 'INBOX', processed: 'Processed', review: 'Review', now: () => clock };
    expect(await sweep.sweep(folders.session(), options)).toMatchObject({ waiting: 1, reviewed: 0 });
    clock += 121_000;
  }
});
