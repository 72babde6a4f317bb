import { expect, test } from 'vitest';
import { newLifetime } from '../../../../simulator/demo/lifetime.js';

const forever = new Promise<never>(() => undefined);

test('whatever is waited for, a failure ends it, and the first failure is the one', async () => {
  const lifetime = newLifetime(new AbortController().signal);
  const waiting = lifetime.within(forever);
  lifetime.fail(new Error('The Temporal server ended.'));
  lifetime.fail(new Error('The worker ended.'));
  await expect(waiting).rejects.toThrow('The Temporal server ended.');
  await expect(lifetime.within(forever)).rejects.toThrow('The Temporal server ended.');
  expect(lifetime.failure?.message).toBe('The Temporal server ended.');
});

test('an interruption ends it too, and is no failure', async () => {
  const interruption = new AbortController();
  const lifetime = newLifetime(interruption.signal);
  const waiting = lifetime.within(forever);
  interruption.abort();
  await expect(waiting).rejects.toThrow(/abort/i);
  lifetime.fail(new Error('The worker ended.'));
  expect(lifetime.failure).toBeUndefined();
});

test('everything started is ended, last first, also what starts when the end has come', async () => {
  const lifetime = newLifetime(new AbortController().signal);
  const ended: string[] = [];
  for (const part of ['server', 'worker']) lifetime.endWith(() => ended.push(part));
  await lifetime.close();
  lifetime.endWith(() => ended.push('late'));
  expect(ended).toEqual(['worker', 'server', 'late']);
});

test('who waits when the end has come waits no longer', async () => {
  const interruption = new AbortController();
  interruption.abort();
  await expect(newLifetime(interruption.signal).within(forever)).rejects.toThrow(/abort/i);
});

test("what can't be ended keeps nothing else from it", async () => {
  const lifetime = newLifetime(new AbortController().signal);
  const ended: string[] = [];
  lifetime.endWith(() => ended.push('server'));
  lifetime.endWith(() => Promise.reject(new Error('gone already')));
  await lifetime.close();
  expect(ended).toEqual(['server']);
});
