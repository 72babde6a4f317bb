import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** A condition is awaited until long after a busy machine should have come to it, not for vitest's one second. */
const patient = { expect: { poll: { timeout: 30_000 } }, setupFiles: ['test/support/leave-as-found.ts'] };
/** These often wait, for a killed worker's heartbeat or a business day to pass, so two of them do not keep two cores busy. */
const onServers = { ...patient, globalSetup: ['test/support/global-setup.ts'], maxWorkers: 3 };

/** Begun first, longest first: a long file that begins last leaves a core without work. */
const LONG = [
  ...['any-form', 'acceptance', 'variants', 'lost-output', 'hostile', 'mutated-mails', 'sixty-letters'],
  ...['chaos', 'demo-kills', 'demo', 'cluster', 'send-kills', 'journey', 'package', 'leak', 'encryption'],
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) =>
      [...LONG, ''].findIndex((name) => moduleId.endsWith(name && `/${name}.test.ts`));
    return (await super.sort(files)).sort((one, other) => rank(one) - rank(other));
  }
}

const UNIT_TESTS = path.join(import.meta.dirname, 'test/unit');
/** What they replace must not be loaded yet, so each has a thread of its own. */
const replacingModules = readdirSync(UNIT_TESTS, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.ts'))
  .filter((file) => /\bvi\.(?:mock|doMock)\(/.test(readFileSync(path.join(UNIT_TESTS, file), 'utf8')))
  .map((file) => `test/unit/${file.replaceAll('\\', '/')}`);
/** A thread begins sooner than a process, and there are many short files. */
const unit = { ...patient, pool: 'threads', testTimeout: 30_000, hookTimeout: 30_000, maxWorkers: 2 } as const;

// unit: pure code and single parts, seconds. temporal: workflows on real servers. system: the whole product with real
// mail servers and processes that are killed. The quick ones run before the others: cores are few. The numbers of files at
// once are for two cores, where the default is one.
export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          ...unit,
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          exclude: replacingModules,
          // Modules are loaded once, not for each file.
          isolate: false,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          ...unit,
          name: 'unit-mocks',
          include: replacingModules,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          ...onServers,
          name: 'temporal',
          include: ['test/temporal/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          ...onServers,
          name: 'system',
          include: ['test/system/**/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
