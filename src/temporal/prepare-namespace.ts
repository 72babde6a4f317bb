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
  /** How long closed onboardings stay in Temporal, for a namespace that is made here. */
  retentionDays: number;
  /** How long to keep trying while the server comes up or takes in what was registered, in milliseconds. */
  patience: number;
  say: (text: Plain) => void;
}

/**
 * Makes a Temporal server of one's own ready for onboardings: the namespace, if there is none, and the search
 * attributes. Harmless when all is there. The server is the one the `TEMPORAL_*` variables name.
 *
 * @throws the last error once patience ends.
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
    say(plain`Namespace ${namespace} made; closed onboardings stay ${retentionDays} days.`);
  }
  await registerSearchAttributes(connection, namespace);
  // What was registered takes seconds to reach every part of a server; until then starts would be refused.
  const anyAttribute = Object.values(SEARCH_ATTRIBUTES).map(({ name }) => `${name} IS NOT NULL`);
  await client.workflow.count(anyAttribute.join(' OR '));
  say(plain`Namespace ${namespace} is ready: ${anyAttribute.length} search attributes.`);
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
