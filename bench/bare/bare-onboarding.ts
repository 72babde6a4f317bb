import { condition, defineSignal, defineUpdate, proxyActivities, setHandler, workflowInfo } from '@temporalio/workflow';

/** The same steps without our code: five activities, two signals, three timers and an update. It shows what Temporal alone costs. */

interface Steps {
  prepareApplication(input: unknown): Promise<unknown>;
}
interface MailSteps {
  sendApplication(input: unknown): Promise<unknown>;
  sendNotice(input: unknown): Promise<unknown>;
}

export const acknowledged = defineSignal('acknowledged');
export const approved = defineSignal('approved');
export const granted = defineUpdate<string, [string]>('granted');

export async function bareOnboarding(input: { reference: string }): Promise<string> {
  const { taskQueue, workflowId } = workflowInfo();
  const steps = proxyActivities<Steps>({ startToCloseTimeout: '1 minute', taskQueue: `${taskQueue}-forms` });
  const mail = proxyActivities<MailSteps>({ startToCloseTimeout: '1 minute', taskQueue: `${taskQueue}-mail` });
  const seen = new Set<string>();
  setHandler(acknowledged, () => void seen.add('acknowledged'));
  setHandler(approved, () => void seen.add('approved'));
  setHandler(granted, (by) => {
    seen.add('granted');
    return by;
  });
  await steps.prepareApplication(input);
  await mail.sendApplication({ workflowId });
  const submitted = mail.sendNotice({ workflowId, template: 'application-submitted' });
  await condition(() => seen.has('acknowledged'), '1 day');
  await condition(() => seen.has('approved'), '5 days');
  await mail.sendNotice({ workflowId, template: 'grant-instructions' });
  await condition(() => seen.has('granted'), '10 days');
  await mail.sendNotice({ workflowId, template: 'access-seen' });
  await submitted;
  return 'granted';
}
