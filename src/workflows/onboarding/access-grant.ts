import { newYorkDayOf } from '../../calendar/day.js';
import type { NoticeTemplate } from '../contract/mail-activities.js';
import type { AccessProblem, CorrectApplication } from '../contract/messages.js';
import type { Outcome } from '../contract/stages.js';
import type { ClockStart } from '../contract/waits.js';
import {
  type AccessNews,
  accessFacts,
  accessNews,
  accessWait,
  approvedAccess,
  isComplete,
  lookFacts,
  type Seen,
  seenIn,
} from '../record/access-policy.js';
import { approvalBasis } from '../record/decision-policy.js';
import type { Answered, OnboardingRecord } from '../record/record.js';
import type { Statement } from '../record/statement-policy.js';
import { changeInPlace } from './change-in-place.js';
import type { Facts } from './emails.js';
import type { Onboarding } from './runtime.js';

/**
 * From the approval to the access: the account owner signs in for the first time, then adds our user. We instruct and
 * remind, put on record what the client says, and trust only what the broker sees in ACE.
 * @param answer the index of the entry that told us of the account, if one did
 */
export async function waitForAccessGrant(onboarding: Onboarding, answer?: number): Promise<Outcome> {
  const { record } = onboarding;
  record.approval = approvalBasis(record, answer);
  const told = answer === undefined ? undefined : record.entries[answer];
  if (told?.kind === 'decide' && told.decide.decision === 'approved' && told.decide.mailedOn)
    record.accountEmailOn = told.decide.mailedOn;
  if (told?.kind === 'statement' && told.statement.on) record.accountEmailOn = told.statement.on;
  record.accountExisted =
    told === undefined || (told.kind === 'decide' && told.decide.decision === 'already-registered');
  record.accessFrom = record.entries.length;
  record.access = approvedAccess(record, today());
  const waiting = new AccessGrant(onboarding);
  waiting.ofClient();
  waiting.instruct('grant-instructions');
  for (;;) {
    const news = await onboarding.until(accessNews);
    record.consumed.push(news.entry);
    const outcome = await waiting.take(news);
    if (outcome) return await onboarding.close(outcome);
  }
}

class AccessGrant {
  private readonly record: OnboardingRecord;
  /** Our authority has ended: the case ends once someone has seen that we have no access any more. */
  private revoked = false;

  constructor(private readonly onboarding: Onboarding) {
    this.record = onboarding.record;
  }

  /** @returns the outcome, if this ends the case */
  async take(news: Answered<AccessNews>): Promise<Outcome | undefined> {
    switch (news.kind) {
      case 'said':
        return await this.heard(news.statement);
      case 'looked':
        return await this.looked(seenIn(this.record, news.grant), news.at);
      case 'problem':
        return await this.solve(news.problem);
      case 'corrected':
        return await this.startAgain(news.correct);
      case 'revoked':
        this.revoked = true;
        await this.ofBroker(`Give up our access in ACE. ${news.why}`, 'remove-our-user');
        return undefined;
    }
  }

  /** It is the client's turn. The clock starts with the email that says what to do. */
  ofClient(wanted?: string, ...attention: Parameters<Onboarding['enter']>[3][]): void {
    this.onboarding.enter('awaiting-access-grant', 'client', wanted, ...attention);
  }

  private async ofBroker(wanted: string, attention: Parameters<Onboarding['enter']>[3]): Promise<void> {
    this.onboarding.enter('awaiting-access-grant', 'broker', wanted, attention);
    await this.onboarding.perform(() => this.onboarding.clock.begin('task'));
  }

  /** Emails the client what to do. The broker's ACE address stays that of the first instructions. */
  instruct(template: NoticeTemplate, facts: Facts = {}, wait = this.clientsWait()): void {
    const { onboarding, record } = this;
    onboarding.clock.startWork();
    const all = { ...accessFacts(record), ...facts };
    onboarding.notify(template, all, { starts: wait });
  }

  private clientsWait(): Omit<ClockStart, 'at'> {
    const { access, accountEmailOn } = this.record;
    const wait = accessWait(this.record);
    return {
      wait,
      ...this.onboarding.clock.zone(),
      ...(wait === 'sign-in' && accountEmailOn ? { linkSentOn: accountEmailOn } : {}),
      ...(wait === 'grant' && access?.signedIn && !access.signedIn.undated
        ? { signedInAt: noonOf(access.signedIn.on) }
        : {}),
    };
  }

