// Tries a sample of mutants with Stryker: all of them are compiled in at once, and each meets the tests that reach it.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { CHECKOUT, SetupFailed } from '../run-script.mjs';
import { CACHE_DIR } from '../setup.mjs';
import { keyOf } from './sample-checker.mjs';
import { importTool, inTools, MUTANTS_DIR } from './tools.mjs';

const here = (/** @type {string} */ name) => fileURLToPath(new URL(name, import.meta.url));

/**
 * @param {string} room
 * @param {import('./sample.mjs').Mutant[]} sample
 * @returns {Promise<import('../mutants.mjs').Tried[]>}
 */
export async function tryRoom(room, sample) {
  const { Stryker } = await importTool('@stryker-mutator/core/dist/src/index.js');
  const key = (/** @type {import('./sample.mjs').Mutant} */ { file, mutator: mutatorName, replacement, start, end }) =>
    keyOf(file, { mutatorName, replacement, location: { start, end } });
  process.env.MUTANTS_ROOM = room;
  process.chdir(CHECKOUT);
  const stryker = new Stryker({
    // Lines from 1, columns from 0.
    mutate: sample.map(
      ({ file, start, end }) => `${file}:${start.line + 1}:${start.column}-${end.line + 1}:${end.column}`,
    ),
    sample: { root: CHECKOUT, mutants: sample.map(key) },
    plugins: [inTools('@stryker-mutator/vitest-runner/dist/src/index.js'), here('sample-checker.mjs')],
    checkers: ['sample'],
    testRunner: 'vitest',
    vitest: { configFile: 'scripts/mutants/vitest.config.ts', pool: 'threads' },
    coverageAnalysis: 'perTest',
    concurrency: 1,
    ignorePatterns: ['/.cache', '/.ace-onboarding', '/docs', '/bench'],
    buildCommand: `node scripts/mutants/link-cache.mjs ${CACHE_DIR}`,
    // None: Stryker would rewrite it with an interface that TypeScript 7 no longer has.
    tsconfigFile: 'none',
    tempDirName: path.join(path.relative(CHECKOUT, MUTANTS_DIR), 'sandbox', room),
    reporters: ['progress-append-only'],
    // A busy machine must not count as an endless loop.
    timeoutMS: 20_000,
    logLevel: 'warn',
    fileLogLevel: 'off',
    allowConsoleColors: false,
  });
  /** @type {(import('./sample-checker.mjs').StrykerMutant & { status: string })[]} */
  const results = await stryker.runMutationTest();
  const found = new Map(
    results.map((result) => [keyOf(path.relative(CHECKOUT, result.fileName), fromZero(result)), result]),
  );
  return sample.map((mutant) => {
    const status = found.get(key(mutant))?.status;
    if (!status) throw new SetupFailed(`Stryker told nothing of mutant ${mutant.id} in ${mutant.file}.`);
    return { mutant, noticed: NOTICED.includes(status), how: status };
  });
}

/** A mutant that crashes the tests' own process is noticed, too. */
const NOTICED = ['Killed', 'Timeout', 'RuntimeError'];

/** In its results Stryker counts lines and columns from 1. @template {import('./sample-checker.mjs').Placed} T @param {T} placed @returns {T} */
function fromZero(placed) {
  const { start, end } = placed.location;
  const less = ({ line = 1, column = 1 }) => ({ line: line - 1, column: column - 1 });
  return { ...placed, location: { start: less(start), end: less(end) } };
}
