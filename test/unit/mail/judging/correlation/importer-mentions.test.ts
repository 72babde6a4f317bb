import { expect, test } from 'vitest';
import { importerMentions, onlyMention } from '../../../../../src/mail/judging/correlation/importer-mentions.js';

const only = (subject: string, text = '') => onlyMention(importerMentions(subject, text));

test('the one number a mail names is told, however it is written and however often', () => {
  expect(only('IOR 12-345678900')).toBe('12-345678900');
  // Without its hyphen, and the only reading there is.
  expect(only('IOR 123456789A1')).toBe('12-3456789A1');
  expect(only('IOR 123456789A1', 'About 12-3456789A1.')).toBe('12-3456789A1');
});

test('of several readings the one written with its hyphen is meant; of several numbers none is', () => {
  expect(only('IOR 12345678900')).toBeUndefined();
  expect(only('IOR 12345678900', 'About 12-345678900.')).toBe('12-345678900');
  expect(only('IOR 12-345678900', 'About 98-765432100.')).toBeUndefined();
  expect(only('ACE application')).toBeUndefined();
});
