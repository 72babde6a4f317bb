import { readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Command } from 'commander';
import { checkApplication } from '../../application/schema.js';
import { formatIssue } from '../../application/validation-issue.js';
import { readFormFiles } from '../../config/read-config.js';
import { findingLines } from '../../form/check/finding.js';
import { nameOfOption } from '../../form/document/form-field.js';
import { FormReadBackError } from '../../form/document/form-read-back-error.js';
import type { FilledForm } from '../../form/fill/fill-form.js';
import type { FieldValues } from '../../form/fill/fill-values.js';
import type { FormDifference } from '../../form/map/diff-forms.js';
import type { FieldMap } from '../../form/map/field-map.js';
import { FieldMapError, parseFieldMap } from '../../form/map/field-map.js';
import type { InspectedField, InspectedForm } from '../../form/map/inspect-form.js';
import { UnknownEditionError } from '../../form/map/unknown-edition.js';
import type { OpenOptions } from '../../form/pdf/pdf-file.js';
import { PdfRefusedError } from '../../form/pdf/pdf-refused.js';
import { FOREIGN_FILE_LIMITS, FormProcesses, LARGEST_FILE_BYTES } from '../../form/tasks/form-process.js';
import type { ArgumentOf, FormTaskName, ResultOf } from '../../form/tasks/form-tasks.js';
import { CommandFailure, EXIT, printJson, printResult, say } from '../../process/output.js';
import { errorText, inList, itemized, lines, type Plain, plain } from '../../process/plain-text-output.js';
import { jsonIn } from '../json-file.js';
import { writePrivately } from '../private-output.js';

/** From CBP's PDF to a proven field map, and the real filler by hand. Needs no server. */
export function formCommand(): Command {
  return new Command('form')
    .description("CBP's PDF: what it is, which box gets what, whether that is right, and filling it.")
    .addCommand(inspectCommand())
    .addCommand(mapCommand())
    .addCommand(checkCommand())
    .addCommand(diffCommand())
    .addCommand(fillCommand())
    .addCommand(previewCommand());
}

function inspectCommand(): Command {
  return new Command('inspect')
    .argument('<FILE.pdf>', 'the form')
    .description(
      'Says what kind of PDF a form is, and lists its fields: name, caption, type, page and place, options, limits.',
    )
    .option('--overlay <OUT.pdf>', 'also write the pages with the name of each field in its box')
    .option('--accept-active-content', 'work on it although it does or carries things by itself: look at it first')
    .option('--json', 'print kind, pages, encrypted, usageRights, signatures, fingerprint and fields as JSON')
    .addHelpText(
      'after',
      `
Examples:
  ace-onboarding form inspect ace-application.pdf
  ace-onboarding form inspect ace-application.pdf --overlay names.pdf
  ace-onboarding form inspect ace-application.pdf --json | jq '.fields[] | select(.required) | .name'`,
    )
    .action(async (file: string, { overlay, json, ...trust }: { overlay?: string; json?: boolean } & OpenOptions) => {
      const template = await readPdf(file);
      await withForms(async (run) => {
        const form = await run('inspectForm', { template, ...trust });
        printResult(json, form, () => describe(form));
        if (overlay) {
          await write(overlay, await run('overlayNames', { template, ...trust }));
          say(plain`Names of the fields on the pages: ${overlay}`);
        }
      });
    });
}

interface MapOptions extends OpenOptions {
  from?: string;
  edition?: string;
  out?: string;
  force?: boolean;
  json?: boolean;
}

