import { afterEach, beforeEach, vi } from 'vitest';

/** What the commands of a test say instead of printing it; `said` is both streams, in order. */
export const heard = { out: '', err: '', said: '' };

beforeEach(() => {
  Object.assign(heard, { out: '', err: '', said: '' });
  for (const [stream, name] of [[process.stdout, 'out'] as const, [process.stderr, 'err'] as const])
    vi.spyOn(stream, 'write').mockImplementation((text) => {
      heard[name] += text;
      heard.said += text;
      return true;
    });
});
afterEach(() => {
  vi.restoreAllMocks();
});
