// Tries mutants one by one, in a copy of the checkout: rewritten, bundled and run as usual. Temporal's sandbox for
// workflows has globals of its own, so that Stryker's switch never gets there.
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { CHECKOUT, SetupFailed, say } from '../run-script.mjs';
import { CACHE_DIR } from '../setup.mjs';
import { WORKFLOWS } from './rooms.mjs';
import { described, mutated } from './sample.mjs';
import { MUTANTS_DIR } from './tools.mjs';

const COPY = path.join(MUTANTS_DIR, `copy-${process.pid}`);
process.on('exit', () => rmSync(COPY, { recursive: true, force: true }));
const NEVER = new Date('2100-01-01');
/** A run that takes this much longer than without a mutant never ends. */
const STUCK_FACTOR = 4;
const STUCK_MS = 60_000;
const LONGEST_MS = 15 * 60_000;

/** @typedef {import('./sample.mjs').Mutant} Mutant */

/**
 * All of them meet the quick tests first; what is left meets the next ones.
 *
 * @param {Mutant[]} sample
 * @returns {import('../mutants.mjs').Tried[]}
 */
export function tryWorkflows(sample) {
  makeCopy();
  // Newer than every mutant, so that no run compiles the product again: tests of workflows bundle the sources.
  for (const made of ['dist/.tsbuildinfo', 'dist/src/workflows/workflow-bundle.js'])
    utimesSync(path.join(COPY, made), NEVER, NEVER);
  /** @type {Map<Mutant, string>} */
  const noticed = new Map();
  for (const { project, tests, of } of WORKFLOWS.stages) {
    const left = sample.filter((mutant) => !noticed.has(mutant) && of.test(mutant.file));
    if (left.length === 0) continue;
    const began = Date.now();
    if (!passes(project, tests)) throw new SetupFailed(`${tests} fails without any mutant.`);
    const limitMs = STUCK_FACTOR * (Date.now() - began) + STUCK_MS;
    for (const [index, mutant] of left.entries()) {
      const failed = withMutant(mutant, () => !passes(project, tests, limitMs));
      if (failed) noticed.set(mutant, tests.join(' '));
      say(`${tests} ${index + 1}/${left.length} ${failed ? 'noticed' : 'let pass'}: ${described(mutant)}`);
    }
  }
  return sample.map((mutant) => {
    const by = noticed.get(mutant);
    return { mutant, noticed: by !== undefined, how: by ?? 'survived' };
  });
}

/**
 * Tries the mutant with whole test files, one after the other until one fails. The mutant is compiled, too.
 *
 * @param {Mutant} mutant
 * @param {string[]} tests files, relative to the checkout
 * @returns {string | undefined} the file that noticed it
 */
export function noticedBy(mutant, tests) {
  if (tests.length === 0) return undefined;
  makeCopy();
  return withMutant(mutant, () => {
    // Type errors do not keep it from compiling: a test has to notice.
    spawnSync(process.execPath, ['scripts/build.mjs'], { cwd: COPY, stdio: 'ignore' });
    return tests.find((test) => !passes(test.split('/')[1] ?? '', [test]));
  });
}

/**
 * @template T
 * @param {Mutant} mutant
 * @param {() => T} body
 */
function withMutant(mutant, body) {
  const file = path.join(COPY, mutant.file);
  const original = readFileSync(file, 'utf8');
  writeFileSync(file, mutated(original, mutant));
  try {
    return body();
  } finally {
    writeFileSync(file, original);
  }
}

/** @param {string} project @param {string[]} tests files or folders @returns {boolean} */
function passes(project, tests, limitMs = LONGEST_MS, tries = 4) {
  const args = ['node_modules/vitest/vitest.mjs', 'run', '--project', project, '--bail=1', '--no-color'];
  const run = spawnSync(process.execPath, [...args, '--maxWorkers=1', ...tests], {
    cwd: COPY,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 256 * 2 ** 20,
    timeout: limitMs,
  });
  const said = `${run.stdout}\n${run.stderr}`;
  writeFileSync(path.join(MUTANTS_DIR, `last-run-${process.pid}.log`), said);
  // On a busy machine Temporal's test server may be too slow to start, which no mutant makes it.
  if (run.status !== 0 && tries > 1 && said.includes('Failed to start ephemeral server'))
    return passes(project, tests, limitMs, tries - 1);
  return run.status === 0;
}

/** What git would commit, with the dependencies and what is compiled. */
function makeCopy() {
  rmSync(COPY, { recursive: true, force: true });
  const { stdout, status } = spawnSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: CHECKOUT,
    encoding: 'utf8',
    maxBuffer: 64 * 2 ** 20,
  });
  if (status !== 0) throw new SetupFailed('git cannot list the files of this checkout.');
  for (const file of stdout.split('\0').filter((name) => name !== '' && existsSync(path.join(CHECKOUT, name)))) {
    mkdirSync(path.dirname(path.join(COPY, file)), { recursive: true });
    copyFileSync(path.join(CHECKOUT, file), path.join(COPY, file));
  }
  cpSync(path.join(CHECKOUT, 'dist'), path.join(COPY, 'dist'), { recursive: true });
  symlinkSync(path.join(CHECKOUT, 'node_modules'), path.join(COPY, 'node_modules'), 'junction');
  symlinkSync(CACHE_DIR, path.join(COPY, '.cache'), 'junction');
}