function mapCommand(): Command {
  return new Command('map')
    .argument('<FILE.pdf>', 'the form')
    .description(
      'Writes a field map to complete: every box with its caption, "?" where a person must say what goes in. With --from it keeps what the map of an older edition knows, where names or captions agree.',
    )
    .option('--from <OLD.map.json>', 'map of an older edition')
    .option('--edition <NAME>', "name of this edition, for people; the file's name unless given")
    .option('--out <FILE.map.json>', 'where to write it; the form\'s name with .map.json unless given, "-" to print it')
    .option('--force', 'overwrite a map that is there')
    .option('--accept-active-content', 'work on it although it does or carries things by itself: look at it first')
    .option('--json', 'print out, kept and open as JSON')
    .addHelpText(
      'after',
      `
Examples:
  ace-onboarding form map ace-application.pdf
  ace-onboarding form map new.pdf --from old.map.json --edition 2026-04 --out new.map.json

Complete it: each "fill": "?" becomes the name of a slot (docs/bring-your-own-form.md lists them), or "leave" with the
reason. Then prove it: ace-onboarding form check new.pdf --map new.map.json`,
    )
    .action(async (file: string, options: MapOptions) => {
      const template = await readPdf(file);
      const older = options.from ? readMap(await readJson(options.from)) : undefined;
      const edition = options.edition ?? path.parse(file).name;
      const { map, kept, open } = await withForms((run) =>
        run('draftMap', {
          template,
          edition,
          acceptActiveContent: options.acceptActiveContent,
          ...(older ? { older } : {}),
        }),
      );
      if (options.out === '-') return printJson(map);
      const out = options.out ?? `${file.replace(/\.pdf$/i, '')}.map.json`;
      await write(out, `${JSON.stringify(map, null, 2)}\n`, options.force ? 'w' : 'wx');
      printResult(options.json, { out, kept, open, fields: map.fields.length }, () =>
        lines([
          plain`${out}: ${map.fields.length} boxes, ${kept} taken over, ${open} to complete.`,
          open > 0
            ? plain`Replace each "fill": "?" by a slot, or by "leave" with the reason, then run:`
            : plain`Nothing is open. Look it through, then run:`,
          plain`  ace-onboarding form check ${file} --map ${out}`,
        ]),
      );
    });
}

function checkCommand(): Command {
  return new Command('check')
    .argument('<FILE.pdf>', 'the form')
    .requiredOption('--map <FILE.map.json>', 'its field map')
    .description(
      'Proves a field map against a form: what is missing, unmapped, mistyped or too short, section by section, and a made-up application filled and read back. Exit code 6 when it finds something.',
    )
    .option('--json', 'print ok, edition and findings as JSON')
    .addHelpText('after', '\nExample:\n  ace-onboarding form check new.pdf --map new.map.json')
    .action(async (file: string, { map: mapFile, json }: { map: string; json?: boolean }) => {
      const template = await readPdf(file);
      const map = await readJson(mapFile);
      const checked = await withForms((run) => run('checkMap', { template, map }));
      if (checked.ok) {
        printResult(
          json,
          checked,
          () => plain`The map "${checked.edition}" fits the form, and an application was filled and read back with it.`,
        );
        return;
      }
      const { findings } = checked;
      const sections = [...new Set(findings.map(({ section }) => section))];
      if (!json)
        say(
          lines(
            sections.flatMap((section) => [
              section === 'map' ? plain`The map:` : plain`Section ${section}:`,
              ...findingLines(findings.filter((finding) => finding.section === section)).map((line) => plain`${line}`),
            ]),
          ),
        );
      throw new CommandFailure(
        EXIT.findings,
        plain`${findings.length} finding${findings.length === 1 ? '' : 's'}: the map cannot be used yet.`,
        checked,
      );
    });
}

function diffCommand(): Command {
  return new Command('diff')
    .argument('<OLD.pdf>', 'the edition there was')
    .argument('<NEW.pdf>', 'the edition there is')
    .description('Shows what CBP changed between two editions: boxes added, removed, renamed, changed and moved.')
    .option('--accept-active-content', 'work on it although it does or carries things by itself: look at it first')
    .option('--json', 'print added, removed, renamed, changed and moved as JSON')
    .addHelpText('after', '\nExample:\n  ace-onboarding form diff ace-application-2025.pdf ace-application-2026.pdf')
    .action(async (oldFile: string, newFile: string, { json, ...trust }: { json?: boolean } & OpenOptions) => {
      const [older, newer] = [await readPdf(oldFile), await readPdf(newFile)];
      const difference = await withForms((run) => run('diffForms', { older, newer, ...trust }));
      printResult(json, difference, () => tell(difference));
    });
}

interface FillOptions extends OpenOptions {
  application?: string;
  values?: string;
  out: string;
  template?: string;
  map?: string;
  flatten?: boolean;
  json?: boolean;
}

