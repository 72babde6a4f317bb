import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PDFDict, PDFDocument, PDFName, PDFString } from 'pdf-lib';
import { PDFDocument as OriginalPDFDocument, PDFTextField } from 'pdf-lib-original';
import { beforeAll, describe, expect, it } from 'vitest';
import { makeReplica, type Replica, VARIANTS, type Variant } from '../../../forms/replica-variants.js';
import { checkMap } from '../../../src/form/check/check-map.js';
import { draftMap } from '../../../src/form/draft/draft-map.js';
import { type FilledForm, fillForm } from '../../../src/form/fill/fill-form.js';
import { fillValues } from '../../../src/form/fill/fill-values.js';
import { diffForms } from '../../../src/form/map/diff-forms.js';
import { isReplica } from '../../../src/form/map/edition.js';
import { parseFieldMap } from '../../../src/form/map/field-map.js';
import { inspectForm } from '../../../src/form/map/inspect-form.js';
import { openFormDocument } from '../../../src/form/open-form-document.js';
import { fingerprintOf } from '../../../src/form/pdf/pdf-file.js';
import { previewForm } from '../../../src/form/tasks/preview-form.js';
import { sampleApplication } from './sample-application.js';

const replicas = new Map<Variant, Replica>();
beforeAll(async () => {
  for (const variant of VARIANTS) replicas.set(variant, await makeReplica(variant));
});

function replicaAs(variant: Variant): Replica {
  const replica = replicas.get(variant);
  if (!replica) throw new Error(`There is no ${variant}.`);
  return replica;
}

const fills = new Map<Variant, Promise<FilledForm>>();

/** The sample filled into a variant, once for all tests that look at it. */
async function filledAs(variant: Variant): Promise<Extract<FilledForm, { kind: 'filled' }>> {
  const { pdf, map } = replicaAs(variant);
  const filling = fills.get(variant) ?? fillForm({ application: sampleApplication(), template: pdf, map });
  fills.set(variant, filling);
  const form = await filling;
  if (form.kind !== 'filled') throw new Error(JSON.stringify(form.complaints));
  return form;
}

/** What each field of a filled form says, by the last part of its name, as a second library reads it. */
async function readBack(pdf: Uint8Array): Promise<Record<string, string>> {
  const document = await openFormDocument(pdf);
  const { fields } = await document.see(pdf);
  return Object.fromEntries(
    [...fields].map(([name, { value }]) => [(name.split('.').at(-1) ?? '').replace('[0]', ''), value]),
  );
}

