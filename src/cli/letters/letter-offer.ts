import { mails, read } from '../../archive/records.js';
import type { LetterStore } from '../../mail/judging/letters/letter-store.js';
import { CommandFailure } from '../../process/output.js';
import { disarming, lines, type Plain, plain } from '../../process/plain-text-output.js';
import type { Decide } from '../../workflows/contract/messages.js';
import { type DecisionKind, isDecisionKind, type ReceivedMail } from '../../workflows/contract/received-mail.js';
import { learnedFrom, taughtBy } from './letters-add.js';
import { openLetters } from './letters-open.js';
import { learnedShown } from './letters-shown.js';

/** What a person confirmed by deciding on an email, and whether to learn its letter right away. */
export interface Confirmed {
  mail: string;
  reference: string;
  decision: Decide['decision'];
  actor: string;
  teach?: boolean | undefined;
  decisive?: number | undefined;
  filler?: number[] | undefined;
}

/**
 * A person who decides on an email has read it. So this shows the letter as it would be learned, with the command that
 * teaches it, or learns it right away. The decision is on record even if this fails.
 */
export async function letterOffer(confirmed: Confirmed): Promise<{ say: Plain; offer: object }> {
  try {
    return await offered(confirmed);
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    const { mail, reference, decision } = confirmed;
    const teach = plain`ace-onboarding letters add ${mail} --as ${kindOf(decision) ?? 'KIND'} --reference ${reference} --decisive N`;
    return {
      say: lines([
        plain`The letter cannot be learned from this email yet:`,
        error.said,
        plain`To choose the paragraph yourself: ${teach}`,
      ]),
      offer: { refused: error.said.text },
    };
  }
}

async function offered(confirmed: Confirmed): Promise<{ say: Plain; offer: object }> {
  const { mail: id, reference, decision, actor, teach, decisive, filler } = confirmed;
  const { archive, store } = await openLetters({});
  const opened = await archive();
  const { learned, mailId } = await learnedFrom(
    id,
    async (found) => ({
      as: kindOf(decision, (await read(opened, mails, found))?.mail) ?? 'more-information',
      reference,
      ...(decisive === undefined ? {} : { decisive }),
      ...(filler === undefined ? {} : { filler }),
    }),
    archive,
    await store.entries(),
  );
  const { letter } = learned;
  const command = `ace-onboarding letters add ${mailId.slice(0, 12)} --as ${letter.kind} --reference ${reference}`;
  const shown = [
    disarming`The email as a letter, with what differs from case to case in braces:`,
    learnedShown(learned),
  ];
  if (!teach)
    return {
      say: lines([...shown, disarming`If every email like this means the same, teach it: ${command} --filler N,N`]),
      offer: { letter: letter.id, teach: command },
    };
  return await taught(store, learned, actor, shown);
}

async function taught(
  store: LetterStore,
  learned: Awaited<ReturnType<typeof learnedFrom>>['learned'],
  actor: string,
  shown: Plain[],
): Promise<{ say: Plain; offer: object }> {
  const { outcome, state } = await taughtBy(actor, learned, store);
  return { say: lines([...shown, outcome]), offer: { letter: learned.letter.id, state } };
}

/** The kind of letter that a decision confirms. A correction confirms the kind that the email was judged as. */
function kindOf(decision: Decide['decision'], mail?: ReceivedMail): DecisionKind | undefined {
  switch (decision) {
    case 'approved':
    case 'already-registered':
      return decision;
    case 'rejected':
      return 'refused';
    case 'correction-needed':
      return mail && isDecisionKind(mail.kind) && CORRECTIONS.includes(mail.kind) ? mail.kind : undefined;
    default:
      return undefined;
  }
}
const CORRECTIONS: readonly DecisionKind[] = ['more-information', 'not-on-file', 'use-web-form'];
