import { expect, test } from 'vitest';
import { entriesOf, recordMail } from '../../../../src/workflows/record/record.js';
import { AT, mail, record } from '../onboarding/records.js';

test('an email goes on record once, and once more when a person assigns it', () => {
  const one = record();
  const came = mail('approved');
  const assigned = { ...came, assigned: { actor: 'jo', reason: 'names the 5106' } };
  expect([came, came, assigned, assigned, came].map((next) => recordMail(one, next, AT))).toEqual([
    true,
    false,
    true,
    false,
    false,
  ]);
});

test('emails after the first thousand are counted, not kept', () => {
  const one = record();
  for (let count = 0; count < 1_003; count++) recordMail(one, mail('unrelated'), AT);
  expect(entriesOf(one, 'mail')).toHaveLength(1_000);
  expect(one.mailsDropped).toBe(3);
});
