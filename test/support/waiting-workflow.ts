import { condition, defineSignal, setHandler } from '@temporalio/workflow';

/** Ends the wait. */
export const goOn = defineSignal<[string]>('goOn');

/** Waits for the signal and answers with what it said: the least that a server has to keep. */
export async function waitForWord(): Promise<string> {
  let word: string | undefined;
  setHandler(goOn, (said) => {
    word = said;
  });
  await condition(() => word !== undefined);
  return word ?? '';
}
