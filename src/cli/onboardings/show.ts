import { Command } from 'commander';
import { disarmed } from '../../application/plain-text.js';
import { printResult } from '../../process/output.js';
import { disarming, hanging, lines, type Plain, plain } from '../../process/plain-text-output.js';
import type { AccessProgress, Escalation, Progress, Stated, Task } from '../../workflows/contract/progress.js';
import { ATTENTION_HELP } from '../../workflows/contract/tasks.js';
import { examples } from '../command-help.js';
import { forPeople } from '../dates-shown.js';
import { writePrivately } from '../private-output.js';
import { withClient } from './session.js';

export function showCommand(): Command {
  return new Command('show')
    .summary('show where an onboarding stands, and what you can do')
    .description(
      'Shows whose turn it is, what is due and who is told, contacts, importer numbers, tasks, emails, documents and notes, and what you can do now.',
    )
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
  const { accountOwner: owner, due, snoozed } = p;
  return lines([
    disarming`${p.reference}  ${p.company}`,
    disarming`Stage       ${p.outcome ? `closed: ${p.outcome}` : p.stage}, since ${forPeople(p.since)}`,
    disarming`Waiting on  ${p.waitingOn}${p.outcome ? '' : `, since ${forPeople(p.turnSince)}`}`,
    ...(p.wanted ? [disarming`Needed      ${hanging(disarmed(p.wanted))}`] : []),
    ...(due
      ? [
          disarming`Due         ${forPeople(due.at)} (${due.name}): ${due.what}; told: ${due.told}`,
          disarming`            ${due.explanation}`,
        ]
      : []),
    ...(p.outcome ? [] : [disarming`Next        ${p.next}`, disarming`If nothing  ${p.ifNothing}`]),
    ...(snoozed ? [disarming`Snoozed     until ${forPeople(snoozed.until)} by ${snoozed.by}: ${snoozed.why}`] : []),
    disarming`Handler     ${p.handler ?? '(none: operations)'}`,
    ...(owner ? [disarming`Owner       ${owner.name}, ${owner.email}, ${owner.phone}`] : []),
    ...numbers(p),
    ...(p.refundDeadline ? [disarming`Refund by   ${forPeople(p.refundDeadline)}`] : []),
    ...(p.access ? access(p.access) : []),
    ...section('Tasks', [...p.tasks.map(task), ...(p.tasks.length > 0 ? escalation(p.escalation) : [])]),
    ...section('Emails', [
      ...earlier(p.earlier?.mails),
      ...p.mails.map(
        (mail) =>
          disarming`${forPeople(mail.at)}  ${mail.direction.padEnd(8)}  ${mail.what}${mail.mailId ? `  ${mail.mailId}` : ''}`,
      ),
    ]),
    ...section('Documents', [
      ...earlier(p.earlier?.documents),
      ...p.documents.map((one) => disarming`${one.what}:\n    ace-onboarding document ${one.sha256} --out FILE`),
    ]),
    ...section('Notes', [
      ...earlier(p.earlier?.notes),
      ...p.notes.map((note) => disarming`${forPeople(note.at)}  ${note.by}: ${note.text}`),
    ]),
    ...section(
      'What you can do',
      p.actions.map((action) => disarming`${action.say}:\n    ${plain`${action.command}`}`),
    ),
  ]);
}

/** One line each, because a person compares them with what ACE shows. */
function numbers({ importerNumbers, importerNumbersMissing: missing }: Progress): Plain[] {
  return importerNumbers.map(
    (number, index) =>
      disarming`${index === 0 ? 'Numbers' : ''.padEnd(7)}     ${number}${missing?.includes(number) ? '  not seen in ACE at the last look' : ''}`,
  );
}

function access({ approved, signedIn, userAdded, looked }: AccessProgress): Plain[] {
  const steps: [string, Stated | undefined][] = [
    ['approved', approved],
    ['signed in', signedIn],
    ['user added', userAdded],
  ];
  return [
    ...steps.map(
      ([step, stated], index) =>
        disarming`${index === 0 ? 'Access' : ''.padEnd(6)}      ${step}: ${stated ? `${dated(step, stated)}, ${SAID_BY[stated.by]}` : 'not known'}`,
    ),
    ...(looked ? [disarming`            last look into ACE: ${forPeople(looked.at)} by ${looked.by}`] : []),
  ];
}

/** An account that existed before this onboarding was approved before. */
function dated(step: string, { on, undated }: Stated): string {
  if (!undated) return forPeople(on);
  return step === 'approved' ? 'before this onboarding' : `by ${forPeople(on)}`;
}

const SAID_BY = {
  cbp: 'according to CBP',
  client: 'according to the client',
  broker: 'seen or heard by us',
  'back-office': 'according to the back office',
} as const satisfies Record<Stated['by'], string>;

function task({ reason, since, dies }: Task): Plain {
  return disarming`${reason}, since ${forPeople(since)}${dies ? `; too late after ${forPeople(dies)}` : ''}\n    ${ATTENTION_HELP[reason]}`;
}

function escalation(escalation: Escalation): Plain[] {
  if (escalation === 'handler') return [];
  return [
    escalation === 'operations'
      ? disarming`These have waited so long that operations is told, too.`
      : disarming`These have waited so long that the manager is told, too.`,
  ];
}

function section(title: string, entries: Plain[]): Plain[] {
  return entries.length === 0 ? [] : [plain``, plain`${title}:`, ...entries.map((entry) => plain`  ${entry}`)];
}
