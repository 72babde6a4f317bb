import { type Connection, isGrpcServiceError } from '@temporalio/client';
import type { Payload } from '@temporalio/common';
import { ConfigurationError } from '../config/configuration-error.js';
import type { Keyring } from '../encryption/keyring.js';
import { USE_IN_MEMO, watcherIdOf } from '../workflows/contract/watcher.js';
import { keyIdOf } from './data-converter/encryption-codec.js';

/**
 * What a namespace is used for, written where every client can look before it writes anything: in the namespace's data,
 * or, where those cannot be set (Temporal Cloud), in the memo of the mailbox watcher that every worker starts.
 */
export type NamespaceUse =
  /** Everything personal is encrypted. The workers read with these keys; by a memo, one of them is known. */
  | { kind: 'encrypted'; keyIds: readonly string[]; by: 'data' | 'memo' }
  /** Made-up data, in clear. */
  | { kind: 'rehearsal'; by: 'data' | 'memo' }
  | { kind: 'unknown' };

/**
 * Two entries, each written by one kind of worker alone and never taken away: of a worker with keys and one without that
 * start at the same moment, neither undoes what the other said. Where both are there, it is encrypted.
 */
export const ENCRYPTED_WITH = 'ace-onboarding-encrypted-with';
export const REHEARSAL = 'ace-onboarding-rehearsal';

/** @throws a gRPC error when the server does not answer */
export async function namespaceUse(connection: Connection, namespace: string): Promise<NamespaceUse> {
  const { namespaceInfo } = await connection.workflowService.describeNamespace({ namespace });
  const { [ENCRYPTED_WITH]: written = '', [REHEARSAL]: rehearsal } = namespaceInfo?.data ?? {};
  const keyIds = written.split(' ').filter((id) => KEY_ID.test(id));
  if (keyIds.length > 0) return { kind: 'encrypted', keyIds, by: 'data' };
  return rehearsal ? { kind: 'rehearsal', by: 'data' } : await useByMemo(connection, namespace);
}

const KEY_ID = /^k-[0-9a-f]{12}$/;

async function useByMemo(connection: Connection, namespace: string): Promise<NamespaceUse> {
  const execution = { workflowId: watcherIdOf('main') };
  const described = await connection.workflowService
    .describeWorkflowExecution({ namespace, execution })
    .catch((error: unknown) => {
      if (isGrpcServiceError(error) && error.code === NOT_FOUND) return undefined;
      throw error;
    });
  const memo: Payload | null | undefined = described?.workflowExecutionInfo?.memo?.fields?.[USE_IN_MEMO];
  if (!memo) return { kind: 'unknown' };
  const keyId = keyIdOf(memo);
  return keyId === undefined ? { kind: 'rehearsal', by: 'memo' } : { kind: 'encrypted', keyIds: [keyId], by: 'memo' };
}

/** No worker has said yet what the namespace is used for: one that is about to start will. */
export class NoWorkerYet extends ConfigurationError {}

/**
 * For clients: nothing is written in clear where data may be real, and nothing is encrypted that the workers cannot read.
 * @throws ConfigurationError, as NoWorkerYet where that may change by itself
 */
export function refuseMisuse(use: NamespaceUse, keyring: Keyring | undefined, namespace: string): void {
  const problem = keyring ? withKeys(use, keyring, namespace) : inClear(use, namespace);
  const Refused = use.kind === 'unknown' ? NoWorkerYet : ConfigurationError;
  if (problem) throw new Refused([`${problem} Nothing was written.`]);
}

function inClear({ kind }: NamespaceUse, namespace: string): string | undefined {
  if (kind === 'rehearsal') return undefined;
  const readable = 'importer numbers and birth dates would be readable there';
  return kind === 'encrypted'
    ? `ENCRYPTION_KEYS is not set, and everything in the namespace ${namespace} of this Temporal server is encrypted: ${readable}. Set ENCRYPTION_KEYS_FILE as for the workers.`
    : `ENCRYPTION_KEYS is not set, and nothing says that the namespace ${namespace} of this Temporal server is for rehearsals: ${readable}. If it is one, start a worker first, which says so; otherwise set ENCRYPTION_KEYS_FILE as for the workers.`;
}

