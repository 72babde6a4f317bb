import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { makeReplica } from '../../../forms/replica-variants.js';
import type { Application } from '../../../src/application/application.js';
import { seeForm } from '../../../src/form/document/read-back.js';
import { type FilledForm, fillForm } from '../../../src/form/fill/fill-form.js';
import { isReplica, openForm } from '../../../src/form/map/edition.js';
import type { FieldMap, MapEntry } from '../../../src/form/map/field-map.js';
import { acceptanceOf } from '../../../src/form/map/usable-map.js';
import { fingerprintOf } from '../../../src/form/pdf/pdf-file.js';
import { sampleApplication } from './sample-application.js';

const P2 = 'topmostSubform[0].Page2[0]';
let template: Uint8Array;
let map: FieldMap;

beforeAll(async () => {
  ({ template, map } = await openForm('forms/replica.pdf', 'forms/replica.map.json'));
});

const fill = (application: Application, changed: Partial<FieldMap> = {}) =>
  fillForm({ application, template, map: { ...map, ...changed } });

async function filled(application: Application): Promise<Extract<FilledForm, { kind: 'filled' }>> {
  const form = await fill(application);
  if (form.kind !== 'filled') throw new Error(JSON.stringify(form.complaints));
  return form;
}

async function complaintsAbout(application: Application, changed: Partial<FieldMap> = {}) {
  const form = await fill(application, changed);
  if (form.kind !== 'refused') throw new Error('The form was filled.');
  return form.complaints;
}

/** The map with one entry changed. */
const withEntry = (field: string, change: (entry: MapEntry) => MapEntry): Partial<FieldMap> => ({
  fields: map.fields.map((entry) => (entry.field.includes(`.${field}[0]`) ? change(entry) : entry)),
});

describe('the replica', () => {
  it('is byte for byte what the script makes', async () => {
    const made = await makeReplica();
    expect(fingerprintOf(made.pdf)).toBe(fingerprintOf(await readFile('forms/replica.pdf')));
    const { accepted, ...map } = JSON.parse(await readFile('forms/replica.map.json', 'utf8'));
    expect(made.map).toEqual(map);
    // Any value is visible in every box.
    expect(accepted).toMatchObject({ toDraw: [] });
    expect(acceptanceOf({ ...map, accepted })).toEqual(accepted);
  });

  it('is recognized as a replica', async () => {
    expect(await isReplica(template)).toBe(true);
  });

  it('has on-values other than "Yes" and names like a LiveCycle form', async () => {
    const { fields } = await seeForm(template);
    expect([...fields.keys()].every((name) => name.startsWith('topmostSubform[0].Page'))).toBe(true);
    expect(template.toString()).not.toContain('/Yes');
  });
});

describe('a filled form', () => {
  it('says what the application says, accents included, in every box', async () => {
    const { pdf, pages, edition } = await filled(sampleApplication());
    const { fields } = await seeForm(pdf);
    const value = (name: string) => fields.get(name)?.value;
    expect({ pages, edition }).toEqual({ pages: 5, edition: 'replica-1' });
    expect(value(`${P2}.SectionA[0].CompanyName[0]`)).toBe('Importations Café Québec Inc.');
    expect(value(`${P2}.SectionA[0].OfficerDOB[0]`)).toBe('02281970');
    expect(value(`${P2}.SectionA[0].Country[0]`)).toBe('CANADA');
    expect(value(`${P2}.SectionA[0].OrgStructure[0]`)).toBe('1');
    expect(value(`${P2}.SectionA1[0].Importer_PS[0]`)).toBe('P');
    expect(value(`${P2}.SectionA1[0].Importer_IR1[0]`)).toBe('00-123456700');
    expect(value(`${P2}.SectionA1[0].Broker_PS[0]`)).toBe('');
    expect(value('topmostSubform[0].Page4[0].SectionB1[0].IndividualLastName[0]')).toBe('');
    expect(value('topmostSubform[0].Page5[0].SectionD[0].OfficerAcknowledges[0]')).toBe('Agree');
    expect(value('topmostSubform[0].Page5[0].SectionD[0].OwnerAcknowledges[0]')).toBe('1');
    expect(value('topmostSubform[0].Page5[0].SectionD[0].OwnerDate[0]')).toBe('11/03/2026');
  });

  it('has the same bytes for the same application', async () => {
    const one = await filled(sampleApplication());
    const other = await filled(sampleApplication());
    expect(other.sha256).toBe(one.sha256);
    expect(Buffer.from(other.pdf).equals(one.pdf)).toBe(true);
  });

  it('cannot be changed by typing where it was filled in, and stays as it was elsewhere', async () => {
    const before = await seeForm(template);
    const { fields } = await seeForm((await filled(sampleApplication())).pdf);
    const locked = [...fields].filter(([, { readOnly }]) => readOnly).map(([name]) => name);
    const written = [...fields].filter(([name, { value }]) => value !== before.fields.get(name)?.value);
    const closedBefore = [...before.fields].filter(([, { readOnly }]) => readOnly);
    expect(written.length).toBeGreaterThan(20);
    expect(locked.sort()).toEqual([...new Set([...written, ...closedBefore].map(([name]) => name))].sort());
  });

  it('prints letters that Helvetica lacks in an embedded font', async () => {
    const { pdf } = await filled(sampleApplication((a) => (a.company.legalName = 'Łódzka Fabryka Ćwieków Αθήνα Київ')));
    expect((await seeForm(pdf)).fields.get(`${P2}.SectionA[0].CompanyName[0]`)).toMatchObject({
      value: 'Łódzka Fabryka Ćwieków Αθήνα Київ',
      drawn: [{ text: 'Łódzka Fabryka Ćwieków Αθήνα Київ', inside: true }],
    });
  });
});

