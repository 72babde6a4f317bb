import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type CsvRow, readApplicationsCsv } from '../../../src/application/files/csv.js';
import { importerNumberOf } from '../../../src/application/importer-number.js';
import { checkApplication } from '../../../src/application/schema.js';
import { formatIssue } from '../../../src/application/validation-issue.js';

const now = new Date('2026-06-01T15:00:00Z');
const example = (name: string) => readFile(join(import.meta.dirname, '../../../examples', name));

async function rowsOf(name: string): Promise<CsvRow[]> {
  const read = readApplicationsCsv(await example(name), {
    now,
    brokerDomains: ['broker.example'],
    otherColumns: ['scenario'],
  });
  if ('complaints' in read) throw new Error(read.complaints.map(formatIssue).join('\n'));
  return read.rows;
}

describe('the sample clients', () => {
  it('are all valid, with warnings only about unassigned EIN prefixes', async () => {
    for (const row of await rowsOf('clients.csv')) {
      if ('complaints' in row) throw new Error(`row ${row.row}: ${row.complaints.map(formatIssue).join(' ')}`);
      for (const warning of row.warnings)
        expect(warning.problem).toMatch(/a prefix that is not on the list of EIN prefixes the IRS has assigned/);
    }
  });

  it('cannot be real companies: unassigned prefixes, addresses that cannot exist', async () => {
    for (const row of await rowsOf('clients.csv')) {
      if (!('application' in row)) continue;
      const number = importerNumberOf(row.application.importerNumber);
      if (number.kind === 'ein') expect(row.warnings.map((w) => w.field)).toContain('importer_number');
      else expect(number.kind).toBe('cbp-assigned');
      expect(row.application.accountOwner.email).toMatch(/\.example$/);
      expect(row.application.company.phone).toMatch(/555.01\d\d/);
    }
  });

  it('have one scenario each, and the data that it needs', async () => {
    const rows = await rowsOf('clients.csv');
    const scenarios = rows.map((row) => row.other.scenario ?? '');
    expect(new Set(scenarios).size).toBe(rows.length);
    expect(rows).toHaveLength(18);
    const playing = (scenario: string) => {
      const row = rows.find((candidate) => candidate.other.scenario === scenario);
      if (!row || !('application' in row)) throw new Error(`no client plays ${scenario}`);
      return row.application;
    };
    expect(playing('happy').importerNumber).toMatch(/00$/);
    expect(playing('suffix-a1').importerNumber).toMatch(/A1$/);
    expect(playing('partial-grant').furtherImporterNumbers).toHaveLength(1);
    expect(importerNumberOf(playing('quebec').importerNumber).kind).toBe('cbp-assigned');
    expect(playing('quebec').company).toMatchObject({
      legalName: expect.stringMatching(/[éè]/),
      address: { state: 'QC', country: 'CA' },
    });
    // CBP's record includes the legal form.
    expect(playing('name-mismatch-corrected').company.legalName).not.toMatch(/LLC/);
  });
});

describe('the sample of mistakes', () => {
  it('has a different message for every row', async () => {
    const rows = await rowsOf('clients-with-mistakes.csv');
    const told = rows.map((row) => ('complaints' in row ? row.complaints : []));
    const accepted = rows.filter((row) => 'application' in row).map((row) => row.reference);
    expect(accepted).toEqual([]);
    // One mistake per row, so one problem.
    expect(
      rows.filter((row) => 'complaints' in row && row.complaints.length !== 1).map((row) => row.reference),
    ).toEqual([]);
    const messages = told.flat().map((complaint) => formatIssue(complaint).replace(/row \d+/, 'row N'));
    const twice = messages.filter((message, index) => messages.indexOf(message) !== index);
    // Both rows of each pair of duplicates get the same message.
    expect(twice).toEqual([
      expect.stringMatching(/^reference: is also in row N/),
      expect.stringMatching(/^importer_number: is also in row N/),
    ]);
  });

  it.each<[reference: string, message: RegExp]>([
    ['guides-example', /^importer_number: is 12-3456789, the example from the guide.*usually 00.*Form 5106/],
    ['letter-o-in-suffix', /^importer_number: ends in "0O" with the letter O/],
    ['nothing-but-zeros', /^importer_number: is nothing but zeros/],
    ['itin', /^importer_number: .*ITIN/],
    ['ssn-666', /begins with 666/],
    ['ssn-group-00', /00 in the middle/],
    ['nine-digits', /nine digits without a hyphen/],
    ['eleven-digits', /eleven digits without a hyphen/],
    ['spreadsheet-scientific', /scientific notation/],
    ['spreadsheet-leading-zero', /leading zero/],
    ['owner-address-of-the-broker', /^account_owner_email: is one of the broker's own addresses/],
    ['officer-has-not-acknowledged', /^officer_acknowledgement_name: is missing\. A blank never means yes/],
    ['no-form-5106', /^form_5106_on_file: is false/],
    ['comma-without-quotes', /^row: has 40 cells where the header has 39/],
  ])('%s', async (reference, message) => {
    const row = (await rowsOf('clients-with-mistakes.csv')).find((candidate) => candidate.reference === reference);
    expect(row && 'complaints' in row ? row.complaints.map(formatIssue) : []).toEqual([expect.stringMatching(message)]);
  });
});

it('the sample application is the first sample client', async () => {
  const checked = checkApplication(JSON.parse((await example('application.json')).toString()), { now });
  const [first] = await rowsOf('clients.csv');
  if (!('application' in checked) || !first || !('application' in first)) throw new Error('refused');
  expect(checked.application).toMatchObject({
    reference: 'harbor-light',
    importerNumber: first.application.importerNumber,
  });
});
