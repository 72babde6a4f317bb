import { expect, test } from 'vitest';
import { requestForSecrets } from '../../../../../src/mail/judging/kind/confidential-words.js';

test.each([
  'log in',
  'login',
  'log-in',
  'logging on',
  'sign in',
  'signin',
  'sign-in',
  'signing in',
  'create an account',
])('genuine mail that says how to %s, password and all, asks for no secrets; the same from anyone else does', (how) => {
  const sentence = `To ${how}, confirm your password on the portal.`;
  expect(requestForSecrets(sentence, true)).toBeUndefined();
  expect(requestForSecrets(sentence)).toBe(sentence);
});

test('genuine mail that wants secrets sent asks for them all the same', () => {
  const sentence = 'To sign in, send your password to this address.';
  expect(requestForSecrets(sentence, true)).toBe(sentence);
});
