import { Command } from 'commander';
import { formatIssue, type ValidationIssue } from '../../application/validation-issue.js';
import { type OnboardingClient, OnboardingError, type StartAnswer } from '../../client.js';
import { CommandFailure, EXIT, printResult, say } from '../../process/output.js';
import { lines, type Plain, plain } from '../../process/plain-text-output.js';
import { examples } from '../command-help.js';
import { type ApplicationRow, applicationsIn, oneApplication } from './application-file.js';
import { exitCodeOf, withClient } from './session.js';

/** What became of one application, as `--json` prints it. */
interface RowResult extends Pick<ApplicationRow, 'row' | 'reference'> {
  status: StartAnswer['status'] | 'invalid' | 'valid' | 'failed';
  workflowId?: string;
  url?: string;
  warnings?: ValidationIssue[];
  complaints?: ValidationIssue[];
  error?: { code: string; message: string };
}

export function startCommand(): Command {
  return new Command('start')
    .summary('start onboardings from a JSON or CSV file')
    .description(
      'Starts one onboarding for each application in FILE. A JSON file contains one application or an array of them.\nIt is safe to run it again: onboardings that already exist are reported as running or closed.\nIf any application is invalid, nothing is started unless you pass --skip-invalid.',
    )
    .configureHelp(
      examples(
        'start examples/application.json',
        'start examples/clients.csv --dry-run',
        'start clients.csv --skip-invalid --json',
      ),
    )
    .argument('<FILE>', 'FILE.json or FILE.csv')
    .option('--skip-invalid', 'start the valid applications and skip the others')
    .option('--dry-run', 'check everything but start nothing; needs no server')
    .option('--json', 'print the result as JSON')
    .action(async (file: string, options: { skipInvalid?: true; dryRun?: true; json?: true }) => {
      const rows = await applicationsIn(file);
      const invalid = rows.filter((row) => row.complaints.length > 0);
      if (options.dryRun || (invalid.length > 0 && !options.skipInvalid)) return reportChecked(rows, options);
      const results = await withClient((client) => startRows(client, rows));
      const failed = results.filter((row) => row.status === 'invalid' || row.status === 'failed');
      printResult(options.json, results, () => lines(results.map(rowText)));
      if (failed.length > 0)
        throw new CommandFailure(
          exitCodeOf(failed.flatMap(({ error }) => error?.code ?? [])),
          plain`${failed.length} of ${results.length} were not started.`,
        );
    });
}

export function reopenCommand(): Command {
  return new Command('reopen')
    .summary('apply again for a client whose onboarding is closed')
    .description(
      'Starts another round for a closed onboarding, under a new workflow id. With --at-grant, nothing is sent to CBP: the account owner gets the instructions for granting access.',
    )
    .configureHelp(
      examples(
        'reopen acme.json --actor jo --reason "the company imports again"',
        'reopen acme.json --at-grant --actor jo --reason "the client revoked our access"',
      ),
    )
    .argument('<FILE>', 'FILE.json with the whole application, as show --application writes it')
    .requiredOption('--actor <NAME>', 'your name')
    .requiredOption('--reason <WHY>', 'the reason, for the record')
    .option('--at-grant', 'CBP has approved, or the client revoked our access: start with the access grant')
    .option('--json', 'print the result as JSON')
    .action(async (file: string, o: { actor: string; reason: string; atGrant?: true; json?: true }) => {
      const application = await oneApplication(file);
      const why = { actor: o.actor, reason: o.reason, ...(o.atGrant ? { at: 'grant' as const } : {}) };
      const answer = await withClient((client) => client.reopen(application, why));
      printResult(o.json, answer, () => rowText(answer));
    });
}

/** @throws CommandFailure when an application is invalid */
function reportChecked(rows: ApplicationRow[], { dryRun, json }: { dryRun?: true; json?: true }): void {
  const checked = rows.map(
    (row): RowResult =>
      row.complaints.length > 0 ? invalidRow(row) : { ...named(row), status: 'valid', warnings: row.warnings },
  );
  const invalid = checked.filter((row) => row.status === 'invalid');
  if (invalid.length === 0) {
    printResult(json, checked, () => lines(checked.map(rowText)));
    return;
  }
  const rest = dryRun
    ? plain``
    : plain`\nNothing was started. Correct the file, or start the valid ones with --skip-invalid.`;
  if (!json) say(lines(invalid.map(rowText)));
  throw new CommandFailure(
    EXIT.invalid,
    plain`${invalid.length} of ${rows.length} applications cannot be used.${rest}`,
    checked,
  );
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
