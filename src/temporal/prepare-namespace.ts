import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Connection, isGrpcServiceError } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { say } from '../process/output.js';
import { errorText, type Plain, plain } from '../process/plain-text-output.js';
import { SEARCH_ATTRIBUTES } from '../workflows/contract/search-attributes.js';
import { CARRIES_NO_DATA, connectClient, type TemporalClient } from './connect.js';
import { registerSearchAttributes } from './register-search-attributes.js';

const NOT_FOUND = 5;

export interface NamespacePreparation {
  /** How long closed onboardings stay in Temporal, if the namespace is created here. */
  retentionDays: number;
  /** How long to keep trying while the server starts or processes what was registered, in milliseconds. */
  patience: number;
  say: (text: Plain) => void;
}

/**
 * Prepares your own Temporal server for onboardings: creates the namespace and the search attributes if they are missing.
 * The `TEMPORAL_*` variables name the server.
 *
 * @throws the last error when `patience` is over
 */
export async function prepareNamespace({ retentionDays, patience, say }: NamespacePreparation): Promise<void> {
  const deadline = Date.now() + patience;
  for (let attempt = 1; ; attempt++) {
    try {
      const temporal = await connectClient(CARRIES_NO_DATA);
      try {
        await prepare(temporal, retentionDays, say);
        return;
      } finally {
        await temporal.close();
      }
    } catch (error) {
      if (Date.now() > deadline) throw error;
      if (attempt === 1) say(plain`Not ready yet: ${errorText(error as Error)}`);
      await delay(500);
    }
  }
}

async function prepare({ client, namespace }: TemporalClient, retentionDays: number, say: (text: Plain) => void) {
  const connection = client.connection as Connection;
  if (!(await exists(connection, namespace))) {
    await connection.workflowService.registerNamespace({
      namespace,
      description: 'Onboardings of clients to ACE',
      workflowExecutionRetentionPeriod: msToTs(retentionDays * 86_400_000),
    });
    say(plain`Created namespace ${namespace}. Closed onboardings stay for ${retentionDays} days.`);
  }
  await registerSearchAttributes(connection, namespace);
  // New search attributes take seconds to reach every part of a server. Until then, no onboarding could start.
  const anyAttribute = Object.values(SEARCH_ATTRIBUTES).map(({ name }) => `${name} IS NOT NULL`);
  await client.workflow.count(anyAttribute.join(' OR '));
  say(plain`Namespace ${namespace} is ready, with ${anyAttribute.length} search attributes.`);
}

async function exists(connection: Connection, namespace: string): Promise<boolean> {
  try {
    await connection.workflowService.describeNamespace({ namespace });
    return true;
  } catch (error) {
    if (isGrpcServiceError(error) && error.code === NOT_FOUND) return false;
    throw error;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  await prepareNamespace({
    retentionDays: 90,
    patience: 120_000,
    say,
  }).catch((error: Error) => {
    say(errorText(error));
    process.exitCode = 1;
  });
