import { type Command, Option } from 'commander';
import { openArchive } from '../../archive/open-archive.js';
import { readClientConfig } from '../../config/read-config.js';
import { CommandFailure, EXIT, printResult } from '../../process/output.js';
import { disarming, lines, plain } from '../../process/plain-text-output.js';
import type { BrokerWork, Decide, Verification } from '../../workflows/contract/messages.js';
import { examples } from '../command-help.js';
import { letterOffer } from '../letters/letter-offer.js';
import { number, numbers } from '../letters/letters-add.js';
import { paragraphsOfMail } from '../mail/mail-paragraphs.js';
import { answered, type By, reportCommand } from './report.js';
import { withClient } from './session.js';

export function approveCommand(): Command {
  return reportCommand(
    'approve',
    'report an approval that back-office automation saw',
    'Sends the same signal that back-office automation sends when it sees that CBP approved.',
  )
    .configureHelp(examples('approve acme --importer-number 07-123456700 --actor jo --evidence "ticket 4711"'))
    .requiredOption('--importer-number <NUMBER>', 'the number that was approved; must be the number of this onboarding')
    .requiredOption('--evidence <WHERE>', 'where it can be looked up')
    .option('--source <SYSTEM>', 'which system saw it', 'command-line')
    .action(async (reference: string, o: By & { importerNumber: string; evidence: string; source: string }) => {
      const approval = { source: o.source, actor: o.actor, evidence: o.evidence, importerNumber: o.importerNumber };
      await withClient((client) => client.approve(reference, approval));
      const answer = { reference, said: 'The approval was sent to the onboarding.' };
      printResult(o.json, answer, () => disarming`${reference}: ${answer.said}`);
    });
}

const VERIFICATIONS: Verification[] = ['seen-in-ace', 'desk-phoned', 'client-stated', 'mail-examined'];

export function decideCommand(): Command {
  return reportCommand(
    'decide',
    'record what CBP decided',
    'Records a decision that you know of. approved, already-registered and rejected need --verification; already-registered also needs --next; correction-needed needs --waiting-on, and --what or paragraphs of the email. abandoned ends the onboarding.',
  )
    .configureHelp(
      examples(
        'decide acme approved --verification seen-in-ace --actor jo --evidence "ACE, Dec 3"',
        'decide acme approved --verification mail-examined --mail 3f786850e387 --actor jo --evidence "email of Dec 3"',
        'decide acme correction-needed --waiting-on client --mail 3f786850e387 --paragraphs 2,3 --actor jo --evidence "email of Dec 3"',
        'decide acme abandoned --actor jo --evidence "email from the client, Dec 9"',
      ),
    )
    .argument('<DECISION>', 'approved, already-registered, correction-needed, rejected or abandoned')
    .requiredOption('--evidence <WHERE>', 'where it can be looked up')
    .addOption(new Option('--verification <HOW>', 'how you know').choices(VERIFICATIONS))
    .addOption(
      new Option('--next <WHAT>', 'with already-registered: ask for access, or close').choices(['grant', 'close']),
    )
    .addOption(
      new Option('--waiting-on <WHO>', 'with correction-needed: who must correct it').choices(['client', 'broker']),
    )
    .option('--what <TEXT>', 'with correction-needed: what must be corrected, in full')
    .option('--paragraphs <N,N…>', 'with --mail: what must be corrected, in the words of these paragraphs', numbers)
    .addOption(
      new Option('--work <WHAT>', 'with --waiting-on broker: work that comes first').choices(['form-5106', 'abi']),
    )
    .option('--mailed-on <DAY>', "with approved: the day of CBP's email to the account owner, such as 2026-12-03")
    .option('--mail <MAIL-ID>', 'the email with the decision; shows the letter that can be learned from it')
    .option('--teach', 'with --mail: learn that letter right away')
    .option('--decisive <N>', 'with --mail: the paragraph that states the decision', number)
    .option('--filler <N,N…>', 'with --mail: paragraphs that may be missing or appear elsewhere', numbers)
    .action(async (reference: string, decision: Decide['decision'], o: By & Options) => {
      const { json, mail, teach, decisive, filler, paragraphs, ...fields } = o;
      const what = paragraphs ? await textOf(paragraphs, o) : o.what;
      // The onboarding says what is missing or does not fit, so that every way in has the same rules.
      const decide = { ...fields, ...(what === undefined ? {} : { what }), decision } as unknown as Decide;
      const answer = await withClient((client) => client.decide(reference, decide));
      const confirmed = { reference, decision, actor: o.actor, teach, decisive, filler };
      const letter = mail ? await letterOffer({ ...confirmed, mail }) : undefined;
      printResult(json, { reference, ...answer, ...(letter ? { letter: letter.offer } : {}) }, () =>
        lines([answered(reference, answer), letter?.say]),
      );
    });
}

interface Options {
  what?: string;
  paragraphs?: number[];
  work?: BrokerWork;
  mail?: string;
  teach?: true;
  decisive?: number;
  filler?: number[];
}

/** The chosen paragraphs, whole, below what the person adds. @throws CommandFailure */
async function textOf(paragraphs: number[], { mail, what }: Options): Promise<string> {
  if (mail === undefined)
    throw new CommandFailure(EXIT.usage, plain`--paragraphs are those of an email: name it with --mail.`);
  const { archive } = await openArchive(readClientConfig());
  const found = await paragraphsOfMail(archive, mail);
  const chosen = paragraphs.map((number) => {
    const paragraph = found.find((one) => one.number === number);
    if (number > 0 && paragraph) return paragraph.written;
    throw new CommandFailure(
      EXIT.usage,
      plain`The email has no paragraph ${number}. mail show prints them, from 1 to ${found.length - 1}.`,
    );
  });
  return [...(what === undefined ? [] : [what]), ...chosen].join('\n\n');
}