describe.each(VARIANTS)('the replica as %s', (variant) => {
  const kinds: Record<Variant, string> = {
    acroform: 'acroform',
    'hybrid-xfa': 'hybrid-xfa',
    'dynamic-xfa': 'dynamic-xfa',
    encrypted: 'acroform',
    'next-edition': 'acroform',
  };

  it('is inspected: kind, protection, and every field with caption, page, limits and on-values', async () => {
    const { pdf } = replicaAs(variant);
    const form = await inspectForm({ template: pdf });
    expect(form).toMatchObject({
      kind: kinds[variant],
      pages: 5,
      encrypted: variant === 'encrypted',
      usageRights: variant.endsWith('xfa'),
      fingerprint: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
    });
    const field = (name: string) => form.fields.find((candidate) => candidate.name.endsWith(`.${name}[0]`));
    expect(field('Importer_IR1')).toMatchObject({
      type: 'text',
      caption: 'Importer number with suffix',
      page: 2,
      maxLength: 12,
      comb: true,
      readOnly: false,
    });
    expect(field('Importer_PS')).toMatchObject({ type: 'radio', options: ['P', 'S'], page: 2, maxLength: null });
    expect(field('OfficerAcknowledges')).toMatchObject({ type: 'checkbox', options: ['Agree'], page: 5 });
    expect(field('Country')).toMatchObject({
      type: 'dropdown',
      options: expect.arrayContaining(['CANADA', 'UNITED STATES']),
    });
    expect(field('EntityAddress')).toMatchObject({ multiline: true, page: 4 });
  });

  it('is mapped: a draft lists every box, and cannot be used until a person completes it', async () => {
    const { pdf, map } = replicaAs(variant);
    const { map: draft, open } = await draftMap({ template: pdf, edition: 'draft' });
    expect(open).toBe(draft.fields.length);
    expect(draft.fields.map(({ field }) => field).sort()).toEqual(map.fields.map(({ field }) => field).sort());
    expect(() => parseFieldMap(draft)).toThrow(/still "\?"/);
    expect(draft.fields.find(({ caption }) => caption === '10. DUNS (optional)')).toMatchObject({
      fill: '?',
      suggestion: 'company.duns',
    });
  });

  it('keeps what an older map of it knows', async () => {
    const { pdf, map } = replicaAs(variant);
    const { map: draft, kept, open } = await draftMap({ template: pdf, edition: map.edition, older: map });
    expect({ kept, open }).toEqual({ kept: map.fields.length, open: 0 });
    expect(parseFieldMap(draft).fields).toEqual(expect.arrayContaining(map.fields));
  });

  it('is checked: its map fits', async () => {
    const { pdf, map } = replicaAs(variant);
    expect(await checkMap({ template: pdf, map })).toMatchObject({ ok: true, findings: [] });
  });

  it('is filled and read back by a second library', async () => {
    const { pdf, map } = replicaAs(variant);
    const form = await filledAs(variant);
    const says = await readBack(form.pdf);
    expect(says).toMatchObject({
      [variant === 'next-edition' ? 'LegalCompanyName' : 'CompanyName']: 'Importations Café Québec Inc.',
      Importer_PS: 'P',
      Importer_IR1: '00-123456700',
      Broker_PS: '',
      Country: 'CANADA',
      OrgStructure: '1',
      EntityAddress: '1200 rue de l’Église\nMontréal, QC H2X 1Y4\nCA',
      OfficerAcknowledges: 'Agree',
      OwnerAcknowledges: '1',
      IndividualLastName: '',
    });
    const again = await fillForm({ application: sampleApplication(), template: pdf, map });
    expect(again).toMatchObject({ sha256: form.sha256 });
  });

  it('loses only what a filled form must not have', async () => {
    const form = await filledAs(variant);
    const filled = await PDFDocument.load(form.pdf, { preserveXFA: true });
    const acroForm = filled.catalog.lookup(PDFName.of('AcroForm'), PDFDict);
    expect(filled.catalog.has(PDFName.of('Perms'))).toBe(false);
    expect(filled.isEncrypted).toBe(false);
    expect(acroForm.has(PDFName.of('XFA'))).toBe(variant === 'dynamic-xfa');
    expect(filled.catalog.has(PDFName.of('NeedsRendering'))).toBe(variant === 'dynamic-xfa');
    expect(await isReplica(form.pdf)).toBe(true);
  });

  it('is filled by field name, too, with the same checks', async () => {
    const { pdf } = replicaAs(variant);
    const { fields } = await inspectForm({ template: pdf });
    const name = (last: string) => fields.find((field) => field.name.endsWith(`.${last}[0]`))?.name ?? last;
    const form = await fillValues({
      template: pdf,
      values: {
        [name('City')]: 'Zürich',
        [name('Importer_PS')]: 'S',
        [name('OwnerAcknowledges')]: true,
        [name('DUNS')]: 123456789,
      },
    });
    if (form.kind !== 'filled') throw new Error(JSON.stringify(form.complaints));
    expect(await readBack(form.pdf)).toMatchObject({
      City: 'Zürich',
      Importer_PS: 'S',
      OwnerAcknowledges: '1',
      DUNS: '123456789',
      Street: '',
    });
    const refused = await fillValues({
      template: pdf,
      values: {
        [name('City')]: '東京',
        [name('Country')]: 'ATLANTIS',
        [name('DUNS')]: '1234567890',
        nowhere: 'x',
        [name('Importer_PS')]: true,
      },
    });
    expect(refused.kind === 'refused' && refused.complaints.map(({ field }) => field).sort()).toEqual(
      [name('City'), name('Country'), name('DUNS'), name('Importer_PS'), 'nowhere'].sort(),
    );
  });

  it.runIf(spawnSync('qpdf', ['--version']).status === 0)('is a sound file when filled, says qpdf', async () => {
    const form = await filledAs(variant);
    const folder = mkdtempSync(path.join(tmpdir(), 'form-'));
    writeFileSync(path.join(folder, 'filled.pdf'), form.pdf);
    const { status, stdout } = spawnSync('qpdf', ['--check', path.join(folder, 'filled.pdf')], { encoding: 'utf8' });
    rmSync(folder, { recursive: true });
    expect({ status, stdout }).toMatchObject({ status: 0 });
  });
});

