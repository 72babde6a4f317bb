import path from 'node:path';
import { bundleWorkflowCode, DefaultLogger, type WorkflowBundle } from '@temporalio/worker';
import { CHECKOUT } from './checkout.js';

let bundle: Promise<WorkflowBundle> | undefined;

/** `recipient-workflow.ts`, bundled once for all tests in a file. */
export function recipientBundle(): Promise<WorkflowBundle> {
  bundle ??= bundleWorkflowCode({
    workflowsPath: path.join(CHECKOUT, 'test/support/recipient-workflow.ts'),
    logger: new DefaultLogger('ERROR'),
  });
  return bundle;
}
