import { describe, expect, it } from 'vitest';
import { CSV_COLUMNS, type CsvOptions, readApplicationsCsv } from '../../../../src/application/files/csv.js';
import { formatIssue } from '../../../../src/application/validation-issue.js';
import { sampleApplication } from '../sample.js';

const now = new Date('2026-03-02T15:00:00Z');

const good: Record<string, string> = {
  reference: 'maple-imports',
  importer_number: '12-345678900',
  legal_name: 'Maple Imports LLC',
  organization: 'limited-liability-company',
  street: '12 Harbor St',
  city: 'Portland',
  state: 'ME',
  postal_code: '04101',
  country: 'US',
  phone: '+1 207 555 0123',
  fiscal_year_end: '12-31',
  officer_first_name: 'Ann',
  officer_last_name: 'Lee',
  officer_title: 'President',
  officer_date_of_birth: '1975-04-09',
  account_owner_first_name: 'Bo',
  account_owner_last_name: 'Park',
  account_owner_email: 'bo.park@maple.example',
  account_owner_phone: '207-555-0124',
  officer_acknowledgement_name: 'Ann Lee',
  officer_acknowledgement_at: '2026-02-20',
  officer_acknowledgement_evidence: 'DMS-1001',
  account_owner_acknowledgement_name: 'Bo Park',
  account_owner_acknowledgement_at: '2026-02-20T10:15:00-05:00',
  account_owner_acknowledgement_evidence: 'DMS-1002',
  existing_account: 'none',
  form_5106_on_file: 'yes',
  channel: 'email',
};

