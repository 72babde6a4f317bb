// Compiles what `npm run package` packs, from scratch, so that no output of deleted sources is left. npm runs it before it
// packs.
import { existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import { BUNDLE, build } from './build.mjs';
import { CHECKOUT, runScript, SetupFailed } from './run-script.mjs';

await runScript(async () => {
  rmSync(path.join(CHECKOUT, 'dist'), { recursive: true, force: true });
  if (!build())
    throw new SetupFailed('There are type errors (see above), so nothing was packed. Fix them and pack again.');
  if (!existsSync(BUNDLE))
    throw new SetupFailed(
      'The workflows could not be bundled (see above), so nothing was packed. Fix them and pack again.',
    );
  return 0;
});
