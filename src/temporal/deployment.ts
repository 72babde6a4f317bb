import { type Client, isGrpcServiceError } from '@temporalio/client';
import type { WorkerOptions } from '@temporalio/worker';

/**
 * Worker deployment versions, for those who give their workers a BUILD_ID: new onboardings and running ones are worked on
 * by the version that is current, and move on to the next when that is made current. Without a BUILD_ID there are none.
 */

/** One deployment for each task queue: `ace-onboarding-onboarding`. */
export const deploymentNameOf = (taskQueue: string): string => `ace-onboarding-${taskQueue}`;

/** Auto-upgrade: onboardings last for weeks, and no version's workers shall have to be kept for the last of them. */
export function versioning(
  taskQueue: string,
  buildId: string | undefined,
): Pick<WorkerOptions, 'workerDeploymentOptions'> {
  if (!buildId) return {};
  return {
    workerDeploymentOptions: {
      useWorkerVersioning: true,
      version: { deploymentName: deploymentNameOf(taskQueue), buildId },
      defaultVersioningBehavior: 'AUTO_UPGRADE',
    },
  };
}

export interface DeploymentStatus {
  deployment: string;
  /** The build id that gets the work; undefined: nobody does. */
  current?: string;
  /** Every build id whose workers were ever seen. */
  builds: string[];
}

/** @returns undefined when no worker of the deployment was ever seen. */
export async function deploymentStatus(client: Client, taskQueue: string): Promise<DeploymentStatus | undefined> {
  const deploymentName = deploymentNameOf(taskQueue);
  try {
    const { workerDeploymentInfo } = await client.workflowService.describeWorkerDeployment({
      namespace: client.options.namespace,
      deploymentName,
    });
    const current = workerDeploymentInfo?.routingConfig?.currentDeploymentVersion?.buildId;
    const builds = (workerDeploymentInfo?.versionSummaries ?? []).flatMap(
      (version) => version.deploymentVersion?.buildId ?? [],
    );
    return { deployment: deploymentName, ...(current ? { current } : {}), builds };
  } catch (error) {
    if (isGrpcServiceError(error) && error.code === NOT_FOUND) return undefined;
    throw error;
  }
}
const NOT_FOUND = 5;

/** Gives the work to the workers of a build from now on. They must have been seen. */
export async function makeCurrent(client: Client, taskQueue: string, buildId: string): Promise<void> {
  await client.workflowService.setWorkerDeploymentCurrentVersion({
    namespace: client.options.namespace,
    deploymentName: deploymentNameOf(taskQueue),
    buildId,
    identity: client.options.identity,
  });
}

/** What a worker with a build id should say at its start; undefined when it will get work. */
export function idleBecause(buildId: string, status: DeploymentStatus | undefined): string | undefined {
  if (status?.current === buildId) return undefined;
  return status?.current
    ? `build ${status.current} is current, so this worker of build ${buildId} gets no work. When it shall: ace-onboarding deploy promote ${buildId}`
    : `no build of this deployment is current, so no worker of it gets work. Make this one current: ace-onboarding deploy promote ${buildId}`;
}
