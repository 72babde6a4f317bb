import { expect, test } from 'vitest';
import { newLifetime } from '../../../../simulator/demo/lifetime.js';

const forever = new Promise<never>(() => undefined);

test('a failure ends any wait, and the first failure counts', async () => {
  const lifetime = newLifetime(new AbortController().signal);
  const waiting = lifetime.within(forever);
  lifetime.fail(new Error('The Temporal server ended.'));
  lifetime.fail(new Error('The worker ended.'));
  await expect(waiting).rejects.toThrow('The Temporal server ended.');
  await expect(lifetime.within(forever)).rejects.toThrow('The Temporal server ended.');
  expect(lifetime.failure?.message).toBe('The Temporal server ended.');
});

test('an interruption ends the run without a failure', async () => {
  const interruption = new AbortController();
  const lifetime = newLifetime(interruption.signal);
  const waiting = lifetime.within(forever);
  interruption.abort();
  await expect(waiting).rejects.toThrow(/abort/i);
  lifetime.fail(new Error('The worker ended.'));
  expect(lifetime.failure).toBeUndefined();
});

test('everything that was started is stopped, last first, even what starts after the end', async () => {
  const lifetime = newLifetime(new AbortController().signal);
  const ended: string[] = [];
  for (const part of ['server', 'worker']) lifetime.endWith(() => ended.push(part));
  await lifetime.close();
  lifetime.endWith(() => ended.push('late'));
  expect(ended).toEqual(['worker', 'server', 'late']);
});

test('a wait that begins after the end is over right away', async () => {
  const interruption = new AbortController();
  interruption.abort();
  await expect(newLifetime(interruption.signal).within(forever)).rejects.toThrow(/abort/i);
});

test('a part that cannot be stopped does not keep the others from stopping', async () => {
  const lifetime = newLifetime(new AbortController().signal);
  const ended: string[] = [];
  lifetime.endWith(() => ended.push('server'));
  lifetime.endWith(() => Promise.reject(new Error('gone already')));
  await lifetime.close();
  expect(ended).toEqual(['server']);
});
