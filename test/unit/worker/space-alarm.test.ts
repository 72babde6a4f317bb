import { expect, onTestFinished, test, vi } from 'vitest';
import { ArchiveError } from '../../../src/archive/archive.js';
import { SpaceAlarm } from '../../../src/worker/space-alarm.js';

test('a full archive is one alarm, and over only when the largest write that failed fits again', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const logged: string[] = [];
  const alarm = new SpaceAlarm({ error: (message) => logged.push(message), info: (message) => logged.push(message) });
  let free = 10;
  const raise = (bytes: number) =>
    alarm.raise({
      error: new ArchiveError('full', `full: ${bytes}`),
      bytes,
      tryAgain: async () => {
        if (bytes > free) throw new Error('ENOSPC');
      },
    });
  for (const bytes of [100, 500, 50]) raise(bytes);
  expect(logged).toEqual([expect.stringContaining('the archive is full')]);
  free = 200;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(alarm.says).toBe('full: 500');
  free = 500;
  await vi.advanceTimersByTimeAsync(10_000);
  expect(alarm.says).toBeUndefined();
  expect(logged.slice(1)).toEqual(['the archive has space again']);
  raise(600);
  expect(logged).toHaveLength(3);
});
