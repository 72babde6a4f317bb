import type { Application } from '../src/application/application.js';
import type { ListedOnboarding, OnboardingClient } from '../src/client.js';
import type { AcePortal, Grant } from './ace-portal.js';

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
  portal: AcePortal;
  desk: Desk;
  brokerAceEmail: string;
}

/** What an operator did about a row, for the record; undefined when there was nothing to do. */
export type Deed = { did: string; decided?: true } | undefined;

const ACTOR = 'operator';

/**
 * What the operators do for every client, whatever its scenario: they report what they see in ACE, find out what became
 * of a mail of unknown fate, and look into mail that proves nothing.
 */
export function openOperators({ office, portal, desk, brokerAceEmail }: OperatorsOptions) {
  const reported = new Map<string, Grant>();
  const handled = new Set<string>();
  /** Settled, and the list does not show it yet. */
  const settled = new Set<string>();

  return {
    /** Looks at one row of the list and does what it asks for, one thing at a time. */
    async attendTo(row: ListedOnboarding, application: Application): Promise<Deed> {
      if (row.stage === 'awaiting-access-grant') return await reportGrant(application);
      if (!row.attention.includes('send-unknown')) settled.delete(row.reference);
      else if (!settled.has(row.reference)) return await settleUnknown(application);
      if (row.attention.includes('mail-to-review')) return await reviewMail(application);
      return undefined;
    },
  };

  async function reportGrant({ reference, importerNumber }: Application): Promise<Deed> {
    const grant = portal.seenBy(brokerAceEmail, importerNumber);
    if (!grant || reported.get(reference) === grant) return undefined;
    await office.confirmAccess(reference, {
      actor: ACTOR,
      importerNumbers: grant.importerNumbers,
      role: grant.role,
      evidence: 'Importer view of the account in ACE.',
    });
    reported.set(reference, grant);
    return { did: `sees ${grant.importerNumbers.length} importer number(s) in ACE, ${grant.role}` };
  }

  async function settleUnknown({ reference, importerNumber }: Application): Promise<Deed> {
    const { attempt } = await office.progress(reference);
    const at = desk.hasApplication(importerNumber, attempt);
    const evidence = 'ACE Account Service Desk, on the phone.';
    await office.settle(
      reference,
      at ? { actor: ACTOR, outcome: 'sent', at, evidence } : { actor: ACTOR, outcome: 'not-sent', evidence },
    );
    settled.add(reference);
    return { did: at ? 'settles the application as sent' : 'settles the application as not sent' };
  }

  /** What a client or somebody in CBP's name says is checked with the desk; what the desk knows nothing of is dismissed. */
  async function reviewMail({ reference, importerNumber }: Application): Promise<Deed> {
    const { mails } = await office.progress(reference);
    const open = mails.find(({ mailId, what }) => mailId && REVIEWABLE.test(what) && !handled.has(mailId));
    if (!open?.mailId) return undefined;
    if (open.what.startsWith('client-reply') && desk.hasApproved(importerNumber)) {
      await office.decide(reference, {
        actor: ACTOR,
        decision: 'approved',
        verification: 'client-confirmed',
        evidence: `Mail ${open.mailId.slice(0, 12)} of the client; the desk agrees.`,
      });
      handled.add(open.mailId);
      return { did: "records the approval on the client's word", decided: true };
    }
    if (open.what.startsWith('approved') && desk.hasApproved(importerNumber)) {
      await office.decide(reference, {
        actor: ACTOR,
        decision: 'approved',
        verification: 'desk-phoned',
        evidence: `Mail ${open.mailId.slice(0, 12)}, which proves nothing; the desk says the same.`,
      });
      handled.add(open.mailId);
      return { did: "records the approval on the desk's word", decided: true };
    }
    await office.dismissMail(reference, {
      actor: ACTOR,
      mailId: open.mailId,
      reason: 'The desk knows nothing of this mail.',
    });
    handled.add(open.mailId);
    return { did: 'dismisses a mail that proves nothing' };
  }
}
export type Operators = ReturnType<typeof openOperators>;

/** Received mails, as `progress` names them, that an operator has to look at. */
const REVIEWABLE = /^(client-reply|unclear|unrelated)|\((unauthentic|undetermined)\)/;
