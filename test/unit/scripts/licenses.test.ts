import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { licensesPage, notAllowed, packagesIn } from '../../../scripts/licenses.mjs';
import { CHECKOUT } from '../../support/checkout.js';

const read = (file: string) => readFileSync(path.join(CHECKOUT, file), 'utf8');
const packages = packagesIn(JSON.parse(read('package-lock.json')));

describe('the licenses of what is installed', () => {
  test('allow the product to be used as it is', () => {
    expect(packages.length).toBeGreaterThan(200);
    expect(notAllowed(packages)).toEqual([]);
  });

  test('are listed on their page (node scripts/licenses.mjs writes it)', () => {
    expect(read('docs/licenses.md')).toBe(licensesPage(packages));
  });
});

describe('a license', () => {
  const refused = (license: string | undefined, dev = false) =>
    notAllowed(
      packagesIn({ packages: { 'node_modules/it': { version: '1.0.0', dev, ...(license ? { license } : {}) } } }),
    ).length > 0;

  test('that restricts what is built with it is refused, and so is a missing one', () => {
    expect(refused('GPL-3.0-only')).toBe(true);
    expect(refused('MIT AND GPL-3.0-only')).toBe(true);
    expect(refused('SEE LICENSE IN LICENSE')).toBe(true);
    expect(refused(undefined)).toBe(true);
    expect(refused('MPL-2.0')).toBe(true);
  });

  test('with a choice counts as its most permissive option, and tools may have more', () => {
    expect(refused('(MIT OR EUPL-1.1+)')).toBe(false);
    expect(refused('(MIT AND Zlib)')).toBe(false);
    expect(refused('MPL-2.0', true)).toBe(false);
    expect(refused('GPL-3.0-only', true)).toBe(true);
  });
});
