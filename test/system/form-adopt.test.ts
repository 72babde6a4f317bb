import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { makeReplica } from '../../forms/replica-variants.js';
import { numbered } from '../../src/form/draft/number-boxes.js';
import { fillForm } from '../../src/form/fill/fill-form.js';
import { type FieldMap, isFilled, parseFieldMap } from '../../src/form/map/field-map.js';
import { inspectForm } from '../../src/form/map/inspect-form.js';
import { acceptanceOf } from '../../src/form/map/usable-map.js';
import { livecycleForm } from '../support/livecycle/livecycle-form.js';
import { sampleApplication } from '../unit/form/sample-application.js';

/** `form adopt` as a person uses it, through a pipe: it asks, and the answers below are given as its questions come. */

const folder = mkdtempSync(path.join(tmpdir(), 'form-adopt-'));
const file = (name: string) => path.join(folder, name);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A client for forms that take American addresses and plain letters only. */
const american = sampleApplication((a) => {
  a.company = { ...a.company, legalName: 'Harbor Light Imports LLC', phone: '+1 207 555 0142' };
  a.company.address = { street: '12 Wharf Street', city: 'Portland', state: 'ME', postalCode: '04101', country: 'US' };
  a.officer = { ...a.officer, firstName: 'Mary', lastName: 'Doyle', title: 'President' };
  a.accountOwner = {
    ...a.accountOwner,
    firstName: 'Ann',
    lastName: 'Reed',
    title: 'Manager',
    phone: '+1 207 555 0143',
  };
  a.acknowledgements.officer.name = 'Mary Doyle';
  a.acknowledgements.accountOwner.name = 'Ann Reed';
});

/** What the last line of a question says, and the answer to it. */
type Rule = [question: RegExp, answer: string | ((question: string) => string)];

const ORGANIZATIONS: Record<string, string> = {
  corporation: '1',
  'limited-liability-company': '2',
  partnership: '3',
  'sole-proprietorship': '4',
  other: '5',
};

const USUAL: Rule[] = [
  [
    /Which option of box \d+ .* means ([\w-]+)\?\n.*or "none"\.$/,
    (asked) => ORGANIZATIONS[/means ([\w-]+)\?/.exec(asked)?.[1] ?? ''] ?? 'none',
  ],
  [/Press Enter if all of them are right.*$/, ''],
  [/Press Enter to leave them for the reason.*$/, ''],
  [/Press Enter to leave them empty.*$/, ''],
  [/Press Enter for .*, or type a format.*$/, ''],
  [/Is each value in the box that its caption asks for\? \(yes or no\)$/, 'yes'],
  [/Type your first and last name.*$/, 'Jo Lee'],
];

/** Runs the command, answers as the first rule that fits says, and ends the input when none does. */
function adopt(
  form: string,
  rules: Rule[],
  ...options: string[]
): Promise<{ status: number | null; said: string; asked: string[] }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['bin/ace-onboarding.mjs', 'form', 'adopt', file(form), ...options]);
    const asked: string[] = [];
    let said = '';
    let seen = 0;
    child.on('error', reject);
    child.stdin.on('error', () => undefined);
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      said += chunk;
      for (let end = said.indexOf('\n', seen); end >= 0; end = said.indexOf('\n', end + 1)) {
        const question = said.slice(seen, end);
        const rule = rules.find(([pattern]) => pattern.test(question));
        const last = question.split('\n').at(-1) ?? '';
        if (!rule && !/^(?:Press Enter|Type |Its options are|Is each value|How does box|"[^"]*" )/.test(last)) continue;
        seen = end + 1;
        asked.push(question);
        if (!rule) child.stdin.end();
        else child.stdin.write(`${typeof rule[1] === 'string' ? rule[1] : rule[1](question)}\n`);
      }
    });
    child.on('close', (status) => resolve({ status, said, asked }));
  });
}

const mapOf = (name: string): FieldMap => parseFieldMap(JSON.parse(readFileSync(file(name), 'utf8')));

