import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FieldValues, fillValues } from '../../../src/form/fill/fill-values.js';
import { buildForm } from '../../support/random-form/build-form.js';
import { faultsOf } from '../../support/random-form/judge.js';
import { PROGRAMS, printForm } from '../../support/random-form/printed-form.js';
import { anyForm, type FormRecipe, nameOf } from '../../support/random-form/recipe.js';
import { isEasy, type Values } from '../../support/random-form/recipe-rules.js';

/**
 * No fill succeeds while a value is cut, hidden, unprinted, stale, or contradicted by a script. FORM_RUNS=5000 tries more
 * forms, FORM_SEED=7 other ones.
 */
const runs = Number(process.env.FORM_RUNS ?? 40);
const seed = Number(process.env.FORM_SEED ?? 20_261_129);

const missing = PROGRAMS.filter((program) => spawnSync(program, ['-v']).error !== undefined);
if (missing.length > 0)
  process.stderr.write(
    `SKIPPED: any form: ${missing.join(', ')} not installed (apt-get install poppler-utils qpdf).\n`,
  );

/** A fill that succeeded, with the values that were left after every refusal. Undefined: nothing can be filled. */
async function fillWhatFits(
  form: FormRecipe,
  template: Uint8Array,
): Promise<{ pdf: Uint8Array; values: Values } | undefined> {
  const names = form.boxes.map((_, index) => nameOf(form, index));
  const values: Values = {};
  form.boxes.forEach(({ value }, index) => {
    if (value !== undefined) values[names[index] ?? ''] = value;
  });
  for (;;) {
    const filled = await fillValues({ template, values: asGiven(form, values) });
    if (filled.kind === 'filled') return { pdf: filled.pdf, values };
    const before = JSON.stringify(values);
    for (const { field, problem, remedy } of filled.complaints) {
      expect({ field, problem, remedy }).toEqual({
        field: expect.toBeOneOf(names),
        problem: expect.stringMatching(/\w.*\./s),
        remedy: expect.stringMatching(/\w.*\./s),
      });
      const index = names.indexOf(field);
      const value = values[field];
      if (value) expect(isEasy(form, index, value), `${field} was refused: ${problem}`).toBe(false);
      if (value) delete values[field];
      // A box that is computed from others, as its remedy says.
      else if (/is computed by a script/.test(problem)) values[field] = '';
    }
    if (JSON.stringify(values) === before) return undefined;
  }
}

const asGiven = ({ boxes }: FormRecipe, values: Values): FieldValues =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      const { kind } = boxes[Number(name.replace(/\D/g, ''))] ?? {};
      return [name, kind === 'tick' && value !== '' ? value === 'true' : value];
    }),
  );

describe.skipIf(missing.length > 0)('any form', () => {
  it('is filled so that everything given is printed whole and nothing else changes, or says why not', async () => {
    const filled: Values[] = [];
    await fc.assert(
      fc.asyncProperty(anyForm, async (form) => {
        const template = await buildForm(form);
        const [blank, result] = await Promise.all([printForm(template), fillWhatFits(form, template)]);
        if (!result) return;
        filled.push(result.values);
        const faults = faultsOf(form, result.values, blank, await printForm(result.pdf));
        expect(faults, `filled with ${JSON.stringify(result.values)}`).toEqual([]);
      }),
      { numRuns: runs, seed },
    );
    // Refusing everything is no way to be right.
    const written = filled.flatMap((values) =>
      Object.values(values).filter((value) => value !== '' && value !== 'false'),
    );
    expect(filled.length / runs).toBeGreaterThan(0.8);
    expect(written.length / runs).toBeGreaterThan(1);
  }, 3_600_000);
});
