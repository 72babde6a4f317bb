// Compiles what `npm run package` packs: from nothing, so that nothing of a source that went away is left, and whole or
// not at all. npm calls it before it packs.
import { existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import { BUNDLE, build } from './build.mjs';
import { CHECKOUT, runScript, SetupFailed } from './run-script.mjs';

await runScript(async () => {
  rmSync(path.join(CHECKOUT, 'dist'), { recursive: true, force: true });
  if (!build()) throw new SetupFailed('Nothing is packed with type errors (see above). Fix them, and pack again.');
  if (!existsSync(BUNDLE))
    throw new SetupFailed('Nothing is packed without the workflows (see above). Fix them, and pack again.');
  return 0;
});
