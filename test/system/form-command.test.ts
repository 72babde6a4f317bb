import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeReplica } from '../../forms/replica-variants.js';
import { openFormDocument } from '../../src/form/open-form-document.js';
import { sampleApplication } from '../unit/form/sample-application.js';

/**
 * The way of docs/bring-your-own-form.md, with the commands as a newcomer types them, each as a process once. What they do
 * with the other variants of the form is tested without processes.
 */

const folder = mkdtempSync(path.join(tmpdir(), 'form-command-'));
const file = (name: string) => path.join(folder, name);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeAll(async () => {
  for (const variant of ['encrypted', 'next-edition'] as const) {
    const { pdf, map } = await makeReplica(variant);
    writeFileSync(file(`${variant}.pdf`), pdf);
    writeFileSync(file(`${variant}.older.json`), JSON.stringify(map));
  }
  writeFileSync(file('client.json'), JSON.stringify(sampleApplication((a) => (a.importerNumber = '12-345678900'))));
});

interface Ended {
  status: number;
  stdout: string;
  stderr: string;
}

function run(...args: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, ['bin/ace-onboarding.mjs', 'form', ...args], (_error, stdout, stderr) =>
      resolve({ status: child.exitCode ?? -1, stdout, stderr }),
    );
  });
}

const json = (ended: Ended) => JSON.parse(ended.stdout || `{"stderr": ${JSON.stringify(ended.stderr)}}`);

describe('a newcomer', () => {
  const form = file('encrypted.pdf');
  const map = file('encrypted.map.json');

  it('gets from inspect, map, and check to a filled form and its picture', async () => {
    const [inspected, mapped] = await Promise.all([
      run('inspect', form, '--overlay', file('names.pdf'), '--json'),
      run('draft', form, '--from', file('encrypted.older.json'), '--json'),
    ]);
    expect(json(inspected)).toMatchObject({ kind: 'acroform', fingerprint: expect.stringMatching(/^sha256:/) });
    expect(json(inspected).fields[0]).toMatchObject({
      name: expect.any(String),
      type: 'text',
      page: 2,
      maxLength: 70,
      options: [],
      readOnly: false,
    });
    expect(readFileSync(file('names.pdf')).subarray(0, 5).toString()).toBe('%PDF-');
    expect(json(mapped)).toMatchObject({ open: 0 });

    const out = file('filled.pdf');
    const fill = [
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
    ];
    const [again, checked, filled] = await Promise.all([
      run('draft', form),
      run('check', form, '--map', map),
      run(...fill),
    ]);
    expect(again).toMatchObject({ status: 4, stderr: expect.stringContaining('already there') });
    expect(checked).toMatchObject({ status: 0, stdout: expect.stringContaining('fits the form') });
    expect(json(filled)).toMatchObject({
      kind: 'filled',
      out,
      pages: 5,
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    const { fields } = await openFormDocument(readFileSync(out));
    expect(fields.find(({ name }) => name.includes('.Importer_IR1'))?.value).toBe('12-345678900');

    expect(await run('preview', out, '--out', file('picture.png'))).toMatchObject({ status: 0 });
    expect(readFileSync(file('picture.png')).subarray(1, 4).toString()).toBe('PNG');
    for (const personal of [out, file('picture.png')]) expect(statSync(personal).mode & 0o777).toBe(0o600);
  });

  it('sees what CBP changed, and is stopped when the map is for another edition', async () => {
    const next = file('next-edition.pdf');
    const older = file('encrypted.older.json');
    const [changed, stopped] = await Promise.all([
      run('diff', form, next, '--json'),
      run(
        'fill',
        '--application',
        file('client.json'),
        '--template',
        next,
        '--map',
        older,
        '--out',
        file('never.pdf'),
        '--json',
      ),
    ]);
    expect(json(changed)).toMatchObject({ added: [{ field: expect.stringContaining('UEI') }], sameFields: false });
    expect(stopped).toMatchObject({ status: 5 });
    expect(json(stopped)).toMatchObject({ error: 'unknown-edition' });
    expect(existsSync(file('never.pdf'))).toBe(false);
  });

  it('gets every problem and no file when the form would be wrong', async () => {
    const city = 'topmostSubform[0].Page2[0].SectionA[0].City[0]';
    writeFileSync(file('values.json'), JSON.stringify({ [city]: '東京', nowhere: 'x' }));
    const values = ['--values', file('values.json')];
    const refused = await run('fill', ...values, '--template', form, '--out', file('never.pdf'), '--json');
    expect(refused.status).toBe(5);
    expect(json(refused)).toMatchObject({
      kind: 'refused',
      complaints: expect.arrayContaining([
        expect.objectContaining({ field: 'nowhere' }),
        expect.objectContaining({ field: city }),
      ]),
    });
    expect(existsSync(file('never.pdf'))).toBe(false);
  });
});
