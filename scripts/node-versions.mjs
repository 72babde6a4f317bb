// npm run node-versions: the unit tests and `npm start -- --once` with the lowest and the newest version of every release
// line of Node.js in the `engines` of package.json. Each version is a package from the npm registry, and compiles the
// product itself. Takes about three minutes for each.
//
//   node scripts/node-versions.mjs 22 24.0.0    only these: the newest of a release line, or one exact version

import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { packagedNode, versionOf } from './packaged-tools.mjs';
import { CHECKOUT, runScript, say } from './run-script.mjs';
import { CACHE_DIR, setUp } from './setup.mjs';
import { lowestVersions } from './supported-node.mjs';
import { closingLine, countTests } from './test-counts.mjs';

const LOGS = path.join(CACHE_DIR, 'node-versions');

await runScript(async () => {
  const { positionals } = parseArgs({ allowPositionals: true });
  const { engines } = JSON.parse(readFileSync(path.join(CHECKOUT, 'package.json'), 'utf8'));
  const wanted =
    positionals.length > 0
      ? positionals
      : lowestVersions(engines.node).flatMap((lowest) => [lowest.join('.'), String(lowest[0])]);
  await setUp();
  mkdirSync(LOGS, { recursive: true });
  const results = wanted.map(tryVersion);
  for (const { line } of results) process.stdout.write(`${line}\n`);
  return results.every(({ good }) => good) ? 0 : 1;
});

/** @param {string} wanted */
function tryVersion(wanted) {
  const node = packagedNode(wanted);
  const version = versionOf(node);
  const folder = mkdtempSync(path.join(tmpdir(), 'ace-node-versions-'));
  try {
    rmSync(path.join(CHECKOUT, 'dist'), { recursive: true, force: true });
    const rehearsal = run(node, `${version}-start.log`, ['scripts/start.mjs', '--once']);
    const report = path.join(folder, 'report.json');
    const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--project', 'unit', '--project', 'unit-mocks'];
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
    const tests = run(node, `${version}-test.log`, [...vitest, ...reporters]);
    const counts = countTests(existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : undefined, tests.status);
    const line = [
      `Node.js ${version}:`,
      `unit tests ${closingLine(counts)} (${tests.seconds} s);`,
      `npm start -- --once ${rehearsal.status === 0 ? 'passed' : `FAILED (${rehearsal.status})`} (${rehearsal.seconds} s)`,
    ].join(' ');
    say(line);
    return { line, good: counts.failed === 0 && rehearsal.status === 0 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * @param {string} node
 * @param {string} logName
 * @param {string[]} args
 */
function run(node, logName, args) {
  const logFile = path.join(LOGS, logName);
  const log = openSync(logFile, 'w');
  const began = Date.now();
  say(`> ${args.join(' ')} (to ${path.relative('', logFile)})`);
  const env = { ...process.env, PATH: `${path.dirname(node)}${path.delimiter}${process.env.PATH}` };
  const { status } = spawnSync(node, args, { cwd: CHECKOUT, env, stdio: ['ignore', log, log] });
  closeSync(log);
  return { status: status ?? 1, seconds: Math.round((Date.now() - began) / 1000) };
}
