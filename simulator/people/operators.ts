import type { Application } from '../../src/application/application.js';
import type { ListedOnboarding, OnboardingClient } from '../../src/client.js';
import type { AcePortal, Grant } from '../cbp/ace-portal.js';
import type { LetterDesk } from './letter-desk.js';

/** What the broker's people can do: what anybody can do with the client, and nothing else. */
export type BackOffice = Pick<
  OnboardingClient,
  'list' | 'progress' | 'approve' | 'decide' | 'correct' | 'settle' | 'confirmAccess' | 'dismissMail'
>;

/** CBP's desk on the phone. */
export interface Desk {
  /** Whether it has the importer's application number `attempt`, counted from 1; since when (ISO instant). */
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

/** What an operator did about a row, for the record, a line each; undefined when there was nothing to do. */
export type ActorEvent = { did: string[]; decided?: true; taught?: true } | undefined;

const ACTOR = 'operator';
/** An approval in a new wording counts once two people agreed. */
const SECOND_PERSON = 'second operator';

/**
 * What the operators do for every client, whatever its scenario: they report what they see in ACE, find out what became
 * of a mail of unknown fate, look into mail that proves nothing, and teach the letter of an approval that was new.
 */
export function openOperators({ office, letters, portal, desk, brokerAceEmail }: OperatorsOptions) {
  const reported = new Map<string, Grant>();
  const handled = new Set<string>();
  /** Settled, and the list does not show it yet. */
  const settled = new Set<string>();
  /** Mails to learn a letter from, by reference: once the case itself is decided. */
  const lessons = new Map<string, string>();

  return {
    /** Looks at one row of the list and does what it asks for, one thing at a time. */
    async attendTo(row: ListedOnboarding, application: Application): Promise<ActorEvent> {
      const lesson = lessons.get(row.reference);
      if (lesson && row.stage === 'awaiting-access-grant') return await teach(row.reference, lesson);
      if (row.stage === 'awaiting-access-grant') return await reportGrant(application);
      if (!row.attention.includes('send-unknown')) settled.delete(row.reference);
      else if (!settled.has(row.reference)) return await settleUnknown(application);
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
    return { did: [`sees ${grant.importerNumbers.length} importer number(s) in ACE, ${grant.role}`] };
  }

  async function settleUnknown({ reference, importerNumber }: Application): Promise<ActorEvent> {
    const { attempt } = await office.progress(reference);
    const at = desk.hasApplication(importerNumber, attempt);
    const evidence = 'ACE Account Service Desk, on the phone.';
    await office.settle(
      reference,
      at ? { actor: ACTOR, outcome: 'sent', at, evidence } : { actor: ACTOR, outcome: 'not-sent', evidence },
    );
    settled.add(reference);
    return { did: [at ? 'settles the application as sent' : 'settles the application as not sent'] };
  }

  /** What a client or somebody in CBP's name says is checked with the desk; what the desk knows nothing of is dismissed. */
  async function reviewMail({ reference, importerNumber }: Application): Promise<ActorEvent> {
    const { mails } = await office.progress(reference);
    for (const { mailId, what } of mails) {
      if (!mailId || handled.has(mailId)) continue;
      const letter = await letters.look(mailId);
      // The watcher tells its case.
      if (letter?.is === 'known') continue;
      if (letter?.is === 'new') {
        if (desk.hasApproved(importerNumber)) return await confirmNewLetter(reference, mailId, letter.paragraphs);
        // CBP's word, but not that of an approval: the scenario says who reads it.
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
      evidence: `Mail ${mailId.slice(0, 12)} of CBP's, in a wording that is new; the desk says the same.`,
    });
    handled.add(mailId);
    return {
      did: [
        `finds a letter of CBP's that nobody has confirmed. New in it: "${beginning(paragraphs[0] ?? '')}"`,
        "phones CBP's desk, which says the same, and records the approval",
      ],
      decided: true,
    };
  }

  /** After the decision: a letter that is known is told to every case whose mail waits for it. */
  async function teach(reference: string, mailId: string): Promise<ActorEvent> {
    const id = await letters.teachApproval(mailId, { first: ACTOR, second: SECOND_PERSON });
    lessons.delete(reference);
    return {
      did: [
        `teaches it as ${id}, confirmed by "${ACTOR}"; an approval takes two people`,
        `has it confirmed by "${SECOND_PERSON}": from now on such a letter counts by itself`,
      ],
      // Also where the answer to the decision was lost.
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
        verification: 'client-confirmed',
        evidence: `Mail ${mailId.slice(0, 12)} of the client; the desk agrees.`,
      });
      handled.add(mailId);
      return { did: ["records the approval on the client's word"], decided: true };
    }
    if (what.startsWith('approved') && desk.hasApproved(importerNumber)) {
      await office.decide(reference, {
        actor: ACTOR,
        decision: 'approved',
        verification: 'desk-phoned',
        evidence: `Mail ${mailId.slice(0, 12)}, which proves nothing; the desk says the same.`,
      });
      handled.add(mailId);
      return { did: ["records the approval on the desk's word"], decided: true };
    }
    await office.dismissMail(reference, { actor: ACTOR, mailId, reason: 'The desk knows nothing of this mail.' });
    handled.add(mailId);
    return { did: ['dismisses a mail that proves nothing'] };
  }
}
export type Operators = ReturnType<typeof openOperators>;

/** Received mails, as `progress` names them, that an operator has to look at. */
const REVIEWABLE = /^(client-reply|unclear|unrelated)|\((unauthentic|undetermined)\)/;

function beginning(text: string): string {
  return text.length > 160 ? `${text.slice(0, 159).trimEnd()}…` : text;
}
