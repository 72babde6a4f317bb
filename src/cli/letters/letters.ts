import { Command, InvalidArgumentError } from 'commander';
import { type Coverage, letterCoverage } from '../../mail/judging/coverage.js';
import { bookOf, entryOf, type LetterShelf } from '../../mail/judging/letters/letter-acts.js';
import { exportOf, importActs, readLetterFile } from '../../mail/judging/letters/letter-export.js';
import { waitingGroups } from '../../mail/judging/letters/waiting-letters.js';
import { CommandFailure, EXIT, printJson, printResult, say } from '../../process/output.js';
import { columns, disarming, lines, type Plain, plain } from '../../process/plain-text-output.js';
import { examples } from '../command-help.js';
import { writePrivately } from '../private-output.js';
import { addCommand } from './letters-add.js';
import {
  byOptions,
  LETTERS_OPTION,
  type LetterCommandOptions,
  openLetters,
  refusalsAsFailures,
} from './letters-open.js';
import { fillerShown, groupsShown, letterShown, shelfShown } from './letters-shown.js';

/** `letters`: the letters that CBP sends again and again, as people confirmed them. Needs the archive but no server. */
export function lettersCommand(): Command {
  return new Command('letters')
    .summary('manage the letters that may move a case without a person')
    .addCommand(listCommand())
    .addCommand(showCommand())
    .addCommand(addCommand())
    .addCommand(confirmCommand())
    .addCommand(revokeCommand())
    .addCommand(exportCommand())
    .addCommand(importCommand())
    .addCommand(coverageCommand());
}

function listCommand(): Command {
  return new Command('list')
    .summary('list letters and filler blocks, and who agreed')
    .description('Lists the letters. With --waiting, lists the emails for which no letter is known, grouped by letter.')
    .option('--waiting', 'list emails that wait for their letter, with the command that teaches it')
    .addOption(LETTERS_OPTION().conflicts('waiting'))
    .option('--json', 'print the result as JSON')
    .configureHelp(examples('letters list', 'letters list --waiting'))
    .action(async (options: { waiting?: true; letters?: string; json?: true }) => {
      await refusalsAsFailures(async () => {
        const { store, archive } = await openLetters(options);
        if (options.waiting) {
          const groups = await waitingGroups(await archive());
          const none = disarming`No emails are waiting for a letter.`;
          return printResult(options.json, groups, () => (groups.length > 0 ? groupsShown(groups) : none));
        }
        const shelf = await store.entries();
        printResult(options.json, asJson(shelf), () => shelfShown(shelf));
      });
    });
}

function asJson({ letters, fillers }: LetterShelf) {
  return { letters: [...letters.values()].map(flat), fillers: [...fillers.values()] };
}

function flat<T extends { letter: object }>({ letter, ...entry }: T) {
  return { ...letter, ...entry };
}

function showCommand(): Command {
  return new Command('show')
    .summary('show a letter, and who agreed to it when')
    .description('Shows every paragraph of a letter or filler block, its addresses, and who agreed to it when.')
    .argument('<ID>', 'as list prints it')
    .addOption(LETTERS_OPTION())
    .option('--json', 'print the result as JSON')
    .configureHelp(examples('letters show letter-0f3a9c21b7de'))
    .action(async (id: string, options: { letters?: string; json?: true }) => {
      await refusalsAsFailures(async () => {
        const { store } = await openLetters(options);
        const shelf = await store.entries();
        const entry = entryOf(shelf, id);
        if (!entry)
          throw new CommandFailure(
            EXIT.notFound,
            plain`There is no letter or filler block "${id}". See: ace-onboarding letters list.`,
          );
        if (!('letter' in entry)) return printResult(options.json, entry, () => fillerShown(entry));
        const fillers = bookOf(shelf).fillers[entry.letter.domain] ?? [];
        printResult(options.json, { ...flat(entry), fillers }, () => letterShown(entry, fillers));
      });
    });
}

function confirmCommand(): Command {
  return byOptions(
    new Command('confirm')
      .summary('agree to a letter or a filler block')
      .description(
        'Check it first with "letters show". A letter that approves counts once two people agree, or one of LETTER_MANAGERS. Names are recorded as stated, not verified. Running it again changes nothing, and says so.',
      )
      .argument('<ID>', 'as list prints it')
      .addOption(LETTERS_OPTION()),
  )
    .configureHelp(examples('letters confirm letter-0f3a9c21b7de --actor kim'))
    .action(async (id: string, options: LetterCommandOptions) => {
      await refusalsAsFailures(async () => {
        const { store } = await openLetters(options);
        const added = await store.add({ act: 'confirm', by: options.actor, what: id });
        const entry = entryOf(await store.entries(), id);
        const counts = entry?.state === 'known' ? 'It counts.' : 'It counts once a second person agrees.';
        printResult(options.json, { id, ...added, state: entry?.state, agreed: entry?.agreed }, () =>
          added.changed ? disarming`Recorded: ${options.actor} agrees to ${id}. ${counts}` : disarming`${added.why}`,
        );
      });
    });
}

