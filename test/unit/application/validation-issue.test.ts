import { expect, test } from 'vitest';
import { formatIssue } from '../../../src/application/validation-issue.js';

test('a problem is one line of plain text, whatever it quotes', () => {
  const complaint = {
    field: 'a\r\nb',
    section: 'A\u2028',
    problem: 'is "x\x1b[2J\n  - y\u202e".',
    remedy: 'Write\u0085 it.',
  };
  expect(formatIssue(complaint)).toBe('a b (Section A ): is "x[2J - y". Write it.');
});