  private async heard({ says, on, dated }: Statement): Promise<undefined> {
    const { record, onboarding } = this;
    const { access } = record;
    if (!access || this.revoked) return;
    switch (says) {
      case 'signed-in':
        access.signedIn = { on, by: 'client' };
        this.ofClient();
        return await onboarding.clock.begin('grant', this.clientsWait()).then(() => undefined);
      case 'user-added':
        access.signedIn ??= { on, by: 'client', undated: true };
        access.userAdded = { on, by: 'client' };
        return await this.ofBroker('The client says that our user was added. Look in ACE.', 'look-in-ace').then(
          () => undefined,
        );
      case 'mail-came':
        if (!dated || access.signedIn) return;
        record.accountEmailOn = on;
        access.approved = { ...access.approved, on };
        this.ofClient();
        return await onboarding.clock.begin('sign-in', this.clientsWait()).then(() => undefined);
      case 'no-mail':
        return;
    }
  }

  private async looked(seen: Seen, at: string): Promise<Outcome | undefined> {
    const { record, onboarding } = this;
    const { access } = record;
    if (!access) return undefined;
    access.looked = { at, by: 'broker' };
    if (this.revoked) return seen.numbers.length === 0 ? 'withdrawn' : undefined;
    record.importerNumbersMissing = seen.missing;
    if (seen.numbers.length > 0) {
      // Someone must have signed in and added our user, on that day or before.
      access.signedIn ??= { on: newYorkDayOf(at), by: 'broker', undated: true };
      access.userAdded ??= { on: newYorkDayOf(at), by: 'broker', undated: true };
    }
    if (isComplete(seen)) {
      // From here on, no message can change anything.
      record.outcome = 'access-granted';
      await onboarding.emails.sendLast('access-seen', { lookedOn: at, seen: seen.numbers });
      return 'access-granted';
    }
    if (seen.numbers.length === 0 && !access.userAdded && !seen.wrongTopAccount) {
      // Nothing is wrong yet: the client still has the steps, and is reminded of them.
      onboarding.note('We looked in ACE, and saw nothing yet.');
      return undefined;
    }
    if (record.stageAttention.includes('owner-left')) {
      onboarding.note('We looked in ACE. No one is emailed until the new account owner is known.');
      return undefined;
    }
    this.ofClient(describeMissing(seen), 'grant-partial');
    this.instruct('grant-partial', { ...lookFacts(seen), lookedOn: at });
    return undefined;
  }

  private async solve(problem: AccessProblem): Promise<undefined> {
    if (problem === 'owner-left')
      return await this.ofBroker('The account owner has left. Find out who the new one is.', 'owner-left').then(
        () => undefined,
      );
    if (this.record.stageAttention.includes('owner-left')) return;
    const known = accessFacts(this.record);
    // The new link is of another day, which no one knows yet. The email still names the old one.
    if (problem === 'link-expired') delete this.record.accountEmailOn;
    this.ofClient(undefined, problem);
    const { signedInAt: _, ...sinceUnlocked } = this.clientsWait();
    // Nothing is known of a locked user's next sign-in, until someone says when it was.
    this.instruct(problem, known, problem === 'user-locked' ? sinceUnlocked : this.clientsWait());
  }

  /** Another account owner, or other importer numbers: the client gets new instructions. */
  private async startAgain(correct: CorrectApplication): Promise<undefined> {
    const { record, onboarding } = this;
    const { accountOwner } = record.application;
    const ownerLeft = record.stageAttention.includes('owner-left');
    if (!(await changeInPlace(onboarding, correct))) return;
    record.importerNumbersMissing = [];
    const newOwner = record.application.accountOwner.email !== accountOwner.email;
    if (newOwner && record.access) record.access = { approved: record.access.approved };
    this.ofClient();
    this.instruct(ownerLeft && newOwner ? 'owner-left' : 'grant-instructions');
  }
}

function describeMissing({ missing, narrower, wrongTopAccount }: Seen): string {
  const parts = [
    missing.length > 0 ? `importer numbers not seen: ${missing.join(', ')}` : '',
    narrower.length > 0 ? `the role is not Full Access (${narrower.join(', ')})` : '',
    wrongTopAccount ? 'it is another top account' : '',
  ];
  return `The grant is incomplete: ${parts.filter((part) => part !== '').join('; ')}.`;
}

const today = () => newYorkDayOf(new Date().toISOString());
/** A day without a time. */
const noonOf = (day: string) => `${day}T12:00:00-05:00`;
