import { Worker, type WorkerOptions } from '@temporalio/worker';
import { type ApplicationActivities, formQueueOf } from '../workflows/contract/application-activities.js';

/**
 * A worker has one form process, which fills one form at a time: while it fills one, the other preparation reads or writes
 * the archive. More would only wait here, where no other worker can take them and where they are lost if this one dies. The
 * rest waits at the server. To fill more at once, start more workers.
 */
const FORMS_AT_ONCE = 2;

/** Prepares applications with a form. When told to stop, it finishes the ones it has begun and takes no others. */
export function createFormWorker(
  shared: Omit<WorkerOptions, 'taskQueue'>,
  taskQueue: string,
  activities: ApplicationActivities,
): Promise<Worker> {
  return Worker.create({
    ...shared,
    taskQueue: formQueueOf(taskQueue),
    activities,
    maxConcurrentActivityTaskExecutions: FORMS_AT_ONCE,
  });
}
