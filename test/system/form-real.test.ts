import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkMap } from '../../src/form/check/check-map.js';
import { draftMap } from '../../src/form/draft/draft-map.js';
import { fillForm } from '../../src/form/fill/fill-form.js';
import { fillValues } from '../../src/form/fill/fill-values.js';
import { parseFieldMap } from '../../src/form/map/field-map.js';
import { type InspectedForm, inspectForm } from '../../src/form/map/inspect-form.js';
import { findingLines } from '../../src/form/map/map-findings.js';
import { openFormDocument } from '../../src/form/open-form-document.js';
import { isoDateAs } from '../../src/form/scripts/acrobat-date.js';
import type { ValueRule } from '../../src/form/scripts/value-rule.js';
import { sampleApplication } from '../unit/form/sample-application.js';

/**
 * Forms that nobody here wrote: tax forms of the IRS (hybrid XFA with usage rights), a form of a German bank, forms made
 * by other tools. They come out of npm packages, fetched as any dependency is; without a registry the test is skipped, and
 * says so.
 */
const PACKAGES = ['pdf2json@0.7.1', 'pdf-forms@0.1.1', 'fill-pdf@1.1.0', '@pdftron/pdfnet-node-samples@12.1.0'];

interface RealForm {
  file: string;
  kind: InspectedForm['kind'];
  fields: number;
  usageRights?: true;
  /** It runs a script when a page is seen, which somebody must accept. */
  active?: true;
}

const FORMS: RealForm[] = [
  { file: 'f1040.pdf', kind: 'hybrid-xfa', fields: 246, usageRights: true },
  { file: 'f1040a.pdf', kind: 'hybrid-xfa', fields: 169, usageRights: true },
  { file: 'f1040ez.pdf', kind: 'hybrid-xfa', fields: 71, usageRights: true },
  { file: 'f1040ezt.pdf', kind: 'acroform', fields: 70 },
  { file: 'V0050.pdf', kind: 'acroform', fields: 92, active: true },
  { file: 'form1.pdf', kind: 'acroform', fields: 37 },
  { file: 'formfields-scanned-withfields.pdf', kind: 'acroform', fields: 30 },
  { file: 'test.pdf', kind: 'acroform', fields: 29 },
];

const folder = mkdtempSync(path.join(tmpdir(), 'real-forms-'));
const files = new Map<string, string>();
let missing = '';

