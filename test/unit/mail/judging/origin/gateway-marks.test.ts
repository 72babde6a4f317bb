import { expect, test } from 'vitest';
import { gatewayMark } from '../../../../../src/mail/judging/origin/gateway-marks.js';

const WARNING = 'CAUTION: This email originated outside your organization.';
const LONG = 'The desk looks at your application. '.repeat(20);
const marked = (subject: string, text: string, alternativeText?: string) =>
  gatewayMark({ subject, text, ...(alternativeText === undefined ? {} : { alternativeText }) });

test('a gateway’s mark is found in the subject, above the text and below it', () => {
  expect(marked('[EXTERNAL] RE: ACE', LONG)).toBe('"[EXTERNAL]" in its subject');
  expect(marked('RE: ACE', `${WARNING}\n\n${LONG}`)).toBe('a warning above its text');
  expect(marked('RE: ACE', `${LONG}\n\n${WARNING}`)).toBe('a warning below its text');
  expect(marked('RE: ACE', LONG, `${LONG}\n\n${WARNING}`)).toBe('a warning below its text');
});

test('the same words in the middle of an email do not count as a mark', () => {
  expect(marked('RE: ACE', `${LONG}${WARNING}\n\n${LONG}`)).toBeUndefined();
  expect(marked('RE: external audit', LONG)).toBeUndefined();
});
