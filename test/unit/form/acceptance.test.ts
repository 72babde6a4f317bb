import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PDFArray, PDFDict, PDFDocument, PDFName, PDFString } from 'pdf-lib';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { makeReplica, type Replica } from '../../../forms/replica-variants.js';
import { acceptMap, checkMap } from '../../../src/form/check/check-map.js';
import { seeForm } from '../../../src/form/document/read-back.js';
import { fillForm } from '../../../src/form/fill/fill-form.js';
import { openForm } from '../../../src/form/map/edition.js';
import type { FieldMap, MapEntry } from '../../../src/form/map/field-map.js';
import { inspectForm } from '../../../src/form/map/inspect-form.js';
import { acceptanceOf, sealed } from '../../../src/form/map/usable-map.js';
import { fingerprintOf } from '../../../src/form/pdf/pdf-file.js';
import { sampleApplication } from './sample-application.js';

/** A map is proven once, and accepted by a person; from then on it is used as it was accepted, or not at all. */

const A = 'topmostSubform[0].Page2[0].SectionA[0]';
const AT = '2026-11-29T12:00:00.000Z';

let replica: Replica;
beforeAll(async () => {
  replica = await makeReplica();
});

/** The replica with something changed, and its map with other entries added. */
async function changed(change: (pdf: PDFDocument) => void, entries: MapEntry[] = []): Promise<Replica> {
  const pdf = await PDFDocument.load(replica.pdf, { updateMetadata: false });
  change(pdf);
  const bytes = await pdf.save({ updateFieldAppearances: false });
  const { fields } = replica.map;
  const added = new Set(entries.map(({ field }) => field));
  const map = {
    ...replica.map,
    fingerprint: fingerprintOf(bytes),
    fields: [...fields.filter(({ field }) => !added.has(field)), ...entries],
  };
  return { pdf: bytes, map };
}

async function accepted({ pdf, map }: Replica): Promise<FieldMap> {
  const result = await acceptMap({ template: pdf, map, by: 'Jo', at: AT });
  if ('findings' in result) throw new Error(JSON.stringify(result.findings));
  return result.map;
}

/** An annotation that covers a part of a page. */
function cover(pdf: PDFDocument, page: number, Rect: number[]): void {
  const drawing = pdf.context.register(
    pdf.context.stream('0.8 g 0 0 900 900 re f', { Type: 'XObject', Subtype: 'Form', BBox: [0, 0, 900, 900] }),
  );
  const stamp = pdf.context.register(
    pdf.context.obj({ Type: 'Annot', Subtype: 'Stamp', F: 4, Rect, AP: { N: drawing } } as never),
  );
  pdf.getPage(page).node.lookup(PDFName.of('Annots'), PDFArray).push(stamp);
}

const placeOf = async (name: string) => {
  const pdf = await PDFDocument.load(replica.pdf, { updateMetadata: false });
  const [widget] = pdf.getForm().getTextField(name).acroField.getWidgets();
  return widget?.getRectangle() ?? { x: 0, y: 0, width: 0, height: 0 };
};

describe('an acceptance', () => {
  it('says who accepted and when, and counts for that map alone', async () => {
    const map = await accepted(replica);
    expect(map.accepted).toMatchObject({ by: 'Jo', at: AT, toDraw: [] });
    expect(acceptanceOf(map)).toEqual(map.accepted);
    const [first, ...others] = map.fields;
    if (!first || !map.accepted) throw new Error('The replica has no boxes.');
    for (const other of [
      { ...map, fields: others },
      { ...map, fields: [{ ...first, caption: 'Another' }, ...others] },
      { ...map, edition: 'another' },
      { ...map, fingerprint: `sha256:${'0'.repeat(64)}` },
      { ...map, acceptActiveContent: true as const },
      { ...map, accepted: { ...map.accepted, by: 'Sam' } },
      { ...map, accepted: { ...map.accepted, toDraw: ['x'] } },
    ])
      expect(acceptanceOf(other)).toBeUndefined();
  });

  it('is refused for a map that check refuses', async () => {
    const map = { ...replica.map, fields: replica.map.fields.slice(1) };
    expect(await acceptMap({ template: replica.pdf, map, by: 'Jo' })).toMatchObject({
      findings: expect.arrayContaining([expect.objectContaining({ kind: 'unmapped' })]),
    });
  });

  it('is what a worker asks for before it starts', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'map-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const files = [path.join(folder, 'form.pdf'), path.join(folder, 'form.map.json')] as const;
    await writeFile(files[0], replica.pdf);
    const opened = async (map: FieldMap) => {
      await writeFile(files[1], JSON.stringify(map));
      return openForm(...files);
    };
    const map = await accepted(replica);
    expect(await opened(map)).toMatchObject({ map, pages: 5, replica: true });
    await expect(opened(replica.map)).rejects.toThrow(/no one has accepted it yet.*form adopt/s);
    const fields = map.fields.map((entry, index) => (index === 0 ? { ...entry, caption: 'Another' } : entry));
    await expect(opened({ ...map, fields })).rejects.toThrow(/accepted by Jo, but has been changed since/);
  });
});

