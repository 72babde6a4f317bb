import { type Command, InvalidArgumentError, Option } from 'commander';
import type { StepName } from '../../client.js';
import { examples } from '../command-help.js';
import { type By, report, reportCommand } from './report.js';

/** How a case goes on or ends, without a decision of CBP: one message to the onboarding each. */
export function otherReportCommands(): Command[] {
  return [settleCommand(), deadlineCommand(), dismissCommand(), withdrawCommand()];
}

function settleCommand(): Command {
  return reportCommand(
    'settle',
    'record whether an application was sent',
    'Records whether CBP got an application, when the product does not know, or when you submitted it yourself.',
  )
    .configureHelp(
      examples(
        'settle acme sent --at 2026-11-25T15:00:00-05:00 --actor jo --evidence "sent folder, 3:00 PM"',
        'settle acme not-sent --actor jo --evidence "called the desk, Nov 27"',
      ),
    )
    .argument('<OUTCOME>', 'sent or not-sent')
    .requiredOption('--evidence <WHERE>', 'where it can be looked up')
    .option('--at <INSTANT>', 'with sent: when CBP got it, such as 2026-11-25T15:00:00-05:00')
    .action(async (reference: string, outcome: 'sent' | 'not-sent', o: By & { evidence: string; at?: string }) => {
      const { actor, evidence } = o;
      const settlement =
        outcome === 'sent' ? { actor, evidence, outcome, at: o.at ?? '' } : { actor, evidence, outcome };
      await report(reference, o, (client) => client.settle(reference, settlement));
    });
}

interface DeadlineOptions extends By {
  reason: string;
  recompute?: true;
  deadline?: StepName;
  at?: string;
  by?: number;
}

function deadlineCommand(): Command {
  return reportCommand(
    'deadline',
    'recalculate the deadlines, or move one',
    'Recalculates every deadline, for example after CALENDAR_EXTRA_CLOSURES changed, or moves one: by calendar days, or to an instant. show names the next one.',
  )
    .configureHelp(
      examples(
        'deadline acme --deadline reminder-2 --by 1 --actor jo --reason "the owner is back on Tuesday"',
        'deadline acme --deadline late --at 2026-12-30T17:00:00-05:00 --actor jo --reason "the desk needs more time"',
        'deadline acme --recompute --actor jo --reason "closure announced"',
      ),
    )
    .requiredOption('--reason <WHY>', 'the reason, for the record')
    .addOption(new Option('--recompute', 'use the calendar as configured now').conflicts(['deadline', 'at', 'by']))
    .option('--deadline <NAME>', 'which one, as show prints it: late, overdue, reminder-1 and so on')
    .addOption(
      new Option('--by <DAYS>', 'calendar days later, such as 1, or earlier, such as -1')
        .argParser(days)
        .conflicts('at'),
    )
    .option('--at <INSTANT>', 'the new instant, such as 2026-12-30T17:00:00-05:00')
    .action(async (reference: string, { json, by, ...fields }: DeadlineOptions) => {
      const change = { ...fields, ...(by === undefined ? {} : { byDays: by }) };
      await report(reference, { ...(json ? { json } : {}) }, (client) =>
        client.changeDeadline(reference, change as never),
      );
    });
}

function days(text: string): number {
  if (!/^[+-]?[1-9]\d{0,2}$/.test(text))
    throw new InvalidArgumentError('It must be a whole number of days other than 0, such as 1 or -1.');
  return Number(text);
}

function dismissCommand(): Command {
  return reportCommand(
    'dismiss',
    'mark an email that waits for a person as handled',
    'Takes an email off the list of those that wait for a person in this onboarding.',
  )
    .configureHelp(examples('dismiss acme 3fa1…c9 --actor jo --reason "answered by phone"'))
    .argument('<MAIL-ID>', 'as show prints it')
    .requiredOption('--reason <WHY>', 'the reason, for the record')
    .action(async (reference: string, mailId: string, { reason, ...by }: By & { reason: string }) => {
      await report(reference, by, (client) => client.dismissMail(reference, { actor: by.actor, mailId, reason }));
    });
}

const BECAUSE = ['client-withdraws', 'power-of-attorney-revoked'] as const;

interface WithdrawOptions extends By {
  reason: string;
  because?: (typeof BECAUSE)[number];
  noticeToCbp: boolean;
}

function withdrawCommand(): Command {
  return reportCommand(
    'withdraw',
    'end the case: the client withdraws, or revoked our power of attorney',
    'Records that the client withdraws. If CBP has the application, CBP is told by email. With a revoked power of attorney, our user in ACE must be removed, too.',
  )
    .configureHelp(
      examples(
        'withdraw acme --actor jo --reason "chose another broker"',
        'withdraw acme --because power-of-attorney-revoked --actor jo --reason "letter of Dec 9"',
      ),
    )
    .requiredOption('--reason <WHY>', 'the reason, for the record')
    .addOption(new Option('--because <WHY>', 'default: client-withdraws').choices(BECAUSE))
    .option('--no-notice-to-cbp', 'do not tell CBP: someone already has')
    .action(async (reference: string, { json, noticeToCbp, ...message }: WithdrawOptions) => {
      await report(reference, { ...(json ? { json } : {}) }, (client) =>
        client.withdraw(reference, { ...message, ...(noticeToCbp ? {} : { notifyCbp: false }) }),
      );
    });
}