function csv(
  rows: Record<string, string>[],
  { delimiter = ',', lineEnd = '\n', header = Object.keys(rows[0] ?? good) } = {},
) {
  const line = (cells: string[]) =>
    cells.map((cell) => (/[",;\t\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(delimiter);
  return [header, ...rows.map((row) => header.map((name) => row[name] ?? ''))].map(line).join(lineEnd) + lineEnd;
}
function read(text: string | Uint8Array, options: CsvOptions = {}) {
  const result = readApplicationsCsv(text, { now, ...options });
  if ('complaints' in result) throw new Error(result.complaints.map(formatIssue).join('\n'));
  return result.rows;
}
function refused(text: string | Uint8Array, options: CsvOptions = {}): string[] {
  const result = readApplicationsCsv(text, { now, ...options });
  return 'complaints' in result ? result.complaints.map(formatIssue) : [];
}
const complaintsOf = (row: ReturnType<typeof read>[number] | undefined) =>
  row && 'complaints' in row ? row.complaints.map(formatIssue) : [];

describe('a good file', () => {
  it('may say in which language and time zone the client is', () => {
    const [row] = read(csv([{ ...good, language: 'es', time_zone: 'America/Chicago' }]));
    expect(row).toMatchObject({ application: { language: 'es', timeZone: 'America/Chicago' } });
    expect(complaintsOf(read(csv([{ ...good, time_zone: 'Central' }]))[0])).toEqual([
      expect.stringMatching(/^time_zone: /),
    ]);
  });

  it('gives applications with their rows', () => {
    expect(read(csv([good]))).toEqual([
      { row: 2, reference: 'maple-imports', other: {}, application: sampleApplication(), warnings: [] },
    ]);
  });

  it.each([
    ['CRLF', csv([good], { lineEnd: '\r\n' })],
    ['CR', csv([good], { lineEnd: '\r' })],
    ['a byte order mark', `\ufeff${csv([good])}`],
    ['a byte order mark in bytes', new TextEncoder().encode(`\ufeff${csv([good])}`)],
    ['semicolons, like a French spreadsheet', csv([good], { delimiter: ';' })],
    ['tabs', csv([good], { delimiter: '\t' })],
    ['columns in another order', csv([good], { header: Object.keys(good).reverse() })],
    [
      'column names as people write them',
      csv([good]).replace('legal_name', 'Legal Name').replace('postal_code', 'Postal-Code'),
    ],
    ['blank lines at the end', `${csv([good])}\n\n`],
    ['empty columns at the end', csv([good]).replaceAll('\n', ',,\n')],
  ])('can have %s', (_, text) => {
    expect(read(text)).toMatchObject([{ row: 2, application: sampleApplication() }]);
  });

  it('can have tabs between empty cells', () => {
    const [row] = read(csv([{ ...good, website: '', duns: '', handler: 'desk-1' }], { delimiter: '\t' }));
    expect(row).toMatchObject({ application: { handler: 'desk-1' } });
  });

  it('counts rows like a spreadsheet, across blank lines and line breaks in cells', () => {
    const text = csv([
      good,
      { ...good, reference: 'b', importer_number: '13-345678900', street: '1 Main St\nFloor 2' },
      { ...good, reference: 'c', importer_number: '14-345678900' },
    ]);
    const lines = text.split('\n');
    lines.splice(2, 0, '');
    expect(read(lines.join('\n')).map((row) => [row.row, row.reference])).toEqual([
      [2, 'maple-imports'],
      [4, 'b'],
      [5, 'c'],
    ]);
  });

  it('can pass other columns through', () => {
    const rows = read(csv([{ ...good, scenario: 'happy' }]), { otherColumns: ['scenario'] });
    expect(rows[0]?.other).toEqual({ scenario: 'happy' });
  });

  it('can keep leading zeros the way spreadsheets do, and name several further numbers', () => {
    const [row] = read(
      csv([{ ...good, postal_code: '="04101"', further_importer_numbers: '12-3456789A1; 13-345678900' }]),
    );
    expect(row).toMatchObject({
      application: {
        company: { address: { postalCode: '04101' } },
        furtherImporterNumbers: ['12-3456789A1', '13-345678900'],
      },
    });
  });

  it('can mark numbers as text with an apostrophe, which may also start a name', () => {
    const [row] = read(
      csv([
        {
          ...good,
          importer_number: "'12-3456789A1",
          postal_code: '’04101',
          phone: "'+1 207 555 0123",
          officer_date_of_birth: "'1975-04-09",
          legal_name: "'47 Brand LLC",
        },
      ]),
    );
    expect(row).toMatchObject({
      application: {
        importerNumber: '12-3456789A1',
        company: { address: { postalCode: '04101' }, phone: '+1 207 555 0123', legalName: "'47 Brand LLC" },
        officer: { dateOfBirth: '1975-04-09' },
      },
    });
  });

  it('can say that the application was already submitted to CBP', () => {
    const [row] = read(
      csv([{ ...good, channel: 'already-submitted', submitted_at: '2026-02-27', submitted_by: 'client' }]),
    );
    expect(row).toMatchObject({
      application: { route: { channel: { kind: 'already-submitted', at: '2026-02-27', by: 'client' } } },
    });
  });
});

describe('a bad file', () => {
  it('names every missing, unknown, and duplicate column', () => {
    const text = csv([good]).replace('legal_name', 'company').replace('officer_title', 'city');
    expect(refused(text)).toEqual([
      expect.stringMatching(/^company: is not a column of applications/),
      expect.stringMatching(/^city: is in the header twice/),
      expect.stringMatching(/^legal_name: is missing from the header/),
      expect.stringMatching(/^officer_title: is missing from the header/),
    ]);
  });

  it.each([
    ['a blank line above the header', `\n${csv([good])}`],
    ['a line for Excel above the header', `sep=,\r\n${csv([good])}`],
    ['no header', csv([good]).split('\n').slice(1).join('\n')],
  ])('with %s gets one message, which quotes nothing from the file', (_, text) => {
    expect(refused(text)).toEqual([
      'header: is missing: row 1 has no column name. Put the column names in row 1, with no blank line or "sep=" above. See examples/clients.csv.',
    ]);
  });

  it('whose header contains a number does not show it', () => {
    expect(refused(csv([{ ...good, '412-55-7788': '' }]))).toEqual([
      expect.stringMatching(/^column 29: is not a column of applications/),
    ]);
  });

  it('gets a suggestion for a misspelled column', () => {
    expect(refused(csv([{ ...good, owner_email: '' }]))).toEqual([
      expect.stringMatching(/perhaps account_owner_email/),
    ]);
  });

  it('cannot have the simulator’s column unless allowed', () => {
    expect(refused(csv([{ ...good, scenario: 'happy' }]))).toEqual([
      expect.stringMatching(/^scenario: is not a column/),
    ]);
  });

  it.each([
    ['', /^header: is missing: the file is empty/],
    [csv([]), /^file: has a header but no rows/],
    [`${csv([good])}"half,`, /^line \d+: has a misplaced quotation mark/],
    [new Uint8Array([0x51, 0x75, 0xe9, 0x62, 0x65, 0x63]), /^file: is not in UTF-8.*CSV UTF-8/],
    [
      csv([good])
        .replace('\n', ',\n')
        .replace(/email\n$/, 'email,7\n'),
      /^column 29: has values but no name in the header/,
    ],
  ])('%#', (text, message) => {
    expect(refused(text)[0]).toMatch(message);
  });
});

describe('a bad row', () => {
  it('gets the column, the problem, and the remedy, and does not affect good rows', () => {
    const rows = read(
      csv([
        good,
        {
          ...good,
          reference: 'b',
          importer_number: '12-3456789',
          form_5106_on_file: 'no',
          officer_acknowledgement_name: '',
          officer_acknowledgement_at: '',
          officer_acknowledgement_evidence: '',
        },
      ]),
    );
    expect(rows[0]).toHaveProperty('application');
    expect(rows[1]?.row).toBe(3);
    expect(complaintsOf(rows[1])).toEqual([
      expect.stringMatching(/^importer_number: is 12-3456789, the example from the guide/),
      expect.stringMatching(/^officer_acknowledgement_name: is missing\. A blank never means yes/),
      expect.stringMatching(/^form_5106_on_file: is false/),
    ]);
  });

  it('with an extra comma is reported as such', () => {
    const text = csv([good]).replace('Maple Imports LLC', 'Maple Imports, LLC');
    expect(complaintsOf(read(text)[0])).toEqual([expect.stringMatching(/^row: has 29 cells where the header has 28/)]);
  });

  it('that shares a reference or a number with another row is refused, and so is the other', () => {
    const rows = read(
      csv(
        [
          good,
          { ...good, reference: 'MAPLE-IMPORTS', importer_number: '13-345678900' },
          { ...good, reference: 'c', importer_number: '14-345678900', further_importer_numbers: '13 345678900' },
          { ...good, reference: 'd', importer_number: '15-345678900' },
        ],
        { header: [...Object.keys(good), 'further_importer_numbers'] },
      ),
    );
    expect(rows.map(complaintsOf)).toEqual([
      [expect.stringMatching(/^reference: is also in row 3/)],
      [
        expect.stringMatching(/^reference: is also in row 2/),
        expect.stringMatching(/^importer_number: is also in row 4/),
      ],
      [expect.stringMatching(/^importer_number: is also in row 3/)],
      [],
    ]);
  });

  it('is a duplicate even if the other row writes the number differently', () => {
    const bare = { ...good, reference: 'b', importer_number: '12345678900', importer_number_kind: 'ein' };
    const rows = read(csv([good, bare], { header: Object.keys(bare) }));
    expect(rows.map(complaintsOf)).toEqual([
      [expect.stringMatching(/^importer_number: is also in row 3/)],
      [expect.stringMatching(/^importer_number: is also in row 2/)],
    ]);
  });

  it('with many duplicates lists only some of them', () => {
    const told = (times: number) => complaintsOf(read(csv(Array.from({ length: times }, () => good)))[1]);
    expect(told(6)).toEqual([
      expect.stringMatching(/^reference: is also in rows 2, 4, 5, 6, 7, regardless/),
      expect.stringMatching(/^importer_number: is also in rows 2, 4, 5, 6, 7;/),
    ]);
    expect(told(7)[0]).toMatch(/^reference: is also in rows 2, 4, 5, 6, 7 and others, regardless/);
  });

  it('never shows a reference that looks like a tax number', () => {
    const rows = read(csv([{ ...good, reference: '98-7654321' }]));
    expect(rows[0]?.reference).toBe('(row 2)');
    expect(JSON.stringify(rows)).not.toContain('7654321');
  });
});

it('every column has a unique name', () => {
  expect(new Set(CSV_COLUMNS).size).toBe(CSV_COLUMNS.length);
  for (const column of Object.keys(good)) expect(CSV_COLUMNS).toContain(column);
});

describe('shorter forms', () => {
  it('are read from names and texts', () => {
    const [row] = read(
      csv([{ ...good, shorter_forms: 'company.legalName: Maple; officer.title = Pres.' }], {
        header: [...Object.keys(good), 'shorter_forms'],
      }),
    );
    expect(row).toMatchObject({
      application: { shorterForms: { 'company.legalName': 'Maple', 'officer.title': 'Pres.' } },
    });
  });

  it.each([
    ['Maple', /shorter_forms: is not a list of names and texts/],
    ['importerNumber: 12', /shorter_forms: is not a list of names and texts/],
    [
      'company.legalName: Maple Imports of Portland LLC',
      /shorter_forms: company.legalName has 29 characters, more than the full text, which has 17/,
    ],
  ])('written as "%s" are refused', (shorter_forms, problem) => {
    const [row] = read(csv([{ ...good, shorter_forms }], { header: [...Object.keys(good), 'shorter_forms'] }));
    expect(complaintsOf(row)).toEqual([expect.stringMatching(problem)]);
  });
});
