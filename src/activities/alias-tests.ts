import { log } from '@temporalio/activity';
import type { Archive } from '../archive/archive.js';
import { aliasTestArrivals, aliasTestMails, read } from '../archive/records.js';
import { type AliasTester, aliasTestIsDue, arrivalFrom, lastAliasTest } from '../mail/alias-test/alias-test.js';
import { aliasTestTrace } from '../mail/alias-test/alias-test-mail.js';
import type { MailReceiver } from '../mail/incoming/mailbox/mail-receiver.js';

/**
 * The daily test whether reply addresses lead into this mailbox. `sendIfDue` does not wait for the mail server; a later
 * report shows the result. An email that has not left when the test is stopped does not leave.
 */
export function dailyAliasTest(tester: AliasTester, archive: Archive, mailbox: string) {
  const stopped = new AbortController();
  let underWay = false;
  return {
    async sendIfDue(): Promise<void> {
      if (underWay || !aliasTestIsDue(await lastAliasTest(archive, mailbox), new Date())) return;
      underWay = true;
      void tester
        .send(mailbox, stopped.signal)
        .catch((error: unknown) => log.warn('Reply addresses could not be tested', { mailbox, error }))
        .finally(() => {
          underWay = false;
        });
    },
    stop: () => stopped.abort(),
  };
}

/**
 * Takes out the emails of that test before `receiver` sees them: they are recorded as arrived and removed, with no
 * signal and no alert. Only an email with the secret of a recorded test is taken out, so no one else can make an email
 * disappear.
 */
export function withAliasTests(
  receiver: MailReceiver,
  { archive, ownAddress, now = Date.now }: { archive: Archive; ownAddress: () => string; now?: () => number },
): MailReceiver {
  return {
    async receive(message) {
      const trace = aliasTestTrace(message.raw, ownAddress());
      if (!trace || !(await read(archive, aliasTestMails, trace.nonce))) return await receiver.receive(message);
      const key = aliasTestArrivals.key(trace.nonce);
      const arrival = () => arrivalFrom(trace, message, new Date(now()));
      if (trace.is === 'itself') {
        // Even if the test was already recorded as lost: the email was only late.
        await archive.replaceRecord(key, arrival());
        return { to: 'removed', outcome: 'known' };
      }
      if (trace.is === 'returned') await archive.createRecord(key, arrival());
      return { to: 'processed', outcome: 'known' };
    },
  };
}
