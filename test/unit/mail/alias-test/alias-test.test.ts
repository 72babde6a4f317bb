import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { withAliasTests } from '../../../../src/activities/alias-tests.js';
import { createMailReceiver } from '../../../../src/activities/receive-mail.js';
import { aliasTestArrivals, aliasTestMails, aliasTests, read } from '../../../../src/archive/records.js';
import { aliasAdvice } from '../../../../src/mail/alias-test/alias-advice.js';
import {
  type AliasTestState,
  aliasTestFailure,
  aliasTestIsDue,
  createAliasTester,
  lastAliasTest,
} from '../../../../src/mail/alias-test/alias-test.js';
import type { MailReceiver } from '../../../../src/mail/incoming/mailbox/mail-receiver.js';
import { FolderSweep } from '../../../../src/mail/incoming/mailbox/sweep-folder.js';
import { aliasTokenIn } from '../../../../src/mail/outgoing/reply-alias.js';
import { createTokenProvider } from '../../../../src/mail/outgoing/token-provider.js';
import { headerJudge } from '../../../support/header-judge.mjs';
import { MemoryArchive } from '../../../support/memory-archive.js';
import { MailFolders } from '../incoming/mailbox/mail-folders.js';
import { aConfig, MAILBOX, PATIENT } from '../outgoing/outgoing-case.js';
import { openScriptedSmtp, type ScriptedSmtp } from '../outgoing/scripted-smtp.js';

const PATTERN = 'ace+{token}@broker.example';
let smtp: ScriptedSmtp;
let archive: MemoryArchive;
let signalled: string[];
let receiver: MailReceiver;
beforeEach(async () => {
  smtp = await openScriptedSmtp();
  archive = new MemoryArchive();
  signalled = [];
  receiver = withAliasTests(
    createMailReceiver({
      archive,
      judge: {
        // Like the real one: an address that looks like our alias but is unknown.
        judge: async (...message) => ({ ...(await headerJudge().judge(...message)), unknownAliases: 1 }),
      },
      patience: { unmatchedMs: 0, ownCopyMs: 0 },
      signal: async (workflowId) => {
        signalled.push(workflowId);
        return 'delivered';
      },
    }),
    { archive, ownAddress: () => MAILBOX },
  );
});
afterEach(() => smtp.close());

function tester(environment: Record<string, string> = {}) {
  const config = aConfig(smtp.port, environment);
  return createAliasTester({ archive, config, logins: createTokenProvider(config), timeouts: PATIENT });
}

/** Sends a test and returns its email as the server received it. */
async function sentTest() {
  const sent = await tester().send('main');
  return { ...sent, raw: smtp.received.at(-1)?.raw ?? '' };
}

const keysBelow = (prefix: string) => [...archive.records.keys()].filter((key) => key.startsWith(prefix));
const receive = (raw: string) =>
  receiver.receive({ raw: Buffer.from(raw), receivedAt: new Date().toISOString(), mailbox: 'main', attempt: 1 });

