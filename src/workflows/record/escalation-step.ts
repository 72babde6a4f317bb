import type { DeadlineName } from '../contract/messages.js';

/** What will happen at a deadline, in words for people. */
export interface StepAhead {
  /** The name of its deadline in the record. */
  deadline: DeadlineName | `reminder-${number}`;
  /** What will happen then: "operations is notified and the client is asked". */
  description: string;
}

/** What to do at a deadline if there is still no answer. `Context` is what the step acts on. */
export interface EscalationStep<Context> extends StepAhead {
  /** The step alerts people, so the mailbox must be read up to the deadline first. */
  escalates?: true;
  act(context: Context): void;
}
