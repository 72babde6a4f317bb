import type { Archive } from '../archive/archive.js';
import { aliasTestArrivals, aliasTestMails, read } from '../archive/records.js';
import { arrivalFrom } from '../mail/alias-test/alias-test.js';
import { aliasTestTrace } from '../mail/alias-test/alias-test-mail.js';
import type { MailReceiver } from '../mail/incoming/mailbox/mail-receiver.js';

/**
 * A receiver that knows the mails by which reply addresses are tested: they are noted as arrived and removed, and nobody
 * is told, asked or warned of them. Believed is only what has the secret of a test that is on record, so nobody else can
 * have a mail dropped. Everything else goes on to `receiver`.
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
        // Also after it was thought to be lost: then it only came late.
        await archive.replaceRecord(key, arrival());
        return { to: 'removed', outcome: 'known' };
      }
      if (trace.is === 'returned') await archive.createRecord(key, arrival());
      return { to: 'processed', outcome: 'known' };
    },
  };
}
