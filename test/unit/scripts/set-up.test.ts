import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { build } from '../../../scripts/build.mjs';
import { checkNode, lowestVersions } from '../../../scripts/supported-node.mjs';
import { closingLine, countTests } from '../../../scripts/test-counts.mjs';
import { CHECKOUT } from '../../support/checkout.js';

describe('the version of Node.js', () => {
  const range = '^20.19.0 || ^22.12.0 || ^24.0.0';
  test.each(['20.19.0', '20.20.2', '22.12.0', '22.13.0', '24.0.0', '24.21.1'])('%s is tested', (version) => {
    expect(checkNode(version, range)).toBeUndefined();
  });
  test.each(['20.18.9', '18.20.0', '9.99.99', '21.7.3', '22.11.9', '23.11.0'])(
    '%s is refused, with what to do',
    (version) => {
      expect(() => checkNode(version, range)).toThrow(
        `This is Node.js ${version}. Tested are 20.19.0 or a later 20, 22.12.0 or a later 22, 24.0.0 or a later 24. Install one of them`,
      );
    },
  );
  test.each(['25.1.0', '26.0.0'])('%s may be tried, with a warning', (version) => {
    expect(checkNode(version, range)).toMatch(`Node.js ${version} is newer than what was tested: `);
  });
  test('in package.json is from a known release line', () => {
    const { engines } = JSON.parse(readFileSync(path.join(CHECKOUT, 'package.json'), 'utf8'));
    expect(lowestVersions(engines.node).map(([line]) => line)).toEqual([20, 22, 24, 26]);
  });
});

describe("a test run's last line counts what really ran", () => {
  const report = (more: object) => ({
    numPassedTests: 7,
    numFailedTests: 0,
    numPendingTests: 2,
    numTodoTests: 1,
    testResults: [{ status: 'passed', assertionResults: [{}] }],
    ...more,
  });
  test.each([
    ['a green run', report({}), 0, '7 passed, 0 failed, 3 skipped'],
    ['failed tests', report({ numFailedTests: 2 }), 1, '7 passed, 2 failed, 3 skipped'],
    [
      'a test file that cannot be loaded',
      report({ testResults: [{ status: 'failed', assertionResults: [] }] }),
      1,
      '7 passed, 1 failed, 3 skipped',
    ],
    ['an error outside every test', report({}), 1, '7 passed, 1 failed, 3 skipped'],
    ['a run in which no test ran', report({ numPassedTests: 0 }), 0, '0 passed, 1 failed, 3 skipped'],
    ['a run that died without a report', undefined, 1, '0 passed, 1 failed, 0 skipped'],
  ])('%s', (_name, given, exitCode, line) => {
    expect(closingLine(countTests(given, exitCode))).toBe(line);
  });
});

describe('the launcher of the command line', () => {
  // Otherwise it compiles first, and says so.
  beforeAll(() => void build(), 120_000);
  test('reads a .env file in the current folder', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'ace-env-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    writeFileSync(path.join(folder, '.env'), 'NODE_DEBUG_FROM_FILE="yes"\nPATH="/from-file"\n');
    const show = `data:text/javascript,${encodeURIComponent("process.on('exit', () => process.stderr.write(process.env.NODE_DEBUG_FROM_FILE + ' ' + process.env.PATH))")}`;
    const { stderr } = spawnSync(
      process.execPath,
      ['--import', show, path.join(CHECKOUT, 'bin/ace-onboarding.mjs'), '--help'],
      { cwd: folder, encoding: 'utf8', env: { PATH: '/from-environment' } },
    );
    expect(stderr).toBe('yes /from-environment');
  });
  const launch = (...args: string[]) =>
    execFileSync(process.execPath, [path.join(CHECKOUT, 'bin/ace-onboarding.mjs'), ...args], {
      cwd: '/',
      stdio: 'pipe',
      encoding: 'utf8',
    });
  test('works from any folder', () => {
    expect(launch('--help')).toContain('Usage: ace-onboarding');
  });
  test('passes on the exit code of a usage error', () => {
    expect(() => launch('--no-such-option')).toThrow(expect.objectContaining({ status: 2 }));
  });
});
