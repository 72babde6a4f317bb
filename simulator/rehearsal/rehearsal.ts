import type { Application } from '../../src/application/application.js';
import type { ListedOnboarding } from '../../src/client.js';
import type { Attention } from '../../src/workflows/contract/progress.js';
import type { Cbp, ReceivedApplication } from '../cbp/cbp.js';
import type { AccountOwners, NoticeRead } from '../people/account-owners.js';
import type { BackOffice, Operators } from '../people/operators.js';
import type { Action, Ending, Scenario, Step, Trigger } from './scenario.js';

/** A client and what is to happen to it. */
export interface ScenarioRun {
  application: Application;
  scenario: Scenario;
  scenarioName: string;
  /** The person at the terminal approves; no one does it for them. */
  leftToNewcomer?: boolean;
}

/** Everything that happened to one client, as seen from outside the product. */
export interface Case extends ScenarioRun {
  row?: ListedOnboarding;
  /** How often CBP got each application, by Message-ID. */
  deliveries: Map<string, number>;
  applications: ReceivedApplication[];
  /** CBP has opened the account, or found that there already is one, no matter who knows. */
  accountOpen: boolean;
  asked: Set<string>;
  decidedByPerson: boolean;
  troubles: string[];
  pending: Set<Step>;
  closed: boolean;
  /** Started by an earlier run, whose mail is gone, so nothing is expected of it. */
  ofEarlierRun?: true;
  /** How long it waits, as the onboarding explains it: "Thu Dec 3, 5:00 PM ET". */
  until?: string;
}

export interface RehearsalOptions {
  cbp: Cbp;
  accountOwners: AccountOwners;
  operators: Operators;
  office: BackOffice;
  cases: Map<string, Case>;
  secondsPerBusinessDay: number;
  brokerMailbox: string;
  /** Called for everything that anyone does. */
  onEvent?: (event: { reference: string; who: 'CBP' | 'client' | 'broker' | 'stranger'; what: string }) => void;
}

/** Runs the scenarios: waits for a step's trigger and its days, then has the right person act. */
export interface Rehearsal {
  /** Reads the list once, lets operators do their work, and starts the steps that the list triggers. */
  look(): Promise<void>;
  stop(): void;
}

export function newCases(parts: ScenarioRun[]): Map<string, Case> {
  return new Map(
    parts.map((part) => [
      part.application.reference.toLowerCase(),
      {
        ...part,
        deliveries: new Map(),
        applications: [],
        accountOpen: part.application.route.existingAccount === 'yes',
        asked: new Set(),
        decidedByPerson: false,
        troubles: [],
        pending: new Set(part.scenario.steps),
        closed: false,
      },
    ]),
  );
}

