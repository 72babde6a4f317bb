import { setCurrentDetails, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import { refundDeadlineOf } from '../../application/application.js';
import type { Progress } from '../contract/progress.js';
import type { StepAhead } from '../record/escalation-step.js';
import type { OnboardingRecord } from '../record/record.js';
import { renderDetails } from '../view/details.js';
import { progressOf } from '../view/progress-view.js';
import { type Attributes, attributesFrom, changedAttributes } from './search-attribute-updates.js';

/** Keeps what Temporal shows of one onboarding, its search attributes and current details, in step with its record. */
export class Display {
  /** How the client may be listed: the workflow was started with it, and the preparation confirms it. */
  listed: { company: string; importerKey?: string };
  private shown: Attributes;

  /** @param reference stands in for the company until that may be listed */
  constructor(reference: string) {
    this.shown = attributesFrom(workflowInfo().typedSearchAttributes);
    this.listed = { company: this.shown.company ?? reference };
  }

  progress(record: OnboardingRecord, steps: readonly StepAhead[]): Progress {
    return progressOf(record, steps, this.listed.company);
  }

  /** Issues at most one command, and none if nothing changed. */
  show(record: OnboardingRecord, steps: readonly StepAhead[]): void {
    const seen = this.progress(record, steps);
    noteTurn(record, seen);
    const progress = { ...seen, turnSince: record.turn.since };
    const wanted: Attributes = {
      onboardingStage: progress.stage,
      waitingOn: progress.waitingOn,
      needsAttention: progress.attention,
      dueAt: progress.due ? new Date(progress.due.at) : undefined,
      outcome: progress.outcome,
      company: this.listed.company,
      importerKey: this.listed.importerKey ?? this.shown.importerKey,
      clientReference: progress.reference,
      handler: record.application?.handler,
      refundDeadline: refundDeadlineOf(record.application),
    };
    const changes = changedAttributes(this.shown, wanted);
    if (changes.length > 0) upsertSearchAttributes(changes);
    this.shown = wanted;
    setCurrentDetails(renderDetails(progress, record));
  }
}

/** An email can make it the broker's turn in the middle of a stage. */
function noteTurn(record: OnboardingRecord, { stage, since, waitingOn: who }: Progress): void {
  const { turn } = record;
  if (turn.stage !== stage || turn.since < since) record.turn = { stage, who, since };
  else if (turn.who !== who) record.turn = { stage, who, since: new Date().toISOString() };
}
