import { CsvError, type Info, parse } from 'csv-parse/sync';
import { type Application, SHORTENABLE } from '../application.js';
import { type CheckOptions, checkApplication, readableImporterNumbers } from '../schema.js';
import { looksLikeTaxNumber, shownReference } from '../tax-numbers-in-text.js';
import type { ValidationIssue } from '../validation-issue.js';
import { findDuplicates } from './find-duplicates.js';

export interface CsvOptions extends CheckOptions {
  /** Columns outside the application that are passed through, such as the simulator's `scenario`. */
  otherColumns?: readonly string[];
}

/** Problems with the file as a whole, or its rows. */
export type ReadCsv = { complaints: ValidationIssue[] } | { rows: CsvRow[] };

export type CsvRow = {
  /** As a spreadsheet counts: the header is row 1. */
  row: number;
  /** The client reference; `(row 7)` if there is none, or none that may be shown. */
  reference: string;
  /** Cells of `otherColumns`. */
  other: Record<string, string>;
} & (
  | { application: Application; warnings: ValidationIssue[] }
  /** `field` is the name of the column. */
  | { complaints: ValidationIssue[] }
);

/**
 * Columns of a CSV of applications, and the field each fills. All but the optional ones are required, in any order.
 * `further_importer_numbers` takes several numbers, separated by semicolons or commas; `form_5106_on_file` takes yes or no;
 * `shorter_forms` takes `name: text` pairs, separated by semicolons.
 */
const COLUMNS: readonly { column: string; field: string; optional?: true }[] = [
  { column: 'reference', field: 'reference' },
  { column: 'importer_number', field: 'importerNumber' },
  { column: 'importer_number_kind', field: 'importerNumberKind', optional: true },
  { column: 'further_importer_numbers', field: 'furtherImporterNumbers', optional: true },
  { column: 'legal_name', field: 'company.legalName' },
  { column: 'organization', field: 'company.organization' },
  { column: 'street', field: 'company.address.street' },
  { column: 'city', field: 'company.address.city' },
  { column: 'state', field: 'company.address.state', optional: true },
  { column: 'postal_code', field: 'company.address.postalCode' },
  { column: 'country', field: 'company.address.country' },
  { column: 'phone', field: 'company.phone' },
  { column: 'fiscal_year_end', field: 'company.fiscalYearEnd' },
  { column: 'duns', field: 'company.duns', optional: true },
  { column: 'website', field: 'company.website', optional: true },
  { column: 'fax', field: 'company.fax', optional: true },
  { column: 'officer_first_name', field: 'officer.firstName' },
  { column: 'officer_last_name', field: 'officer.lastName' },
  { column: 'officer_title', field: 'officer.title' },
  { column: 'officer_date_of_birth', field: 'officer.dateOfBirth' },
  { column: 'account_owner_first_name', field: 'accountOwner.firstName' },
  { column: 'account_owner_last_name', field: 'accountOwner.lastName' },
  { column: 'account_owner_title', field: 'accountOwner.title', optional: true },
  { column: 'account_owner_email', field: 'accountOwner.email' },
  { column: 'account_owner_phone', field: 'accountOwner.phone' },
  { column: 'officer_acknowledgement_name', field: 'acknowledgements.officer.name' },
  { column: 'officer_acknowledgement_at', field: 'acknowledgements.officer.at' },
  { column: 'officer_acknowledgement_evidence', field: 'acknowledgements.officer.evidence' },
  { column: 'account_owner_acknowledgement_name', field: 'acknowledgements.accountOwner.name' },
  { column: 'account_owner_acknowledgement_at', field: 'acknowledgements.accountOwner.at' },
  { column: 'account_owner_acknowledgement_evidence', field: 'acknowledgements.accountOwner.evidence' },
  { column: 'existing_account', field: 'route.existingAccount' },
  { column: 'form_5106_on_file', field: 'route.form5106OnFile' },
  { column: 'channel', field: 'route.channel.kind' },
  { column: 'submitted_at', field: 'route.channel.at', optional: true },
  { column: 'submitted_by', field: 'route.channel.by', optional: true },
  { column: 'submission_subject', field: 'submissionSubject', optional: true },
  { column: 'refund_deadline', field: 'refundDeadline', optional: true },
  { column: 'handler', field: 'handler', optional: true },
  { column: 'language', field: 'language', optional: true },
  { column: 'time_zone', field: 'timeZone', optional: true },
  { column: 'shorter_forms', field: 'shorterForms', optional: true },
];

/** The names of all columns, in the order for a new file. */
export const CSV_COLUMNS: readonly string[] = COLUMNS.map(({ column }) => column);

/**
 * Reads applications from a CSV: UTF-8 with or without a byte order mark, any line endings, separated by commas,
 * semicolons, or tabs. Every row with a duplicate number is refused, since only a person can say which row is right.
 */
