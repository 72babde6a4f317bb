import { cp, mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { bundleWorkflowCode } from '@temporalio/worker';
import { FAILURE_CONVERTER_PATH, PAYLOAD_CONVERTER_PATH } from '../../src/temporal/data-converter/data-converter.js';
import { CHECKOUT } from './checkout.js';

/** What the workflows of the next version do at their start that those of this version do not. */
const NOVELTIES = {
  /** As in docs/decisions/0016: onboardings that began before continue as they began. */
  patched: `if (patched('noted-by-the-next-version')) upsertMemo({ version: 'next' });`,
  /** A new command for all onboardings: those that began before would get stuck. */
  unpatched: `upsertMemo({ version: 'next' });`,
} as const;
export type Novelty = keyof typeof NOVELTIES;

const QUIET = { trace() {}, debug() {}, info() {}, warn() {}, error() {}, log() {} };

/** The workflow code of a next version, whose onboardings do one more thing than they do now. */
export async function nextWorkflowBundle(folder: string, novelty: Novelty): Promise<{ code: string }> {
  const entry = path.join(folder, `next-version-${novelty}.js`);
  const before = JSON.stringify(path.join(CHECKOUT, 'src/workflows/index.ts'));
  await writeFile(
    entry,
    `import { patched, upsertMemo } from ${JSON.stringify(path.join(CHECKOUT, 'node_modules/@temporalio/workflow/lib/index.js'))};
import { onboardImporter as before } from ${before};
export { watchMailbox } from ${before};
export async function onboardImporter(...args) {
  ${NOVELTIES[novelty]}
  return await before(...args);
}
`,
  );
  return await bundleWorkflowCode({
    workflowsPath: entry,
    logger: QUIET,
    payloadConverterPath: PAYLOAD_CONVERTER_PATH,
    failureConverterPath: FAILURE_CONVERTER_PATH,
  });
}

/**
 * A compiled checkout of a next version, to run beside this one, as in a deployment. Its folder is the `cwd` of its workers
 * and its command line.
 *
 * @param folder where to create it, one for each version
 */
export async function nextVersion(folder: string, novelty: Novelty): Promise<string> {
  const checkout = path.join(folder, `version-${novelty}`);
  await mkdir(checkout, { recursive: true });
  for (const name of await readdir(CHECKOUT)) {
    const [here, there] = [path.join(CHECKOUT, name), path.join(checkout, name)];
    // Files that find code relative to their own location must be in that folder.
    if (name === 'dist' || name === 'bin') await cp(here, there, { recursive: true });
    else if (!name.startsWith('.')) await symlink(here, there);
  }
  const { code } = await nextWorkflowBundle(checkout, novelty);
  await writeFile(path.join(checkout, 'dist/src/workflows/workflow-bundle.js'), code);
  return checkout;
}
