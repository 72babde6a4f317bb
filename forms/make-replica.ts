import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { FieldMap } from '../src/form/field-map.js';
import { fingerprintOf } from '../src/form/fingerprint.js';
import { drawReplica } from './replica-acroform.js';
import { PAGES } from './replica-content.js';
import { acroFormName, replicaMap } from './replica-map.js';

/** Makes the replica and its field map; the same bytes every time. `npm run replica` writes them to `forms/`. */

export interface Replica {
  pdf: Uint8Array;
  map: FieldMap;
}

export async function makeReplica(): Promise<Replica> {
  const edition = 'replica-1';
  const pdf = await (await drawReplica({ edition })).save({ updateFieldAppearances: false });
  return { pdf, map: replicaMap(PAGES, { edition, fingerprint: fingerprintOf(pdf), nameOf: acroFormName }) };
}

export async function writeReplica(folder: string): Promise<void> {
  const { pdf, map } = await makeReplica();
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'replica.pdf'), pdf);
  await writeFile(join(folder, 'replica.map.json'), `${JSON.stringify(map, null, 2)}\n`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await writeReplica(process.argv[2] ?? 'forms');