function fillCommand(): Command {
  return new Command('fill')
    .description(
      'Fills the form as the product itself does: checked before anything is written, read back afterwards. Exit code 5, and no file, when something would not come out right.',
    )
    .option('--application <FILE.json>', "an application; goes through the field map and the guide's rules")
    .option('--values <FILE.json>', 'instead: field name to text, option, true or false; fills any form')
    .requiredOption('--out <OUT.pdf>', 'where to write the filled form')
    .option('--template <FILE.pdf>', 'the form; FORM_TEMPLATE unless given, which is the replica unless set')
    .option('--map <FILE.map.json>', 'its field map; FORM_MAP unless given')
    .option('--flatten', 'with --values: keep no fields, only what is drawn')
    .option('--accept-active-content', 'work on it although it does or carries things by itself: look at it first')
    .option('--json', 'print kind, out, sha256, pages and edition, or the complaints, as JSON')
    .addHelpText(
      'after',
      `
Examples:
  ace-onboarding form fill --application client.json --out filled.pdf
  ace-onboarding form fill --application client.json --template new.pdf --map new.map.json --out filled.pdf
  ace-onboarding form fill --values values.json --template any-form.pdf --out filled.pdf`,
    )
    .action(async (options: FillOptions) => {
      if ((options.application === undefined) === (options.values === undefined))
        throw new CommandFailure(EXIT.usage, plain`Give either --application or --values.`);
      const template = await readPdf(options.template ?? readFormFiles().template);
      const form = options.values
        ? await fillByName(options.values, template, options)
        : await fillApplication(options.application ?? '', template, options.map);
      if (form.kind === 'refused')
        throw new CommandFailure(EXIT.invalid, itemized(plain`Not filled:`, form.complaints.map(formatIssue)), form);
      const { pdf, ...rest } = form;
      await writePrivately(options.out, pdf);
      printResult(
        options.json,
        { ...rest, out: options.out },
        () => plain`${options.out}: ${rest.pages} pages, edition ${rest.edition}, sha256 ${rest.sha256}`,
      );
    });
}

