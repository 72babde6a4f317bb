import { expect, test } from 'vitest';
import { aliasAddress, aliasTokenIn, newAliases } from '../../../src/mail/reply-alias.js';

const PATTERN = 'ace+{token}@broker.example';

test('a token finds its way into an address and back, whatever a mail program does to the case', () => {
  const { cbp, client } = newAliases();
  expect(cbp).toMatch(/^[a-z2-7]{16}$/);
  expect(cbp).not.toBe(client);
  const address = aliasAddress(PATTERN, cbp);
  expect(aliasTokenIn(PATTERN, address)).toBe(cbp);
  expect(aliasTokenIn(PATTERN, ` ${address.toUpperCase()} `)).toBe(cbp);
});

test.each([
  'ace@broker.example',
  'ace+@broker.example',
  'ace+short@broker.example',
  'ace+abcdefghijklmnop@broker.example.evil.example',
  'x-ace+abcdefghijklmnop@broker.example',
  'ace+abcdefghijklmno1@broker.example',
  'ace+abcdefghijklmnop+x@broker.example',
])('%s is no alias', (address) => {
  expect(aliasTokenIn(PATTERN, address)).toBeUndefined();
});

test('new tokens do not repeat', () => {
  const tokens = new Set(Array.from({ length: 2_000 }, () => Object.values(newAliases())).flat());
  expect(tokens.size).toBe(4_000);
});