beforeAll(() => {
  try {
    for (const name of PACKAGES) {
      const tarball = execFileSync('npm', ['pack', name, '--silent'], {
        cwd: folder,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
        timeout: 120_000,
      })
        .trim()
        .split('\n')
        .at(-1);
      execFileSync('tar', ['xzf', tarball ?? '', '--one-top-level'], { cwd: folder, stdio: 'ignore' });
    }
    for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' }))
      if (file.endsWith('.pdf')) files.set(path.basename(file), path.join(folder, file));
  } catch (error) {
    missing = (error as Error).message.split('\n')[0] ?? 'unknown';
    process.stderr.write(`SKIPPED: forms of others cannot be fetched from the npm registry (${missing}).\n`);
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a form from elsewhere', () => {
  it.for(FORMS)(
    '$file is inspected, filled in every box, and read back without loss',
    async ({ file, kind, fields, usageRights, active }, { skip }) => {
      const found = files.get(file);
      if (!found) {
        expect(missing, `${file} is not in the packages`).not.toBe('');
        skip(`The npm registry cannot be reached: ${missing}`);
        return;
      }
      const template = readFileSync(found);
      if (active) await expect(inspectForm({ template })).rejects.toMatchObject({ code: 'active-content' });
      const trust = { acceptActiveContent: active ?? false };
      const form = await inspectForm({ template, ...trust });
      expect({ kind: form.kind, fields: form.fields.length, usageRights: form.usageRights }).toEqual({
        kind,
        fields,
        usageRights: usageRights ?? false,
      });
      const values = valuesFor(form);
      const filled = await fillValues({ template, values, ...trust });
      if (filled.kind === 'refused') throw new Error(JSON.stringify(filled.complaints));
      const document = await openFormDocument(filled.pdf, { acceptActiveContent: true });
      expect(document.usageRights).toBe(false);
      const read = Object.fromEntries(document.fields.map(({ name, value }) => [name, value]));
      expect(read).toMatchObject(values);
      const untouched = form.fields.filter(({ name }) => !(name in values));
      for (const { name, value } of untouched) expect(read[name]).toBe(value);
      // Only what was filled in is locked.
      const open = new Map(form.fields.map(({ name, readOnly }) => [name, readOnly]));
      for (const { name, readOnly, value } of document.fields)
        expect([name, readOnly]).toEqual([name, name in values && value !== '' ? true : open.get(name)]);
      expect(await fillValues({ template, values, ...trust })).toMatchObject({ sha256: filled.sha256 });
    },
  );

  it('gets from inspect, map, and check to a filled form, as docs/bring-your-own-form.md says', async ({ skip }) => {
    const found = files.get('f1040ez.pdf');
    if (!found) {
      skip(`The npm registry cannot be reached: ${missing}`);
      return;
    }
    const template = readFileSync(found);
    const { map: draft, open } = await draftMap({ template, edition: '2012' });
    expect({ boxes: draft.fields.length, open }).toEqual({ boxes: 71, open: 70 });
    const undecided = await checkMap({ template, map: draft });
    expect(findingLines(undecided.findings)[0]).toMatch(/70 boxes: "fill" is still "\?"/);
    const decided = draft.fields.map((entry) => {
      const box = Object.keys(BOXES).find((name) => entry.field.endsWith(`.${name}`));
      return box ? { ...entry, ...BOXES[box] } : entry;
    });
    const completed = JSON.parse(
      JSON.stringify({ ...draft, fields: decided }).replaceAll('"fill":"?"', '"leave":"Not asked of an importer."'),
    );
    expect(await checkMap({ template, map: completed })).toMatchObject({ ok: true, edition: '2012', findings: [] });
    const application = sampleApplication();
    const form = await fillForm({ application, template, map: parseFieldMap(completed) });
    if (form.kind !== 'filled') throw new Error(JSON.stringify(form.complaints));
    const { fields } = await openFormDocument(form.pdf);
    const says = Object.fromEntries(fields.map(({ name, value }) => [name.split('.').at(-1), value]));
    expect(says).toMatchObject({
      'p1-t8[0]': application.company.legalName,
      'p1-t11[0]': '02281970',
      'f1_040_0_[1]': '00-123456700',
      'c1_02_0_[0]': '1',
      'c1_006_0_[0]': '1',
      'c1_006_0_[1]': '',
      'f1_077_0_[0]': '12/31',
      'f1_014_0_[0]': '',
    });
  });
});

/** Which box of a tax form would get what, were it CBP's: one of every kind. */
const BOXES: Record<string, object> = {
  'p1-t8[0]': { section: 'A', fill: 'company.legalName' },
  'p1-t4[0]': { section: 'A', fill: 'officer.firstName' },
  'p1-t5[0]': { section: 'A', fill: 'officer.lastName' },
  'p1-t6[0]': { section: 'A', fill: 'officer.title' },
  'p1-t11[0]': { section: 'A', fill: 'officer.dateOfBirth', format: 'MMDDYYYY' },
  'p1-t14[0]': { section: 'A', fill: 'company.duns' },
  'p1-t10[0]': { section: 'A', fill: 'company.address.street' },
  'p1-t10[1]': { section: 'A', fill: 'company.address.city' },
  'p1-t10[2]': { section: 'A', fill: 'company.address.country' },
  'p1-t10[3]': { section: 'A', fill: 'company.address.postalCode' },
  'f1_076_0_[0]': { section: 'A', fill: 'company.phone' },
  'f1_077_0_[0]': { section: 'A', fill: 'company.fiscalYearEnd', format: 'MM/DD' },
  'c1_006_0_[0]': { section: 'A', fill: 'company.organization', options: { corporation: '1' } },
  'c1_006_0_[1]': { section: 'A', fill: 'company.organization', options: { partnership: '2', other: '2' } },
  'f1_040_0_[1]': { section: 'A.1', activity: 'importer', fill: 'importerNumber' },
  'c1_02_0_[0]': { section: 'A.1', activity: 'importer', fill: 'importer.primary', options: { yes: '1' } },
  'p1-t7[0]': { section: 'B Part 2', fill: 'accountOwner.name' },
  'f1_081[0]': { section: 'C', fill: 'accountOwner.email' },
  'f1_084[0]': { section: 'C', fill: 'accountOwner.phone' },
  'c1_003_0_[0]': { section: 'D', fill: 'acknowledgement.officer' },
  'c1_004_0_[0]': { section: 'D', fill: 'acknowledgement.accountOwner' },
};

/** The last option of every choice, and as much text as the box says it takes, up to three figures. */
/** A value for a box whose scripts ask for more than text. */
function acceptable(rule: ValueRule | undefined): string | undefined {
  if (rule?.kind === 'special')
    return { zip: '20001', 'zip+4': '200010001', phone: '2025550100', ssn: '123456789' }[rule.shape];
  if (rule?.kind === 'date') return isoDateAs(rule.pattern, '2026-04-01');
  return undefined;
}

function valuesFor({ fields }: InspectedForm): Record<string, string> {
  return Object.fromEntries(
    fields
      .filter(
        ({ readOnly, unfillable, type, page }) =>
          !readOnly && !unfillable && type !== 'button' && type !== 'signature' && page !== null,
      )
      .map(({ name, options, maxLength, accepts }) => [
        name,
        options.at(-1) ?? acceptable(accepts) ?? '7'.repeat(Math.min(maxLength ?? 1, 3)),
      ]),
  );
}
