import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, type WorkflowBundleOption } from '@temporalio/worker';
import { FAILURE_CONVERTER_PATH, PAYLOAD_CONVERTER_PATH } from './data-converter/data-converter.js';

const here = dirname(fileURLToPath(import.meta.url));
/** Only next to the compiled code. Tests of the sources make a new bundle. */
const prebuilt = join(here, '..', 'workflows', 'workflow-bundle.js');

/**
 * The bundle from the build, or a new one, which takes a few seconds.
 * @param encrypted false: failures in workflows stay readable, like everything else without encryption
 */
export async function workflowBundle({ encrypted = true } = {}): Promise<WorkflowBundleOption> {
  if (encrypted) return existsSync(prebuilt) ? { codePath: prebuilt } : await bundled();
  const { code } = existsSync(prebuilt) ? { code: await readFile(prebuilt, 'utf8') } : await bundled();
  if (!code.includes(HIDDEN))
    throw new Error(`The workflow bundle does not contain "${HIDDEN}". Build it again: npm run build`);
  return { code: code.replace(HIDDEN, HIDDEN.replace('true', 'false')) };
}
/** This line is in private-failure-converter.cjs. */
const HIDDEN = 'const HIDDEN = true;';

/** Part of the build. Makes the bundle that workers load. */
export async function prebuildWorkflowBundle(): Promise<string> {
  const { code } = await bundled();
  await writeFile(prebuilt, code);
  return prebuilt;
}

/** The compiled file, or the source in tests. */
function workflowFile(name: string): string {
  const file = ['js', 'ts'].map((type) => join(here, '..', 'workflows', `${name}.${type}`)).find(existsSync);
  if (!file) throw new Error(`Cannot bundle src/workflows/${name}.ts: it does not exist.`);
  return file;
}

async function bundled(): Promise<{ code: string }> {
  const quiet = { trace() {}, debug() {}, info() {}, warn() {}, error() {}, log() {} };
  return await bundleWorkflowCode({
    workflowsPath: workflowFile('index'),
    logger: quiet,
    workflowInterceptorModules: [workflowFile('reject-query-side-effects')],
    payloadConverterPath: PAYLOAD_CONVERTER_PATH,
    failureConverterPath: FAILURE_CONVERTER_PATH,
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await prebuildWorkflowBundle();
