import { type Command, Option } from 'commander';
import { examples } from '../command-help.js';
import { oneApplication } from './application-file.js';
import { type By, report, reportCommand } from './report.js';

/** The other reports by a person: one message to the onboarding each. */
export function otherReportCommands(): Command[] {
  return [
    correctCommand(),
    settleCommand(),
    confirmAccessCommand(),
    deadlineCommand(),
    dismissCommand(),
    withdrawCommand(),
  ];
}

function correctCommand(): Command {
  return reportCommand(
    'correct',
    'send the corrected application',
    'Replaces the application with a corrected one and applies again. The reference stays the same.',
  )
    .configureHelp(
      examples(
        'show acme --application acme.json',
        'correct acme acme.json --actor jo --reason "legal name as on the 5106"',
      ),
    )
    .argument('<FILE>', 'FILE.json with the whole application, as show --application writes it')
    .requiredOption('--reason <WHAT>', 'what changed')
    .action(async (reference: string, file: string, o: By & { reason: string }) => {
      const { actor, reason } = o;
      const application = await oneApplication(file);
      await report(reference, o, { what: 'corrected application' }, (client) =>
        client.correct(reference, { actor, reason, application }),
      );
    });
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
      await report(reference, o, { what: outcome }, (client) => client.settle(reference, settlement));
    });
}

type Role = 'full-access' | 'read-only' | 'other';

function confirmAccessCommand(): Command {
  return reportCommand(
    'confirm-access',
    'record what the broker sees in ACE',
    "Records which of the client's importer numbers the broker can see in ACE, and with which role.",
  )
    .configureHelp(
      examples(
        'confirm-access acme --importer-number 07-123456700 07-1234567A1 --role full-access --actor jo --evidence "ACE, Dec 9"',
      ),
    )
    .requiredOption('--importer-number <NUMBER...>', 'every importer number that ACE shows')
    .requiredOption('--evidence <WHERE>', 'where it can be looked up')
    .addOption(
      new Option('--role <ROLE>', 'the role that ACE shows')
        .choices(['full-access', 'read-only', 'other'])
        .makeOptionMandatory(),
    )
    .action(async (reference: string, o: By & { importerNumber: string[]; role: Role; evidence: string }) => {
      const { actor, importerNumber: importerNumbers, role, evidence } = o;
      const what = `${importerNumbers.length === 1 ? '1 importer number' : `${importerNumbers.length} importer numbers`} visible in ACE, role ${role}`;
      await report(reference, o, { what }, (client) =>
        client.confirmAccess(reference, { actor, importerNumbers, role, evidence }),
      );
    });
}

function deadlineCommand(): Command {
  return reportCommand(
    'deadline',
    'recalculate the deadlines, or set one',
    'Recalculates every deadline, for example after CALENDAR_EXTRA_CLOSURES changed, or sets one deadline to an instant.',
  )
    .configureHelp(
      examples(
        'deadline acme --recompute --actor jo --reason "closure announced"',
        'deadline acme --deadline late --at 2026-12-30T17:00:00-05:00 --actor jo --reason "the desk needs more time"',
      ),
    )
    .requiredOption('--reason <WHY>', 'the reason, for the record')
    .addOption(new Option('--recompute', 'use the calendar as configured now').conflicts(['deadline', 'at']))
    .option('--deadline <NAME>', 'ask, acknowledgement, late, overdue, silent, parked, or reminder-1 and so on')
    .option('--at <INSTANT>', 'the new instant, such as 2026-12-30T17:00:00-05:00')
    .action(async (reference: string, o: By & { reason: string; recompute?: true; deadline?: string; at?: string }) => {
      const { json: _, ...fields } = o;
      const what = o.recompute ? 'deadlines to be recalculated' : `deadline ${o.deadline}, now ${o.at}`;
      await report(reference, o, { what }, (client) => client.changeDeadline(reference, fields as never));
    });
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
      await report(reference, by, { what: 'email handled' }, (client) =>
        client.dismissMail(reference, { actor: by.actor, mailId, reason }),
      );
    });
}

function withdrawCommand(): Command {
  return reportCommand(
    'withdraw',
    'record that the client withdraws',
    'Records that the client withdraws. The onboarding closes.',
  )
    .configureHelp(examples('withdraw acme --actor jo --reason "chose another broker"'))
    .requiredOption('--reason <WHY>', 'the reason, for the record')
    .action(async (reference: string, { reason, ...by }: By & { reason: string }) => {
      await report(reference, by, { what: 'withdrawn', consequence: 'The onboarding closes.' }, (client) =>
        client.withdraw(reference, { actor: by.actor, reason }),
      );
    });
}
