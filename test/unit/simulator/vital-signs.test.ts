import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { watchVitalSigns } from '../../../simulator/vital-signs.js';
import { temporaryFolder } from '../../temporary-folder.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function watch(askServer: () => Promise<unknown>) {
  const warnings: string[] = [];
  const failures: string[] = [];
  const watched = watchVitalSigns({
    folder: temporaryFolder('vital-signs'),
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
])('a server that %s is said after ten seconds, and ends the run after a minute, once', async (_how, askServer) => {
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

test('a server that comes back ends nothing, and its next silence is said again', async () => {
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
