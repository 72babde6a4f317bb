import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DRESSES, makeReplica } from './replica-variants.js';

/**
 * Writes the replica and its field map: `npm run replica` recreates the ones in `forms/`, byte for byte. With a folder and
 * `all`, every variant: `node dist/forms/make-replica.js FOLDER all`.
 */
const [folder = 'forms', which] = process.argv.slice(2);
await mkdir(folder, { recursive: true });
for (const dress of which === 'all' ? DRESSES : (['acroform'] as const)) {
  const { pdf, map } = await makeReplica(dress);
  const name = dress === 'acroform' ? 'replica' : `replica-${dress}`;
  await writeFile(join(folder, `${name}.pdf`), pdf);
  await writeFile(join(folder, `${name}.map.json`), `${JSON.stringify(map, null, 2)}\n`);
}
