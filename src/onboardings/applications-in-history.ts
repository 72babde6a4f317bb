import type { Client, WorkflowHandle } from '@temporalio/client';
import { decodeArrayFromPayloads } from '@temporalio/common/lib/internal-non-workflow/index.js';
import type { Application } from '../application/application.js';
import {
  type CorrectApplication,
  correctApplication,
  type HandOver,
  handOver,
} from '../workflows/contract/messages.js';

/**
 * The applications of one round according to its history, no matter who sent them: the one it was started with, and the
 * present one, which is the last accepted correction, with the handler to whom the case was handed over since.
 *
 * @throws a gRPC error with code NOT_FOUND if Temporal does not have the history, or no longer has it
 */
export async function applicationsInHistory(
  { workflow, options }: Client,
  workflowId: string,
): Promise<{ started: Application; present: Application }> {
  const { events } = await workflow.getHandle(workflowId).fetchHistory();
  const first = async (args: Args) => (await decodeArrayFromPayloads(options.loadedDataConverter, args?.payloads))[0];
  let input: Args;
  const changes: { name: string; args: Args }[] = [];
  // Updates that a reset carried over: their acceptance does not repeat the request.
  const carried = new Map<string, Request>();
  for (const event of events ?? []) {
    input ??= event.workflowExecutionStartedEventAttributes?.input;
    const { request: admitted } = event.workflowExecutionUpdateAdmittedEventAttributes ?? {};
    if (admitted?.meta?.updateId) carried.set(admitted.meta.updateId, admitted);
    const accepted = event.workflowExecutionUpdateAcceptedEventAttributes;
    const request = accepted?.acceptedRequest ?? carried.get(accepted?.protocolInstanceId ?? '');
    const { name, args } = request?.input ?? {};
    if (name === correctApplication.name || name === handOver.name) changes.push({ name, args });
  }
  const started = (await first(input)) as Application;
  let present = started;
  for (const { name, args } of changes) {
    const message = await first(args);
    if (name === handOver.name) present = { ...present, handler: (message as HandOver).handler };
    // Where the Form 5106 comes first, nothing has changed yet.
    else if ((message as CorrectApplication).because !== 'form-5106')
      present = (message as CorrectApplication).application;
  }
  return { started, present };
}

type Event = NonNullable<Awaited<ReturnType<WorkflowHandle['fetchHistory']>>['events']>[number];
type Args = NonNullable<Event['workflowExecutionStartedEventAttributes']>['input'];
type Request = NonNullable<NonNullable<Event['workflowExecutionUpdateAcceptedEventAttributes']>['acceptedRequest']>;
