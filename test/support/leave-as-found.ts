import { afterAll, vi } from 'vitest';

/** Files share a thread, so what one leaves changed would reach the next. Vitest itself restores only spies. */
afterAll(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
});
