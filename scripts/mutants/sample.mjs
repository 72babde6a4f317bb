// Every mutant that Stryker would make of some files, and a seeded choice among them.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { CHECKOUT } from '../run-script.mjs';
import { importTool } from './tools.mjs';

/**
 * @typedef {{ line: number, column: number }} Position both from 0
 * @typedef {object} Mutant
 * @property {string} id eight hex digits. The same while the file's name, the code it replaces and its place among equal
 * ones stay: so a list of mutants outlives edits elsewhere in the file
 * @property {string} file relative to the checkout
 * @property {string} mutator Stryker's name for it
 * @property {Position} start
 * @property {Position} end
 * @property {string} original
 * @property {string} replacement
 */

/** @param {string[]} folders @returns {string[]} their TypeScript files, relative to the checkout, in order */
const filesIn = (folders) =>
  folders
    .flatMap((folder) =>
      readdirSync(path.join(CHECKOUT, folder), { recursive: true }).map((name) =>
        path.posix.join(folder, String(name).split(path.sep).join('/')),
      ),
    )
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))
    .sort();

/** @param {string[]} folders @returns {Promise<Mutant[]>} */
export async function mutantsOf(folders) {
  const quiet = { isDebugEnabled: () => false, trace() {}, debug() {}, info() {}, warn() {}, error() {}, fatal() {} };
  const { createInstrumenter } = await importTool('@stryker-mutator/instrumenter/dist/src/index.js');
  const { createInjector } = await importTool('typed-inject/dist/src/index.js');
  const instrumenter = createInjector().provideValue('logger', quiet).injectFunction(createInstrumenter);
  const options = { plugins: null, excludedMutations: [], ignorers: [], noHeader: true };
  /** @type {Mutant[]} */
  const mutants = [];
  /** @type {Map<string, number>} */
  const seen = new Map();
  for (const file of filesIn(folders)) {
    const content = readFileSync(path.join(CHECKOUT, file), 'utf8');
    const made = await instrumenter.instrument([{ name: file, mutate: true, content }], options);
    for (const { mutatorName: mutator, location, replacement, status } of made.mutants) {
      if (status === 'Ignored') continue;
      const original = textBetween(content, location.start, location.end);
      const what = [path.basename(file), mutator, original, replacement].join('\n');
      const nth = seen.get(what) ?? 0;
      seen.set(what, nth + 1);
      const id = sha256(`${what}\n${nth}`).slice(0, 8);
      mutants.push({ id, file, mutator, start: location.start, end: location.end, original, replacement });
    }
  }
  return mutants;
}

/**
 * The same mutants for the same seed. A mutant more or less elsewhere changes the choice by one at most.
 *
 * @param {Mutant[]} mutants
 * @param {string} seed
 * @param {number} count
 */
export function choose(mutants, seed, count) {
  const rank = new Map(mutants.map((mutant) => [mutant, sha256(`${seed}\n${mutant.id}`)]));
  const order = (/** @type {Mutant} */ mutant) => rank.get(mutant) ?? '';
  return [...mutants].sort((one, other) => (order(one) < order(other) ? -1 : 1)).slice(0, count);
}

/** The file's text with the mutant in it. @param {string} content @param {Mutant} mutant */
export function mutated(content, { start, end, replacement }) {
  return content.slice(0, offset(content, start)) + replacement + content.slice(offset(content, end));
}

/** @param {Mutant} mutant @returns {string} one line */
export function described({ id, file, start, mutator, original, replacement }) {
  return `${id} ${file}:${start.line + 1} ${mutator}: ${short(original)} → ${short(replacement)}`;
}

const short = (/** @type {string} */ code) => {
  const line = code.replace(/\s+/g, ' ');
  return line.length > 60 ? `${line.slice(0, 57)}…` : line;
};

/** @param {string} content @param {Position} start @param {Position} end */
const textBetween = (content, start, end) => content.slice(offset(content, start), offset(content, end));

/** @param {string} content @param {Position} position */
function offset(content, { line, column }) {
  let at = 0;
  for (let i = 0; i < line; i++) at = content.indexOf('\n', at) + 1;
  return at + column;
}

const sha256 = (/** @type {string} */ text) => createHash('sha256').update(text).digest('hex');
