import { Command } from 'commander';
import { nameOfOption } from '../../form/document/form-field.js';
import { numbered } from '../../form/draft/number-boxes.js';
import type { FormDifference } from '../../form/map/diff-forms.js';
import type { InspectedField, InspectedForm } from '../../form/map/inspect-form.js';
import type { OpenOptions } from '../../form/pdf/pdf-file.js';
import { CommandFailure, EXIT, printResult, say } from '../../process/output.js';
import { inList, lines, type Plain, plain } from '../../process/plain-text-output.js';
import { examples } from '../command-help.js';
import { writePrivately } from '../private-output.js';
import { ACCEPT_ACTIVE_CONTENT, readJsonFile, readPdf, withForms, write } from './form-files.js';

/** `form inspect`, `diff` and `preview`: looking at forms. */

interface InspectOptions extends OpenOptions {
  overlay?: string;
  map?: string;
  json?: boolean;
}

export function formInspectCommand(): Command {
  return new Command('inspect')
    .summary('show what kind of PDF a form is, and its fields')
    .description(
      'Shows what kind of PDF a form is and lists its fields: name, caption, type, page, position, options and limits.',
    )
    .configureHelp(
      examples(
        'form inspect ace-application.pdf',
        'form inspect ace-application.pdf --overlay boxes.pdf',
        'form inspect ace-application.pdf --overlay boxes.pdf --map ace-application.map.json',
        "form inspect ace-application.pdf --json | jq '.fields[] | select(.required) | .name'",
      ),
    )
    .argument('<FILE.pdf>', 'the form')
    .option('--overlay <OUT.pdf>', 'also write the pages with a number in each box, and what each number is')
    .option('--map <FILE.map.json>', 'with --overlay: a field map or a draft, to say what it does with each box')
    .addOption(ACCEPT_ACTIVE_CONTENT())
    .option('--json', 'print kind, pages, encrypted, usageRights, signatures, fingerprint, notes and fields as JSON')
    .action(async (file: string, { overlay, map: mapFile, json, ...trust }: InspectOptions) => {
      if (mapFile && !overlay) throw new CommandFailure(EXIT.usage, plain`Pass --map together with --overlay.`);
      const template = await readPdf(file);
      const map = mapFile ? await readJsonFile(mapFile) : undefined;
      await withForms(async (run) => {
        const form = await run('inspectForm', { template, ...trust });
        printResult(json, form, () => describeForm(form));
        if (overlay) {
          await write(overlay, await run('numberBoxes', { template, map, ...trust }));
          say(plain`Wrote the pages with numbered boxes: ${overlay}`);
        }
      });
    });
}

export function formDiffCommand(): Command {
  return new Command('diff')
    .summary('show what changed between two editions')
    .description('Shows what CBP changed between two editions: boxes added, removed, renamed, changed and moved.')
    .configureHelp(examples('form diff ace-application-2025.pdf ace-application-2026.pdf'))
    .argument('<OLD.pdf>', 'the old edition')
    .argument('<NEW.pdf>', 'the new edition')
    .addOption(ACCEPT_ACTIVE_CONTENT())
    .option('--json', 'print added, removed, renamed, changed and moved as JSON')
    .action(async (oldFile: string, newFile: string, { json, ...trust }: { json?: boolean } & OpenOptions) => {
      const [older, newer] = [await readPdf(oldFile), await readPdf(newFile)];
      const difference = await withForms((run) => run('diffForms', { older, newer, ...trust }));
      printResult(json, difference, () => describeDifference(difference));
    });
}

export function formPreviewCommand(): Command {
  return new Command('preview')
    .summary('draw the pages of a form as one picture')
    .description('Draws the pages of a form as one picture, to look at without a PDF reader.')
    .configureHelp(examples('form preview filled.pdf --out filled.png'))
    .argument('<FILE.pdf>', 'a form, filled or not')
    .requiredOption('--out <OUT.png>', 'where to write the picture')
    .action(async (file: string, { out }: { out: string }) => {
      const pdf = await readPdf(file);
      const picture = await withForms((run) => run('previewForm', { pdf }), { milliseconds: 20_000 });
      await writePrivately(out, picture);
      say(plain`Wrote the picture: ${out}`);
    });
}

export const KINDS: Record<InspectedForm['kind'], string> = {
  acroform: 'AcroForm: filled field by field.',
  'hybrid-xfa': 'Hybrid XFA: filled field by field. The XML copy of the data is removed.',
  'dynamic-xfa': 'Dynamic XFA: only Adobe Reader can draw it. The data part is filled.',
};

export const ENCRYPTED_FORM = plain`Encrypted with an empty password. The filled file is not encrypted.`;
export const USAGE_RIGHTS = plain`Has Adobe usage rights, which any change makes invalid. They are removed.`;

function describeForm(form: InspectedForm): Plain {
  const numbers = new Map(numbered(form.fields).map(({ field, number }) => [field, number]));
  return lines([
    plain`${KINDS[form.kind]}`,
    plain`${form.pages} pages, ${form.fields.length} fields.`,
    form.encrypted ? ENCRYPTED_FORM : plain`Not encrypted.`,
    form.usageRights ? USAGE_RIGHTS : plain`No usage rights.`,
    ...(form.signatures.length > 0
      ? [plain`Signed: ${inList(form.signatures)}. Filling it would break the signature. Get an unsigned copy.`]
      : []),
    plain`Fingerprint ${form.fingerprint}`,
    ...form.notes.map((note) => plain`Note: ${note}`),
    plain``,
    ...form.fields.map((field) => fieldLine(field, numbers.get(field))),
  ]);
}

function fieldLine(field: InspectedField, number: number | undefined): Plain {
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
    field.multiline ? 'multiline' : undefined,
    field.required ? 'required' : undefined,
    field.readOnly ? 'read-only' : undefined,
    field.unfillable,
    field.value ? `contains "${field.value.slice(0, 40)}"` : undefined,
  ].flatMap((fact) => fact || []);
  const options = field.options.map((_, index) => nameOfOption(field, index));
  const caption = field.caption ?? (field.near ? `near "${field.near}"` : undefined);
  return lines([
    plain`${number === undefined ? '' : `${number}. `}${field.name}`,
    ...(caption ? [plain`    ${caption}`] : []),
    plain`    ${inList(facts)}`,
    ...(options.length > 0
      ? [plain`    options: ${inList(options.slice(0, 12))}${options.length > 12 ? ` … (${options.length})` : ''}`]
      : []),
  ]);
}

function describeDifference(difference: FormDifference): Plain {
  if (difference.identical) return plain`The two files are identical.`;
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
  return changes.length > 0 ? lines(changes) : plain`The files differ, but their fields are the same.`;
}