function revokeCommand(): Command {
  return byOptions(
    new Command('revoke')
      .summary('revoke a letter or a filler block')
      .description(
        'The letter no longer counts: emails that match it go to a person. What it already moved stays as it is. You can teach it again from an email; everyone must then agree again.',
      )
      .argument('<ID>', 'as list prints it')
      .requiredOption('--reason <WHY>', 'what is wrong with it')
      .addOption(LETTERS_OPTION()),
  )
    .configureHelp(examples('letters revoke letter-0f3a9c21b7de --reason "it is about CTPAT"'))
    .action(async (id: string, options: LetterCommandOptions & { reason: string }) => {
      await refusalsAsFailures(async () => {
        const { store } = await openLetters(options);
        const added = await store.add({ act: 'revoke', by: options.actor, what: id, reason: options.reason });
        printResult(options.json, { id, ...added }, () =>
          added.changed ? disarming`${id} was revoked. It no longer counts.` : disarming`${added.why}`,
        );
      });
    });
}

function exportCommand(): Command {
  return new Command('export')
    .summary('write all letters to a file, for another archive or for mail explain')
    .description(
      'Writes everything that is not revoked as JSON: masked paragraphs, and the stated names of the people who agreed. It contains no client data. Without FILE it goes to stdout.',
    )
    .argument('[FILE]', 'where to write it')
    .option('--json', 'with FILE: print how much was written as JSON')
    .configureHelp(examples('letters export letters.json', 'letters export > letters.json'))
    .action(async (file: string | undefined, { json }: { json?: true }) => {
      await refusalsAsFailures(async () => {
        const { store } = await openLetters({});
        const found = exportOf(await store.entries());
        if (!file) return printJson(found);
        await writePrivately(file, `${JSON.stringify(found, null, 2)}\n`);
        const counts = { file, letters: found.letters.length, fillers: found.fillers.length };
        if (json) printJson(counts);
        else say(plain`Wrote ${file}. Letters: ${counts.letters}. Filler blocks: ${counts.fillers}.`);
      });
    });
}

function importCommand(): Command {
  return byOptions(
    new Command('import')
      .summary('import letters from a file')
      .description(
        'Imports what "letters export" wrote elsewhere. No one here has agreed to it yet, so each letter and filler block counts only once it is confirmed here. What is already known or revoked here stays as it is.',
      )
      .argument('<FILE>', 'a file from letters export'),
  )
    .configureHelp(examples('letters import letters.json --actor jo'))
    .action(async (file: string, options: LetterCommandOptions) => {
      await refusalsAsFailures(async () => {
        const acts = importActs(await readLetterFile(file), options.actor);
        const { store } = await openLetters({});
        const imported: string[] = [];
        const unchanged: { id: string; why: string }[] = [];
        for (const { id, act } of acts) {
          const { changed, why = '' } = await store.add(act);
          if (changed) imported.push(id);
          else unchanged.push({ id, why });
        }
        printResult(options.json, { imported, unchanged }, () =>
          lines([
            ...imported.map(
              (id) => disarming`${id}: imported. Check it, then confirm it: ace-onboarding letters show ${id}`,
            ),
            ...unchanged.map(({ id, why }) => disarming`${id}: ${why}`),
            imported.length + unchanged.length === 0 ? disarming`The file has no letters.` : undefined,
          ]),
        );
      });
    });
}

function coverageCommand(): Command {
  return new Command('coverage')
    .summary('show how many recent decisions would act without a person')
    .description(
      "Compares CBP's authentic decisions of the last days with the letters known now: how many would move their case without a person, and which unknown letters to teach first. A letter that refuses, or says that the importer already has an account, always goes to a person. Reads every email on record.",
    )
    .option('--days <N>', 'how far to look back', days, 90)
    .option('--json', 'print the result as JSON')
    .configureHelp(examples('letters coverage', 'letters coverage --days 30 --json'))
    .action(async (options: { days: number; json?: true }) => {
      await refusalsAsFailures(async () => {
        const { store, archive } = await openLetters({});
        const { book } = await store.book();
        const since = new Date(Date.now() - options.days * 86_400_000);
        const found = await letterCoverage(await archive(), book, since);
        printResult(options.json, { days: options.days, ...found }, () => coverageShown(found, options.days));
      });
    });
}

function days(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError('It must be a whole number of days, 9999 at most.');
  return Number(text);
}

const MAX_GROUPS = 10;

function coverageShown({ decisions, byItself, share, kinds, notCompared, unknown }: Coverage, of: number): Plain {
  if (share === undefined) return disarming`No authentic decision from CBP reached a case in the last ${of} days.`;
  const shown = unknown.slice(0, MAX_GROUPS);
  return lines([
    disarming`${byItself} of ${decisions} decisions in the last ${of} days (${Math.floor(share * 100)}%) would act without a person.`,
    columns([
      ['KIND', 'DECISIONS', 'KNOWN', 'AUTOMATIC'],
      ...kinds.map((one) => [one.kind, String(one.decisions), String(one.known), String(one.byItself)]),
    ]),
    notCompared > 0
      ? disarming`${notCompared} could not be compared, because the email, its signer or its case is not in the archive.`
      : undefined,
    ...(shown.length > 0 ? [disarming`Unknown letters:`, groupsShown(shown)] : []),
    unknown.length > shown.length ? disarming`And ${unknown.length - shown.length} smaller groups.` : undefined,
  ]);
}
