import type { Application } from '../../src/application/application.js';
import type { ListedOnboarding, OnboardingClient } from '../../src/client.js';
import type { AcePortal, Grant } from '../cbp/ace-portal.js';
import type { LetterDesk } from './letter-desk.js';

/** What the broker's people can do: only what anyone can do with the typed client. */
export type BackOffice = Pick<
  OnboardingClient,
  'list' | 'progress' | 'approve' | 'decide' | 'correct' | 'settle' | 'confirmAccess' | 'dismissMail'
>;

/** CBP's service desk on the phone. */
export interface Desk {
  /** When the desk got the importer's application number `attempt`, counted from 1 (ISO instant), if it did. */
  hasApplication(importerNumber: string, attempt: number): string | undefined;
  hasApproved(importerNumber: string): boolean;
}

export interface OperatorsOptions {
  office: BackOffice;
  letters: LetterDesk;
  portal: AcePortal;
  desk: Desk;
  brokerAceEmail: string;
}

/** What an operator did about a row, one line each; undefined when there was nothing to do. */
export type ActorEvent = { did: string[]; decided?: true; taught?: true } | undefined;

const ACTOR = 'operator';
/** An approval in a new wording counts once two people agree. */
const SECOND_PERSON = 'second operator';

/**
 * What the operators do for every client, whatever its scenario: they report what they see in ACE, find out whether an
 * application was sent, check emails that prove nothing, and teach the letter of an approval in a new wording.
 */
export function openOperators({ office, letters, portal, desk, brokerAceEmail }: OperatorsOptions) {
  const reported = new Map<string, Grant>();
  const handled = new Set<string>();
  /** Emails to learn a letter from, by reference, once the case itself is decided. */
  const lessons = new Map<string, string>();

  return {
    /** Does what one row of the list asks for, one thing at a time. */
    async attendTo(row: ListedOnboarding, application: Application): Promise<ActorEvent> {
      const lesson = lessons.get(row.reference);
      if (lesson && row.stage === 'awaiting-access-grant') return await teach(row.reference, lesson);
      if (row.stage === 'awaiting-access-grant') return await reportGrant(application);
      const settled = row.attention.includes('send-unknown') && (await settleUnknown(application));
      if (settled) return settled;
      if (row.attention.includes('mail-to-review')) return await reviewMail(application);
      return undefined;
    },
  };

  async function reportGrant({ reference, importerNumber }: Application): Promise<ActorEvent> {
    const grant = portal.seenBy(brokerAceEmail, importerNumber);
    if (!grant || reported.get(reference) === grant) return undefined;
    await office.confirmAccess(reference, {
      actor: ACTOR,
      importerNumbers: grant.importerNumbers,
      role: grant.role,
      evidence: 'Importer view of the account in ACE.',
    });
    reported.set(reference, grant);
    const count = grant.importerNumbers.length;
    return { did: [`sees ${count} importer number${count === 1 ? '' : 's'} in ACE, ${grant.role}`] };
  }

  async function settleUnknown({ reference, importerNumber }: Application): Promise<ActorEvent> {
    const { attempt, attention } = await office.progress(reference);
    // Settled before: the list lags.
    if (!attention.includes('send-unknown')) return undefined;
    const at = desk.hasApplication(importerNumber, attempt);
    // Names the call: the same words twice within minutes would be taken for a second click.
    const evidence = `Phone call with the ACE Account Service Desk at ${new Date().toISOString().slice(11, 19)} UTC.`;
    await office.settle(
      reference,
      at ? { actor: ACTOR, outcome: 'sent', at, evidence } : { actor: ACTOR, outcome: 'not-sent', evidence },
    );
    return { did: [at ? 'settles the application as sent' : 'settles the application as not sent'] };
  }

  /** Checks with the desk what a client, or someone in CBP's name, says. Dismisses it if the desk does not confirm it. */
  async function reviewMail({ reference, importerNumber }: Application): Promise<ActorEvent> {
    const { mails } = await office.progress(reference);
    for (const { mailId, what } of mails) {
      if (!mailId || handled.has(mailId)) continue;
      const letter = await letters.look(mailId);
      // The watcher passes it on to its case.
      if (letter?.is === 'known') continue;
      if (letter?.is === 'new') {
        if (desk.hasApproved(importerNumber)) return await confirmNewLetter(reference, mailId, letter.paragraphs);
        // From CBP, but not an approval: the scenario says who reads it.
        continue;
      }
      if (REVIEWABLE.test(what)) return await reviewDoubtful(mailId, what, { reference, importerNumber });
    }
    return undefined;
  }

  async function confirmNewLetter(reference: string, mailId: string, paragraphs: string[]): Promise<ActorEvent> {
    lessons.set(reference, mailId);
    await office.decide(reference, {
      actor: ACTOR,
      decision: 'approved',
      verification: 'desk-phoned',
      evidence: `Email ${mailId.slice(0, 12)} from CBP, in a new wording. The desk confirmed it.`,
    });
    handled.add(mailId);
    return {
      did: [
        `finds a letter from CBP that no one has confirmed. New in it: "${beginning(paragraphs[0] ?? '')}"`,
        "calls CBP's desk, which confirms it, and records the approval",
      ],
      decided: true,
    };
  }

  /** Teaches the letter after the decision. Every case whose email waits for this letter then gets it. */
  async function teach(reference: string, mailId: string): Promise<ActorEvent> {
    const id = await letters.teachApproval(mailId, { first: ACTOR, second: SECOND_PERSON });
    lessons.delete(reference);
    return {
      did: [
        `teaches it as ${id}, confirmed by "${ACTOR}"; an approval needs two people`,
        `has it confirmed by "${SECOND_PERSON}"; from now on this letter counts without a person`,
      ],
      // Even if the answer to the decision was lost.
      decided: true,
      taught: true,
    };
  }

  async function reviewDoubtful(
    mailId: string,
    what: string,
    { reference, importerNumber }: Pick<Application, 'reference' | 'importerNumber'>,
  ): Promise<ActorEvent> {
    if (what.startsWith('client-reply') && desk.hasApproved(importerNumber)) {
      await office.decide(reference, {
        actor: ACTOR,
        decision: 'approved',
        verification: 'client-stated',
        evidence: `Email ${mailId.slice(0, 12)} from the client. The desk confirmed it.`,
      });
      handled.add(mailId);
      return { did: ['records the approval that the client reported'], decided: true };
    }
    if (what.startsWith('approved') && desk.hasApproved(importerNumber)) {
      await office.decide(reference, {
        actor: ACTOR,
        decision: 'approved',
        verification: 'desk-phoned',
        evidence: `Email ${mailId.slice(0, 12)}, which proves nothing. The desk confirmed it.`,
      });
      handled.add(mailId);
      return { did: ['records the approval that the desk confirmed'], decided: true };
    }
    await office.dismissMail(reference, { actor: ACTOR, mailId, reason: 'The desk knows nothing about this email.' });
    handled.add(mailId);
    return { did: ['dismisses an email that proves nothing'] };
  }
}
export type Operators = ReturnType<typeof openOperators>;

/** Received emails, as `progress` describes them, that an operator has to check. */
const REVIEWABLE = /^(client-reply|unclear|unrelated)|\((unauthentic|undetermined)\)/;

function beginning(text: string): string {
  return text.length > 160 ? `${text.slice(0, 159).trimEnd()}…` : text;
}
