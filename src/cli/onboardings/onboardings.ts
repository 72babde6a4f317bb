import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { Command, Option } from 'commander';
import { readApplicationsCsv } from '../../application/csv.js';
import { isInstantOrDay } from '../../application/field-readers.js';
import { findDuplicates } from '../../application/find-duplicates.js';
import { disarmed } from '../../application/plain-text.js';
import { checkApplication, readableImporterNumbers } from '../../application/schema.js';
import { shownReference } from '../../application/tax-numbers-in-text.js';
import { formatIssue, type ValidationIssue } from '../../application/validation-issue.js';
import {
  connectOnboardingClient,
  type ListedOnboarding,
  type ListFilter,
  type OnboardingClient,
  OnboardingError,
  type StartAnswer,
} from '../../client.js';
import { ConfigurationError } from '../../config/configuration-error.js';
import { readClientConfig } from '../../config/read-config.js';
import { CommandFailure, EXIT, type ExitCode, printResult, say } from '../../process/output.js';
import {
  columns,
  disarming,
  errorText,
  hanging,
  itemized,
  lines,
  type Plain,
  plain,
} from '../../process/plain-text-output.js';
import { ATTENTION_HELP } from '../../workflows/contract/attention-help.js';
import type { Answer, Decide, Verification } from '../../workflows/contract/messages.js';
import type { Progress } from '../../workflows/contract/progress.js';
import { STAGES, WAITING_ON } from '../../workflows/contract/stages.js';
import { jsonIn } from '../json-file.js';
import { letterOffer } from '../letters/letter-offer.js';
import { number, numbers } from '../letters/letters-add.js';
import { writePrivately } from '../private-output.js';

/** Commands about onboardings: each is one call of the typed client. */
export function onboardingCommands(): Command[] {
  return [
    startCommand(),
    listCommand(),
    showCommand(),
    approveCommand(),
    decideCommand(),
    correctCommand(),
    settleCommand(),
    confirmAccessCommand(),
    deadlineCommand(),
    dismissCommand(),
    withdrawCommand(),
    reopenCommand(),
  ];
}

// Starting ------------------------------------------------------------------------------------------------------------

interface RowResult {
  /** Row of the CSV file as a spreadsheet counts it, the header being row 1. */
  row?: number;
  reference: string;
  status: StartAnswer['status'] | 'invalid' | 'valid' | 'failed';
  workflowId?: string;
  url?: string;
  warnings?: ValidationIssue[];
  complaints?: ValidationIssue[];
  error?: { code: string; message: string };
}

function startCommand(): Command {
  return new Command('start')
    .summary('start onboardings from a JSON or CSV file')
    .description(
      'Starts one onboarding for each application in FILE. A JSON file holds one application or an array of them.\nStarting again is safe: what was started before is said to be running or closed.\nA file with a bad application starts nothing, unless --skip-invalid is given.',
    )
    .argument('<FILE>', 'FILE.json or FILE.csv')
    .option('--skip-invalid', 'start the good ones although others are bad')
    .option('--dry-run', 'check everything, start nothing; needs no server')
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      examples(
        'start examples/application.json',
        'start examples/clients.csv --dry-run',
        'start clients.csv --skip-invalid --json',
      ),
    )
    .action(async (file: string, options: { skipInvalid?: true; dryRun?: true; json?: true }) => {
      const rows = await applicationsIn(file);
      const bad = rows.filter((row) => row.complaints.length > 0);
      if (options.dryRun || (bad.length > 0 && !options.skipInvalid)) {
        const checked = rows.map(
          (row): RowResult =>
            row.complaints.length > 0 ? invalidRow(row) : { ...named(row), status: 'valid', warnings: row.warnings },
        );
        if (bad.length === 0) return printResult(options.json, checked, () => lines(checked.map(rowText)));
        const rest = options.dryRun
          ? plain``
          : plain`\nNothing was started. Correct the file, or start the good ones with --skip-invalid.`;
        if (!options.json) say(lines(checked.filter((row) => row.status === 'invalid').map(rowText)));
        throw new CommandFailure(
          EXIT.invalid,
          plain`${bad.length} of ${rows.length} applications cannot be used.${rest}`,
          checked,
        );
      }
      const results = await withClient((client) => startRows(client, rows));
      const failed = results.filter((row) => row.status === 'invalid' || row.status === 'failed');
      printResult(options.json, results, () => lines(results.map(rowText)));
      if (failed.length > 0)
        throw new CommandFailure(exitCodeOf(failed), plain`${failed.length} of ${results.length} were not started.`);
    });
}

