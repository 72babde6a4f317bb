import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { withAliasTests } from '../../src/activities/alias-tests.js';
import type { Archive } from '../../src/archive/archive.js';
import { makeArchive } from '../../src/archive/open-archive.js';
import { aliasTestArrivals, mailboxStatus, read } from '../../src/archive/records.js';
import { main } from '../../src/cli/main.js';
import { createAliasTester } from '../../src/mail/alias-test/alias-test.js';
import type { MailReceiver } from '../../src/mail/incoming/mailbox/mail-receiver.js';
import { createTokenProvider } from '../../src/mail/outgoing/token-provider.js';
import { EXIT } from '../../src/process/output.js';
import { type Dovecot, dovecotIsMissing, startDovecot } from '../support/dovecot.js';
import { sharedDevServer } from '../support/temporal-dev-server.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { startWatching } from '../support/watching.js';
import { aConfig, MAILBOX, mailEnvironment } from '../unit/mail/outgoing/outgoing-case.js';
import { openScriptedSmtp, type ScriptedSmtp } from '../unit/mail/outgoing/scripted-smtp.js';

const soon = { timeout: 15_000, interval: 50 };

describe.skipIf(dovecotIsMissing())('a test of reply addresses', () => {
  let dovecot: Dovecot;
  let smtp: ScriptedSmtp;
  /** Where the mail host files what comes to a reply address; undefined: nowhere. */
  let filedIn: string | undefined;
  let printed = '';
  let archive: Archive;
  beforeAll(async () => {
    dovecot = await startDovecot();
  });
  afterAll(() => dovecot?.stop());
  beforeEach(async () => {
    await dovecot.emptyFolders();
    filedIn = 'INBOX';
    smtp = await openScriptedSmtp();
    smtp.goodbye = ({ raw }) => {
      if (filedIn) void dovecot.drop(raw, filedIn);
      return '250 2.0.0 taken';
    };
    onTestFinished(() => smtp.close());
  });

  /** `mailbox test`, over an archive that a worker made. */
  async function mailboxTest(...args: string[]) {
    const dir = await temporaryFolder('mailbox-test');
    const environment = {
      ...mailEnvironment(smtp.port),
      IMAP_PORT: String(dovecot.port),
      IMAP_SECURITY: 'none',
      IMAP_PASSWORD: 'secret',
      ARCHIVE_DIR: `${dir}/archive`,
      IMPORTER_KEY_FILE: `${dir}/importer-key`,
    };
    for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
    ({ archive } = await makeArchive({
      archiveDir: environment.ARCHIVE_DIR,
      importerKeyFile: environment.IMPORTER_KEY_FILE,
    }));
    printed = '';
    const out = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
      printed += text;
      return true;
    });
    const err = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    try {
      return await main(['mailbox', 'test', ...args]);
    } finally {
      out.mockRestore();
      err.mockRestore();
      vi.unstubAllEnvs();
    }
  }

  test('finds its email without a worker, and removes it', async () => {
    expect(await mailboxTest()).toBe(EXIT.ok);
    expect(printed).toMatch(/to ace\+[a-z2-7]{16}@broker\.example arrived in the mailbox main after [\d.]+ seconds/);
    expect([await dovecot.count('INBOX'), await dovecot.count('Processed')]).toEqual([0, 0]);
  });

  test('also finds its email in the junk folder, and says so', async () => {
    filedIn = 'Junk';
    expect(await mailboxTest('--json')).toBe(EXIT.ok);
    expect(JSON.parse(printed)).toMatchObject({ arrived: true, suspected: true });
    expect(await dovecot.count('Junk')).toBe(0);
  });

  test('leaves other mail alone', async () => {
    await dovecot.drop('From: desk@cbp.example\nSubject: approved\n\nhello\n');
    expect(await mailboxTest()).toBe(EXIT.ok);
    expect(await dovecot.count('INBOX')).toBe(1);
  });

  test('accepts that a watcher saw the email first, in any mailbox', async () => {
    const receive = async (raw: string) => {
      const strangers: MailReceiver = { receive: () => Promise.reject(new Error('not the test')) };
      const watcher = withAliasTests(strangers, { archive, ownAddress: () => MAILBOX });
      const message = { raw: Buffer.from(raw), receivedAt: new Date().toISOString(), mailbox: 'second', attempt: 1 };
      expect(await watcher.receive(message)).toMatchObject({ to: 'removed' });
    };
    smtp.goodbye = ({ raw }) => {
      void receive(raw);
      return '250 2.0.0 taken';
    };
    expect(await mailboxTest('--json')).toBe(EXIT.ok);
    expect(JSON.parse(printed)).toMatchObject({ arrived: true, mailbox: 'second' });
  });

  test('says what to set when the email does not arrive in time', async () => {
    filedIn = undefined;
    expect(await mailboxTest('--wait', '1')).toBe(EXIT.findings);
    expect(printed).toContain('did not arrive in the mailbox main. It was not there after 1 seconds.');
    for (const pattern of ['ace-{token}@broker.example', '{token}@ace.broker.example', 'ace.{token}@broker.example'])
      expect(printed).toContain(`MAIL_REPLY_ALIAS=${pattern}`);
  });

  test('says what to set when the mail server refuses the address', async () => {
    smtp.script = (point) => (point === 'rcpt' ? { say: '550 5.1.1 no such user' } : undefined);
    expect(await mailboxTest('--json')).toBe(EXIT.findings);
    expect(JSON.parse(printed)).toMatchObject({
      arrived: false,
      reason: expect.stringContaining('no such user'),
      advice: expect.arrayContaining([expect.objectContaining({ pattern: 'ace-{token}@broker.example' })]),
    });
  });

  test('does not blame the address when nothing can be sent, and lists the configured mailboxes', async () => {
    smtp.script = (point) => (point === 'greeting' ? { say: '421 busy', thenCut: true } : undefined);
    expect(await mailboxTest()).toBe(EXIT.failed);
    expect(await mailboxTest('other')).toBe(EXIT.notFound);
    expect(await mailboxTest('--wait', 'soon')).toBe(EXIT.usage);
  });

  test('runs in the watcher too: a refusal raises an alert, and an arrival clears it', async () => {
    smtp.script = (point) => (point === 'rcpt' ? { say: '550 5.1.1 no such user' } : undefined);
    const config = aConfig(smtp.port);
    let tester: ReturnType<typeof createAliasTester> | undefined;
    const watching = await startWatching(sharedDevServer().address, dovecot.settings({ sweepSeconds: 1 }), {
      config: { ...config, policy: { ...config.policy, sendReconcileSeconds: 900 } },
      aliasTester: {
        send: (mailbox, signal) => {
          tester ??= createAliasTester({ archive: watching.archive, config, logins: createTokenProvider(config) });
          return tester.send(mailbox, signal);
        },
      },
    });
    onTestFinished(async () => {
      await watching.stop();
    });
    const troubles = async () => (await watching.status())?.troubles?.map(({ kind }) => kind) ?? [];
    await vi.waitFor(async () => expect(await troubles()).toEqual(['aliases-undelivered']), soon);
    expect(smtp.sessions).toHaveLength(1);

    smtp.script = () => undefined;
    const sent = await tester?.send(watching.mailbox);
    await vi.waitFor(async () => expect((await watching.status())?.aliasTest?.arrivedAt).toBeDefined(), soon);
    await vi.waitFor(async () => expect(await troubles()).toEqual([]), soon);
    expect(await read(watching.archive, aliasTestArrivals, sent?.nonce ?? '')).toMatchObject({ what: 'arrived' });
    expect((await read(watching.archive, mailboxStatus, watching.mailbox))?.counts).toMatchObject({ review: 0 });
    await vi.waitFor(async () => expect(await dovecot.count('INBOX')).toBe(0), soon);
    expect(await dovecot.count('Review')).toBe(0);
  });
});
