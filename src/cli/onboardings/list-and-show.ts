import { Command, Option } from 'commander';
import { isInstantOrDay } from '../../application/field-readers.js';
import { disarmed } from '../../application/plain-text.js';
import type { ListedOnboarding, ListFilter } from '../../client.js';
import { CommandFailure, EXIT, printResult } from '../../process/output.js';
import { columns, disarming, hanging, lines, type Plain, plain } from '../../process/plain-text-output.js';
import { ATTENTION_HELP } from '../../workflows/contract/attention-help.js';
import type { Progress } from '../../workflows/contract/progress.js';
import { STAGES, WAITING_ON } from '../../workflows/contract/stages.js';
import { examples } from '../command-help.js';
import { writePrivately } from '../private-output.js';
import { withClient } from './session.js';

export function listCommand(): Command {
  return new Command('list')
    .summary('list onboardings: stage, whose turn it is, what is due')
    .description('Lists the onboardings that the Temporal server still has, newest first.')
    .configureHelp(examples('list --open --waiting-on broker', 'list --attention late --json'))
    .addOption(new Option('--open', 'only open onboardings').conflicts('closed'))
    .option('--closed', 'only closed onboardings')
    .addOption(new Option('--stage <STAGE>', 'only this stage').choices(STAGES))
    .addOption(new Option('--waiting-on <WHO>', 'only those waiting on this party').choices(WAITING_ON))
    .addOption(
      new Option('--attention <REASON>', 'only those that need a person for this reason').choices(
        Object.keys(ATTENTION_HELP),
      ),
    )
    .option('--handler <NAME>', 'only those with this handler')
    .option('--due-before <INSTANT>', 'only those due before then, such as 2026-12-03T17:00:00-05:00')
    .option('--json', 'print the result as JSON')
    .action(async (options: { open?: true; closed?: true; json?: true } & Omit<ListFilter, 'open'>) => {
      if (options.dueBefore && !isInstantOrDay(options.dueBefore)) {
        throw new CommandFailure(
          EXIT.usage,
          plain`--due-before is "${options.dueBefore}", which is neither a day nor an instant such as 2026-12-03T17:00:00-05:00.`,
        );
      }
      const { open, closed, json, ...rest } = options;
      const filter: ListFilter = { ...rest, ...(open ? { open: true } : closed ? { open: false } : {}) };
      const found = await withClient(async (client) => {
        const all: ListedOnboarding[] = [];
        for await (const one of client.list(filter)) all.push(one);
        return all;
      });
      printResult(json, found, () => (found.length === 0 ? plain`No onboardings.` : table(found)));
    });
}

function table(found: ListedOnboarding[]): Plain {
  const rows = found.map((one) => [
    one.reference,
    one.company ?? '',
    one.outcome ?? one.stage ?? one.status,
    one.waitingOn ?? '',
    one.dueAt ?? '',
    one.attention.join(','),
  ]);
  const head = ['REFERENCE', 'COMPANY', 'STAGE', 'WAITING ON', 'DUE', 'ATTENTION'];
  return columns([head, ...rows]);
}

export function showCommand(): Command {
  return new Command('show')
    .summary('show the status of an onboarding, and what you can do')
    .description('Shows the stage, whose turn it is, what is due, emails, documents and notes, and what you can do.')
    .configureHelp(examples('show acme', 'show acme --json', 'show acme --application acme.json'))
    .argument('<REFERENCE>')
    .option(
      '--application <FILE>',
      'write its current application to FILE instead, for correct and reopen; the file contains personal data',
    )
    .option('--json', 'print the result as JSON')
    .action(async (reference: string, options: { application?: string; json?: true }) => {
      const { application: file } = options;
      if (file !== undefined) {
        const application = await withClient((client) => client.application(reference));
        await writePrivately(file, `${JSON.stringify(application, null, 2)}\n`);
        return printResult(options.json, { reference, file }, () => plain`${reference}: wrote ${file}.`);
      }
      const progress = await withClient((client) => client.progress(reference));
      printResult(options.json, progress, () => progressText(progress));
    });
}

function progressText(p: Progress): Plain {
  const earlier = (count = 0) => (count > 0 ? [disarming`(${count} earlier: see the history in the Temporal UI)`] : []);
  return lines([
    disarming`${p.reference}  ${p.company}`,
    disarming`Stage       ${p.outcome ? `closed: ${p.outcome}` : p.stage}, since ${p.since}`,
    disarming`Waiting on  ${p.waitingOn}`,
    ...(p.wanted ? [disarming`Needed      ${hanging(disarmed(p.wanted))}`] : []),
    ...(p.due ? [disarming`Due         ${p.due.at}  ${p.due.explanation}`] : []),
    disarming`Next        ${p.next}`,
    ...p.attention.map((reason) => disarming`Attention   ${reason}: ${ATTENTION_HELP[reason]}`),
    ...section('Emails', [
      ...earlier(p.earlier?.mails),
      ...p.mails.map(
        (mail) =>
          disarming`${mail.at}  ${mail.direction.padEnd(8)}  ${mail.what}${mail.mailId ? `  ${mail.mailId}` : ''}`,
      ),
    ]),
    ...section('Documents', [
      ...earlier(p.earlier?.documents),
      ...p.documents.map((one) => disarming`${one.what}:\n    ace-onboarding document ${one.sha256} --out FILE`),
    ]),
    ...section('Notes', [
      ...earlier(p.earlier?.notes),
      ...p.notes.map((note) => disarming`${note.at}  ${note.by}: ${note.text}`),
    ]),
    ...section(
      'What you can do',
      p.actions.map((action) => disarming`${action.say}:\n    ${plain`${action.command}`}`),
    ),
  ]);
}

function section(title: string, entries: Plain[]): Plain[] {
  return entries.length === 0 ? [] : [plain``, plain`${title}:`, ...entries.map((entry) => plain`  ${entry}`)];
}
