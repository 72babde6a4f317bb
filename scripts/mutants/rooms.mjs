// What is mutated, and which tests are to notice. The one place that knows folders.

/**
 * @typedef {object} Room
 * @property {string[]} sources folders of the files that are mutated
 * @property {string[]} tests globs of the quick unit tests that reach them
 * @property {string[]} further files of slower tests, which meet what those let pass: with compiled code and real servers
 */

/** @type {Record<string, Room>} */
export const ROOMS = {
  judging: {
    sources: ['src/mail/judging'],
    tests: ['test/unit/mail/judging/**/*.test.ts', 'test/unit/mail/incoming/mail-identity.test.ts'],
    further: [
      'test/unit/mail/judging/letters/sixty-letters.test.ts',
      'test/unit/cli/stored-mail.test.ts',
      'test/unit/cli/mail-explain.test.ts',
      'test/unit/mail/judging/hostile.test.ts',
    ],
  },
  outgoing: {
    sources: ['src/mail/outgoing'],
    tests: ['test/unit/mail/outgoing/**/*.test.ts'],
    further: [
      'test/unit/mail/alias-test/alias-test.test.ts',
      'test/system/send-real-server.test.ts',
      'test/system/send-kills.test.ts',
    ],
  },
  encryption: {
    sources: ['src/encryption', 'src/temporal/data-converter'],
    tests: [
      'test/unit/encryption/**/*.test.ts',
      'test/unit/temporal/**/*.test.ts',
      'test/unit/archive/encrypted-archive.test.ts',
    ],
    further: ['test/temporal/keys-command.test.ts', 'test/temporal/encryption.test.ts'],
  },
  archive: {
    sources: ['src/archive'],
    tests: ['test/unit/archive/**/*.test.ts'],
    further: [
      'test/unit/onboardings/forgotten.test.ts',
      'test/unit/onboardings/forget-everything.test.ts',
      'test/unit/cli/archive-orphans.test.ts',
    ],
  },
};

/** Slow ones, whose quick neighbors in the same folder ask the same of the code. */
export const LEFT_OUT = [
  '**/hostile.test.ts',
  '**/mutated-mails.test.ts',
  '**/reading-time.test.ts',
  '**/sixty-letters.test.ts',
  '**/codec-server-load.test.ts',
];

export const WORKFLOWS = {
  sources: ['src/workflows'],
  /** In this order, until one fails: each is one run of vitest, quick ones first. `of`: for mutants of such files alone. */
  stages: [
    { project: 'unit', tests: ['test/unit/workflows/'], of: /./ },
    { project: 'temporal', tests: ['test/temporal/replay.test.ts'], of: /./ },
    { project: 'temporal', tests: ['test/temporal/watch-mailbox.test.ts'], of: /\/mailbox\// },
    { project: 'temporal', tests: ['test/temporal/onboarding/journey.test.ts'], of: /^(?!.*\/mailbox\/)/ },
    { project: 'temporal', tests: ['test/temporal/onboarding/on-the-server.test.ts'], of: /^(?!.*\/mailbox\/)/ },
    {
      project: 'temporal',
      tests: ['test/temporal/limits.test.ts', 'test/temporal/malformed-signals.test.ts'],
      of: /validators|limits|record/,
    },
  ],
};