interface ApplicationRow {
  row?: number;
  reference: string;
  application?: unknown;
  complaints: ValidationIssue[];
  warnings: ValidationIssue[];
}

async function applicationsIn(file: string): Promise<ApplicationRow[]> {
  const bytes = await bytesOf(file);
  const config = readClientConfig();
  if (extname(file).toLowerCase() === '.csv') {
    const read = readApplicationsCsv(bytes, { brokerDomains: config.brokerDomains, otherColumns: ['scenario'] });
    if ('complaints' in read) {
      throw new CommandFailure(
        EXIT.invalid,
        itemized(plain`${file} cannot be used:`, read.complaints.map(formatIssue)),
        read,
      );
    }
    return read.rows.map((row) => ({
      row: row.row,
      reference: row.reference,
      ...('application' in row
        ? { application: row.application, complaints: [], warnings: row.warnings }
        : { complaints: row.complaints, warnings: [] }),
    }));
  }
  const inputs = severalIn(file, bytes);
  if (inputs.length === 0)
    throw new CommandFailure(EXIT.invalid, plain`${file} holds no application. See examples/application.json.`);
  const references = inputs.map((input) => shownReference((input as { reference?: unknown } | null)?.reference));
  const shared = findDuplicates(
    inputs.map((input, index) => ({
      at: index + 1,
      reference: references[index],
      importerNumbers: readableImporterNumbers(input),
    })),
    'application',
  );
  return inputs.map((input, index) => {
    const checked = checkApplication(input, { brokerDomains: config.brokerDomains });
    const reference = references[index] ?? `(application ${index + 1})`;
    const complaints = shared[index] ?? [];
    if ('complaints' in checked) return { reference, complaints: [...complaints, ...checked.complaints], warnings: [] };
    return { reference, application: checked.application, complaints, warnings: checked.warnings };
  });
}

async function bytesOf(file: string): Promise<Uint8Array> {
  return await readFile(file).catch((error: Error) => {
    throw new CommandFailure(EXIT.usage, plain`${file} cannot be read: ${error.message}`);
  });
}

function severalIn(file: string, bytes: Uint8Array): unknown[] {
  const parsed = jsonIn(
    file,
    bytes,
    extname(file).toLowerCase() === '.json'
      ? 'Correct it, and save it as UTF-8; see examples/application.json.'
      : 'Name JSON FILE.json; save a spreadsheet as "CSV UTF-8", named FILE.csv.',
  );
  return Array.isArray(parsed) ? parsed : [parsed];
}

async function startRows(client: OnboardingClient, rows: ApplicationRow[]): Promise<RowResult[]> {
  const good = rows.filter((row) => row.complaints.length === 0);
  const answers = await client.startMany(good.map((row) => row.application));
  const byRow = new Map(good.map((row, index) => [row, answers[index]]));
  return rows.map((row): RowResult => {
    const answer = byRow.get(row);
    if (!answer) return invalidRow(row);
    if ('error' in answer) {
      const code = answer.error instanceof OnboardingError ? answer.error.code : 'failed';
      return { ...named(row), status: 'failed', error: { code, message: answer.error.message } };
    }
    const { warnings: _, ...rest } = answer;
    return { ...named(row), ...rest, warnings: row.warnings };
  });
}

function named(row: ApplicationRow): Pick<RowResult, 'row' | 'reference'> {
  return { ...(row.row === undefined ? {} : { row: row.row }), reference: row.reference };
}

function invalidRow(row: ApplicationRow): RowResult {
  return { ...named(row), status: 'invalid', complaints: row.complaints };
}

function rowText(row: RowResult): Plain {
  const head = plain`${row.row === undefined ? '' : `row ${row.row}, `}${row.reference}: ${row.status}${row.url ? `  ${row.url}` : ''}`;
  const below = [
    ...(row.complaints ?? []).map((complaint) => plain`  - ${formatIssue(complaint)}`),
    ...(row.warnings ?? []).map((warning) => plain`  note: ${formatIssue(warning)}`),
    ...(row.error ? [plain`  - ${row.error.message}`] : []),
  ];
  return lines([head, ...below]);
}