describe('a person takes a form from the download to an accepted map', () => {
  it('the replica: leaves in the middle, comes back, and is not asked again what was answered', async () => {
    const { pdf, map } = await makeReplica('encrypted');
    writeFileSync(file('replica.pdf'), pdf);
    const untilA1 = USUAL.map(
      ([pattern, answer]): Rule => (/leave them/.test(pattern.source) ? [/never/, ''] : [pattern, answer]),
    );
    const left = await adopt(
      'replica.pdf',
      untilA1.filter(([pattern]) => !/caption asks for/.test(pattern.source)),
    );
    expect(left).toMatchObject({ status: 6, said: expect.stringContaining('Your answers are kept') });
    const half = JSON.parse(readFileSync(file('replica.map.json'), 'utf8')).fields as { fill?: string }[];
    expect(half.filter(({ fill }) => fill && fill !== '?').length).toBeGreaterThan(15);
    expect(half.filter(({ fill }) => fill === '?').length).toBeGreaterThan(15);

    const done = await adopt('replica.pdf', USUAL);
    expect(done).toMatchObject({ status: 0, said: expect.stringContaining('Accepted by Jo Lee') });
    expect(done.said).toContain('Going on with');
    expect(done.asked.join('\n')).not.toMatch(/means corporation/);
    const accepted = mapOf('replica.map.json');
    expect(acceptanceOf(accepted)).toMatchObject({ by: 'Jo Lee' });
    const right = new Map(map.fields.filter(isFilled).map((entry) => [entry.field, entry]));
    for (const entry of accepted.fields.filter(isFilled))
      expect(entry).toMatchObject({ fill: right.get(entry.field)?.fill });
    expect(await fillForm({ application: sampleApplication(), template: pdf, map: accepted })).toMatchObject({
      kind: 'filled',
    });
    expect(readFileSync(file('replica.filled.png')).subarray(1, 4).toString()).toBe('PNG');
    expect(readFileSync(file('replica.boxes.pdf')).subarray(0, 5).toString()).toBe('%PDF-');
    expect(statSync(file('replica.map.json')).mode & 0o777).toBe(0o644);
    expect(done.said).not.toContain('00-123456700');

    const again = await adopt('replica.pdf', []);
    expect(again).toMatchObject({ status: 0, said: expect.stringContaining('Accepted by Jo Lee') });
    expect(again.asked).toEqual([expect.stringContaining('Type the number of a box to change it')]);
  });

  it.each([
    [
      'an encrypted form of LiveCycle with usage rights, 7 pages',
      { kind: 'hybrid', pages: 7, encrypted: 'AES-128', usageRights: true },
    ],
    ['one encrypted with AES-256, 5 pages', { kind: 'hybrid', encrypted: 'AES-256', pageNames: true }],
    ['a dynamic form, 6 pages', { kind: 'dynamic', pages: 6 }],
  ] as const)('%s', async (_, options) => {
    const name = `${options.kind}-${'encrypted' in options ? options.encrypted : 'open'}`;
    writeFileSync(file(`${name}.pdf`), await livecycleForm(options));
    const done = await adopt(`${name}.pdf`, USUAL);
    expect(done.said.slice(-2_000)).toContain('Accepted by Jo Lee');
    expect(done.status).toBe(0);
    const slots = mapOf(`${name}.map.json`)
      .fields.filter(isFilled)
      .map(({ fill }) => fill);
    expect(slots).toEqual(expect.arrayContaining(['importer.primary', 'importerNumber', 'accountOwner.email']));
    const filled = await fillForm({
      application: american,
      template: readFileSync(file(`${name}.pdf`)),
      map: mapOf(`${name}.map.json`),
    });
    if (filled.kind !== 'filled') throw new Error(JSON.stringify(filled.complaints));
  });

  it('explains a bad answer and asks again, and asks for what a suggestion was wrong about', async () => {
    const { pdf } = await makeReplica('acroform');
    writeFileSync(file('wrong.pdf'), pdf);
    let formats = 0;
    const rules: Rule[] = [
      [/1\. Company name[\s\S]*Press Enter if all of them are right.*$/, '1 99'],
      [/"1 99" is not a list of numbers.*$/, '1 2'],
      [/Which box is for the company's legal name[\s\S]*Type the number of the box.*$/, '900'],
      [/"900" is not the number of a box.*$/, '12'],
      [/Box 12 is decided.*$/, '1'],
      [/Which box is for the end of the company's fiscal year[\s\S]*Type the number of the box.*$/, '2'],
      [/Press Enter for MMDD, or type a format.*$/, () => ['YYYY', ''][formats++] ?? ''],
      [/"YYYY" has a year.*$/, 'MM-DD'],
      // What the check finds names the box by its number.
      [
        /box 2, End of fiscal year \(MMDD\): takes 4 characters[\s\S]*Type the numbers of the boxes that are wrong.*$/,
        '2',
      ],
      [/What goes into box 2,[\s\S]*Type the name of a slot.*$/, 'company.fiscalYearEnd'],
      ...USUAL,
    ];
    const done = await adopt('wrong.pdf', rules);
    expect(done.said.slice(-2_000)).toContain('Accepted by Jo Lee');
    const entries = mapOf('wrong.map.json').fields.filter(isFilled);
    expect(entries.find(({ fill }) => fill === 'company.fiscalYearEnd')).toMatchObject({
      format: 'MMDD',
      section: 'A',
    });
    expect(entries.filter(({ fill }) => fill === 'company.legalName')).toHaveLength(2);
  });

  it('a form that does not say its sections: the person says which box is which', async () => {
    const template = await livecycleForm({
      kind: 'hybrid',
      tooltips: false,
      scripts: false,
      change: (pages) => {
        for (const [index, section] of pages.flat().entries()) {
          section.title = 'Please print';
          section.name = `Block${index}`;
        }
      },
    });
    writeFileSync(file('plain.pdf'), template);
    const boxes = numbered((await inspectForm({ template })).fields);
    const at = (name: string) => String(boxes.find(({ field }) => field.name.includes(`.${name}[`))?.number);
    const asked: [RegExp, string][] = [
      [/company's legal name/, 'Line1_CompanyName'],
      [/organizational structure/, 'Line8_Organization'],
      [/company's telephone/, 'Line4_DaytimePhone'],
      [/fiscal year/, 'Line2_FiscalYearEnd'],
      [/officer's first name/, 'Line9b_GivenName'],
      [/officer's last name/, 'Line9a_FamilyName'],
      [/officer's title/, 'Line10_Title'],
      [/officer's date of birth/, 'Line11_DOB'],
      [/company's street/, 'Line3a_StreetNumberName'],
      [/company's city/, 'Line3c_CityOrTown'],
      [/company's ZIP/, 'Line3e_ZipCode'],
      [/company's country/, 'Line3f_Country'],
      [/P in front of IMPORTER/, 'Importer_PS'],
      [/full importer number/, 'Importer_IORNumber'],
      [/account owner's first name/, 'Line3b_GivenName'],
      [/account owner's last name/, 'Line3a_FamilyName'],
      [/account owner's email/, 'Line5_BusinessEmail'],
      [/account owner's telephone/, 'Line6_Phone'],
      [/company officer's acknowledgement/, 'Line1_Officer_Acknowledges'],
      [/account owner's acknowledgement/, 'Line2_Owner_Acknowledges'],
    ];
    const done = await adopt('plain.pdf', [
      [
        /Which box is for [\s\S]*(?:Press Enter for box|Type the number of the box).*$/,
        (question) => at(asked.find(([words]) => words.test(question.split('Which box')[1] ?? ''))?.[1] ?? ''),
      ],
      [/What goes into it\?[\s\S]*Type 1 to \d\.$/, '1'],
      [/means P, the primary account type\?\n.*$/, 'P'],
      [/doesn't say which boxes are in this section.*$/, at('Line1_Name')],
      [/What goes into box[\s\S]*Type the name of a slot.*$/, 'accountOwner.name'],
      ...USUAL,
    ]);
    expect(done.said.slice(-2_000)).toContain('Accepted by Jo Lee');
    expect(
      mapOf('plain.map.json')
        .fields.filter(isFilled)
        .map(({ section, fill }) => [section, fill]),
    ).toEqual(
      expect.arrayContaining([
        ['A', 'company.address.street'],
        ['A.1', 'importerNumber'],
        ['B Part 2', 'accountOwner.email'],
        ['C', 'accountOwner.name'],
        ['D', 'acknowledgement.officer'],
      ]),
    );
  });

  it('is told when the map is for another file', async () => {
    const { pdf, map } = await makeReplica('next-edition');
    writeFileSync(file('next.pdf'), pdf);
    writeFileSync(file('next.map.json'), JSON.stringify({ ...map, fingerprint: `sha256:${'0'.repeat(64)}` }));
    expect(await adopt('next.pdf', [])).toMatchObject({
      status: 4,
      said: expect.stringContaining('map of another file'),
    });
  });
});
