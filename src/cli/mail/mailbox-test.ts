import { Command, InvalidArgumentError } from 'commander';
import { openArchive } from '../../archive/open-archive.js';
import { readConfig } from '../../config/read-config.js';
import { type AliasAdvice, aliasAdvice } from '../../mail/alias-test/alias-advice.js';
import { createAliasTester } from '../../mail/alias-test/alias-test.js';
import { type AliasTestArrival, awaitAliasTest } from '../../mail/alias-test/await-alias-test.js';
import { openImapSession } from '../../mail/incoming/mailbox/imap-session.js';
import { MAIN_MAILBOX, mailboxSettings } from '../../mail/incoming/mailbox/mailbox-settings.js';
import { createTokenProvider } from '../../mail/outgoing/token-provider.js';
import { CommandFailure, EXIT, printResult } from '../../process/output.js';
import { inList, lines, type Plain, plain } from '../../process/plain-text-output.js';
import { examples } from '../command-help.js';

/** The result of a test, as `--json` prints it. */
export interface MailboxTestResult {
  /** The watched mailbox where it arrived, or where it was expected. */
  mailbox: string;
  /** The reply address that was tested. */
  address: string;
  arrived: boolean;
  /** Seconds from sending to arrival. */
  seconds?: number;
  /** It was in the junk folder. */
  suspected?: boolean;
  /** Why it did not arrive, if the mail server said so. */
  reason?: string;
  /** Other values to try for MAIL_REPLY_ALIAS, if it did not arrive. */
  advice?: AliasAdvice[];
}

export function mailboxTestCommand(): Command {
  return new Command('test')
    .summary('check that a reply address delivers to the mailbox')
    .description(
      `Sends an email to a reply address made for the test, waits until it is in the mailbox, then removes it. If it does not arrive, says what to set instead: not every mail host delivers every form of reply address. The email counts toward MAIL_DAILY_CAP. Without LIVE=true, only mail servers on this machine are contacted.\nExits with ${EXIT.findings} when the email does not arrive.`,
    )
    .configureHelp(examples('mailbox test', 'mailbox test main --wait 600 --json'))
    .argument('[MAILBOX]', 'mailbox that should get the replies', MAIN_MAILBOX)
    .option('--wait <SECONDS>', 'how long to wait for the email', wholeSeconds, 120)
    .option('--json', 'print the result as JSON')
    .action(async (mailbox: string, { wait, json }: { wait: number; json?: true }) => {
      const result = await tested(mailbox, wait);
      printResult(json, result, () => text(result));
      if (!result.arrived)
        throw new CommandFailure(EXIT.findings, plain`Reply addresses do not reach the mailbox ${mailbox}.`);
    });
}

function wholeSeconds(value: string): number {
  if (!/^[1-9]\d{0,4}$/.test(value))
    throw new InvalidArgumentError(`It is "${value}", but must be a whole number of seconds from 1 to 99999.`);
  return Number(value);
}

async function tested(mailbox: string, waitSeconds: number): Promise<MailboxTestResult> {
  const config = readConfig();
  const logins = createTokenProvider(config);
  const mailboxes = mailboxSettings(config, logins);
  const settings = mailboxes.get(mailbox);
  if (!settings)
    throw new CommandFailure(
      EXIT.notFound,
      plain`No mailbox "${mailbox}" is configured. Configured: ${inList([...mailboxes.keys()])}.`,
    );
  const { archive } = await openArchive(config);
  const over = new AbortController();
  // Opened before anything is sent: if the mailbox cannot be read, the test is pointless.
  const session = await openImapSession(settings, over.signal);
  try {
    const begun = Date.now();
    const sent = await createAliasTester({ archive, config, logins }).send(mailbox);
    if (sent.outcome === 'unsent')
      throw new CommandFailure(EXIT.failed, plain`The test was not sent. ${sent.reason}`, { mailbox, ...sent });
    const { nonce, address } = sent;
    const arrival: AliasTestArrival =
      sent.outcome === 'refused'
        ? { arrived: false, reason: sent.reason }
        : await awaitAliasTest(
            archive,
            session,
            settings,
            { nonce, mailbox, ownAddress: config.mail.from },
            waitSeconds * 1000,
          );
    return {
      mailbox,
      address,
      ...arrival,
      ...(arrival.arrived
        ? { seconds: Math.round((Date.now() - begun) / 100) / 10 }
        : { advice: aliasAdvice(config.mail.replyAlias, config.mail.from) }),
    };
  } finally {
    session.close();
    over.abort();
  }
}

function text({ mailbox, address, arrived, seconds, suspected, reason, advice }: MailboxTestResult): Plain {
  if (arrived)
    return lines([
      plain`The test to ${address} arrived in the mailbox ${mailbox} after ${seconds} seconds, and was removed. Reply addresses work.`,
      suspected === true
        ? plain`It was in the junk folder. The worker reads that folder too, but less often. Add a rule that keeps email to reply addresses out of junk.`
        : undefined,
    ]);
  return lines([
    plain`The test to ${address} did not arrive in the mailbox ${mailbox}. ${reason}`,
    plain`Mail hosts differ in which addresses they deliver. Choose a form that yours supports, set it up there, then test again:`,
    ...(advice ?? []).flatMap(({ pattern, needs }) => [
      plain`  MAIL_REPLY_ALIAS=${pattern}`,
      plain`    needs ${needs}.`,
    ]),
    plain`Choose before you start the first onboarding: replies to addresses of an older form are no longer matched by address.`,
  ]);
}
