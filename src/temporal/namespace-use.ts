import { type Connection, isGrpcServiceError } from '@temporalio/client';
import type { Payload } from '@temporalio/common';
import { ConfigurationError } from '../config.js';
import type { Keyring } from '../encryption/keyring.js';
import { keyIdOf } from './encryption-codec.js';
import { ENCRYPTED, NAMESPACE_USE, REHEARSAL, watcherIdOf } from './watcher.js';

/**
 * What a namespace is used for, written where every client can look before it writes anything: in the namespace's data,
 * or, where those cannot be set (Temporal Cloud), in the memo of the mailbox watcher that every worker starts.
 */
export type NamespaceUse =
  /** Everything personal is encrypted, with one of these keys. */
  | { kind: 'encrypted'; keyIds: readonly string[] }
  /** Made-up data, in clear. */
  | { kind: 'rehearsal' }
  | { kind: 'unknown' };

/** @throws a gRPC error when the server does not answer */
export async function namespaceUse(connection: Connection, namespace: string): Promise<NamespaceUse> {
  const { namespaceInfo } = await connection.workflowService.describeNamespace({ namespace });
  const written = namespaceInfo?.data?.[NAMESPACE_USE];
  return written === undefined ? await useByMemo(connection, namespace) : read(written);
}

function read(written: string): NamespaceUse {
  const [kind, ...keyIds] = written.split(' ');
  if (kind === ENCRYPTED) return { kind, keyIds };
  return { kind: kind === REHEARSAL ? REHEARSAL : 'unknown' };
}

async function useByMemo(connection: Connection, namespace: string): Promise<NamespaceUse> {
  const execution = { workflowId: watcherIdOf('main') };
  const described = await connection.workflowService
    .describeWorkflowExecution({ namespace, execution })
    .catch((error: unknown) => {
      if (isGrpcServiceError(error) && error.code === NOT_FOUND) return undefined;
      throw error;
    });
  const memo: Payload | null | undefined = described?.workflowExecutionInfo?.memo?.fields?.[NAMESPACE_USE];
  if (!memo) return { kind: 'unknown' };
  const keyId = keyIdOf(memo);
  return keyId === undefined ? { kind: REHEARSAL } : { kind: ENCRYPTED, keyIds: [keyId] };
}

/**
 * For clients: nothing is written in clear where data may be real, and nothing is encrypted with keys that the workers
 * do not have.
 * @throws ConfigurationError
 */
export function refuseMisuse(use: NamespaceUse, keyring: Keyring | undefined, namespace: string): void {
  const problem = keyring ? otherKeys(use, keyring, namespace) : inClear(use, namespace);
  if (problem) throw new ConfigurationError([`${problem} Nothing was written.`]);
}

function inClear({ kind }: NamespaceUse, namespace: string): string | undefined {
  if (kind === REHEARSAL) return undefined;
  const readable = 'importer numbers and birth dates would be readable there';
  return kind === ENCRYPTED
    ? `ENCRYPTION_KEYS is not set, and everything in the namespace ${namespace} of this Temporal server is encrypted: ${readable}. Set ENCRYPTION_KEYS_FILE as for the workers.`
    : `ENCRYPTION_KEYS is not set, and nothing says that the namespace ${namespace} of this Temporal server is for rehearsals: ${readable}. If it is one, start a worker first, which says so; otherwise set ENCRYPTION_KEYS_FILE as for the workers.`;
}

function otherKeys(use: NamespaceUse, keyring: Keyring, namespace: string): string | undefined {
  if (use.kind !== ENCRYPTED || use.keyIds.some((id) => keyring.ids.includes(id))) return undefined;
  return `ENCRYPTION_KEYS has ${keyring.ids.join(', ')}, and the workers of the namespace ${namespace} encrypt with ${use.keyIds.join(', ')}: neither could read the other. Use their keys, or a namespace of your own.`;
}

/**
 * For workers: says what the namespace is used for from now on.
 * @throws ConfigurationError when it is used encrypted, and this worker has no key or other keys
 */
export async function claimNamespace(
  connection: Connection,
  namespace: string,
  keyring: Keyring | undefined,
): Promise<void> {
  const use = await namespaceUse(connection, namespace);
  if (use.kind === ENCRYPTED) refuseMisuse(use, keyring, namespace);
  const wanted = keyring ? [ENCRYPTED, ...keyring.ids].join(' ') : REHEARSAL;
  if (asWritten(use) === wanted) return;
  try {
    await connection.workflowService.updateNamespace({ namespace, updateInfo: { data: { [NAMESPACE_USE]: wanted } } });
  } catch (error) {
    if (!isGrpcServiceError(error) || PASSING.has(error.code)) throw error;
    // The memo of the watcher says it, which this worker is about to start; one that runs already says what it was.
    if (keyring && use.kind === REHEARSAL)
      throw new ConfigurationError([
        `The namespace ${namespace} was used for a rehearsal in clear, and its data cannot be changed to say that it is encrypted from now on: ${error.details}. Terminate the workflow ${watcherIdOf('main')} there, which says so, and start again; or use another namespace.`,
      ]);
  }
}

function asWritten(use: NamespaceUse): string | undefined {
  if (use.kind === 'unknown') return undefined;
  return use.kind === ENCRYPTED ? [ENCRYPTED, ...use.keyIds].join(' ') : REHEARSAL;
}

/** gRPC. */
const NOT_FOUND = 5;
/** Deadline exceeded, resource exhausted, unavailable. What else is refused stays refused: it is not ours to change. */
const PASSING = new Set([4, 8, 14]);
