import { setTimeout as delay } from 'node:timers/promises';
import { type WorkflowClient, WorkflowNotFoundError } from '@temporalio/client';
import type { Progress } from '../workflows/contract/progress.js';
import { SEARCH_ATTRIBUTES } from '../workflows/contract/search-attributes.js';
import { STAGES, WAITING_ON } from '../workflows/contract/stages.js';

/** What a digest needs to know about an open case. */
export interface DigestCase {
  workflowId: string;
  reference: string;
  /** As listed in the Web UI. */
  company: string;
  handler?: string | undefined;
  tasks: Progress['tasks'];
  escalation: Progress['escalation'];
  snoozed?: Progress['snoozed'];
  refundDeadline?: string | undefined;
  /** The case did not answer. Its reasons for attention, as the list of cases shows them. */
  unanswered?: string[];
}

const OPEN = 'WorkflowType="onboardImporter" AND ExecutionStatus="Running"';

export interface CollectOptions {
  client: Pick<WorkflowClient, 'list' | 'getHandle' | 'withDeadline'>;
  taskQueue: string;
  /** Queries at the same time. */
  concurrency?: number;
  /** How long a case may take to answer, milliseconds. */
  patienceMs?: number;
  /** Waits before a case that did not answer is asked again, milliseconds. */
  againMs?: readonly number[];
  signal?: AbortSignal | undefined;
}

/** Every open case that needs a person. One that does not answer is there, too. @throws if the cases cannot be listed */
export async function collectCases(options: CollectOptions): Promise<DigestCase[]> {
  const { client, taskQueue, concurrency = 10, againMs = [2_000, 10_000], signal } = options;
  const listed: Listed[] = [];
  const query = `${OPEN} AND TaskQueue="${taskQueue}" AND NeedsAttention IS NOT NULL`;
  for await (const { workflowId, typedSearchAttributes: known } of client.list({ query, pageSize: 500 })) {
    signal?.throwIfAborted();
    listed.push({
      workflowId,
      reference: known.get(SEARCH_ATTRIBUTES.clientReference) ?? workflowId.replace(/^onboarding-/, ''),
      company: known.get(SEARCH_ATTRIBUTES.company) ?? '',
      handler: known.get(SEARCH_ATTRIBUTES.handler),
      attention: known.get(SEARCH_ATTRIBUTES.needsAttention) ?? [],
    });
  }
  const found: DigestCase[] = [];
  let left = listed;
  for (const pause of [0, ...againMs]) {
    if (left.length === 0) break;
    if (pause > 0) await delay(pause, undefined, { signal });
    const silent: Listed[] = [];
    const waiting = [...left];
    const ask = async () => {
      for (let one = waiting.shift(); one; one = waiting.shift()) {
        signal?.throwIfAborted();
        const answer = await progressOf(options, one.workflowId);
        if (answer === undefined) silent.push(one);
        else if (answer !== 'gone' && answer.stage !== 'closed') found.push(answered(one, answer));
      }
    };
    await Promise.all(Array.from({ length: concurrency }, ask));
    left = silent;
  }
  return [...found, ...left.map(unanswered)];
}

interface Listed extends Pick<DigestCase, 'workflowId' | 'reference' | 'company' | 'handler'> {
  attention: string[];
}

async function progressOf(
  { client, patienceMs = 10_000 }: CollectOptions,
  workflowId: string,
): Promise<Progress | 'gone' | undefined> {
  try {
    return await client.withDeadline(Date.now() + patienceMs, () =>
      client.getHandle(workflowId).query<Progress>('progress'),
    );
  } catch (error) {
    return error instanceof WorkflowNotFoundError ? 'gone' : undefined;
  }
}

function answered(listed: Listed, progress: Progress): DigestCase {
  const { reference, company, handler, tasks, escalation, snoozed, refundDeadline } = progress;
  return { workflowId: listed.workflowId, reference, company, handler, tasks, escalation, snoozed, refundDeadline };
}

function unanswered({ attention, ...listed }: Listed): DigestCase {
  return { ...listed, tasks: [], escalation: 'operations', unanswered: attention };
}

/** Open cases by stage and by whose turn it is. */
export interface Counts {
  open: number;
  stages: [stage: string, count: number][];
  waitingOn: [who: string, count: number][];
}

export async function countCases(client: Pick<WorkflowClient, 'count'>, taskQueue: string): Promise<Counts> {
  const open = `${OPEN} AND TaskQueue="${taskQueue}"`;
  const count = async (more: string) => (await client.count(`${open}${more}`)).count;
  const counts: Counts = { open: await count(''), stages: [], waitingOn: [] };
  for (const stage of STAGES)
    if (stage !== 'closed') counts.stages.push([stage, await count(` AND OnboardingStage="${stage}"`)]);
  for (const who of WAITING_ON) counts.waitingOn.push([who, await count(` AND WaitingOn="${who}"`)]);
  return counts;
}
