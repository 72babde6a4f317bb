import { afterAll, vi } from 'vitest';
import { removeTemporaryFolders } from './temporary-folder.js';

/** After each file, because files share a thread: what one leaves changed would reach the next. Vitest restores only spies. */
afterAll(async () => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
  await removeTemporaryFolders();
});