describe('where values are visible', () => {
  it('is proven at check, so that filling draws nothing', async () => {
    const { x, y, width, height } = await placeOf(`${A}.CompanyName[0]`);
    const covered = await changed((pdf) => cover(pdf, 1, [x, y, x + width, y + height]));
    const findings = [expect.objectContaining({ kind: 'hidden', field: `${A}.CompanyName[0]` })];
    expect(await checkMap({ template: covered.pdf, map: covered.map })).toMatchObject({ ok: false, findings });
    // Without an acceptance, filling draws, and finds it too.
    const order = { application: sampleApplication(), template: covered.pdf };
    expect(await fillForm({ ...order, map: covered.map })).toMatchObject({
      kind: 'refused',
      complaints: [{ field: 'company.legalName', problem: expect.stringContaining('no one would see it') }],
    });
    // With one, it does not look again.
    const map = sealed(covered.map, { by: 'Jo', at: AT, toDraw: [] });
    expect(await fillForm({ ...order, map })).toMatchObject({ kind: 'filled' });
  });

  it('is drawn for each application where something covers a part of the box', async () => {
    const { x, y, width, height } = await placeOf(`${A}.CompanyName[0]`);
    const covered = await changed((pdf) => cover(pdf, 1, [x + 0.6 * width, y, x + 0.75 * width, y + height]));
    const map = await accepted(covered);
    expect(map.accepted?.toDraw).toEqual([`${A}.CompanyName[0]`]);
    const named = (legalName: string) =>
      fillForm({
        application: sampleApplication((a) => (a.company.legalName = legalName)),
        template: covered.pdf,
        map,
      });
    expect(await named('Short Inc.')).toMatchObject({ kind: 'filled' });
    expect(await named('W'.repeat(Math.floor((0.8 * width) / 9)))).toMatchObject({
      kind: 'refused',
      complaints: [{ problem: expect.stringContaining('no one would see all of it') }],
    });
  });

  it('is proven for every option that the map can choose, not for one application alone', async () => {
    const org = `${A}.OrgStructure[0]`;
    const empty = await changed((pdf) => {
      const widget = pdf.getForm().getRadioGroup(org).acroField.getWidgets()[2];
      const drawings = widget?.dict.lookup(PDFName.of('AP'), PDFDict).lookup(PDFName.of('N'), PDFDict);
      const nothing = pdf.context.register(
        pdf.context.stream('', { Type: 'XObject', Subtype: 'Form', BBox: [0, 0, 12, 12] }),
      );
      drawings?.set(PDFName.of('3'), nothing);
    });
    const { findings } = await checkMap({ template: empty.pdf, map: empty.map });
    expect(findings).toEqual([expect.objectContaining({ kind: 'hidden', field: org })]);
  });
});

describe('a box that the form opens with a tick', () => {
  const EXTRA = 'Extra';
  const closed = (flags: { readOnly?: boolean; hidden?: boolean }, further: object = {}) =>
    changed(
      (pdf) => {
        const field = pdf.getForm().createTextField(EXTRA);
        field.addToPage(pdf.getPage(1), { x: 40, y: 20, width: 200, height: 16 });
        if (flags.readOnly) field.enableReadOnly();
        const [widget] = field.acroField.getWidgets();
        if (flags.hidden) widget?.setFlags(2);
      },
      [
        {
          field: EXTRA,
          section: 'A',
          fill: 'company.duns',
          opensWith: { field: `${A}.OrgStructure[0]`, option: '1' },
          ...further,
        },
      ],
    );

  it.each([
    ['closes', { readOnly: true }],
    ['hides', { hidden: true }],
    ['closes and hides', { readOnly: true, hidden: true }],
  ])('is filled and seen when the tick is made, though the form %s it', async (_, flags) => {
    const form = await closed(flags);
    const map = await accepted(form);
    const filled = await fillForm({ application: sampleApplication(), template: form.pdf, map });
    if (filled.kind !== 'filled') throw new Error(JSON.stringify(filled.complaints));
    expect((await seeForm(filled.pdf)).fields.get(EXTRA)).toMatchObject({ value: '123456789', readOnly: true });
    const pdf = await PDFDocument.load(filled.pdf);
    expect(pdf.getForm().getTextField(EXTRA).acroField.getWidgets()[0]?.getFlags()).toBe(4);
  });

  it('stays as it is when the tick is not made', async () => {
    const form = await closed({ readOnly: true });
    const map = await accepted(form);
    const application = sampleApplication((a) => {
      a.company.organization = 'partnership';
    });
    const filled = await fillForm({ application, template: form.pdf, map });
    if (filled.kind !== 'filled') throw new Error(JSON.stringify(filled.complaints));
    expect((await seeForm(filled.pdf)).fields.get(EXTRA)).toMatchObject({ value: '' });
  });

  it.each([
    ['is not closed', {}, {}, 'is not closed'],
    [
      'is closed and the map does not say what opens it',
      { readOnly: true },
      { opensWith: undefined },
      'keeps it closed',
    ],
    ['is opened by a box that is not there', { readOnly: true }, { opensWith: { field: 'None' } }, 'opened by None'],
  ])('is a finding when it %s', async (_, flags, further, problem) => {
    const { pdf, map } = await closed(flags, further);
    const { findings } = await checkMap({ template: pdf, map: JSON.parse(JSON.stringify(map)) });
    expect(findings).toContainEqual(
      expect.objectContaining({ kind: 'mistyped', field: EXTRA, problem: expect.stringContaining(problem) }),
    );
  });
});

