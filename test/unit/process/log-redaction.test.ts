import { ApplicationFailure } from '@temporalio/common';
import { expect, test } from 'vitest';
import { redactForLog } from '../../../src/process/log-redaction.js';

const SECRET = '12-3456789';

test('a log line has short facts and no objects', () => {
  const fields = redactForLog({
    reference: 'acme',
    attempt: 2,
    live: false,
    at: new Date(0),
    size: 7n,
    lines: ['a', 'b'],
    jobs: [{ startWorkflow: { arguments: [{ data: Buffer.from(SECRET) }] } }],
    task: JSON.stringify({ data: SECRET }),
    taskEncoded: Buffer.from(SECRET).toString('base64'),
    application: { importerNumber: SECRET },
    bytes: Buffer.from(SECRET),
    map: new Map([[SECRET, SECRET]]),
    nothing: undefined,
    none: null,
  });
  expect(fields).toEqual({
    reference: 'acme',
    attempt: 2,
    live: false,
    at: '1970-01-01T00:00:00.000Z',
    size: '7',
    lines: ['a', 'b'],
  });
});

test('an error shows its message, type, stack and causes, but no other properties', () => {
  const cause = new Error('the server hung up');
  const error = ApplicationFailure.create({ message: 'not sent', type: 'smtp', details: [SECRET], cause });
  const fields = redactForLog({ error });
  expect(fields).toMatchObject({ error: 'not sent < the server hung up', errorType: 'smtp' });
  expect(fields.errorStack).toContain('log-redaction.test.ts');
  expect(JSON.stringify(fields)).not.toContain(SECRET);
});