async function fillByName(file: string, template: Uint8Array, options: FillOptions): Promise<FilledForm> {
  const values = await readJson(file);
  if (!isFieldValues(values))
    throw new CommandFailure(
      EXIT.invalid,
      plain`${file} is no object of field names with text, a number, true or false.`,
    );
  return withForms(
    (run) =>
      run('fillValues', {
        values,
        template,
        flatten: options.flatten ?? false,
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
  const checked = checkApplication(await readJson(file));
  if ('complaints' in checked) return { kind: 'refused', complaints: checked.complaints };
  const { application } = checked;
  const map = readMap(await readJson(mapFile ?? readFormFiles().map));
  return withForms((run) => run('fillForm', { application, template, map }), { milliseconds: 20_000 });
}

function previewCommand(): Command {
  return new Command('preview')
    .argument('<FILE.pdf>', 'a form, filled or not')
    .requiredOption('--out <OUT.png>', 'where to write the picture')
    .description('Draws the pages of a form into one picture, to look at without a PDF reader.')
    .addHelpText('after', '\nExample:\n  ace-onboarding form preview filled.pdf --out filled.png')
    .action(async (file: string, { out }: { out: string }) => {
      const pdf = await readPdf(file);
      const picture = await withForms((run) => run('previewForm', { pdf }), { milliseconds: 20_000 });
      await writePrivately(out, picture);
      say(plain`Picture of the pages: ${out}`);
    });
}

type Run = <Name extends FormTaskName>(name: Name, argument: ArgumentOf<Name>) => Promise<ResultOf<Name>>;

/** Works on PDFs nobody vouches for, in a process that is killed when it takes too long or too much. */
async function withForms<T>(work: (run: Run) => Promise<T>, limits: { milliseconds?: number } = {}): Promise<T> {
  const processes = new FormProcesses({ ...FOREIGN_FILE_LIMITS, ...limits });
  try {
    return await work((name, argument) => processes.run(name, argument));
  } catch (error) {
    throw asFailure(error);
  } finally {
    await processes.close();
  }
}

function asFailure(error: unknown): unknown {
  if (error instanceof PdfRefusedError || error instanceof UnknownEditionError || error instanceof FormReadBackError)
    return new CommandFailure(EXIT.invalid, errorText(error), { error: error.code, message: error.message });
  return error;
}

function readMap(json: unknown): FieldMap {
  try {
    return parseFieldMap(json);
  } catch (error) {
    if (error instanceof FieldMapError)
      throw new CommandFailure(EXIT.invalid, errorText(error), { error: error.code, problems: error.problems });
    throw error;
  }
}

async function readPdf(file: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(file);
    if (size > LARGEST_FILE_BYTES)
      throw new CommandFailure(
        EXIT.invalid,
        plain`${file} has ${Math.round(size / 1024 / 1024)} MB: larger than any form.`,
        { error: 'pdf-too-heavy' },
      );
    return await readFile(file);
  } catch (error) {
    throw unreadable(file, error);
  }
}

async function readJson(file: string): Promise<unknown> {
  const bytes = await readFile(file).catch((error: unknown) => {
    throw unreadable(file, error);
  });
  return jsonIn(file, bytes);
}

function unreadable(file: string, error: unknown): unknown {
  if (error instanceof CommandFailure) return error;
  return new CommandFailure(EXIT.notFound, plain`${file} cannot be read: ${(error as Error).message}.`);
}

async function write(file: string, content: string | Uint8Array, flag: 'w' | 'wx' = 'w'): Promise<void> {
  try {
    await writeFile(file, content, { flag });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST')
      throw new CommandFailure(EXIT.conflict, plain`${file} is there already. Name another --out, or add --force.`);
    throw new CommandFailure(EXIT.failed, plain`${file} cannot be written: ${(error as Error).message}.`);
  }
}

const KINDS: Record<InspectedForm['kind'], string> = {
  acroform: 'AcroForm: filled field by field.',
  'hybrid-xfa': 'Hybrid XFA: filled field by field; the second copy of the data, in XML, is dropped.',
  'dynamic-xfa': 'Dynamic XFA: only Adobe Reader draws it; its data part is filled.',
};

function describe(form: InspectedForm): Plain {
  return lines([
    plain`${KINDS[form.kind]}`,
    plain`${form.pages} pages, ${form.fields.length} fields.`,
    form.encrypted
      ? plain`Encrypted, opens with an empty password; the filled file is not encrypted.`
      : plain`Not encrypted.`,
    form.usageRights
      ? plain`Carries Adobe's permission to be saved in Reader, which ends with any change and is removed.`
      : plain`No usage rights.`,
    ...(form.signatures.length > 0
      ? [plain`Signed: ${inList(form.signatures)}. It cannot be filled without breaking that: get it unsigned.`]
      : []),
    plain`Fingerprint ${form.fingerprint}`,
    plain``,
    ...form.fields.map(fieldLine),
  ]);
}

function fieldLine(field: InspectedField): Plain {
  const facts = [
    field.type,
    field.page === null ? undefined : `page ${field.page}`,
    ...field.places
      .slice(0, 1)
      .map(
        ({ x, y, width, height }) => `at ${Math.round(x)},${Math.round(y)} ${Math.round(width)}x${Math.round(height)}`,
      ),
    field.maxLength === null ? undefined : `${field.maxLength} characters`,
    field.comb ? 'comb' : undefined,
    field.multiline ? 'several lines' : undefined,
    field.required ? 'required' : undefined,
    field.readOnly ? 'read-only' : undefined,
    field.unfillable,
    field.value ? `holds "${field.value.slice(0, 40)}"` : undefined,
  ].flatMap((fact) => fact || []);
  const options = field.options.map((_, index) => nameOfOption(field, index));
  const caption = field.caption ?? (field.near ? `near "${field.near}"` : undefined);
  return lines([
    plain`${field.name}`,
    ...(caption ? [plain`    ${caption}`] : []),
    plain`    ${inList(facts)}`,
    ...(options.length > 0
      ? [plain`    options: ${inList(options.slice(0, 12))}${options.length > 12 ? ` … (${options.length})` : ''}`]
      : []),
  ]);
}

function tell(difference: FormDifference): Plain {
  if (difference.identical) return plain`The two files are the same, byte for byte.`;
  const { added, removed, renamed, changed, moved, kind, pages } = difference;
  const named = ({ field, caption }: { field: string; caption?: string }) =>
    caption ? `${field} (${caption})` : field;
  const changes = [
    kind.old === kind.new ? undefined : plain`Kind: ${kind.old}, now ${kind.new}`,
    pages.old === pages.new ? undefined : plain`Pages: ${pages.old}, now ${pages.new}`,
    ...added.map((field) => plain`Added: ${named(field)}, ${field.type}`),
    ...removed.map((field) => plain`Removed: ${named(field)}`),
    ...renamed.map((rename) => plain`Renamed: ${rename.old}, now ${rename.new} (${rename.caption})`),
    ...changed.map(
      (field) =>
        plain`Changed: ${named(field)}: ${field.what.map((change) => `${change.property} was ${change.old}, is ${change.new}`).join('; ')}`,
    ),
    ...moved.map((field) => plain`Moved: ${named(field)} from ${field.from} to ${field.to}`),
  ].filter((line) => line !== undefined);
  return changes.length > 0 ? lines(changes) : plain`The files differ, their fields do not.`;
}
