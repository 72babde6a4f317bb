import { condition, defineSignal, setHandler } from '@temporalio/workflow';

/** Ends the wait. */
export const goOn = defineSignal<[string]>('goOn');

/** Waits for the signal and returns its text: the simplest workflow whose state a server must keep. */
export async function waitForWord(): Promise<string> {
  let word: string | undefined;
  setHandler(goOn, (said) => {
    word = said;
  });
  await condition(() => word !== undefined);
  return word ?? '';
}
