import type { Command } from 'commander';
import { examples } from '../command-help.js';
import { type By, report, reportCommand } from './report.js';

/** Who has the case, what to remember about it, and when to look at it again. None of these emails anyone outside. */
export function smallActCommands(): Command[] {
  return [handOverCommand(), noteCommand(), snoozeCommand()];
}

function handOverCommand(): Command {
  return reportCommand(
    'hand-over',
    'give the case to another person',
    'Makes another person of the address book the handler of the case. Its tasks are in their digest from now on.',
  )
    .configureHelp(examples('hand-over acme --to kim --actor jo --reason "on leave until Jan 4"'))
    .requiredOption('--to <NAME>', 'a name in the address book')
    .requiredOption('--reason <WHY>', 'the reason, for the record')
    .action(async (reference: string, { to, reason, ...by }: By & { to: string; reason: string }) => {
      await report(reference, by, (client) => client.handOver(reference, { actor: by.actor, handler: to, reason }));
    });
}

function noteCommand(): Command {
  return reportCommand('note', 'add a note to the case', 'Adds a note to the case. It changes nothing else.')
    .configureHelp(examples('note acme "The owner prefers calls before 10." --actor jo'))
    .argument('<TEXT>')
    .action(async (reference: string, text: string, by: By) => {
      await report(reference, by, (client) => client.addNote(reference, { actor: by.actor, text }));
    });
}

function snoozeCommand(): Command {
  return reportCommand(
    'snooze',
    'send no reminders until a day',
    'Until that day, the client gets no reminders and no one is told that the case waits. Email that arrives, and what is urgent, are reported all the same.',
  )
    .configureHelp(examples('snooze acme --until 2027-01-04 --actor jo --reason "the owner is away"'))
    .requiredOption('--until <DAY>', 'at most 90 days ahead, such as 2027-01-04')
    .requiredOption('--reason <WHY>', 'the reason, for the record')
    .action(async (reference: string, { until, reason, ...by }: By & { until: string; reason: string }) => {
      await report(reference, by, (client) => client.snooze(reference, { actor: by.actor, until, reason }));
    });
}
