import { defineConfig } from 'vitest/config';

// Benchmarks, run one at a time and by hand: npm run bench [NAME]. They print figures and fail only on wrong results.
export default defineConfig({
  test: {
    include: ['bench/**/*.bench.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    setupFiles: ['test/support/leave-as-found.ts'],
    testTimeout: 30 * 60_000,
    hookTimeout: 120_000,
    fileParallelism: false,
  },
});
