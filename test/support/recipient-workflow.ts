import { condition, defineQuery, defineSignal, setHandler } from '@temporalio/workflow';

/** Replaces an onboarding in tests that are only about the arrival of email. Keeps the signals in order. */
export async function recipient(): Promise<void> {
  const told: Told[] = [];
  let finished = false;
  setHandler(mailReceived, (mail) => {
    told.push({ mailId: mail.mailId, at: Date.now() });
  });
  setHandler(mailsTold, () => told);
  setHandler(finish, () => {
    finished = true;
  });
  await condition(() => finished);
}

export interface Told {
  mailId: string;
  /** Epoch milliseconds of the workflow task that handled it. */
  at: number;
}

export const mailReceived = defineSignal<[{ mailId: string }]>('mailReceived');
export const mailsTold = defineQuery<Told[]>('mailsTold');
export const finish = defineSignal('finish');

export { tasksDigest } from '../../src/workflows/digest/tasks-digest.js';
export { watchMailbox } from '../../src/workflows/mailbox/watch-mailbox.js';
