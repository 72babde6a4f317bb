import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { acceptMap } from '../src/form/check/check-map.js';
import { makeReplica, VARIANTS } from './replica-variants.js';

/**
 * Writes the replica and its field map: `npm run replica` recreates the ones in `forms/`, byte for byte. With a folder and
 * `all`, every variant: `node dist/forms/make-replica.js FOLDER all`.
 */
const [folder = 'forms', which] = process.argv.slice(2);
await mkdir(folder, { recursive: true });
for (const variant of which === 'all' ? VARIANTS : (['acroform'] as const)) {
  const { pdf, map: made } = await makeReplica(variant);
  const accepted = await acceptMap({ template: pdf, map: made, by: 'ace-onboarding', at: '2026-11-29T00:00:00.000Z' });
  if ('findings' in accepted) throw new Error(JSON.stringify(accepted.findings));
  const { map } = accepted;
  const name = variant === 'acroform' ? 'replica' : `replica-${variant}`;
  await writeFile(join(folder, `${name}.pdf`), pdf);
  await writeFile(join(folder, `${name}.map.json`), `${JSON.stringify(map, null, 2)}\n`);
}
