import { Command } from 'commander';
import { openArchive } from '../../archive/open-archive.js';
import { type MailboxStatus, mailboxStatus, recordsBelow } from '../../archive/records.js';
import { readClientConfig } from '../../config/read-config.js';
import { CommandFailure, EXIT, printResult } from '../../process/output.js';
import { blocks, inList, lines, type Plain, plain } from '../../process/plain-text-output.js';
import { examples } from '../command-help.js';
import { mailboxTestCommand } from './mailbox-test.js';

/** `mailbox status`: what the watchers last did. `mailbox test`: whether reply addresses deliver to a mailbox. */
export function mailboxCommand(): Command {
  return new Command('mailbox')
    .summary('check the mailboxes that the product reads')
    .addCommand(statusCommand())
    .addCommand(mailboxTestCommand());
}

function statusCommand(): Command {
  return new Command('status')
    .summary('show the status of each mailbox')
    .description(
      `Shows the last sweep, the last email, the connection and the counts of each mailbox. Needs the archive but no server.\nExits with ${EXIT.findings} when a mailbox needs attention, or has not been read for minutes.`,
    )
    .configureHelp(examples('mailbox status', 'mailbox status main --json'))
    .argument('[MAILBOX]', 'only this mailbox')
    .option('--json', 'print the result as JSON')
    .action(async (name: string | undefined, o: { json?: true }) => {
      const { archive, freeBytes } = await openArchive(readClientConfig());
      const free = await freeBytes();
      const found: MailboxReport[] = [];
      for await (const { record: status } of recordsBelow(archive, 'mailboxes/', mailboxStatus))
        if (!name || status.mailbox === name) found.push(reportOf(status, new Date(), free));
      if (found.length === 0)
        throw new CommandFailure(
          EXIT.notFound,
          name ? plain`No worker has ever read a mailbox "${name}".` : plain`No worker has read a mailbox yet.`,
        );
      printResult(o.json, found, () => blocks(found.map(text)));
      const troubled = found.filter(({ attention }) => attention.length > 0);
      if (troubled.length > 0)
        throw new CommandFailure(
          EXIT.findings,
          plain`Needs attention: ${inList(troubled.map(({ status }) => status.mailbox))}.`,
        );
    });
}

interface MailboxReport {
  status: MailboxStatus;
  /** What needs attention, in sentences. */
  attention: string[];
}

/** With less, not even one application fits. */
const LITTLE_SPACE = 2 ** 20;

/**
 * A status with what is wrong. Only the reader can tell that it is out of date, and that the archive is full: then the
 * watcher can't record it.
 * @param freeBytes in the archive; undefined if unknown
 */
export function reportOf(status: MailboxStatus, now: Date, freeBytes?: number): MailboxReport {
  const troubles = status.troubles ?? [];
  const attention = troubles.map(({ says }) => says);
  if (freeBytes !== undefined && freeBytes < LITTLE_SPACE && !troubles.some(({ kind }) => kind === 'archive-full'))
    attention.unshift(
      `The disk of the archive is full (${freeBytes} bytes left). Email and onboardings wait, and nothing is lost. Free some space there.`,
    );
  const quietFor = now.getTime() - Date.parse(status.lastSweepFinishedAt ?? status.watchedSince ?? now.toISOString());
  const allowed = ((status.sweepSeconds ?? 60) * 2 + 120) * 1000;
  if (quietFor > allowed && attention.length === 0)
    attention.push(
      `The last sweep ended ${Math.round(quietFor / 60_000)} minutes ago. Check that a worker is running, and that it can reach Temporal and the mail server.`,
    );
  return { status, attention };
}

function text({ status, attention }: MailboxReport): Plain {
  const count = (name: string) => status.counts[name] ?? 0;
  return lines([
    plain`Mailbox ${status.mailbox}`,
    plain`  Connection   ${status.connected ? 'up' : 'down'}${status.connectionSince ? ` since ${status.connectionSince}` : ''}`,
    plain`  Last sweep   ${status.lastSweepFinishedAt ?? 'never'}`,
    plain`  Last email   ${status.lastMailAt ?? 'none yet'}`,
    plain`  Passed on    ${count('signalled')}`,
    plain`  To review    ${count('review')}`,
    plain`  Ignored      ${count('ignored')}`,
    plain`  In the inbox ${count('waiting')} waiting for a match, ${count('unmovable')} that cannot be moved, ${count('unfetchable')} that cannot be fetched${count('blocked') > 0 ? `, ${count('blocked')} that wait until a problem is fixed` : ''}${count('flagged') > 0 ? `, ${count('flagged')} moved but still there, flagged as deleted` : ''}`,
    status.aliasTest && plain`  Aliases      tested ${status.aliasTest.startedAt}: ${testResult(status.aliasTest)}`,
    ...(attention.length > 0 ? attention.map((what) => plain`  Attention    ${what}`) : [plain`  Attention    none`]),
    ...(status.problem && !attention.includes(status.problem) ? [plain`  Right now    ${status.problem}`] : []),
  ]);
}

function testResult({ startedAt, arrivedAt, reason }: NonNullable<MailboxStatus['aliasTest']>): string {
  if (arrivedAt) return `arrived after ${secondsBetween(startedAt, arrivedAt)} s`;
  return reason ?? 'not arrived yet';
}

function secondsBetween(from: string, to: string): number {
  return Math.max(0, Math.round((Date.parse(to) - Date.parse(from)) / 1000));
}
