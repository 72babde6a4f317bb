import { describe, expect, onTestFinished, test } from 'vitest';
import { dovecotIsMissing, startDovecot } from '../support/dovecot.js';
import { sharedDevServer } from '../support/temporal-dev-server.js';
import { runChaos } from '../support/watcher-chaos.js';

describe.skipIf(dovecotIsMissing())('a watcher killed between signal, record and move, again and again', () => {
  test('passes on each of 150 emails exactly once, across server restarts and changes of UIDVALIDITY', async ({
    annotate,
  }) => {
    const dovecot = await startDovecot();
    onTestFinished(() => dovecot.stop());
    const report = await runChaos({
      ...sharedDevServer(),
      dovecot,
      mails: 150,
      recipients: 10,
      deliver: (raw) => dovecot.drop(raw),
      deliverAtOnce: 4,
      deathRate: 0.03,
      restarts: 2,
      atMostMs: 60_000,
    });
    await annotate(JSON.stringify(report));
    expect(report).toMatchObject({ missing: 0, repeated: 0, leftInInbox: 0 });
    // More when Dovecot was killed in the middle of a move: the message then lies in both folders, and is moved again.
    expect(report.processed).toBeGreaterThanOrEqual(150);
    expect(report.restarts).toBe(2);
    expect(report.deaths).toBeGreaterThan(0);
  });
});
