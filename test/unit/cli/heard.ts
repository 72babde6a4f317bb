import { afterEach, beforeEach, vi } from 'vitest';

/** What the commands of a test say; `said` is both streams, in order. */
export interface Heard {
  out: string;
  err: string;
  said: string;
}

/** From now on, the commands of this file's tests do not print what they say. */
export function hear(): Heard {
  const heard = { out: '', err: '', said: '' };
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
  return heard;
}
