import { expect, test } from 'vitest';
import { quietKind } from '../../../../../src/mail/judging/kind/quiet-words.js';
import { sentencesOf } from '../../../../../src/mail/judging/kind/suggest.js';

test.each(['Inc.', 'Corp.', 'Co.', 'Ltd.', 'CORP.'])(
  'a sentence goes on behind the legal form of a company within it: %s',
  (form) => {
    const text = `Your application for Summit Gear ${form} is in process. No action is required from you.`;
    expect(sentencesOf(text)).toEqual([
      `Your application for Summit Gear ${form} is in process.`,
      'No action is required from you.',
    ]);
    expect(quietKind(text, false)?.kind).toBe('in-process');
  },
);

test('a sentence that ends with a legal form ends there', () => {
  expect(sentencesOf('We wrote to Summit Gear Inc. It is denied.')).toEqual([
    'We wrote to Summit Gear Inc.',
    'It is denied.',
  ]);
});

test('a denial after a legal form is not mistaken for an acknowledgement', () => {
  expect(quietKind('We received it. The application of Summit Gear Inc. is denied.', false)).toBeUndefined();
});
