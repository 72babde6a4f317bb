import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { readApplicationsCsv } from '../../application/files/csv.js';
import { findDuplicates } from '../../application/files/find-duplicates.js';
import { checkApplication, readableImporterNumbers } from '../../application/schema.js';
import { shownReference } from '../../application/tax-numbers-in-text.js';
import { formatIssue, type ValidationIssue } from '../../application/validation-issue.js';
import { readClientConfig } from '../../config/read-config.js';
import { CommandFailure, EXIT } from '../../process/output.js';
import { itemized, plain } from '../../process/plain-text-output.js';
import { jsonIn } from '../json-file.js';

/** One application of a file, checked. */
export interface ApplicationRow {
  /** Row of the CSV file as a spreadsheet counts it; the header is row 1. */
  row?: number;
  reference: string;
  /** Missing when there are complaints. */
  application?: unknown;
  complaints: ValidationIssue[];
  warnings: ValidationIssue[];
}

/**
 * The applications of a JSON file (one, or an array) or of a CSV file, each checked, and compared with the others.
 * @throws CommandFailure when the file cannot be read or has no application
 */
export async function applicationsIn(file: string): Promise<ApplicationRow[]> {
  const bytes = await bytesOf(file);
  const { brokerDomains } = readClientConfig();
  if (extname(file).toLowerCase() === '.csv') return rowsOfCsv(file, bytes, brokerDomains);
  const inputs = parseJson(file, bytes);
  if (inputs.length === 0)
    throw new CommandFailure(EXIT.invalid, plain`${file} has no applications. See examples/application.json.`);
  const references = inputs.map((input) => shownReference((input as { reference?: unknown } | null)?.reference));
  const duplicates = findDuplicates(
    inputs.map((input, index) => ({
      at: index + 1,
      reference: references[index],
      importerNumbers: readableImporterNumbers(input),
    })),
    'application',
  );
  return inputs.map((input, index) => {
    const checked = checkApplication(input, { brokerDomains });
    const reference = references[index] ?? `(application ${index + 1})`;
    const complaints = duplicates[index] ?? [];
    if ('complaints' in checked) return { reference, complaints: [...complaints, ...checked.complaints], warnings: [] };
    return { reference, application: checked.application, complaints, warnings: checked.warnings };
  });
}

function rowsOfCsv(file: string, bytes: Uint8Array, brokerDomains: string[]): ApplicationRow[] {
  const read = readApplicationsCsv(bytes, { brokerDomains, otherColumns: ['scenario'] });
  if ('complaints' in read)
    throw new CommandFailure(
      EXIT.invalid,
      itemized(plain`${file} cannot be used:`, read.complaints.map(formatIssue)),
      read,
    );
  return read.rows.map((row) => ({
    row: row.row,
    reference: row.reference,
    ...('application' in row
      ? { application: row.application, complaints: [], warnings: row.warnings }
      : { complaints: row.complaints, warnings: [] }),
  }));
}

/**
 * The application of a JSON file, unchecked: the client checks it.
 * @throws CommandFailure when the file cannot be read, or has none or several
 */
export async function oneApplication(file: string): Promise<unknown> {
  const applications = parseJson(file, await bytesOf(file));
  if (applications.length !== 1)
    throw new CommandFailure(
      EXIT.usage,
      plain`${file} has ${applications.length} applications. This command takes exactly one.`,
    );
  return applications[0];
}

async function bytesOf(file: string): Promise<Uint8Array> {
  return await readFile(file).catch((error: Error) => {
    throw new CommandFailure(EXIT.usage, plain`${file} cannot be read: ${error.message}`);
  });
}

function parseJson(file: string, bytes: Uint8Array): unknown[] {
  const parsed = jsonIn(
    file,
    bytes,
    extname(file).toLowerCase() === '.json'
      ? 'Correct it and save it as UTF-8. See examples/application.json.'
      : 'JSON files must be named FILE.json. Save a spreadsheet as "CSV UTF-8", named FILE.csv.',
  );
  return Array.isArray(parsed) ? parsed : [parsed];
}
