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

/** What a test came to, as `--json` prints it. */
export interface MailboxTestResult {
  /** Where it arrived, which may be another one that is watched; else where it was awaited. */
  mailbox: string;
  /** The reply address that was written to. */
  address: string;
  arrived: boolean;
  /** From sending to seeing. */
  seconds?: number;
  /** It lay in the mail host's junk folder. */
  suspected?: boolean;
  /** Why it did not arrive, where the mail server says so. */
  reason?: string;
  /** Other values for MAIL_REPLY_ALIAS, when it did not arrive. */
  advice?: AliasAdvice[];
}

export function mailboxTestCommand(): Command {
  return new Command('test')
    .summary('sends a mail to a reply address and sees it arrive')
    .description(
      `Sends one mail to a reply address made for the test and waits until it is in the mailbox, then removes it. Says what to do when it does not arrive: not every mail host delivers every form of reply address. The mail counts for MAIL_DAILY_CAP; without LIVE=true only mail servers on this machine are spoken to.\nEnds with ${EXIT.findings} when the mail does not arrive.`,
    )
    .argument('[MAILBOX]', 'where reply addresses should lead', MAIN_MAILBOX)
    .option('--wait <SECONDS>', 'how long to wait for it', wholeSeconds, 120)
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  $ ace-onboarding mailbox test\n  $ ace-onboarding mailbox test main --wait 600 --json',
    )
    .action(async (mailbox: string, { wait, json }: { wait: number; json?: true }) => {
      const result = await tested(mailbox, wait);
      printResult(json, result, () => text(result));
      if (!result.arrived)
        throw new CommandFailure(EXIT.findings, plain`Reply addresses do not reach the mailbox ${mailbox}.`);
    });
}

function wholeSeconds(value: string): number {
  if (!/^[1-9]\d{0,4}$/.test(value)) throw new InvalidArgumentError(`"${value}" must be whole seconds, 1 to 99999.`);
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
      plain`No mailbox "${mailbox}" is configured. There is: ${inList([...mailboxes.keys()])}.`,
    );
  const { archive } = await openArchive(config);
  const over = new AbortController();
  // Before anything is sent: a mailbox that cannot be read would tell nothing.
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
      plain`The test to ${address} arrived in the mailbox ${mailbox} after ${seconds} seconds and was removed. Reply addresses work.`,
      suspected === true
        ? plain`It lay in the junk folder. The worker reads that, too, but less often: add a rule that never takes email to reply addresses for junk.`
        : undefined,
    ]);
  return lines([
    plain`The test to ${address} did not arrive in the mailbox ${mailbox}. ${reason}`,
    plain`Mail hosts differ in which addresses they deliver. Choose one that yours can deliver, set it up there, then test again:`,
    ...(advice ?? []).flatMap(({ pattern, needs }) => [
      plain`  MAIL_REPLY_ALIAS=${pattern}`,
      plain`    needs ${needs}.`,
    ]),
    plain`Choose before the first case starts: answers to addresses of another form are no longer matched by their address.`,
  ]);
}