export function readApplicationsCsv(source: string | Uint8Array, options: CsvOptions = {}): ReadCsv {
  const text = decoded(source);
  if (typeof text !== 'string') return { complaints: [text] };
  const records = recordsOf(text);
  if (!Array.isArray(records)) return { complaints: [records] };
  const [header, ...body] = records;
  if (!header)
    return {
      complaints: [{ field: 'header', problem: 'is missing: the file is empty.', remedy: 'See examples/clients.csv.' }],
    };

  const names = header.map(columnName);
  const complaints = headerComplaints(names, body, options.otherColumns ?? []);
  if (complaints.length > 0) return { complaints };
  const rows = body
    .map((cells, index) => ({ row: index + 2, cells: cells.map(asText) }))
    .filter(({ cells }) => cells.some((cell) => cell !== ''))
    .map(({ row, cells }) => readRow(row, cells, names, options));
  if (rows.length === 0)
    return {
      complaints: [
        { field: 'file', problem: 'has a header but no rows.', remedy: 'Add a row for each client below the header.' },
      ],
    };
  return { rows: withoutDuplicates(rows) };
}

function decoded(source: string | Uint8Array): string | ValidationIssue {
  if (typeof source === 'string') return source.replace(/^\ufeff/, '');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(source);
  } catch {
    return {
      field: 'file',
      problem: 'is not in UTF-8, so accented letters would be damaged.',
      remedy: 'Save it again as "CSV UTF-8".',
    };
  }
}

function recordsOf(text: string): string[][] | ValidationIssue {
  const firstLine = text.slice(0, text.search(/[\r\n]|$/));
  const delimiter = [',', ';', '\t'].reduce((best, candidate) =>
    firstLine.split(candidate).length > firstLine.split(best).length ? candidate : best,
  );
  try {
    return parse(text, { delimiter, relax_column_count: true, trim: true });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    // The parser's message quotes the cell, which may be confidential.
    const { lines } = error as CsvError & Partial<Info>;
    return {
      field: lines === undefined ? 'file' : `line ${lines}`,
      problem: `has a misplaced quotation mark (${error.code}).`,
      remedy: 'Put the whole cell in quotation marks and double those inside, or save it again from a spreadsheet.',
    };
  }
}

const HEADER_FIRST = 'Put the column names in row 1, with no blank line or "sep=" above. See examples/clients.csv.';

function headerComplaints(names: string[], body: string[][], otherColumns: readonly string[]): ValidationIssue[] {
  const complaints: ValidationIssue[] = [];
  const complain = (field: string, problem: string, remedy: string) => complaints.push({ field, problem, remedy });
  // Do not quote the row: if the header is missing, this is a client's data.
  if (!names.some((name) => CSV_COLUMNS.includes(name))) {
    complain('header', 'is missing: row 1 has no column name.', HEADER_FIRST);
    return complaints;
  }
  const other = otherColumns.map(columnName);
  for (const [index, name] of names.entries()) {
    if (name === '') {
      if (body.some((cells) => cells[index]))
        complain(`column ${index + 1}`, 'has values but no name in the header.', 'Name it, or remove it.');
    } else if (names.indexOf(name) !== index) {
      complain(name, 'is in the header twice.', 'Remove one of the two columns.');
    } else if (!CSV_COLUMNS.includes(name) && !other.includes(name)) {
      complain(
        looksLikeTaxNumber(name) ? `column ${index + 1}` : name.slice(0, 60),
        'is not a column of applications.',
        `Remove it or correct its name: ${similar(name)}.`,
      );
    }
  }
  for (const { column, optional } of COLUMNS)
    if (!optional && !names.includes(column)) complain(column, 'is missing from the header.', 'Add the column.');
  return complaints;
}

interface ReadRow {
  row: CsvRow;
  /** All that can be read, even if the row has problems. */
  numbers: string[];
}

function readRow(row: number, cells: string[], names: string[], options: CsvOptions): ReadRow {
  const cell = (column: string) => cells[names.indexOf(column)] ?? '';
  const reference = shownReference(cell('reference')) ?? `(row ${row})`;
  const other = Object.fromEntries(
    (options.otherColumns ?? []).map((column) => [column, cell(columnName(column))] as const),
  );
  if (cells.length !== names.length && cells.slice(names.length).some((extra) => extra !== ''))
    return {
      row: {
        row,
        reference,
        other,
        complaints: [
          {
            field: 'row',
            problem: `has ${cells.length} cells where the header has ${names.length}.`,
            remedy: 'Put a value that contains a comma in quotation marks.',
          },
        ],
      },
      numbers: [],
    };
  const input = inputOf(cell);
  const checked = checkApplication(input, options);
  return {
    row:
      'application' in checked
        ? { row, reference, other, application: checked.application, warnings: checked.warnings.map(withColumn) }
        : { row, reference, other, complaints: checked.complaints.map(withColumn) },
    numbers: readableImporterNumbers(input),
  };
}

