// Records a history for every path through the workflows, into test/histories/VERSION: node scripts/record-histories.mjs
// Before a release, record again in the commit that changes the workflow. Never change the histories of a released version.
import { runInForeground } from './foreground.mjs';
import { runScript } from './run-script.mjs';
import { setUp } from './setup.mjs';

await runScript(async () => {
  await setUp();
  return await runInForeground([
    'node_modules/vitest/vitest.mjs',
    'run',
    '--config',
    'test/histories/vitest.config.ts',
  ]);
});
