// npm test: set-up, then lint, types and every test. Arguments go to vitest: npm test -- --project unit
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { composeProgram } from '../test/support/cluster/compose-program.mjs';
import { s3Program } from '../test/support/cluster/s3-server.mjs';
import { serverPrograms, uiProgram } from '../test/support/cluster/temporal-server.mjs';
import { CHECKOUT, runScript, say } from './run-script.mjs';
import { CACHE_DIR, setUp } from './setup.mjs';
import { provideSystemPackages } from './system-packages.mjs';
import { closingLine, countTests, slowestFiles } from './test-counts.mjs';

const folder = mkdtempSync(path.join(tmpdir(), 'ace-onboarding-test-'));
const report = path.join(folder, 'report.json');

await runScript(async () => {
  provideSystemPackages();
  await setUp();
  provideClusterPrograms();
  const red = ['biome check .', 'tsc --noEmit'].filter((command) => run(command) !== 0);
  const tests = run(
    'vitest run --reporter=default --reporter=json',
    `--outputFile.json=${report}`,
    ...process.argv.slice(2),
  );
  const results = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : undefined;
  const counts = countTests(results, tests ?? 1);
  counts.failed += red.length;
  say(['Slowest files:', ...slowestFiles(results, CHECKOUT)].join('\n'));
  for (const command of red) say(`Failed: ${command}`);
  process.stdout.write(`${closingLine(counts)}\n`);
  return counts.failed === 0 ? 0 : 1;
}).finally(() => rmSync(folder, { recursive: true, force: true }));

/** Before the tests, because compiling takes longer than their timeouts. */
function provideClusterPrograms() {
  if (spawnSync('go', ['version']).status !== 0) return;
  serverPrograms(CACHE_DIR);
  uiProgram(CACHE_DIR);
  s3Program(CACHE_DIR);
  composeProgram(CACHE_DIR);
}

/**
 * @param {string} command
 * @param {string[]} more
 */
function run(command, ...more) {
  const [program = '', ...args] = command.split(' ');
  say(`> ${command}`);
  return spawnSync(path.join(CHECKOUT, 'node_modules/.bin', program), [...args, ...more], {
    cwd: CHECKOUT,
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  }).status;
}