// The original knows nothing of dynamic XFA.
it.each(VARIANTS.filter((variant) => variant !== 'dynamic-xfa'))(
  'the replica as %s, filled, reads the same in the original pdf-lib, which had no part in filling it',
  async (variant) => {
    const form = await filledAs(variant);
    const fields = (await OriginalPDFDocument.load(form.pdf)).getForm().getFields();
    const texts = fields.filter((field) => field instanceof PDFTextField);
    const read = Object.fromEntries(
      texts.map((field) => [(field.getName().split('.').at(-1) ?? '').replace('[0]', ''), field.getText() ?? '']),
    );
    expect(read).toMatchObject({
      [variant === 'next-edition' ? 'LegalCompanyName' : 'CompanyName']: 'Importations Café Québec Inc.',
      Importer_IR1: '00-123456700',
      EntityAddress: '1200 rue de l’Église\nMontréal, QC H2X 1Y4\nCA',
      IndividualLastName: '',
    });
  },
);

it.each(['encrypted', 'dynamic-xfa'] as const)('the replica as %s is drawn as a picture', async (variant) => {
  const picture = await previewForm({ pdf: replicaAs(variant).pdf });
  expect(Buffer.from(picture.subarray(1, 4)).toString()).toBe('PNG');
});

describe('the next edition', () => {
  it('stops submissions until its map is accepted', async () => {
    const { map } = replicaAs('acroform');
    const next = replicaAs('next-edition').pdf;
    const application = sampleApplication();
    await expect(fillForm({ application, template: next, map })).rejects.toMatchObject({ code: 'unknown-edition' });
    const { map: draft, kept, open } = await draftMap({ template: next, edition: 'next', older: map });
    expect({ kept, open }).toEqual({ kept: map.fields.length, open: 1 });
    expect(await checkMap({ template: next, map: draft })).toMatchObject({
      ok: false,
      findings: [{ kind: 'to-complete', section: 'A', field: expect.stringContaining('UEI') }],
    });
    const completed = JSON.parse(JSON.stringify(draft).replace('"fill":"?"', '"leave":"Optional."'));
    expect(await checkMap({ template: next, map: completed })).toMatchObject({ ok: true });
    expect(await fillForm({ application, template: next, map: parseFieldMap(completed) })).toMatchObject({
      kind: 'filled',
    });
  });

  it('is compared with the old one: what is new, renamed, and moved', async () => {
    const difference = await diffForms({ older: replicaAs('acroform').pdf, newer: replicaAs('next-edition').pdf });
    const last = (name: string) => name.split('.').at(-1);
    expect(difference.added.map(({ field }) => last(field))).toEqual(['UEI[0]']);
    expect(difference.removed).toEqual([]);
    expect(difference.renamed.map((rename) => [last(rename.old), last(rename.new)])).toEqual([
      ['CompanyName[0]', 'LegalCompanyName[0]'],
      ['OfficerDOB[0]', 'DateOfBirth[0]'],
    ]);
    expect(difference.moved.map(({ field }) => last(field))).toContain('Website[0]');
    expect(difference.sameFields).toBe(false);
  });

  it('has no differences from itself', async () => {
    const { pdf } = replicaAs('acroform');
    expect(await diffForms({ older: pdf, newer: pdf })).toMatchObject({
      identical: true,
      sameFields: true,
      changed: [],
      moved: [],
    });
  });
});