describe('a test of reply addresses', () => {
  test('is one email to a fresh alias that belongs to no onboarding, and names no one', async () => {
    const first = await sentTest();
    const second = await sentTest();
    expect(first.outcome).toBe('sent');
    expect(first.address).not.toBe(second.address);
    expect(smtp.received.map(({ to }) => to)).toEqual([[first.address], [second.address]]);
    expect(smtp.received.every(({ from }) => from === MAILBOX)).toBe(true);
    expect(aliasTokenIn(PATTERN, first.address)).toMatch(/^[a-z2-7]{16}$/);
    const kinds = [...archive.records.keys()].map((key) => key.split('/', 1)[0]);
    expect(new Set(kinds)).toEqual(new Set(['alias-test-mails', 'alias-tests', 'sends-per-day']));
    expect(archive.documents.size).toBe(0);
    expect(first.raw).toMatch(/^Auto-Submitted: auto-generated\r$/m);
  });

  test('counts toward the daily cap and is not sent beyond it', async () => {
    const twice = tester({ MAIL_DAILY_CAP: '1' });
    expect(await twice.send('main')).toMatchObject({ outcome: 'sent' });
    expect(await twice.send('main')).toMatchObject({ outcome: 'unsent', reason: expect.stringContaining('DAILY_CAP') });
    expect(smtp.received).toHaveLength(1);
  });

  test('goes only to a server on this machine without LIVE=true', async () => {
    const config = aConfig(smtp.port);
    const elsewhere = { ...config, smtp: { ...config.smtp, host: 'mail.broker.example', security: 'tls' as const } };
    const sending = createAliasTester({ archive, config: elsewhere, logins: createTokenProvider(config) }).send('main');
    await expect(sending).rejects.toMatchObject({ code: 'server-not-allowed' });
  });

  test('fails at once if the mail server knows no such address, and tells nothing if it accepts no mail at all', async () => {
    smtp.script = (point) => (point === 'rcpt' ? { say: '550 5.1.1 no such user' } : undefined);
    expect(await tester().send('main')).toMatchObject({ outcome: 'refused' });
    expect(aliasTestFailure(await lastAliasTest(archive, 'main'), new Date())).toContain('no such user');
    smtp.script = (point) => (point === 'greeting' ? { say: '421 busy', thenCut: true } : undefined);
    expect(await tester().send('main')).toMatchObject({ outcome: 'unsent' });
    expect(aliasTestFailure(await lastAliasTest(archive, 'main'), new Date(Date.now() + 86_400_000))).toBeUndefined();
  });

  test('forgets the secrets of emails that will no longer arrive', async () => {
    const old = { nonce: 'a'.repeat(32), mailbox: 'main', startedAt: '2020-01-01T00:00:00.000Z' };
    await archive.createRecord(aliasTestMails.key(old.nonce), old);
    await archive.createRecord(aliasTestArrivals.key(old.nonce), {
      nonce: old.nonce,
      at: old.startedAt,
      mailbox: 'main',
      what: 'arrived',
    });
    const { nonce } = await sentTest();
    expect(keysBelow('alias-test-mails/')).toEqual([aliasTestMails.key(nonce)]);
    expect(keysBelow('alias-test-arrivals/')).toEqual([]);
  });
});

describe('the watcher recognizes its own test email', () => {
  test('records its arrival and removes it: no one is signaled, asked or warned, and nothing is kept', async () => {
    const { nonce, raw } = await sentTest();
    expect(await receive(`Received: from mx.example\r\n${raw}`)).toEqual({ to: 'removed', outcome: 'known' });
    expect(await read(archive, aliasTestArrivals, nonce)).toMatchObject({ what: 'arrived', mailbox: 'main' });
    expect((await lastAliasTest(archive, 'main'))?.arrivedAt).toBeDefined();
    expect(signalled).toEqual([]);
    for (const prefix of ['mails/', 'review/', 'alias-guesses/']) expect(keysBelow(prefix)).toEqual([]);
    expect(archive.documents.size).toBe(0);
  });

  test('even if the server changed its Message-ID or removed our own header', async () => {
    const { raw } = await sentTest();
    expect(await receive(raw.replace(/^Message-ID:.*$/im, 'Message-ID: <new@host.example>'))).toMatchObject({
      to: 'removed',
    });
    expect(await receive(raw.replace(/^X-Onboarding-Message:.*\r\n/im, ''))).toMatchObject({ to: 'removed' });
  });

  test('and its bounce, which shows that the address does not work', async () => {
    const { nonce, address, raw } = await sentTest();
    const report = (action: string) =>
      [
        'From: Mail Delivery System <MAILER-DAEMON@mx.example>',
        `To: ${MAILBOX}`,
        'Content-Type: multipart/report; report-type=delivery-status; boundary=b',
        '',
        '--b\r\nContent-Type: message/delivery-status\r\n',
        `Final-Recipient: rfc822; ${address}`,
        `Action: ${action}`,
        'Diagnostic-Code: smtp; 550 5.1.1 unknown user',
        '',
        `--b\r\nContent-Type: text/rfc822-headers\r\n\r\n${raw.split('\r\n\r\n')[0]}`,
        '--b--',
        '',
      ].join('\r\n');
    expect(await receive(report('delayed'))).toMatchObject({ to: 'processed', outcome: 'known' });
    expect(await read(archive, aliasTestArrivals, nonce)).toBeUndefined();
    expect(await receive(report('failed'))).toMatchObject({ to: 'processed', outcome: 'known' });
    expect(aliasTestFailure(await lastAliasTest(archive, 'main'), new Date())).toContain('unknown user');
    expect(keysBelow('review/')).toEqual([]);
    expect(keysBelow('alias-guesses/')).toEqual([]);
    // It arrived after all.
    await receive(raw);
    expect(aliasTestFailure(await lastAliasTest(archive, 'main'), new Date())).toBeUndefined();
  });

  test.each([
    ['has no secret of a test on record', (raw: string, nonce: string) => raw.replaceAll(nonce, 'f'.repeat(32))],
    ['is from somebody else', (raw: string) => raw.replace(/^From:.*$/m, 'From: desk@cbp.example')],
    ['is from two senders', (raw: string) => `From: desk@cbp.example\r\n${raw}`],
  ])('but not an email that %s', async (_, change) => {
    const { nonce, raw } = await sentTest();
    expect(await receive(change(raw, nonce))).toMatchObject({ to: 'review' });
    expect(await read(archive, aliasTestArrivals, nonce)).toBeUndefined();
  });

  test('which leaves the inbox, for Processed if the server cannot remove it', async () => {
    const { raw } = await sentTest();
    const folders = new MailFolders();
    const options = { mailbox: 'main', folder: 'INBOX', processed: 'Processed', review: 'Review' };
    folders.put(raw);
    await new FolderSweep(receiver).sweep(folders.session(), options);
    expect([folders.contents('INBOX'), folders.contents('Processed')]).toEqual([[], [raw]]);
    folders.put(raw);
    const removed: number[][] = [];
    const remove = async (uids: number[]) => removed.push(uids) > 0;
    const report = await new FolderSweep(receiver).sweep({ ...folders.session(), remove }, options);
    expect(removed).toHaveLength(1);
    expect(folders.contents('Processed')).toHaveLength(1);
    expect(report).toMatchObject({ signalled: 0, reviewed: 0, ignored: 0, unmovable: 0 });
  });
});