export function openRehearsal(options: RehearsalOptions): Rehearsal {
  const { cbp, accountOwners, operators, office, cases, secondsPerBusinessDay, brokerMailbox } = options;
  const onEvent = options.onEvent ?? (() => undefined);
  const timers = new Set<NodeJS.Timeout>();
  const busy = new Set<Case>();
  let stopped = false;

  cbp.onApplication((received) => {
    const one = [...cases.values()].find(
      ({ application }) => application.importerNumber === received.importer?.importerNumber,
    );
    if (!one) return;
    const deliveries = one.deliveries.get(received.messageId) ?? 0;
    one.deliveries.set(received.messageId, deliveries + 1);
    if (deliveries > 0) return;
    one.applications.push(received);
    start(one, (when) => 'cbpGets' in when && (when.attempt ?? 1) === one.applications.length);
  });

  accountOwners.onNotice((notice) => {
    const one = cases.get(notice.reference.toLowerCase());
    if (!one || notice.to !== one.application.accountOwner.email.toLowerCase()) return;
    if (/^(?:grant|sign-in)-/.test(notice.template) && !one.accountOpen && !one.leftToNewcomer)
      one.troubles.push(`the client got "${notice.template}" although CBP had not opened the account`);
    start(one, (when) => 'clientReads' in when && saysTheSame(notice, when, one), notice);
  });

  return {
    async look() {
      for await (const row of office.list()) {
        const one = cases.get(row.reference.toLowerCase());
        if (!one) continue;
        one.row = row;
        one.closed = row.status !== 'running';
        for (const attention of row.attention) one.asked.add(attention);
        if (one.closed) continue;
        start(one, (when) => 'brokerSees' in when && looksLike(row, when.brokerSees));
        void attendTo(one, row);
      }
    },
    stop() {
      stopped = true;
      for (const timer of timers) clearTimeout(timer);
    },
  };

  /** Starts the pending steps that a trigger matches, each once. */
  function start(one: Case, triggers: (when: Trigger) => boolean, notice?: NoticeRead): void {
    for (const step of one.pending) {
      if (!triggers(step.when)) continue;
      one.pending.delete(step);
      if (one.leftToNewcomer && 'backOfficeApproves' in step.what) continue;
      const timer = setTimeout(
        () => {
          timers.delete(timer);
          void carryOut(one, step.what, notice);
        },
        (step.afterDays ?? 0) * secondsPerBusinessDay * 1000,
      );
      timers.add(timer);
    }
  }

  /** Retries until the case is closed, because the worker may be down or the stage not reached yet. */
  async function carryOut(one: Case, action: Action, notice: NoticeRead | undefined): Promise<void> {
    for (let attempt = 1; !stopped; attempt++) {
      if (isNeedless(one, action)) return;
      try {
        const event = await act(one, action, notice);
        onEvent({ reference: one.application.reference, ...event });
        return;
      } catch (error) {
        if (one.closed || attempt === PERSISTENCE) {
          if (isNeedless(one, action)) return;
          one.troubles.push(`${Object.keys(action)[0]} failed: ${(error as Error).message}`);
          return;
        }
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
    }
  }

  async function act(
    one: Case,
    action: Action,
    notice: NoticeRead | undefined,
  ): Promise<{ who: 'CBP' | 'client' | 'broker' | 'stranger'; what: string }> {
    const { reference, importerNumber } = one.application;
    const actor = 'operator';
    if ('cbpWrites' in action) {
      const { cbpWrites, ...how } = action;
      if (cbpWrites.startsWith('approval') || cbpWrites === 'already-registered') one.accountOpen = true;
      await cbp.write(cbpWrites, latest(one), how);
      return { who: 'CBP', what: `writes: ${cbpWrites}` };
    }
    if ('cbpForgedBy' in action) {
      await cbp.forge(action.cbpForgedBy, latest(one));
      return { who: 'stranger', what: `forges an approval (${action.cbpForgedBy})` };
    }
    if ('cbpSendsBulletin' in action) {
      await cbp.sendBulletin(brokerMailbox);
      return { who: 'CBP', what: 'sends a bulletin to all subscribers' };
    }
    if ('mailBounces' in action) {
      cbp.bounce(latest(one));
      return { who: 'CBP', what: 'rejects the email: it bounces' };
    }
    if ('clientGrants' in action) {
      accountOwners.grant(read(notice), one.application, action.clientGrants);
      return { who: 'client', what: `grants access: ${action.clientGrants}` };
    }
    if ('clientWrites' in action) {
      await accountOwners.answer(read(notice), action.clientWrites);
      return { who: 'client', what: 'replies' };
    }
    if ('brokerDecides' in action) {
      await office.decide(reference, { actor, ...action.brokerDecides });
      one.decidedByPerson = true;
      return { who: 'broker', what: `decides: ${action.brokerDecides.decision}` };
    }
    if ('brokerCorrects' in action) {
      const { reason, corrected, ...how } = action.brokerCorrects;
      const application = corrected(one.application);
      await office.correct(reference, { actor, reason, application, ...how });
      one.application = application;
      return { who: 'broker', what: `corrects: ${reason}` };
    }
    if ('brokerSettles' in action) {
      const { evidence } = action;
      await office.settle(
        reference,
        action.brokerSettles === 'sent'
          ? { actor, outcome: 'sent', at: new Date().toISOString(), evidence }
          : { actor, outcome: 'not-sent', evidence },
      );
      return { who: 'broker', what: `settles: ${action.brokerSettles}` };
    }
    one.accountOpen = true;
    await office.approve(reference, { source: 'crm', actor, evidence: 'Ticket 4711', importerNumber });
    return { who: 'broker', what: 'back office saw the approval' };
  }

  /** Operators do one thing at a time for a client. What fails is tried again at the next look. */
  async function attendTo(one: Case, row: ListedOnboarding): Promise<void> {
    if (busy.has(one)) return;
    busy.add(one);
    try {
      const event = await operators.attendTo(row, one.application);
      if (!event) return;
      if (event.decided) one.decidedByPerson = true;
      for (const what of event.did) onEvent({ reference: one.application.reference, who: 'broker', what });
      if (event.taught) for (const other of cases.values()) start(other, (when) => 'brokerTeaches' in when);
    } catch {
      // The list was out of date, or the worker is down.
    } finally {
      busy.delete(one);
    }
  }
}

/** Attempts at one action, half a second apart: longer than a worker needs to restart. */
const PERSISTENCE = 240;

/**
 * How a case ended differently from its scenario. Empty when all is well.
 * @param punctual false when the worker was killed: a deadline may have passed while no worker ran, and the email that
 * came meanwhile may have been read first
 */
export function differences(one: Case, { punctual = true }: { punctual?: boolean } = {}): string[] {
  const { ends } = one.scenario;
  if (one.ofEarlierRun) return [];
  const found = [...one.troubles];
  if (!one.closed) found.push(`is not closed: ${one.row?.stage ?? 'it never appeared in the list'}`);
  else if (one.row?.outcome !== ends.outcome)
    found.push(`ended ${one.row?.outcome ?? one.row?.status}, not ${ends.outcome}`);
  found.push(...deliveryDifferences(one, ends));
  for (const attention of punctual ? (ends.attention ?? []) : []) {
    if (!one.asked.has(attention)) found.push(`no one was asked about "${attention}"`);
  }
  if (one.decidedByPerson && !ends.decidedByPerson) found.push('a person had to decide although CBP had written');
  if (!one.decidedByPerson && ends.decidedByPerson === true)
    found.push('no person decided, although only a person may');
  return found;
}

/** The share of the scenarios' steps that were taken, 0 to 1. */
export function stepsTaken(cases: readonly Case[]): number {
  const all = cases.reduce((sum, { scenario }) => sum + scenario.steps.length, 0);
  const pending = cases.reduce((sum, one) => sum + one.pending.size, 0);
  return all === 0 ? 1 : 1 - pending / all;
}

function deliveryDifferences({ deliveries }: Case, { applications }: Ending): string[] {
  const repeated = [...deliveries.values()].filter((count) => count > 1).length;
  return [
    ...(deliveries.size === applications ? [] : [`CBP got ${deliveries.size} applications, not ${applications}`]),
    ...(repeated === 0 ? [] : [`CBP got ${repeated} of the applications more than once`]),
  ];
}

/** A scenario may have several ways to one decision: a person already decided, or none had to before the case closed. */
const isNeedless = (one: Case, action: Action) =>
  'brokerDecides' in action && (one.decidedByPerson || (one.closed && one.scenario.ends.decidedByPerson === 'maybe'));

function looksLike(row: ListedOnboarding, wanted: { stage?: string; attention?: Attention }): boolean {
  return (
    (wanted.stage === undefined || row.stage === wanted.stage) &&
    (wanted.attention === undefined || row.attention.includes(wanted.attention))
  );
}

/** A reminder repeats the request or the instructions; after a partial grant it repeats what is missing. */
function saysTheSame(notice: NoticeRead, when: Extract<Trigger, { clientReads: unknown }>, one: Case): boolean {
  if (notice.template === when.clientReads) return true;
  if (notice.template === 'correction-reminder') return when.clientReads === 'correction-needed';
  if (notice.template !== 'grant-reminder' && notice.template !== 'sign-in-reminder') return false;
  const instructed = ![...one.pending].some(
    (step) => 'clientReads' in step.when && step.when.clientReads === 'grant-instructions',
  );
  return when.clientReads === 'grant-instructions' || (when.clientReads === 'grant-partial' && instructed);
}

function latest(one: Case): ReceivedApplication {
  const application = one.applications.at(-1);
  if (!application) throw new Error('CBP has no application of this client.');
  return application;
}

function read(notice: NoticeRead | undefined): NoticeRead {
  if (!notice) throw new Error('The client has read no email from the broker.');
  return notice;
}
