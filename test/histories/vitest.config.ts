import { defineConfig } from 'vitest/config';

// Records the histories that every later version must replay: node scripts/record-histories.mjs
export default defineConfig({
  test: {
    include: ['test/histories/record.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
});
