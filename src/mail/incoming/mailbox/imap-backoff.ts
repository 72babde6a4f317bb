/** Why a mailbox cannot be read. The kind decides what to do about it. */
export type ImapFailureKind = 'login-refused' | 'throttled' | 'certificate' | 'unreachable' | 'not-told';

export interface ImapFailure {
  kind: ImapFailureKind;
  /** How long to wait before the next try, milliseconds. */
  waitMs: number;
  /** What happened and what to do, one sentence each, without names or text from emails. */
  says: string;
}

/**
 * Decides what to do about a failed or lost connection: how long to wait, and what to tell the operator.
 *
 * A lost connection is retried at once, then with growing waits of at most half a minute. The waits are random within each
 * step, so that many workers do not come back at the same instant. A refused login is retried rarely, because providers
 * lock accounts after many failed logins. If the server throttles us, we wait for as long as it asks.
 *
 * @param failures in a row, this one included, since the connection last worked
 * @param random in [0, 1)
 */
export function failureFor(error: unknown, failures: number, random: () => number = Math.random): ImapFailure {
  const e = error as ImapError;
  if (e?.code === 'token-refused')
    return {
      kind: 'login-refused',
      waitMs: jittered(doubling(LOGIN_STEP_MS, failures, LOGIN_CAP_MS), random),
      says: "Can't get a token for the mailbox. Check IMAP_AUTH and the OAUTH_ or GOOGLE_ variables: the secret may have expired, or consent may have been withdrawn.",
    };
  if (e?.authenticationFailed || LOCKED_OUT.test(String(e?.responseText ?? e?.response ?? '')))
    return {
      kind: 'login-refused',
      waitMs: jittered(doubling(LOGIN_STEP_MS, failures, LOGIN_CAP_MS), random),
      says: 'The mail server refuses the login. Check IMAP_USER and the password or token. Retries are rare, so that the account is not locked.',
    };
  if (e?.code === 'ETHROTTLE')
    return {
      kind: 'throttled',
      waitMs: Math.max(e.throttleReset ?? 0, jittered(doubling(FIRST_STEP_MS, failures, CAP_MS), random)),
      says: 'The mail server is throttling this mailbox. The worker waits for as long as the server asks.',
    };
  if (e?.tlsFailed || CERTIFICATE.test(String(e?.code ?? '')))
    return {
      kind: 'certificate',
      waitMs: jittered(CAP_MS, random),
      says: `The TLS connection to the mail server can't be trusted (${e?.code ?? 'TLS'}). Check IMAP_HOST, IMAP_PORT and IMAP_SECURITY; set NODE_EXTRA_CA_CERTS for a private certificate authority.`,
    };
  const elsewhere = troubleElsewhere(error);
  if (elsewhere)
    return {
      kind: 'not-told',
      waitMs: jittered(doubling(FIRST_STEP_MS, failures, CAP_MS), random),
      says: `Mail was read, but ${elsewhere}. The mail stays in the inbox, and the worker retries automatically.`,
    };
  return {
    kind: 'unreachable',
    waitMs: jittered(doubling(FIRST_STEP_MS, failures, CAP_MS), random),
    says: `The mailbox can't be read (${e?.code ?? e?.name ?? 'unknown error'}). The worker retries automatically.`,
  };
}

/** Whether the archive, the keys, or Temporal failed. gRPC errors have a number as their code. */
function troubleElsewhere(error: unknown): string | undefined {
  const { name, code, keyId } = (error ?? {}) as ImapError;
  if (name === 'KeyMissing') return `the encryption key ${keyId} is missing from ENCRYPTION_KEYS`;
  if (name === 'ArchiveError')
    return code === 'full' ? 'the archive is full' : `the archive could not be used (${code})`;
  return typeof code === 'number' ? `Temporal could not be reached (${code})` : undefined;
}

const FIRST_STEP_MS = 250;
const CAP_MS = 30_000;
const LOGIN_STEP_MS = 30_000;
const LOGIN_CAP_MS = 15 * 60_000;

/** Microsoft 365's messages for a mailbox with too many logins or without permission to use IMAP. */
const LOCKED_OUT = /authenticated but not connected|too many (simultaneous )?connections/i;
const CERTIFICATE = /^(CERT_|ERR_TLS_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_(GET_ISSUER|VERIFY))/;

interface ImapError {
  name?: string;
  code?: string | number;
  authenticationFailed?: boolean;
  tlsFailed?: boolean;
  throttleReset?: number;
  responseText?: string;
  keyId?: string;
  response?: unknown;
}

function doubling(firstMs: number, failures: number, capMs: number): number {
  return Math.min(capMs, firstMs * 2 ** Math.min(Math.max(failures, 1) - 1, 20));
}

/** Between half the step and the whole of it. */
function jittered(ms: number, random: () => number): number {
  return Math.round(ms / 2 + (ms / 2) * random());
}
