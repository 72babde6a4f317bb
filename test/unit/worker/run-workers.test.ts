import { EventEmitter, once } from 'node:events';
import { expect, test } from 'vitest';
import { runWorkers } from '../../../src/worker/run-workers.js';

/** Runs until it is told to stop, or until `fail` is called. */
function standIn() {
  const told = new EventEmitter();
  let state: 'RUNNING' | 'STOPPED' = 'RUNNING';
  return {
    getState: () => state,
    run: async () => void (await once(told, 'stop')),
    fail: (error: Error) => {
      state = 'STOPPED';
      told.emit('error', error);
    },
    shutdown: () => {
      if (state !== 'RUNNING') throw new Error('not running');
      state = 'STOPPED';
      told.emit('stop');
    },
  };
}

test('if one worker fails, the other is stopped, and the error is the first one', async () => {
  const [worker, mailer] = [standIn(), standIn()];
  const running = runWorkers([worker, mailer]);
  mailer.fail(new Error('no permission'));
  await expect(running).rejects.toThrow('no permission');
  expect(worker.getState()).toBe('STOPPED');
});

test('workers that are told to stop end without an error', async () => {
  const [worker, mailer] = [standIn(), standIn()];
  const running = runWorkers([worker, mailer]);
  for (const one of [worker, mailer]) one.shutdown();
  await running;
});
