import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DRESSES, type Dress, makeReplica } from '../../forms/replica-dresses.js';
import { sampleApplication } from '../unit/form/sample-application.js';

/** The way of docs/bring-your-own-form.md, with the commands as a newcomer types them. */

const folder = mkdtempSync(path.join(tmpdir(), 'form-command-'));
const file = (name: string) => path.join(folder, name);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeAll(async () => {
  for (const dress of DRESSES) {
    const { pdf, map } = await makeReplica(dress);
    writeFileSync(file(`${dress}.pdf`), pdf);
    writeFileSync(file(`${dress}.older.json`), JSON.stringify(map));
  }
  writeFileSync(file('client.json'), JSON.stringify(sampleApplication((a) => (a.importerNumber = '12-345678900'))));
});

function run(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['bin/ace-onboarding.mjs', 'form', ...args], {
    encoding: 'utf8',
  });
  return { status, stdout, stderr, json: () => JSON.parse(stdout) };
}

describe.each<Dress>(['acroform', 'dynamic-xfa', 'encrypted'])('a newcomer with the form as %s', (dress) => {
  it('comes from inspect through map and check to a filled form', () => {
    const form = file(`${dress}.pdf`);
    const inspected = run('inspect', form, '--json').json();
    expect(inspected).toMatchObject({
      kind: dress === 'dynamic-xfa' ? dress : 'acroform',
      fingerprint: expect.stringMatching(/^sha256:/),
    });
    expect(inspected.fields[0]).toMatchObject({
      name: expect.any(String),
      type: 'text',
      page: 2,
      maxLength: 70,
      options: [],
      readOnly: false,
    });

    expect(run('map', form, '--from', file(`${dress}.older.json`), '--json').json()).toMatchObject({ open: 0 });
    const map = file(`${dress}.map.json`);
    expect(run('map', form)).toMatchObject({ status: 4, stderr: expect.stringContaining('there already') });
    expect(run('check', form, '--map', map)).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('fits the form'),
    });

    const out = file(`${dress}.filled.pdf`);
    const filled = run(
      'fill',
      '--application',
      file('client.json'),
      '--template',
      form,
      '--map',
      map,
      '--out',
      out,
      '--json',
    );
    expect(filled.json()).toMatchObject({
      kind: 'filled',
      out,
      pages: 5,
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    const { fields } = run('inspect', out, '--json').json() as { fields: { name: string; value: string }[] };
    expect(fields.find(({ name }) => name.includes('.Importer_IR1'))?.value).toBe('12-345678900');

    expect(run('preview', out, '--out', file('picture.png')).status).toBe(0);
    expect(readFileSync(file('picture.png')).subarray(1, 4).toString()).toBe('PNG');
  });
});

describe('the command line', () => {
  it('writes no file and lists every complaint when the form would not come out right', () => {
    const form = file('acroform.pdf');
    const city = 'topmostSubform[0].Page2[0].SectionA[0].City[0]';
    writeFileSync(file('values.json'), JSON.stringify({ [city]: '東京', nowhere: 'x' }));
    const refused = run(
      'fill',
      '--values',
      file('values.json'),
      '--template',
      form,
      '--out',
      file('never.pdf'),
      '--json',
    );
    expect(refused.status).toBe(5);
    expect(refused.json()).toMatchObject({
      kind: 'refused',
      complaints: expect.arrayContaining([
        expect.objectContaining({ field: 'nowhere' }),
        expect.objectContaining({ field: city }),
      ]),
    });
    expect(() => readFileSync(file('never.pdf'))).toThrow('ENOENT');
  });

  it('stops at an edition the map is not for', () => {
    const stopped = run(
      'fill',
      '--application',
      file('client.json'),
      '--template',
      file('next-edition.pdf'),
      '--map',
      file('acroform.older.json'),
      '--out',
      file('never.pdf'),
      '--json',
    );
    expect(stopped).toMatchObject({ status: 5 });
    expect(stopped.json()).toMatchObject({ error: 'unknown-edition' });
  });

  it('writes the names of the fields on the pages', () => {
    expect(run('inspect', file('acroform.pdf'), '--overlay', file('names.pdf')).status).toBe(0);
    expect(readFileSync(file('names.pdf')).subarray(0, 5).toString()).toBe('%PDF-');
  });
});
