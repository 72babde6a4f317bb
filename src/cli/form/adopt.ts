import { Command } from 'commander';
import { CommandFailure, EXIT } from '../../process/output.js';
import { plain } from '../../process/plain-text-output.js';
import { examples } from '../command-help.js';
import { Adoption, type AdoptOptions } from './adoption.js';
import { Answers, PersonLeft } from './answers.js';
import { explained } from './box-questions.js';
import { ACCEPT_ACTIVE_CONTENT, withForms } from './form-files.js';

/** `form adopt`: leads a person from a download to an accepted map. What was answered is in the map, after each answer. */

export function formAdoptCommand(): Command {
  return new Command('adopt')
    .summary('go from a downloaded form to an accepted map, question by question')
    .description(
      `Leads you from CBP's PDF to a field map that can be used: shows what the form is, suggests what goes into its boxes, asks what the guide requires, checks the map, draws a filled form for you to look at, and takes your acceptance. You can leave at any time with "quit" or Ctrl-C, and go on later with the same command. Exits with ${EXIT.findings} while the map is not accepted.`,
    )
    .configureHelp(
      examples(
        'form adopt ace-application.pdf',
        'form adopt ace-application.pdf --from older.map.json --edition 2026-04',
      ),
    )
    .argument('<FILE.pdf>', 'the form')
    .option('--map <FILE.map.json>', "where the map is, or is to be (default: the form's name with .map.json)")
    .option('--from <OLD.map.json>', 'map of an older edition, to begin with')
    .option('--edition <NAME>', 'name of this edition, for people (default: the name of the file)')
    .addOption(ACCEPT_ACTIVE_CONTENT())
    .action(async (file: string, options: AdoptOptions) => {
      const answers = new Answers(explained);
      try {
        await withForms((run) => new Adoption(file, options, run, answers).lead());
      } catch (error) {
        if (!(error instanceof PersonLeft)) throw error;
        throw new CommandFailure(
          EXIT.findings,
          plain`The map is not accepted yet. Your answers are kept. Go on with: ${howToGoOn(file, options)}`,
        );
      } finally {
        answers.close();
      }
    });
}

/** The command line for a shell: names with spaces in quotes, and the options that still count. */
export function howToGoOn(file: string, { map, acceptActiveContent }: AdoptOptions): string {
  return [
    'ace-onboarding form adopt',
    shellWord(file),
    ...(map === undefined ? [] : ['--map', shellWord(map)]),
    ...(acceptActiveContent ? ['--accept-active-content'] : []),
  ].join(' ');
}

/** Double quotes work in every shell, but only single ones keep a `$` from a POSIX shell. */
function shellWord(word: string): string {
  if (/^[\w./:\\@%+=,-]+$/.test(word)) return word;
  return /["$`!]/.test(word) ? `'${word.replaceAll("'", "'\\''")}'` : `"${word}"`;
}
