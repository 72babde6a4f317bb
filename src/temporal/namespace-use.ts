import { type Connection, isGrpcServiceError } from '@temporalio/client';
import type { Payload } from '@temporalio/common';
import { ConfigurationError } from '../config/configuration-error.js';
import type { Keyring } from '../encryption/keyring.js';
import { USE_IN_MEMO, watcherIdOf } from '../workflows/contract/watcher.js';
import { keyIdOf } from './data-converter/encryption-codec.js';

/**
 * What a namespace is used for. Every client checks it before writing anything. It is kept in the data of the namespace or,
 * where that cannot be changed (Temporal Cloud), in the memo of the mailbox watcher that every worker starts.
 */
export type NamespaceUse =
  /** Personal data is encrypted. The workers have these keys; a memo names only one of them. */
  | { kind: 'encrypted'; keyIds: readonly string[]; by: 'data' | 'memo' }
  /** Made-up data, not encrypted. */
  | { kind: 'rehearsal'; by: 'data' | 'memo' }
  | { kind: 'unknown' };

/**
 * Two entries, each written by one kind of worker only and never removed. So if a worker with keys and one without start at
 * the same moment, neither overwrites the other. If both entries are there, the namespace is encrypted.
 */
export const ENCRYPTED_WITH = 'ace-onboarding-encrypted-with';
export const REHEARSAL = 'ace-onboarding-rehearsal';

/** @throws a gRPC error if the server does not answer */
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

/** No worker has set yet what the namespace is used for. The first worker to start will. */
export class NoWorkerYet extends ConfigurationError {}

/**
 * For clients: keeps them from writing unencrypted where data may be real, and from encrypting what the workers cannot read.
 * @throws ConfigurationError, as NoWorkerYet if starting a worker may fix it
 */
export function refuseMisuse(use: NamespaceUse, keyring: Keyring | undefined, namespace: string): void {
  const problem = keyring ? withKeys(use, keyring, namespace) : withoutKeys(use, namespace);
  const Refused = use.kind === 'unknown' ? NoWorkerYet : ConfigurationError;
  if (problem) throw new Refused([`${problem} Nothing was written.`]);
}

function withoutKeys({ kind }: NamespaceUse, namespace: string): string | undefined {
  if (kind === 'rehearsal') return undefined;
  const readable = 'importer numbers and birth dates would be stored there unencrypted';
  return kind === 'encrypted'
    ? `ENCRYPTION_KEYS is not set, but everything in the namespace ${namespace} of this Temporal server is encrypted: ${readable}. Set ENCRYPTION_KEYS_FILE to the same as for the workers.`
    : `ENCRYPTION_KEYS is not set, and the namespace ${namespace} of this Temporal server is not marked as a rehearsal: ${readable}. If it is a rehearsal, start a worker first, which marks it. Otherwise set ENCRYPTION_KEYS_FILE to the same as for the workers.`;
}

function withKeys(use: NamespaceUse, { ids, writingId }: Keyring, namespace: string): string | undefined {
  if (use.kind === 'unknown')
    return `No worker has used the namespace ${namespace} of this Temporal server yet, so no one would read what is written there. Check TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE, or start a worker first.`;
  if (use.kind === 'rehearsal')
    return `ENCRYPTION_KEYS is set, but the namespace ${namespace} of this Temporal server is for unencrypted rehearsals: its workers could not read encrypted data. Check TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE, or restart the workers with these keys.`;
  // A memo names one key only. The archive's register of keys also shows whether the workers have the writing key.
  const isRead = use.by === 'data' ? use.keyIds.includes(writingId) : use.keyIds.some((id) => ids.includes(id));
  return isRead
    ? undefined
    : `ENCRYPTION_KEYS begins with ${writingId}, but the workers of the namespace ${namespace} have ${use.keyIds.join(', ')}: they could not read what you write. Use their keys in the same order, and give new keys to the workers first.`;
}

/**
 * For workers: sets what the namespace is used for from now on.
 * @throws ConfigurationError if it is encrypted and this worker has none of its keys
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
    // Check again after writing: another worker may have written at the same moment.
    if (isWritten(use, keyring) || tries > TRIES) return;
    try {
      await connection.workflowService.updateNamespace({ namespace, updateInfo: { data } });
    } catch (error) {
      if (!isGrpcServiceError(error) || TEMPORARY.has(error.code)) throw error;
      // Then the memo of the watcher tells, which this worker is about to start. A running watcher tells the old use.
      if (keyring && use.kind === 'rehearsal')
        throw new ConfigurationError([
          `The namespace ${namespace} was used for an unencrypted rehearsal, and its data cannot be changed to mark it as encrypted: ${error.details}. Terminate the workflow ${watcherIdOf('main')} there, which marks it as a rehearsal, and start again; or use another namespace.`,
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
    `Everything in the namespace ${namespace} of this Temporal server is encrypted with ${keyIds.join(', ')}, but ENCRYPTION_KEYS ${keyring ? `has ${keyring.ids.join(', ')}` : 'is not set'}: this worker could not read anything there. Restore the key from your backup, or use a separate namespace. If the data of the namespace is wrong (${ENCRYPTED_WITH}), someone who may change the namespace can correct it.`,
  ]);
}

const TRIES = 5;
/** gRPC status code. */
const NOT_FOUND = 5;
/** Deadline exceeded, resource exhausted, unavailable. Any other error means that we may not change the namespace. */
const TEMPORARY = new Set([4, 8, 14]);