describe('before anything is written, filling refuses', () => {
  it.each([
    [
      'a script no font at hand can set',
      (a: Application) => (a.company.legalName = '上海进出口有限公司'),
      'company.legalName',
      /"上" \(U\+4E0A\)/,
    ],
    [
      'a script that runs from the right',
      (a: Application) => (a.company.legalName = 'ייבוא בע״מ'),
      'company.legalName',
      /cannot be printed/,
    ],
    ['emoji', (a: Application) => (a.company.legalName = 'Happy 🦀 Imports'), 'company.legalName', /U\+1F980/],
    [
      'a control character',
      (a: Application) => (a.company.legalName = 'Null\u0000 Inc.'),
      'company.legalName',
      /U\+0000/,
    ],
    [
      'a script whose letters carry marks, for its letters',
      (a: Application) => (a.company.legalName = 'บริษัท ไทย'),
      'company.legalName',
      /"บ" \(U\+0E1A\).*cannot be printed/,
    ],
    [
      'a mark that says how text is to be set',
      (a: Application) => (a.company.legalName = 'Inter\ufff9linear\ufffb Inc.'),
      'company.legalName',
      /U\+FFF9, which is not a printable character/,
    ],
    [
      'an accent that no letter can take',
      (a: Application) => (a.company.legalName = 'x\u0302 Inc.'),
      'company.legalName',
      /has the accent U\+0302 without a letter/,
    ],
    [
      'a line break in one line',
      (a: Application) => (a.company.address.street = '1 Main St\nSuite 2'),
      'company.address.street',
      /line break/,
    ],
    [
      'text longer than the box takes',
      (a: Application) => (a.company.legalName = 'i'.repeat(71)),
      'company.legalName',
      /71 characters, but the box takes 70/,
    ],
    [
      'text wider than the box',
      (a: Application) => (a.company.legalName = 'W'.repeat(70)),
      'company.legalName',
      /does not fit/,
    ],
    [
      'more lines than the box has',
      (a: Application) => (a.company.address.street = 'Long Street '.repeat(120).trim()),
      'company.address',
      /room for|does not fit/,
    ],
    [
      'an option the form does not have',
      (a: Application) => (a.company.address.country = 'AQ'),
      'company.address.country',
      /no option/,
    ],
    ['an EIN without suffix', (a: Application) => (a.importerNumber = '12-3456789'), 'importerNumber', /suffix/],
    [
      'an officer who is a child',
      (a: Application) => (a.officer.dateOfBirth = '2015-01-01'),
      'officer.dateOfBirth',
      /between 18/,
    ],
    [
      'a day that is none',
      (a: Application) => (a.officer.dateOfBirth = '1970-02-30'),
      'officer.dateOfBirth',
      /between 18/,
    ],
    [
      'a fiscal year that ends on an impossible day',
      (a: Application) => (a.company.fiscalYearEnd = '13-01'),
      'company.fiscalYearEnd',
      /is not a day of the year/,
    ],
    [
      "somebody else's acknowledgement",
      (a: Application) => (a.acknowledgements.officer.name = 'Ana Núñez'),
      'acknowledgements.officer.name',
      /not the name/,
    ],
    [
      'an acknowledgement without evidence',
      (a: Application) => (a.acknowledgements.accountOwner.evidence = ''),
      'acknowledgements.accountOwner',
      /is checked 0 times/,
    ],
  ])('%s', async (_what, change, field, problem) => {
    const complaints = await complaintsAbout(sampleApplication(change));
    expect(complaints.filter((complaint) => complaint.field === field)).toContainEqual(
      expect.objectContaining({ field, problem: expect.stringMatching(problem) }),
    );
    for (const complaint of complaints) expect(complaint.remedy).not.toBe('');
  });

  it('and lists every problem at once, with its section', async () => {
    const complaints = await complaintsAbout(
      sampleApplication((a) => {
        a.company.legalName = '株式会社';
        a.officer.dateOfBirth = '2020-01-01';
        a.company.address.country = 'AQ';
      }),
    );
    expect(complaints.map(({ field, section }) => `${field} ${section}`)).toEqual(
      expect.arrayContaining([
        'company.legalName A',
        'company.legalName B Part 2',
        'officer.dateOfBirth A',
        'company.address.country A',
      ]),
    );
  });

  it('a text that fits no box, unless the application chooses a shorter form', async () => {
    const long = sampleApplication((a) => (a.company.legalName = `Importations ${'W'.repeat(60)}`));
    const complaints = await complaintsAbout(long);
    expect(complaints).toContainEqual(
      expect.objectContaining({
        field: 'company.legalName',
        remedy: expect.stringContaining('add "shorterForms": {"company.legalName": "…"} to the application'),
      }),
    );
    const chosen = { ...long, shorterForms: { 'company.legalName': 'Importations W.' } };
    const { fields } = await seeForm((await filled(chosen)).pdf);
    expect(fields.get(`${P2}.SectionA[0].CompanyName[0]`)?.value).toBe('Importations W.');
  });

  it.each([
    [
      'a second P, on another row',
      'Broker_PS',
      { fill: 'importer.primary', options: { yes: 'P' } },
      /belongs to the business activity "broker"/,
    ],
    ['no P', 'Importer_PS', { leave: 'forgotten' }, /0 P choices on the importer row/],
    ['Part 1', 'IndividualLastName', { fill: 'officer.lastName' }, /Part 1 is for individuals/],
    ['an unchecked officer', 'OfficerAcknowledges', { leave: 'forgotten' }, /is checked 0 times/],
    ['an officer checked twice', 'OwnerAcknowledges', { fill: 'acknowledgement.officer' }, /is checked 2 times/],
  ])('a map that makes %s', async (_what, name, mapping, problem) => {
    const complaints = await complaintsAbout(
      sampleApplication(),
      withEntry(
        name,
        ({ field, section, activity }) =>
          ({ field, section, ...(activity ? { activity } : {}), ...mapping }) as MapEntry,
      ),
    );
    expect(complaints.map((complaint) => complaint.problem)).toContainEqual(expect.stringMatching(problem));
  });

  it.each([
    [
      'names no option of the box',
      { fill: 'importer.primary', options: { yes: 'primary' } },
      /has no option "primary"/,
    ],
    [
      'cuts the number short',
      { fill: 'importerNumber', part: { start: 0, end: 10 } },
      /10 characters of importerNumber/,
    ],
  ])('a map that %s, as "form check" does', async (_what, mapping, problem) => {
    const name = mapping.fill === 'importerNumber' ? 'Importer_IR1' : 'Importer_PS';
    const wrong = withEntry(
      name,
      ({ field, section, activity }) => ({ field, section, ...(activity ? { activity } : {}), ...mapping }) as MapEntry,
    );
    await expect(complaintsAbout(sampleApplication(), wrong)).rejects.toMatchObject({
      code: 'field-map-invalid',
      message: expect.stringMatching(problem),
    });
  });

  it.each(['C', 'D'] as const)('a map that leaves Section %s alone', async (section) => {
    const fields = map.fields.map((entry) =>
      entry.section === section ? { field: entry.field, section, leave: 'forgotten' } : entry,
    );
    const complaints = await complaintsAbout(sampleApplication(), { fields });
    expect(complaints).toContainEqual(
      expect.objectContaining({ section, problem: expect.stringContaining(`Section ${section}`) }),
    );
  });
});

describe('an edition that the map is not for', () => {
  it('is never filled', async () => {
    const next = Uint8Array.from([...template, 0x0a]);
    await expect(fillForm({ application: sampleApplication(), template: next, map })).rejects.toMatchObject({
      code: 'unknown-edition',
    });
  });
});