function withKeys(use: NamespaceUse, { ids, writingId }: Keyring, namespace: string): string | undefined {
  if (use.kind === 'unknown')
    return `No worker has been in the namespace ${namespace} of this Temporal server yet: no one would read what is written there. Check TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE, or start a worker first.`;
  if (use.kind === 'rehearsal')
    return `ENCRYPTION_KEYS is set, and the namespace ${namespace} of this Temporal server is for rehearsals in clear: its workers could read nothing that is encrypted. Check TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE, or restart the workers with these keys.`;
  // That the workers have the writing key, the archive's register of keys says as well.
  const isRead = use.by === 'data' ? use.keyIds.includes(writingId) : use.keyIds.some((id) => ids.includes(id));
  return isRead
    ? undefined
    : `ENCRYPTION_KEYS begins with ${writingId}, and the workers of the namespace ${namespace} have ${use.keyIds.join(', ')}: they could not read what is written with it. Use their keys, in their order; a new key goes to the workers first.`;
}

/**
 * For workers: says what the namespace is used for from now on.
 * @throws ConfigurationError when it is used encrypted, and this worker has none of the keys
 */
export async function claimNamespace(
  connection: Connection,
  namespace: string,
  keyring: Keyring | undefined,
): Promise<void> {
  const data: Record<string, string> = keyring ? { [ENCRYPTED_WITH]: keyring.ids.join(' ') } : { [REHEARSAL]: 'true' };
  for (let tries = 1; ; tries++) {
    const use = await namespaceUse(connection, namespace);
    if (use.kind === 'encrypted') refuseOther(use, keyring, namespace);
    // Looked at again after it was written: another worker may have written at the same moment.
    if (isWritten(use, keyring) || tries > TRIES) return;
    try {
      await connection.workflowService.updateNamespace({ namespace, updateInfo: { data } });
    } catch (error) {
      if (!isGrpcServiceError(error) || PASSING.has(error.code)) throw error;
      // The memo of the watcher says it, which this worker is about to start; one that runs already says what it was.
      if (keyring && use.kind === 'rehearsal')
        throw new ConfigurationError([
          `The namespace ${namespace} was used for a rehearsal in clear, and its data cannot be changed to say that it is encrypted from now on: ${error.details}. Terminate the workflow ${watcherIdOf('main')} there, which says so, and start again; or use another namespace.`,
        ]);
      return;
    }
  }
}

function isWritten(use: NamespaceUse, keyring: Keyring | undefined): boolean {
  if (use.kind === 'unknown' || use.by === 'memo') return false;
  return keyring ? use.kind === 'encrypted' && use.keyIds.join() === keyring.ids.join() : use.kind === 'rehearsal';
}

function refuseOther(
  { keyIds }: Extract<NamespaceUse, { kind: 'encrypted' }>,
  keyring: Keyring | undefined,
  namespace: string,
): void {
  if (keyIds.some((id) => keyring?.ids.includes(id))) return;
  throw new ConfigurationError([
    `Everything in the namespace ${namespace} of this Temporal server is encrypted with ${keyIds.join(', ')}, and ENCRYPTION_KEYS ${keyring ? `has ${keyring.ids.join(', ')}` : 'is not set'}: this worker could read nothing there. Restore the key from your backup, or use a namespace of its own. Where its data are wrong (${ENCRYPTED_WITH}), whoever may change the namespace can correct them.`,
  ]);
}

const TRIES = 5;
/** gRPC. */
const NOT_FOUND = 5;
/** Deadline exceeded, resource exhausted, unavailable. What else is refused stays refused: it is not ours to change. */
const PASSING = new Set([4, 8, 14]);
