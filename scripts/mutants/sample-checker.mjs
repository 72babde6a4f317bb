// A checker for Stryker that lets only the chosen mutants through: its ranges alone would test every mutant within one.
import path from 'node:path';

const CHECKER = /** @type {const} */ ('sample');

class SampleChecker {
  /** @param {{ sample: { root: string, mutants: string[] } }} options */
  constructor({ sample }) {
    this.root = sample.root;
    this.chosen = new Set(sample.mutants);
  }

  async init() {}

  /** @param {StrykerMutant[]} mutants */
  async check(mutants) {
    const verdict = (/** @type {StrykerMutant} */ mutant) =>
      this.chosen.has(keyOf(path.relative(this.root, mutant.fileName), mutant))
        ? { status: 'passed' }
        : { status: 'compileError', reason: 'not in the sample' };
    return Object.fromEntries(mutants.map((mutant) => [mutant.id, verdict(mutant)]));
  }

  /** All at once. @param {StrykerMutant[]} mutants */
  async group(mutants) {
    return [mutants.map(({ id }) => id)];
  }
}
SampleChecker.inject = /** @type {const} */ (['options']);

/**
 * @typedef {{ line: number, column: number }} Position
 * @typedef {{ mutatorName: string, replacement?: string, location: { start: Position, end: Position } }} Placed
 * @typedef {Placed & { id: string, fileName: string }} StrykerMutant
 */

/** What tells a mutant from every other. @param {string} file relative to the checkout @param {Placed} mutant */
export function keyOf(file, { mutatorName, replacement, location: { start, end } }) {
  const place = [start.line, start.column, end.line, end.column].join(':');
  return [file.split(path.sep).join('/'), place, mutatorName, replacement].join(' ');
}

export const strykerPlugins = [{ kind: 'Checker', name: CHECKER, injectableClass: SampleChecker }];
/** Stryker warns of options without a description. */
export const strykerValidationSchema = { type: 'object', properties: { sample: { type: 'object' } } };
