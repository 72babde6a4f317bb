import { ServiceError, WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { expect, test } from 'vitest';
import { updateOnce } from '../../../src/temporal/update-once.js';
import { withdraw } from '../../../src/workflows/contract/messages.js';

const message = { actor: 'op', reason: 'test' };
const answer = { said: 'done', stage: 'closed' };

/** The server's answer if something else arrived in the task that would have completed the workflow. */
const undone = serverSays(9, 'Unable to perform workflow execution update due to unexpected workflow task failure.');
const closed = serverSays(9, 'Workflow execution already completed.');
/** The server's answer if the worker dropped the update along with a query that must be repeated. */
const dropped = failsWith('UnprocessedUpdate');
const refused = failsWith('Refused');

function failsWith(type: string): WorkflowUpdateFailedError {
  return new WorkflowUpdateFailedError('Workflow Update failed', ApplicationFailure.nonRetryable('said', type));
}

function serverSays(code: number, details: string): ServiceError {
  const cause = Object.assign(new Error(details), { code, details, metadata: {} });
  return new ServiceError('Workflow Update failed', { cause });
}

function handleThat(...answers: (Error | typeof answer)[]) {
  const updateIds: unknown[] = [];
  const executeUpdate = async (_: unknown, { updateId }: { updateId: string }) => {
    updateIds.push(updateId);
    const next = answers.shift();
    if (next instanceof Error) throw next;
    return next;
  };
  return { handle: { executeUpdate } as never, updateIds };
}

test.each([
  ['undone by the server', undone],
  ['dropped by the worker', dropped],
])('an update %s is sent again under the same id, so that it counts once', async (_, lost) => {
  const { handle, updateIds } = handleThat(lost, lost, answer);
  expect(await updateOnce(handle, withdraw, message)).toBe(answer);
  expect(updateIds).toHaveLength(3);
  expect(new Set(updateIds).size).toBe(1);
});

test.each([
  ['the server', closed],
  ['the workflow', refused],
])('an update that %s refuses is not sent again', async (_, said) => {
  const { handle, updateIds } = handleThat(said);
  await expect(updateOnce(handle, withdraw, message)).rejects.toBe(said);
  expect(updateIds).toHaveLength(1);
});

test('it gives up if the server always undoes the update', async () => {
  const { handle, updateIds } = handleThat(...Array.from({ length: 20 }, () => undone));
  await expect(updateOnce(handle, withdraw, message)).rejects.toBe(undone);
  expect(updateIds).toHaveLength(10);
});