describe('a map that does not fit', () => {
  it('is reported section by section: missing, unmapped, of the wrong type, too short', async () => {
    const { pdf, map } = replicaAs('acroform');
    const named = (last: string) => (entry: { field: string }) => entry.field.endsWith(`.${last}[0]`);
    const fields = map.fields
      .filter((entry) => !named('Phone')(entry))
      .map((entry) => {
        if (named('City')(entry)) return { ...entry, field: `${entry.field}x` };
        if (named('OfficerAcknowledges')(entry)) return { ...entry, fill: 'officer.name' };
        if (named('Broker_FilerCode')(entry)) return { field: entry.field, section: 'A.1', fill: 'importerNumber' };
        if (named('OfficerDOB')(entry)) return { ...entry, format: 'MM/DD/YYYY' };
        if (named('OwnerDate')(entry)) return { ...entry, format: undefined };
        return entry;
      });
    const { ok, findings } = await checkMap({ template: pdf, map: { ...map, fields } });
    expect(ok).toBe(false);
    const found = findings.map(({ section, kind, field }) => `${section} ${kind} ${field.split('.').at(-1)}`);
    expect(found).toEqual(
      expect.arrayContaining([
        'A missing City[0]x',
        'A too-short OfficerDOB[0]',
        'A.1 too-short Broker_FilerCode[0]',
        'D mistyped OfficerAcknowledges[0]',
        'D mistyped OwnerDate[0]',
        'other unmapped Phone[0]',
        'other unmapped City[0]',
      ]),
    );
    expect(findings.every(({ problem, remedy }) => problem && remedy)).toBe(true);
  });

  it('is reported with the boxes whose values would be invisible', async () => {
    const { pdf, map } = replicaAs('acroform');
    const form = await PDFDocument.load(pdf, { updateMetadata: false });
    const email = form.getForm().getTextField('topmostSubform[0].Page4[0].SectionB2[0].ContactEmail[0]');
    email.acroField.dict.set(PDFName.of('DA'), PDFString.of('/Helv 9 Tf 1 g'));
    const template = await form.save({ updateFieldAppearances: false });
    const { ok, findings } = await checkMap({ template, map: { ...map, fingerprint: fingerprintOf(template) } });
    expect({ ok, findings }).toMatchObject({
      ok: false,
      findings: [
        {
          section: 'B Part 2',
          kind: 'hidden',
          field: 'topmostSubform[0].Page4[0].SectionB2[0].ContactEmail[0]',
          problem: expect.stringContaining('ContactEmail[0], where no one would see it'),
          remedy: expect.stringContaining('Map another box'),
        },
      ],
    });
  });

  it('is reported with values that would be cut, and notes say which longer ones are refused', async () => {
    const { pdf, map } = replicaAs('acroform');
    const ends = (last: string) => (entry: { field: string }) => entry.field.endsWith(`.${last}[0]`);
    const withParts = (first: object, second: object) =>
      map.fields.map((entry) => {
        if (ends('Importer_IR1')(entry)) return { ...entry, fill: 'importerNumber', part: first };
        if (ends('Importer_IR2')(entry)) return { ...entry, fill: 'importerNumber', part: second };
        return entry;
      });
    const check = async (first: object, second: object) => {
      const { findings } = await checkMap({ template: pdf, map: { ...map, fields: withParts(first, second) } });
      return findings.map(({ kind, field }) => `${kind} ${field.split('.').at(-1)}`);
    };
    expect(await check({ start: 0, end: 3 }, { start: 3, end: 12 })).toEqual([]);
    expect(await check({ start: 0, end: 3 }, { start: 4, end: 12 })).toContain('cut Importer_IR2[0]');
    expect(await check({ start: 0, end: 5 }, { start: 3, end: 12 })).toContain('cut Importer_IR2[0]');
    expect(await check({ start: 0, end: 3 }, { start: 3, end: 11 })).toContain('too-short Importer_IR1[0]');
    const { notes } = await checkMap({ template: pdf, map });
    expect(notes).toContainEqual(
      '1. Company name, as on CBP Form 5106: takes 70 characters of company.legalName. A longer value is refused, never cut: "shorterForms" of the application can say what to write instead.',
    );
    expect(notes.join()).not.toContain('importerNumber');
  });

  it('is refused when it maps a box twice', async () => {
    const { pdf, map } = replicaAs('acroform');
    const [first] = map.fields;
    const { findings } = await checkMap({ template: pdf, map: { ...map, fields: [...map.fields, first] } });
    expect(findings).toMatchObject([{ problem: expect.stringContaining(`${first?.field} a second time`) }]);
  });
});
