import { fork } from 'node:child_process';
import { expect, test, vi } from 'vitest';
import { SandboxPool } from '../../../src/process/sandbox-pool.js';

vi.mock('node:child_process', async (original) => {
  const actual = await original<typeof import('node:child_process')>();
  return { ...actual, fork: vi.fn(actual.fork) };
});

test('the task after one whose process the system could not start gets a process at once', async () => {
  const pool = new SandboxPool({
    purpose: 'works on PDFs',
    entry: new URL('../../../src/form/tasks/form-process-entry.js', import.meta.url),
    worker: { kind: 'process', megabytes: 384 },
    milliseconds: 3_000,
  });
  vi.mocked(fork).mockImplementationOnce(() => {
    throw Object.assign(new Error('spawn ENOMEM'), { code: 'ENOMEM' });
  });
  await expect(pool.run('no-such-task', {})).rejects.toThrow('did not start: spawn ENOMEM');
  await expect(pool.run('no-such-task', {})).rejects.toThrow('no such task');
  await pool.close();
});
