import { defineConfig } from 'vitest/config';
import { LEFT_OUT, ROOMS } from './rooms.mjs';

const { MUTANTS_ROOM: room = '' } = process.env;

/** The unit tests that may notice a mutant of the room named in MUTANTS_ROOM. */
export default defineConfig({
  test: {
    include: ROOMS[room]?.tests ?? [],
    exclude: LEFT_OUT,
    setupFiles: ['scripts/mutants/seeded-properties.mjs'],
    expect: { poll: { timeout: 30_000 } },
    testTimeout: 30_000,
  },
});
