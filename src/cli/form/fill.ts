import { Command } from 'commander';
import { checkApplication } from '../../application/schema.js';
import { formatIssue } from '../../application/validation-issue.js';
import { readFormFiles } from '../../config/read-config.js';
import type { FilledForm } from '../../form/fill/fill-form.js';
import type { FieldValues } from '../../form/fill/fill-values.js';
import type { OpenOptions } from '../../form/pdf/pdf-file.js';
import { CommandFailure, EXIT, printResult } from '../../process/output.js';
import { itemized, lines, plain } from '../../process/plain-text-output.js';
import { examples } from '../command-help.js';
import { writePrivately } from '../private-output.js';
import { ACCEPT_ACTIVE_CONTENT, readJsonFile, readMap, readPdf, withForms } from './form-files.js';

interface FillOptions extends OpenOptions {
  application?: string;
  values?: string;
  out: string;
  template?: string;
  map?: string;
  json?: boolean;
}

export function formFillCommand(): Command {
  return new Command('fill')
    .summary('fill a form')
    .description(
      `Fills the form exactly as the product does: checks the application first, and reads the filled form back. If a value would not appear correctly, writes no file and exits with ${EXIT.invalid}.`,
    )
    .configureHelp(
      examples(
        'form fill --application client.json --out filled.pdf',
        'form fill --application client.json --template new.pdf --map new.map.json --out filled.pdf',
        'form fill --values values.json --template any-form.pdf --out filled.pdf',
      ),
    )
    .option('--application <FILE.json>', "an application, filled in by the field map and the guide's rules")
    .option('--values <FILE.json>', 'instead: text, option, true or false by field name; fills any form')
    .requiredOption('--out <OUT.pdf>', 'where to write the filled form')
    .option('--template <FILE.pdf>', 'the form (default: FORM_TEMPLATE, or the replica if that is not set)')
    .option('--map <FILE.map.json>', 'its field map (default: FORM_MAP)')
    .addOption(ACCEPT_ACTIVE_CONTENT())
    .option('--json', 'print kind, out, sha256, pages, edition and notes, or the complaints, as JSON')
    .action(async (options: FillOptions) => {
      if ((options.application === undefined) === (options.values === undefined))
        throw new CommandFailure(EXIT.usage, plain`Pass either --application or --values.`);
      const template = await readPdf(options.template ?? readFormFiles().template);
      const form = options.values
        ? await fillByName(options.values, template, options)
        : await fillApplication(options.application ?? '', template, options.map);
      if (form.kind === 'refused')
        throw new CommandFailure(EXIT.invalid, itemized(plain`Not filled:`, form.complaints.map(formatIssue)), form);
      const { pdf, ...rest } = form;
      await writePrivately(options.out, pdf);
      printResult(options.json, { ...rest, out: options.out }, () =>
        lines([
          plain`${options.out}: ${rest.pages} pages, edition ${rest.edition}, sha256 ${rest.sha256}`,
          ...rest.notes.map((note) => plain`Note: ${note}`),
        ]),
      );
    });
}

async function fillByName(file: string, template: Uint8Array, options: FillOptions): Promise<FilledForm> {
  const values = await readJsonFile(file);
  if (!isFieldValues(values))
    throw new CommandFailure(
      EXIT.invalid,
      plain`${file} must be an object whose keys are field names and whose values are text, a number, true or false.`,
    );
  return withForms(
    (run) =>
      run('fillValues', {
        values,
        template,
        acceptActiveContent: options.acceptActiveContent,
      }),
    { milliseconds: 20_000 },
  );
}

function isFieldValues(json: unknown): json is FieldValues {
  return (
    typeof json === 'object' &&
    json !== null &&
    !Array.isArray(json) &&
    Object.values(json).every((value) => ['string', 'number', 'boolean'].includes(typeof value))
  );
}

async function fillApplication(file: string, template: Uint8Array, mapFile: string | undefined): Promise<FilledForm> {
  const checked = checkApplication(await readJsonFile(file));
  if ('complaints' in checked) return { kind: 'refused', complaints: checked.complaints };
  const { application } = checked;
  const map = readMap(await readJsonFile(mapFile ?? readFormFiles().map));
  return withForms((run) => run('fillForm', { application, template, map }), { milliseconds: 20_000 });
}
