import type { DeadlineName } from '../contract/messages.js';
import type { Onboarding } from './runtime.js';

/** What is done at a due instant while a question stays open. The instants are pinned in the record, by name. */
export interface Rung {
  deadline: DeadlineName | `reminder-${number}`;
  /** What will happen then, for people: "operations are told and the client is asked". */
  say: string;
  /** Before people are alarmed, the mailbox must have been read up to the due instant. */
  escalates?: true;
  act(onboarding: Onboarding): void;
}
