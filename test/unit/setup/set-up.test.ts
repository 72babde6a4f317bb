import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { checkNode, notInstalled } from '../../../scripts/setup.mjs';
import { closingLine, countTests } from '../../../scripts/test-counts.mjs';
import { CHECKOUT } from '../../servers/checkout.js';

describe('the version of Node.js', () => {
  test.each(['20.19.0', '20.20.2', '22.0.0', '24.1.0'])('%s is new enough for >=20.19.0', (version) => {
    expect(() => checkNode(version, '>=20.19.0')).not.toThrow();
  });
  test.each(['20.18.9', '18.20.0', '9.99.99'])('%s is refused with what to do', (version) => {
    expect(() => checkNode(version, '>=20.19.0')).toThrow(/needed is 20\.19\.0 or newer\. Install it/);
  });
});

describe('dependencies are installed', () => {
  const lockfile = {
    packages: {
      '': { version: '0.1.0' },
      'node_modules/zod': { version: '4.6.7' },
      'node_modules/a/node_modules/b': { version: '1.0.0' },
      'node_modules/only-on-windows': { version: '1.0.0', optional: true },
    },
  };
  test('when there are none', () => {
    expect(notInstalled(lockfile, {})).toEqual(['zod', 'b']);
  });
  test('when one is of another version than the lockfile says', () => {
    const installed = {
      packages: { 'node_modules/zod': { version: '4.6.6' }, 'node_modules/a/node_modules/b': { version: '1.0.0' } },
    };
    expect(notInstalled(lockfile, installed)).toEqual(['zod']);
  });
  test('never when all are there, whatever another platform would have', () => {
    expect(notInstalled(lockfile, lockfile)).toEqual([]);
    const { 'node_modules/only-on-windows': _, ...here } = lockfile.packages;
    expect(notInstalled(lockfile, { packages: here })).toEqual([]);
  });
  test('and nothing is missing in this checkout, so that set-up leaves it alone', () => {
    const read = (file: string) => JSON.parse(readFileSync(path.join(CHECKOUT, file), 'utf8'));
    expect(notInstalled(read('package-lock.json'), read('node_modules/.package-lock.json'))).toEqual([]);
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
  test('takes the configuration from a .env file in the folder it is called in', () => {
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
  test('passes the exit code of a usage error on', () => {
    expect(() => launch('--no-such-option')).toThrow(expect.objectContaining({ status: 2 }));
  });
});
