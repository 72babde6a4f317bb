import { type Command, Option } from 'commander';
import { printResult } from '../../process/output.js';
import { disarming, lines } from '../../process/plain-text-output.js';
import type { Decide, Verification } from '../../workflows/contract/messages.js';
import { examples } from '../command-help.js';
import { letterOffer } from '../letters/letter-offer.js';
import { number, numbers } from '../letters/letters-add.js';
import { type By, recorded, reportCommand } from './report.js';
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

const VERIFICATIONS: Verification[] = ['seen-in-ace', 'desk-phoned', 'client-confirmed', 'mail-examined'];

export function decideCommand(): Command {
  return reportCommand(
    'decide',
    'record what CBP decided',
    'Records a decision that you know of. approved, already-registered and rejected need --verification; already-registered also needs --next; correction-needed needs --waiting-on and --what. abandoned ends the onboarding.',
  )
    .configureHelp(
      examples(
        'decide acme approved --verification seen-in-ace --actor jo --evidence "ACE, Dec 3"',
        'decide acme approved --verification mail-examined --mail 3f786850e387 --actor jo --evidence "email of Dec 3"',
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
    .option('--what <TEXT>', 'with correction-needed: what must be corrected')
    .option('--mail <MAIL-ID>', 'the email with the decision; shows the letter that can be learned from it')
    .option('--teach', 'with --mail: learn that letter right away')
    .option('--decisive <N>', 'with --mail: the paragraph that states the decision', number)
    .option('--filler <N,N…>', 'with --mail: paragraphs that may be missing or appear elsewhere', numbers)
    .action(async (reference: string, decision: Decide['decision'], o: By & Options) => {
      const { json, mail, teach, decisive, filler, ...fields } = o;
      // The onboarding says what is missing or does not fit, so that every way in has the same rules.
      const decide = { ...fields, decision } as unknown as Decide;
      const answer = await withClient((client) => client.decide(reference, decide));
      const confirmed = { reference, decision, actor: o.actor, teach, decisive, filler };
      const letter = mail ? await letterOffer({ ...confirmed, mail }) : undefined;
      printResult(json, { reference, ...answer, ...(letter ? { letter: letter.offer } : {}) }, () =>
        lines([recorded(reference, o.actor, decision, consequenceOf(decide)), letter?.say]),
      );
    });
}

interface Options {
  mail?: string;
  teach?: true;
  decisive?: number;
  filler?: number[];
}

const INSTRUCTIONS = 'The client gets the instructions for granting access.';
const CLOSES = 'The onboarding closes.';

function consequenceOf(decide: Decide): string {
  switch (decide.decision) {
    case 'approved':
      return INSTRUCTIONS;
    case 'already-registered':
      return decide.next === 'grant' ? INSTRUCTIONS : CLOSES;
    case 'correction-needed':
      return decide.waitingOn === 'client'
        ? 'The client is asked for the correction. Send it with: ace-onboarding correct'
        : 'Send the corrected application with: ace-onboarding correct';
    case 'rejected':
    case 'abandoned':
      return CLOSES;
  }
}
