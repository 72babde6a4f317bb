import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { MUTANTS } from '../../chaos/mutant.js';
import { CHECKOUT } from '../../support/checkout.js';

test.each(Object.entries(MUTANTS))('the guards that "%s" takes out are in the product', (_, changes) => {
  for (const { file, text } of changes)
    expect(readFileSync(path.join(CHECKOUT, file), 'utf8').split(text), `${file}: ${text}`).toHaveLength(2);
});
