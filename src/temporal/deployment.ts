import { type Client, isGrpcServiceError } from '@temporalio/client';
import type { WorkerOptions } from '@temporalio/worker';

/**
 * Worker deployment versions, for workers with a BUILD_ID: the current version works on all onboardings, new and running.
 * When the next version is made current, it takes over. Workers without a BUILD_ID have no versions.
 */

/** Each task queue has its own deployment, such as `ace-onboarding-onboarding`. */
export const deploymentNameOf = (taskQueue: string): string => `ace-onboarding-${taskQueue}`;

/** Auto-upgrade: onboardings take weeks, and we should not have to keep the workers of an old version until they end. */
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
  /** The build id that gets the work; undefined if none does. */
  current?: string;
  /** Every build id whose workers the server has ever seen. */
  builds: string[];
}

/** @returns undefined if the server has never seen a worker of the deployment. */
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

/** Gives the work to the workers of a build from now on. The server must have seen them. */
export async function makeCurrent(client: Client, taskQueue: string, buildId: string): Promise<void> {
  await client.workflowService.setWorkerDeploymentCurrentVersion({
    namespace: client.options.namespace,
    deploymentName: deploymentNameOf(taskQueue),
    buildId,
    identity: client.options.identity,
  });
}

/** Why a worker with a build id gets no work, for its log at start; undefined if it gets work. */
export function idleBecause(buildId: string, status: DeploymentStatus | undefined): string | undefined {
  if (status?.current === buildId) return undefined;
  return status?.current
    ? `build ${status.current} is current, so this worker of build ${buildId} gets no work. To switch to this build: ace-onboarding deploy promote ${buildId}`
    : `no build of this deployment is current, so none of its workers get work. Make this one current: ace-onboarding deploy promote ${buildId}`;
}
