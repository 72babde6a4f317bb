import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { watchVitalSigns } from '../../../../simulator/demo/vital-signs.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function watch(askServer: () => Promise<unknown>, isFull = async () => false) {
  const warnings: string[] = [];
  const failures: string[] = [];
  const watched = watchVitalSigns({
    folder: '/run',
    isFull,
    askServer,
    logFile: '/run/temporal.log',
    onWarning: (line) => warnings.push(line),
    onFailure: ({ message }) => failures.push(message),
  });
  return { warnings, failures, stop: () => watched.stop() };
}

const hangs = () => new Promise(() => undefined);
const refuses = () => Promise.reject(new Error('14 UNAVAILABLE'));

test.each([
  ['hangs', hangs],
  ['refuses', refuses],
])('a server that %s is reported after ten seconds, and ends the run after a minute', async (_how, askServer) => {
  const { warnings, failures } = watch(askServer);
  await vi.advanceTimersByTimeAsync(9_000);
  expect(warnings).toEqual([]);
  await vi.advanceTimersByTimeAsync(30_000);
  expect(warnings).toEqual(['The Temporal server has not answered for 10 seconds. Its log is /run/temporal.log']);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(failures).toEqual([
    'The Temporal server has not answered for 60 seconds. Start again; its log is /run/temporal.log',
  ]);
});

test('a server that recovers does not end the run, and its next silence is reported again', async () => {
  let askServer: () => Promise<unknown> = refuses;
  const { warnings, failures, stop } = watch(() => askServer());
  await vi.advanceTimersByTimeAsync(50_000);
  askServer = () => Promise.resolve();
  await vi.advanceTimersByTimeAsync(50_000);
  expect(warnings).toHaveLength(1);
  askServer = refuses;
  await vi.advanceTimersByTimeAsync(30_000);
  expect(warnings).toHaveLength(2);
  stop();
  await vi.advanceTimersByTimeAsync(90_000);
  expect(failures).toEqual([]);
});

test('an hour of sleep does not end the run', async () => {
  const { warnings, failures, stop } = watch(() => Promise.resolve());
  await vi.advanceTimersByTimeAsync(5_000);
  vi.setSystemTime(Date.now() + 3_600_000);
  await vi.advanceTimersByTimeAsync(5_000);
  stop();
  expect({ warnings, failures }).toEqual({ warnings: [], failures: [] });
});

test('a full disk ends the run, and reports it once', async () => {
  let full = false;
  const { failures } = watch(
    () => Promise.resolve(),
    async () => full,
  );
  await vi.advanceTimersByTimeAsync(5_000);
  expect(failures).toEqual([]);
  full = true;
  await vi.advanceTimersByTimeAsync(5_000);
  expect(failures).toEqual(['The disk with /run is full. Free some space, and start again.']);
});

test('nothing is reported after it was stopped', async () => {
  let answer: (full: boolean) => void = () => undefined;
  const looking = new Promise<boolean>((resolve) => {
    answer = resolve;
  });
  const { failures, stop } = watch(
    () => Promise.resolve(),
    () => looking,
  );
  await vi.advanceTimersByTimeAsync(1_000);
  stop();
  answer(true);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(failures).toEqual([]);
});