it('a box that the map clears is empty in the filled form, and stays open', async () => {
  const name = 'Stale';
  const form = await changed(
    (pdf) => {
      const field = pdf.getForm().createTextField(name);
      field.setText('$0.00');
      field.addToPage(pdf.getPage(1), { x: 40, y: 20, width: 200, height: 16 });
      field.enableReadOnly();
      field.acroField.dict.set(PDFName.of('TU'), PDFString.of('Total'));
    },
    [{ field: name, section: 'A', clear: 'The form computes it from what CBP fills in.' }],
  );
  const filled = await fillForm({ application: sampleApplication(), template: form.pdf, map: await accepted(form) });
  if (filled.kind !== 'filled') throw new Error(JSON.stringify(filled.complaints));
  expect((await seeForm(filled.pdf)).fields.get(name)).toMatchObject({ value: '', drawn: [{ text: '' }] });
});

describe('a box that the form checks with a script that cannot be judged', () => {
  const EXTRA = 'Extra';
  const scripted = (js: string, further: object = {}) =>
    changed(
      (pdf) => {
        const field = pdf.getForm().createTextField(EXTRA);
        field.addToPage(pdf.getPage(1), { x: 40, y: 20, width: 200, height: 16 });
        const action = { S: 'JavaScript', JS: PDFString.of(js.replace(/[\\()]/g, '\\$&')) };
        field.acroField.dict.set(PDFName.of('AA'), pdf.context.obj({ V: action } as never));
      },
      [{ field: EXTRA, section: 'A', fill: 'company.duns', ...further }],
    );
  const UNKNOWN = 'if (app.viewerVersion < 9 || !lookup(event.value)) event.rc = false;';
  const tried = { triedInAcrobat: 'Jo, 2026-11-29' };

  it('is refused, until a person has tried such values in Acrobat', async () => {
    const untried = await scripted(UNKNOWN);
    expect(await checkMap({ template: untried.pdf, map: untried.map })).toMatchObject({
      ok: false,
      findings: [{ problem: expect.stringContaining('only Acrobat can tell') }],
    });
    const { pdf, map } = await scripted(UNKNOWN, tried);
    expect(await checkMap({ template: pdf, map })).toMatchObject({ ok: true });
  });

  it('is refused all the same when the script is known to refuse the value', async () => {
    const { pdf, map } = await scripted('if (event.value.length > 3) event.rc = false;', tried);
    expect(await checkMap({ template: pdf, map })).toMatchObject({
      ok: false,
      findings: [{ problem: expect.stringContaining('is refused by a script of the form') }],
    });
  });
});

describe('what a map says of the form', () => {
  const withEntry = (name: string, further: object): FieldMap => ({
    ...replica.map,
    fields: replica.map.fields.map((entry) =>
      entry.field.endsWith(name) ? ({ ...entry, ...further } as MapEntry) : entry,
    ),
  });

  it('is a finding when a date is written in another order than the caption asks for', async () => {
    const map = withEntry('OfficerDOB[0]', { format: 'DDMMYYYY' });
    const { findings } = await checkMap({ template: replica.pdf, map });
    expect(findings).toEqual([
      expect.objectContaining({ kind: 'mistyped', problem: expect.stringContaining('asks for another order') }),
    ]);
  });

  it('is noted when two values choose the same option', async () => {
    const options = { corporation: '1', 'limited-liability-company': '1', partnership: '3', other: '5' };
    const { ok, notes } = await checkMap({ template: replica.pdf, map: withEntry('OrgStructure[0]', { options }) });
    expect({ ok, notes }).toEqual({
      ok: true,
      notes: expect.arrayContaining([
        expect.stringContaining('corporation and limited-liability-company all choose "1"'),
      ]),
    });
  });

  it('leaves no importer number out: one that has no box is refused', async () => {
    const application = sampleApplication((a) => {
      a.furtherImporterNumbers = ['00-1234567A1', '00-1234567A2'];
    });
    expect(await fillForm({ application, template: replica.pdf, map: replica.map })).toMatchObject({
      kind: 'refused',
      complaints: [{ field: 'furtherImporterNumbers.1', problem: expect.stringContaining('has no box on this form') }],
    });
  });

  it('is noted when the file looks like a filled copy', async () => {
    const form = await fillForm({ application: sampleApplication(), template: replica.pdf, map: replica.map });
    if (form.kind !== 'filled') throw new Error(JSON.stringify(form.complaints));
    expect((await inspectForm({ template: form.pdf })).notes).toEqual([expect.stringContaining('Use a blank form')]);
    expect((await inspectForm({ template: replica.pdf })).notes).not.toContainEqual(expect.stringContaining('blank'));
  });
});
