import os from 'node:os';
import { type Command, Option } from 'commander';
import type { Archive } from '../../archive/archive.js';
import { openArchive } from '../../archive/open-archive.js';
import { readClientConfig, readJudgingConfig } from '../../config/read-config.js';
import { createLetterFile, LetterExportError } from '../../mail/judging/letters/letter-export.js';
import { LetterRefused } from '../../mail/judging/letters/letter-rules.js';
import { createLetterStore, type LetterStore } from '../../mail/judging/letters/letter-store.js';
import { LessonRefused } from '../../mail/judging/letters/teach.js';
import { CommandFailure, EXIT } from '../../process/output.js';
import { errorText } from '../../process/plain-text-output.js';

export interface LetterCommandOptions {
  actor: string;
  letters?: string;
  json?: true;
}

/** Options of every command that records who acted. The default is the name of the signed-in user. */
export function byOptions(command: Command): Command {
  return command
    .option('--actor <NAME>', 'your name; recorded as stated', userName() ?? '')
    .option('--json', 'print the result as JSON');
}

function userName(): string | undefined {
  try {
    return os.userInfo().username;
  } catch {
    // Some containers run as a user without a name.
    return undefined;
  }
}

export const LETTERS_OPTION = () =>
  new Option('--letters <FILE.json>', 'use this file, written by letters export, instead of the archive');

/** The letters of a file or of the archive. The archive is opened only when needed. */
export async function openLetters({
  letters,
}: {
  letters?: string;
}): Promise<{ store: LetterStore; archive: () => Promise<Archive> }> {
  const archive = onceOpened(async () => (await openArchive(readClientConfig())).archive);
  const managers = readJudgingConfig().letterManagers;
  const store = letters ? createLetterFile(letters, { managers }) : createLetterStore(await archive(), { managers });
  return { store, archive };
}

function onceOpened<T>(open: () => Promise<T>): () => Promise<T> {
  let opened: Promise<T> | undefined;
  return () => {
    opened ??= open();
    return opened;
  };
}

const EXIT_CODES = {
  'not-found': EXIT.notFound,
  revoked: EXIT.conflict,
  'actor-refused': EXIT.conflict,
  'filler-decides': EXIT.conflict,
  invalid: EXIT.invalid,
} as const;

export async function refusalsAsFailures<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof LetterRefused) throw new CommandFailure(EXIT_CODES[error.code], errorText(error));
    if (error instanceof LessonRefused) throw new CommandFailure(EXIT.invalid, errorText(error));
    if (error instanceof LetterExportError)
      throw new CommandFailure(EXIT.invalid, errorText(error), error.problems.length > 0 ? error.problems : undefined);
    throw error;
  }
}
