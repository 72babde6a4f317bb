import { expect, onTestFinished, test } from 'vitest';
import { dovecotIsMissing, startDovecot } from '../test/support/dovecot.js';
import { openSmtpdIsMissing, startOpenSmtpd } from '../test/support/opensmtpd.js';
import { sharedDevServer } from '../test/support/temporal-dev-server.js';
import { runChaos } from '../test/support/watcher-chaos.js';

const MAILS = Number(process.env.SOAK_MAILS ?? 2_000);

/** 2,000 emails through a real mail server into a real mailbox, while processes and connections are killed. */
test.skipIf(dovecotIsMissing() || openSmtpdIsMissing())(
  `${MAILS} emails take effect exactly once, across kills, restarts and changes of UIDVALIDITY`,
  async () => {
    const dovecot = await startDovecot();
    onTestFinished(() => dovecot.stop());
    const smtpd = await startOpenSmtpd(dovecot);
    onTestFinished(() => smtpd.stop());
    const report = await runChaos({
      ...sharedDevServer(),
      dovecot,
      mails: MAILS,
      recipients: 50,
      deliver: (raw) => smtpd.send(raw),
      deliverAtOnce: 4,
      deathRate: 0.01,
      restarts: 10,
      atMostMs: 5 * 60_000,
    });
    console.log(JSON.stringify({ emails: MAILS, ...report }, null, 2));
    expect(report).toMatchObject({ missing: 0, repeated: 0, leftInInbox: 0, restarts: 10 });
    // More if Dovecot was killed in the middle of a move: the email is then in both folders, and is moved again.
    expect(report.processed).toBeGreaterThanOrEqual(MAILS);
    expect(report.deaths).toBeGreaterThan(0);
  },
);
