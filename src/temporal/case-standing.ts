import { type WorkflowClient, WorkflowNotFoundError } from '@temporalio/client';
import { SEARCH_ATTRIBUTES } from '../workflows/contract/search-attributes.js';
import type { OnboardingStage, WaitingOn } from '../workflows/contract/stages.js';

/** Where an open case stands, and who has to act. */
interface CaseStanding {
  stage: OnboardingStage | undefined;
  waitingOn: WaitingOn | undefined;
}

/**
 * As the server has it now: unlike a list, `describe` does not lag, and no worker is asked.
 * @returns undefined if the case has ended or does not exist
 */
export async function caseStanding(
  client: Pick<WorkflowClient, 'getHandle'>,
  workflowId: string,
): Promise<CaseStanding | undefined> {
  try {
    const { status, typedSearchAttributes: shown } = await client.getHandle(workflowId).describe();
    if (status.name !== 'RUNNING') return undefined;
    return {
      stage: shown.get(SEARCH_ATTRIBUTES.onboardingStage) as OnboardingStage | undefined,
      waitingOn: shown.get(SEARCH_ATTRIBUTES.waitingOn) as WaitingOn | undefined,
    };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}