/** The worst of them: what could not be done may be tried again, the rest needs a person. */
function exitCodeOf(failed: RowResult[]): ExitCode {
  const conflicts = ['application-differs', 'importer-number-taken', 'closed', 'forgotten'];
  const errors = failed.flatMap(({ error }) => error ?? []);
  if (errors.length === 0) return EXIT.invalid;
  return errors.every(({ code }) => conflicts.includes(code)) ? EXIT.conflict : EXIT.failed;
}

// Looking --------------------------------------------------------------------------------------------------------------

function listCommand(): Command {
  return new Command('list')
    .summary('list onboardings: stage, whose turn, what is due')
    .description('Lists what the Temporal server knows, newest first.')
    .addOption(new Option('--open', 'only running ones').conflicts('closed'))
    .option('--closed', 'only closed ones')
    .addOption(new Option('--stage <STAGE>', 'only those at one stage').choices(STAGES))
    .addOption(new Option('--waiting-on <WHO>', 'whose turn it is').choices(WAITING_ON))
    .addOption(
      new Option('--attention <REASON>', 'only those that need a person for this reason').choices(
        Object.keys(ATTENTION_HELP),
      ),
    )
    .option('--handler <NAME>', 'only those of one handler')
    .option('--due-before <INSTANT>', 'only those due before, such as 2026-12-03T17:00:00-05:00')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', examples('list --open --waiting-on broker', 'list --attention late --json'))
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

function showCommand(): Command {
  return new Command('show')
    .summary('where one onboarding stands, and what you can do')
    .argument('<REFERENCE>')
    .option(
      '--application <FILE>',
      'write its present application to FILE, for correct and reopen; it holds personal data',
    )
    .option('--json', 'print the result as JSON')
    .addHelpText('after', examples('show acme', 'show acme --json', 'show acme --application acme.json'))
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
  const earlier = (count = 0) =>
    count > 0 ? [disarming`(${count} earlier ${count === 1 ? 'one' : 'ones'} in the history in the Temporal UI)`] : [];
  return lines([
    disarming`${p.reference}  ${p.company}`,
    disarming`Stage       ${p.outcome ? `closed: ${p.outcome}` : p.stage}, since ${p.since}`,
    disarming`Waiting on  ${p.waitingOn}`,
    ...(p.wanted ? [disarming`Needed      ${hanging(disarmed(p.wanted))}`] : []),
    ...(p.due ? [disarming`Due         ${p.due.at}  ${p.due.explanation}`] : []),
    disarming`Next        ${p.next}`,
    ...p.attention.map((reason) => disarming`Attention   ${reason}: ${ATTENTION_HELP[reason]}`),
    ...section('Mails', [
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

// Saying something -----------------------------------------------------------------------------------------------------

interface Said {
  actor: string;
  json?: true;
}

/** A command by a person about one onboarding; who says it is always asked for. */
function message(name: string, summary: string): Command {
  return new Command(name)
    .summary(summary)
    .argument('<REFERENCE>')
    .requiredOption('--actor <NAME>', 'who says so')
    .option('--json', 'print the result as JSON');
}

function approveCommand(): Command {
  return message('approve', 'back-office automation saw the approval')
    .requiredOption('--importer-number <NUMBER>', 'the number that was approved; must be the onboarding’s own')
    .requiredOption('--evidence <WHERE>', 'where it can be looked up')
    .option('--source <SYSTEM>', 'which system saw it', 'command-line')
    .addHelpText('after', examples('approve acme --importer-number 07-123456700 --actor jo --evidence "ticket 4711"'))
    .action(async (reference: string, o: Said & { importerNumber: string; evidence: string; source: string }) => {
      const approval = { source: o.source, actor: o.actor, evidence: o.evidence, importerNumber: o.importerNumber };
      await withClient((client) => client.approve(reference, approval));
      const answer = { reference, said: 'The approval was sent to the onboarding.' };
      printResult(o.json, answer, () => disarming`${reference}: ${answer.said}`);
    });
}

const VERIFICATIONS: Verification[] = ['seen-in-ace', 'desk-phoned', 'client-confirmed', 'mail-examined'];

function decideCommand(): Command {
  return message('decide', 'what CBP decided, when a person knows it')
    .argument('<DECISION>', 'approved, already-registered, correction-needed, rejected or abandoned')
    .requiredOption('--evidence <WHERE>', 'where it can be looked up')
    .addOption(new Option('--verification <HOW>', 'how you know').choices(VERIFICATIONS))
    .addOption(
      new Option('--next <WHAT>', 'with already-registered: go on to the grant, or close').choices(['grant', 'close']),
    )
    .addOption(
      new Option('--waiting-on <WHO>', 'with correction-needed: who must mend it').choices(['client', 'broker']),
    )
    .option('--what <TEXT>', 'with correction-needed: what must be mended')
    .option('--mail <MAIL-ID>', 'the mail that says so: it is shown as the letter that it would teach')
    .option('--teach', 'with --mail: learn its letter at once')
    .option('--decisive <N>', 'with --mail: the paragraph that says it', number)
    .option('--filler <N,N…>', 'with --mail: paragraphs that may be absent or stand elsewhere', numbers)
    .addHelpText(
      'after',
      examples(
        'decide acme approved --verification seen-in-ace --actor jo --evidence "ACE, 3 Dec"',
        'decide acme approved --verification mail-examined --mail 3f786850e387 --actor jo --evidence "its email"',
        'decide acme abandoned --actor jo --evidence "mail of the client, 9 Dec"',
      ),
    )
    .action(async (reference: string, decision: Decide['decision'], o: Said & Confirming) => {
      const { json, mail, teach, decisive, filler, ...fields } = o;
      // The onboarding itself says what is missing or does not fit: one set of rules for every way in.
      const decide = { ...fields, decision } as unknown as Decide;
      const answer = await withClient((client) => client.decide(reference, decide));
      const confirmed = { reference, decision, actor: o.actor, teach, decisive, filler };
      const shown = mail ? await letterOffer({ ...confirmed, mail }) : undefined;
      printResult(json, { reference, ...answer, ...(shown ? { letter: shown.offer } : {}) }, () =>
        lines([disarming`${reference}: ${answer.said}`, shown?.say]),
      );
    });
}

interface Confirming {
  mail?: string;
  teach?: true;
  decisive?: number;
  filler?: number[];
}

function correctCommand(): Command {
  return message('correct', 'send the corrected application')
    .argument('<FILE>', 'FILE.json with the whole application, as show --application writes it')
    .requiredOption('--reason <WHAT>', 'what changed')
    .addHelpText(
      'after',
      examples(
        'show acme --application acme.json',
        'correct acme acme.json --actor jo --reason "legal name as on the 5106"',
      ),
    )
    .action(async (reference: string, file: string, o: Said & { reason: string }) => {
      const application = await oneApplication(file);
      await answered(reference, o.json, (client) =>
        client.correct(reference, { actor: o.actor, reason: o.reason, application }),
      );
    });
}

function settleCommand(): Command {
  return message('settle', 'what became of a submission: sent or not-sent')
    .argument('<OUTCOME>', 'sent or not-sent')
    .requiredOption('--evidence <WHERE>', 'where it can be looked up')
    .option('--at <INSTANT>', 'with sent: when CBP got it, such as 2026-11-25T15:00:00-05:00')
    .addHelpText(
      'after',
      examples(
        'settle acme sent --at 2026-11-25T15:00:00-05:00 --actor jo --evidence "sent folder, 15:00"',
        'settle acme not-sent --actor jo --evidence "desk phoned, 26 Nov"',
      ),
    )
    .action(async (reference: string, outcome: 'sent' | 'not-sent', o: Said & { evidence: string; at?: string }) => {
      const { actor, evidence } = o;
      const settlement =
        outcome === 'sent' ? { actor, evidence, outcome, at: o.at ?? '' } : { actor, evidence, outcome };
      await answered(reference, o.json, (client) => client.settle(reference, settlement));
    });
}

function confirmAccessCommand(): Command {
  return message('confirm-access', 'what the broker sees in ACE')
    .requiredOption('--importer-number <NUMBER...>', 'every importer number that ACE shows')
    .requiredOption('--evidence <WHERE>', 'where it can be looked up')
    .addOption(
      new Option('--role <ROLE>', 'the role that ACE shows')
        .choices(['full-access', 'read-only', 'other'])
        .makeOptionMandatory(),
    )
    .addHelpText(
      'after',
      examples(
        'confirm-access acme --importer-number 07-123456700 07-1234567A1 --role full-access --actor jo --evidence "ACE, 9 Dec"',
      ),
    )
    .action(
      async (
        reference: string,
        o: Said & { importerNumber: string[]; role: 'full-access' | 'read-only' | 'other'; evidence: string },
      ) => {
        const seen = { actor: o.actor, importerNumbers: o.importerNumber, role: o.role, evidence: o.evidence };
        await answered(reference, o.json, (client) => client.confirmAccess(reference, seen));
      },
    );
}

function deadlineCommand(): Command {
  return message('deadline', 'count the deadlines anew, or set one')
    .requiredOption('--reason <WHY>')
    .addOption(new Option('--recompute', 'on the calendar as it is configured now').conflicts(['deadline', 'at']))
    .option('--deadline <NAME>', 'ask, acknowledgement, late, overdue, silent, parked, or reminder-1 and so on')
    .option('--at <INSTANT>', 'the new instant, such as 2026-12-30T17:00:00-05:00')
    .addHelpText(
      'after',
      examples(
        'deadline acme --recompute --actor jo --reason "closure announced"',
        'deadline acme --deadline late --at 2026-12-30T17:00:00-05:00 --actor jo --reason "the desk asks for patience"',
      ),
    )
    .action(
      async (reference: string, o: Said & { reason: string; recompute?: true; deadline?: string; at?: string }) => {
        const { json, ...fields } = o;
        await answered(reference, json, (client) => client.changeDeadline(reference, fields as never));
      },
    );
}

function dismissCommand(): Command {
  return message('dismiss', 'a mail that waits for a person has been dealt with')
    .argument('<MAIL-ID>', 'as show prints it')
    .requiredOption('--reason <WHY>')
    .addHelpText('after', examples('dismiss acme 3fa1…c9 --actor jo --reason "answered by phone"'))
    .action(async (reference: string, mailId: string, o: Said & { reason: string }) => {
      await answered(reference, o.json, (client) =>
        client.dismissMail(reference, { actor: o.actor, mailId, reason: o.reason }),
      );
    });
}

function withdrawCommand(): Command {
  return message('withdraw', 'the client withdraws')
    .requiredOption('--reason <WHY>')
    .addHelpText('after', examples('withdraw acme --actor jo --reason "goes with another broker"'))
    .action(async (reference: string, o: Said & { reason: string }) => {
      await answered(reference, o.json, (client) => client.withdraw(reference, { actor: o.actor, reason: o.reason }));
    });
}

function reopenCommand(): Command {
  return new Command('reopen')
    .summary('apply again for a client whose onboarding is closed')
    .argument('<FILE>', 'FILE.json with the whole application, as show --application writes it')
    .requiredOption('--actor <NAME>', 'who says so')
    .requiredOption('--reason <WHY>')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', examples('reopen acme.json --actor jo --reason "the firm imports again"'))
    .action(async (file: string, o: Said & { reason: string }) => {
      const application = await oneApplication(file);
      const answer = await withClient((client) => client.reopen(application, { actor: o.actor, reason: o.reason }));
      printResult(o.json, answer, () => rowText(answer));
    });
}

async function oneApplication(file: string): Promise<unknown> {
  const applications = severalIn(file, await bytesOf(file));
  if (applications.length !== 1)
    throw new CommandFailure(
      EXIT.usage,
      plain`${file} holds ${applications.length} applications; this command takes one.`,
    );
  return applications[0];
}

async function answered(
  reference: string,
  json: true | undefined,
  send: (client: OnboardingClient) => Promise<Answer>,
): Promise<void> {
  const answer = await withClient(send);
  printResult(json, { reference, ...answer }, () => disarming`${reference}: ${answer.said}`);
}

const EXIT_CODES = {
  'invalid-application': EXIT.invalid,
  'application-differs': EXIT.conflict,
  'importer-number-taken': EXIT.conflict,
  'not-found': EXIT.notFound,
  closed: EXIT.conflict,
  'actor-not-verified': EXIT.conflict,
  refused: EXIT.conflict,
  forgotten: EXIT.conflict,
  'no-answer': EXIT.failed,
} as const;

/** Connects, does one thing, and disconnects; says what went wrong as a command should. */
async function withClient<T>(use: (client: OnboardingClient) => Promise<T>): Promise<T> {
  const client = await connectOnboardingClient().catch((error: Error) => {
    throw error instanceof ConfigurationError ? error : new CommandFailure(EXIT.failed, errorText(error));
  });
  try {
    return await use(client);
  } catch (error) {
    if (!(error instanceof OnboardingError)) throw error;
    const { code, message: text, complaints, fields } = error;
    throw new CommandFailure(EXIT_CODES[code], errorText(error), {
      error: { code, message: text, complaints, fields },
    });
  } finally {
    await client.close();
  }
}

function examples(...lines: string[]): string {
  return `\nExamples:\n${lines.map((line) => `  $ ace-onboarding ${line}`).join('\n')}`;
}
