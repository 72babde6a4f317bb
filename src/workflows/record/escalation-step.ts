import type { DeadlineName } from '../contract/messages.js';

/** Something that will happen at a due instant, in words for people. */
export interface StepAhead {
  /** The instants are pinned in the record, by name. */
  deadline: DeadlineName | `reminder-${number}`;
  /** What will happen then: "operations are told and the client is asked". */
  say: string;
}

/** What is done at a due instant while a question stays open. `Context` is whatever the step acts upon. */
export interface EscalationStep<Context> extends StepAhead {
  /** Before people are alarmed, the mailbox must have been read up to the due instant. */
  escalates?: true;
  act(context: Context): void;
}