describe('reply addresses', () => {
  const at = (hours: number) => new Date(Date.parse('2026-03-02T15:00:00Z') + hours * 3_600_000);
  const sent: AliasTestState = { startedAt: at(0).toISOString(), sent: true };
  const arrived = { ...sent, arrivedAt: at(0.01).toISOString() };

  test('are tested once a day, and every hour until a test arrives', () => {
    expect(aliasTestIsDue(undefined, at(0))).toBe(true);
    expect([aliasTestIsDue(arrived, at(23.9)), aliasTestIsDue(arrived, at(24))]).toEqual([false, true]);
    expect([aliasTestIsDue(sent, at(0.9)), aliasTestIsDue(sent, at(1))]).toEqual([false, true]);
  });

  test('raise an alert if a test has not arrived within 15 minutes, but not if none went out', () => {
    expect(aliasTestFailure(undefined, at(0))).toBeUndefined();
    expect(aliasTestFailure(sent, at(0.24))).toBeUndefined();
    expect(aliasTestFailure(sent, at(0.25))).toMatch(/has not arrived/);
    expect(aliasTestFailure({ ...sent, sent: false }, at(10))).toBeUndefined();
    expect(aliasTestFailure(arrived, at(10))).toBeUndefined();
    expect(aliasTestFailure({ ...sent, reason: 'returned' }, at(0.01))).toBe('returned');
  });

  test('are suggested in every form except the one tried, each a valid configuration value', () => {
    const advice = aliasAdvice(PATTERN, MAILBOX).map(({ pattern }) => pattern);
    expect(advice).toEqual(['ace-{token}@broker.example', '{token}@ace.broker.example', 'ace.{token}@broker.example']);
    for (const MAIL_REPLY_ALIAS of advice)
      expect(aConfig(25, { MAIL_REPLY_ALIAS }).mail.replyAlias).toBe(MAIL_REPLY_ALIAS);
  });
});

test('the last test of a mailbox is the one that counts', async () => {
  await sentTest();
  const { nonce } = await sentTest();
  expect((await read(archive, aliasTests, 'main'))?.nonce).toBe(nonce);
});
