// npm run lock: makes package-lock.json from package.json alone, installs it for every platform, and writes the licenses
// page. If it cannot reach something, it says what and changes nothing.
import { copyFileSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { packagesIn, refuseLicenses, writeLicensesPage } from './licenses.mjs';
import { lockfileGaps, readLockfile } from './lockfile.mjs';
import { CHECKOUT, runNpm, runScript, SetupFailed, say } from './run-script.mjs';
import { strictInstall } from './strict-install.mjs';

/**
 * @param {string} project folder with package.json and .npmrc, where package-lock.json is written
 * @param {(project: string) => void} check more checks, in a folder with the three files
 * @throws SetupFailed if the lockfile would have gaps; then nothing is written
 */
export function makeLockfile(project, check) {
  // Without an old lockfile or installed packages: npm would copy their gaps.
  const folder = mkdtempSync(path.join(tmpdir(), 'ace-lock-'));
  try {
    const work = path.join(folder, 'project');
    mkdirSync(work);
    for (const file of ['package.json', '.npmrc']) copyFileSync(path.join(project, file), path.join(work, file));
    say('Asking the npm registry for every package …');
    const flags = ['--package-lock-only', '--ignore-scripts', '--no-audit', '--no-fund'];
    const { ok } = runNpm(['install', ...flags, `--cache=${path.join(folder, 'cache')}`], { cwd: work });
    if (!ok) throw new SetupFailed('npm could not make a lockfile (see above). package-lock.json was not changed.');
    const gaps = lockfileGaps(readLockfile(work));
    if (gaps.length > 0)
      throw new SetupFailed(
        `The npm registry did not return every package, so the lockfile would have gaps:\n${gaps.join('\n')}\nTry again, or use a registry that has them. package-lock.json was not changed.`,
      );
    check(work);
    const written = path.join(project, 'package-lock.json');
    copyFileSync(path.join(work, 'package-lock.json'), `${written}.new`);
    renameSync(`${written}.new`, written);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  await runScript(async () => {
    makeLockfile(CHECKOUT, (project) => {
      refuseLicenses(packagesIn(readLockfile(project)));
      strictInstall(project, true);
    });
    say('Wrote package-lock.json');
    writeLicensesPage();
    return 0;
  });
