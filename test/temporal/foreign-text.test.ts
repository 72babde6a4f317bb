import path from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { main } from '../../src/cli/main.js';
import { EXIT } from '../../src/process/output.js';
import * as messages from '../../src/workflows/contract/messages.js';
import { SEARCH_ATTRIBUTES } from '../../src/workflows/contract/search-attributes.js';
import { beginAsWorker } from '../support/as-a-worker.js';
import { connect, reaches, startOnboarding, startWorker } from '../support/parked-onboardings.js';
import { startDevServer } from '../support/temporal-dev-server.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { hear } from '../unit/cli/heard.js';
import { expectDisarmed, expectPlain, HOSTILE_NAME, LINKS } from '../unit/cli/hostile-text.js';

const heard = hear();

/** Anyone who can reach Temporal can write text into a case. None of it may affect the terminal of a person who looks. */

const TASK_QUEUE = 'foreign-text';
const REFERENCE = 'foreign-text';
const folder = temporaryFolder('foreign-text');
const closers: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  // A separate server, so that no other test lists these workflows.
  const { address, stop } = await startDevServer();
  closers.push(stop);
  vi.stubEnv('TEMPORAL_ADDRESS', address);
  vi.stubEnv('TASK_QUEUE', TASK_QUEUE);
  vi.stubEnv('ARCHIVE_DIR', path.join(folder, 'archive'));
  vi.stubEnv('IMPORTER_KEY_FILE', path.join(folder, 'importer-key'));
  await beginAsWorker();
  const worker = await startWorker(address, TASK_QUEUE, undefined);
  closers.push(() => worker.stop());
  const { client, connection } = await connect(address, undefined);
  closers.push(() => connection.close());
  const onboarding = await startOnboarding(client, TASK_QUEUE, REFERENCE);
  await reaches(onboarding, 'awaiting-acknowledgement');
  await onboarding.signal(messages.approvalArrived, {
    source: HOSTILE_NAME,
    actor: `${HOSTILE_NAME}${LINKS}`,
    evidence: `${HOSTILE_NAME}${LINKS}`,
    importerNumber: '99-999999900',
  });
  // A stranger started this workflow with an id like an onboarding's.
  await client.workflow.start('onboardImporter', {
    workflowId: 'onboarding-stranger',
    taskQueue: 'none',
    typedSearchAttributes: [
      { key: SEARCH_ATTRIBUTES.company, value: LINKS },
      { key: SEARCH_ATTRIBUTES.clientReference, value: HOSTILE_NAME },
    ],
  });
});
afterAll(async () => {
  vi.unstubAllEnvs();
  for (const close of closers.reverse()) await close();
});

test('show prints a signal from a stranger as plain text in our own lines, without clickable links', async () => {
  await expect
    .poll(async () => {
      heard.out = '';
      await main(['show', REFERENCE]);
      return heard.out;
    })
    .toContain('FORGED');
  expectPlain(heard.out);
  expectDisarmed(heard.out);
  expectPlain(heard.err);
});

test('list does the same with search attributes from a stranger', async () => {
  await expect
    .poll(async () => {
      heard.out = '';
      await main(['list']);
      return heard.out;
    })
    .toContain('FORGED');
  expectPlain(heard.out);
  expectDisarmed(heard.out);
});

test('so does the message about a refused decision', async () => {
  const saying = ['--actor', `${HOSTILE_NAME}, verified by us`, '--evidence', HOSTILE_NAME];
  expect(await main(['decide', REFERENCE, 'rejected', ...saying])).toBe(EXIT.conflict);
  expect(heard.err).toContain('FORGED');
  expectPlain(heard.said);
});