/** The input of `checkApplication` from the cells of a row. It handles blank cells, too. */
function inputOf(cell: (column: string) => string): Record<string, unknown> {
  const input: Record<string, unknown> = {};
  for (const { column, field } of COLUMNS) {
    const value = fieldValue(column, cell(column));
    if (
      value === '' &&
      (column === 'submitted_at' || column === 'submitted_by') &&
      cell('channel') !== 'already-submitted'
    )
      continue;
    const path = field.split('.');
    const last = path.pop() ?? field;
    let target = input;
    for (const key of path) {
      target[key] ??= {};
      target = target[key] as Record<string, unknown>;
    }
    target[last] = value;
  }
  return input;
}

function fieldValue(column: string, text: string): unknown {
  switch (column) {
    case 'further_importer_numbers':
      return severalOf(text);
    case 'shorter_forms':
      return shorterFormsOf(text);
    case 'form_5106_on_file':
      return /^(yes|y|true)$/i.test(text) ? true : /^(no|n|false)$/i.test(text) ? false : text;
    case 'channel':
    case 'importer_number_kind':
      return text.toLowerCase();
    default:
      return text;
  }
}

function severalOf(text: string): string[] {
  return text.split(/[;,]/).filter((number) => number.trim() !== '');
}

/** Text without a known name in front is passed on whole, and refused, since a cell may say anything. */
function shorterFormsOf(text: string): unknown {
  const pairs = text
    .split(';')
    .filter((pair) => pair.trim() !== '')
    .map((pair) => /^\s*([\w.]+)\s*[:=]([\s\S]*)$/.exec(pair));
  return pairs.every((pair) => pair !== null && (SHORTENABLE as readonly string[]).includes(pair[1] ?? ''))
    ? Object.fromEntries(pairs.map((pair) => [pair?.[1] ?? '', pair?.[2] ?? '']))
    : text;
}

function withColumn(complaint: ValidationIssue): ValidationIssue {
  const { field, problem } = complaint;
  const further = /^furtherImporterNumbers\.(\d+)$/.exec(field);
  if (further)
    return { ...complaint, field: 'further_importer_numbers', problem: `number ${Number(further[1]) + 1} ${problem}` };
  const shorter = /^shorterForms(?:\.(.+))?$/.exec(field);
  if (shorter && !shorter[1])
    return {
      field: 'shorter_forms',
      problem: 'is not a list of names and texts.',
      remedy: `Write it like "company.legalName: Maple Imports; officer.title: CEO". Names: ${SHORTENABLE.join(', ')}.`,
    };
  if (shorter) return { ...complaint, field: 'shorter_forms', problem: `${shorter[1]} ${problem}` };
  // A missing acknowledgement is reported at its first column.
  const found =
    COLUMNS.find((known) => known.field === field) ?? COLUMNS.find((known) => known.field === `${field}.name`);
  return { ...complaint, field: found?.column ?? field };
}

/** Refuses rows that share a reference or an importer number. */
function withoutDuplicates(rows: ReadRow[]): CsvRow[] {
  const inFile = rows.map(({ row, numbers }) => ({
    at: row.row,
    reference: shownReference(row.reference),
    importerNumbers: numbers,
  }));
  const shared = findDuplicates(inFile, 'row');
  return rows.map(({ row }, index) => {
    const complaints = (shared[index] ?? []).map(withColumn);
    if (complaints.length === 0) return row;
    const before = 'complaints' in row ? row.complaints : [];
    return { row: row.row, reference: row.reference, other: row.other, complaints: [...complaints, ...before] };
  });
}

/** "Legal Name" and "legal-name" are `legal_name`. */
function columnName(header: string): string {
  return header
    .trim()
    .toLowerCase()
    .replace(/[\s-]+/g, '_');
}

/** Undoes what spreadsheets write to keep leading zeros: ="04101", or '04101. A name may start with an apostrophe, too. */
function asText(cell: string): string {
  return (/^="(.*)"$/.exec(cell) ?? /^['’]([+\d][\d\s().+/-]*[A-Z\d]{0,2})$/i.exec(cell))?.[1] ?? cell;
}

/** Suggests the known column that shares the most words with a name. */
function similar(name: string): string {
  const words = name.split('_');
  const shared = (column: string) => column.split('_').filter((word) => words.includes(word)).length;
  const best = CSV_COLUMNS.reduce((a, b) => (shared(b) > shared(a) ? b : a));
  return shared(best) > 0 ? `perhaps ${best}` : `the known columns are ${CSV_COLUMNS.join(', ')}`;
}
