import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { applicationIn, canonical } from '../../../src/application/canonical.js';
import { sampleApplication } from './sample.js';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

test('an application keeps the sha256 under which the first release archived it', () => {
  expect(sha256(canonical(sampleApplication()))).toBe(
    '4db3c68a01a4bed2396e7fe65296b88ecc0536a434024d174dd0f62cfee20ec9',
  );
});

test('the order of its fields does not matter', () => {
  const reversed = Object.fromEntries(Object.entries(sampleApplication()).reverse());
  expect(canonical(reversed as never)).toEqual(canonical(sampleApplication()));
});

test('an application that the first release archived with its fields in another order can be read', () => {
  expect(applicationIn(Buffer.from(JSON.stringify(sampleApplication())))).toEqual(sampleApplication());
  expect(applicationIn(canonical(sampleApplication()))).toEqual(sampleApplication());
});
