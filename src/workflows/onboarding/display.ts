import { setCurrentDetails, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import { refundDeadlineOf } from '../../application/application.js';
import type { Progress } from '../contract/progress.js';
import type { OnboardingRecord } from '../record/record.js';
import { attentionOf, updateAttentionSince } from '../record/task-policy.js';
import { renderDetails } from '../view/details.js';
import { progressOf } from '../view/progress-view.js';
import { type Attributes, attributesFrom, changedAttributes } from './search-attribute-updates.js';

/** Keeps the search attributes and current details of one onboarding up to date with its record. */
export class Display {
  /** How the client may be listed. The workflow starts with a listing, and the preparation confirms it. */
  listed: { company: string; importerKey?: string };
  private current: Attributes;

  /** @param reference listed in place of the company until that is allowed */
  constructor(reference: string) {
    this.current = attributesFrom(workflowInfo().typedSearchAttributes);
    this.listed = { company: this.current.company ?? reference };
  }

  progress(record: OnboardingRecord): Progress {
    return progressOf(record, this.listed.company);
  }

  /** Issues at most one command, and none if nothing changed. */
  show(record: OnboardingRecord): Progress {
    updateAttentionSince(record, attentionOf(record), new Date().toISOString());
    const before = this.progress(record);
    updateTurn(record, before);
    const progress = { ...before, turnSince: record.turn.since };
    const desired: Attributes = {
      onboardingStage: progress.stage,
      waitingOn: progress.waitingOn,
      needsAttention: progress.attention,
      dueAt: progress.due ? new Date(progress.due.at) : undefined,
      outcome: progress.outcome,
      company: this.listed.company,
      importerKey: this.listed.importerKey ?? this.current.importerKey,
      clientReference: progress.reference,
      handler: record.application?.handler,
      refundDeadline: refundDeadlineOf(record.application),
    };
    const changes = changedAttributes(this.current, desired);
    if (changes.length > 0) upsertSearchAttributes(changes);
    this.current = desired;
    setCurrentDetails(renderDetails(progress, record));
    return progress;
  }
}

/** An email can make it the broker's turn in the middle of a stage. */
function updateTurn(record: OnboardingRecord, { stage, since, waitingOn: who }: Progress): void {
  const { turn } = record;
  if (turn.stage !== stage || turn.since < since) record.turn = { stage, who, since };
  else if (turn.who !== who) record.turn = { stage, who, since: new Date().toISOString() };
}
