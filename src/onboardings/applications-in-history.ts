import type { Client, WorkflowHandle } from '@temporalio/client';
import { decodeArrayFromPayloads } from '@temporalio/common/lib/internal-non-workflow/index.js';
import type { Application } from '../application/application.js';
import { type CorrectApplication, correctApplication } from '../workflows/contract/messages.js';

/**
 * The applications of one round according to its history, no matter who sent them: the one it was started with, and the
 * present one, which is the last accepted correction.
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
  let correction: Args;
  // Updates that a reset carried over: their acceptance does not repeat the request.
  const carried = new Map<string, Request>();
  for (const event of events ?? []) {
    input ??= event.workflowExecutionStartedEventAttributes?.input;
    const { request: admitted } = event.workflowExecutionUpdateAdmittedEventAttributes ?? {};
    if (admitted?.meta?.updateId) carried.set(admitted.meta.updateId, admitted);
    const accepted = event.workflowExecutionUpdateAcceptedEventAttributes;
    const request = accepted?.acceptedRequest ?? carried.get(accepted?.protocolInstanceId ?? '');
    if (request?.input?.name === correctApplication.name) correction = request.input.args;
  }
  const started = (await first(input)) as Application;
  return { started, present: correction ? ((await first(correction)) as CorrectApplication).application : started };
}

type Event = NonNullable<Awaited<ReturnType<WorkflowHandle['fetchHistory']>>['events']>[number];
type Args = NonNullable<Event['workflowExecutionStartedEventAttributes']>['input'];
type Request = NonNullable<NonNullable<Event['workflowExecutionUpdateAcceptedEventAttributes']>['acceptedRequest']>;
