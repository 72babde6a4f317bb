import { ImapFlow } from 'imapflow';
import { MoveByCopy } from './move-by-copy.js';

/**
 * One connection to one mailbox, as the watcher sees it: which messages lie in a folder, their bytes, moving them, and a
 * signal that wakes the reader when something may have come. Everything else IMAP can do stays behind this seam.
 */
export interface ImapSession {
  /** Selects a folder. A changed `uidValidity` means that every UID known from before is void. */
  open(folder: string): Promise<{ uidValidity: string }>;
  /** UIDs of what lies in the open folder and nobody marked as deleted, oldest first. */
  uids(): Promise<number[]>;
  /** Sizes and arrival; a UID that went in the meantime is left out. */
  describe(uids: number[]): Promise<MessageAtServer[]>;
  /** The whole messages, unchanged and unread; a UID that went in the meantime is left out. */
  sources(uids: number[]): Promise<Map<number, Buffer>>;
  /** The header block alone, for a message too large to fetch. */
  header(uid: number): Promise<Buffer | undefined>;
  /** False when the server declines, for want of the folder, quota or rights. Messages that are gone are no failure. */
  move(uids: number[], folder: string): Promise<boolean>;
  /** Removes messages for good. False where the server cannot remove these alone, or declines. */
  remove?(uids: number[]): Promise<boolean>;
  /**
   * Messages that were moved and still lie where they were, flagged as deleted: the server can only remove them together
   * with what somebody else flagged.
   */
  readonly leftFlagged?: number;
  /** Resolves when something may have come, the connection ends or the time is over: a hint, never the truth. */
  waitForMail(atMostMs: number): Promise<void>;
  /** Ends the wait from our side. */
  wake(): void;
  /** Why the connection ended, if it has. */
  readonly ended: Error | undefined;
  close(): void;
}

export interface MessageAtServer {
  uid: number;
  bytes: number;
  /** INTERNALDATE: when the message came into the mailbox, ISO instant. */
  receivedAt: string;
}

export interface ImapSettings {
  host: string;
  port: number;
  security: 'tls' | 'starttls' | 'none';
  user: string;
  /** Asked for at each connect, so that a token is fresh. */
  credentials: () => Promise<{ password: string } | { accessToken: string }>;
  inbox: string;
  processed: string;
  review: string;
  /** The folder into which the mail host files what it suspects; found by its special use when not named. */
  junk?: string | undefined;
  sweepSeconds: number;
  /** So long without mail is suspicious, hours; 0 or none: never. */
  silentHours?: number;
}

export interface ImapPatience {
  connectMs: number;
  /** Silence on the wire after which a peer counts as dead. While idling a NOOP asks first, so it takes up to twice this. */
  silenceMs: number;
  /** IDLE is begun anew this often: far below the 29 minutes of RFC 2177, since routers forget quiet connections sooner. */
  idleMs: number;
}

export const IMAP_PATIENCE: ImapPatience = { connectMs: 20_000, silenceMs: 60_000, idleMs: 4 * 60_000 };

/** Bounds against a server that sends without end; a message over `MAX_MESSAGE_BYTES` is never fetched whole. */
export const MAX_MESSAGE_BYTES = 25 * 1024 * 1024;
const MAX_LITERAL_BYTES = 50 * 1024 * 1024;
const MAX_RESPONSE_BYTES = 64 * 1024 * 1024;

/**
 * Connects, logs in and makes sure that the folders for processed and for reviewed mail exist.
 * @throws ImapFlow's errors: `authenticationFailed`, `ETHROTTLE` with `throttleReset`, and the socket's own.
 */
export async function openImapSession(
  settings: ImapSettings,
  signal: AbortSignal,
  patience: ImapPatience = IMAP_PATIENCE,
): Promise<ImapSession & { junk: string | undefined }> {
  signal.throwIfAborted();
  const secret = await settings.credentials();
  const client = new ImapFlow({
    host: settings.host,
    port: settings.port,
    secure: settings.security === 'tls',
    // Left unset the library goes on in clear text when the server, or somebody on the way, does not offer STARTTLS.
    doSTARTTLS: settings.security === 'starttls',
    auth:
      'password' in secret
        ? { user: settings.user, pass: secret.password }
        : { user: settings.user, accessToken: secret.accessToken },
    // Its trace level prints whole answers, subjects and addresses included; what matters is logged by the watcher.
    logger: false,
    clientInfo: { name: 'ace-onboarding' },
    // Automatic IDLE waits for fifteen quiet seconds first, in which new mail goes unnoticed.
    disableAutoIdle: true,
    connectionTimeout: patience.connectMs,
    greetingTimeout: patience.connectMs,
    socketTimeout: patience.silenceMs,
    maxIdleTime: patience.idleMs,
    maxLiteralSize: MAX_LITERAL_BYTES,
    maxResponseSize: MAX_RESPONSE_BYTES,
  });
  const wakeSignal = new WakeSignal();
  let ended: Error | undefined;
  const end = (why: Error) => {
    ended ??= why;
    wakeSignal.set();
  };
  client.on('error', end);
  client.on('close', () => end(new Error('The IMAP connection was closed.')));
  client.on('exists', () => wakeSignal.set());
  const stop = () => client.close();
  signal.addEventListener('abort', stop, { once: true });
  const close = () => {
    signal.removeEventListener('abort', stop);
    client.close();
  };

  try {
    await client.connect();
    const folders = await ensureFolders(client, settings);
    const byCopy = canMove(client) ? undefined : new MoveByCopy(client, [settings.processed, settings.review]);
    return {
      junk: folders.junk,

      async open(folder) {
        const mailbox = await client.mailboxOpen(folder);
        return { uidValidity: String(mailbox.uidValidity) };
      },

      async uids() {
        await byCopy?.tidy();
        const found = answered(await client.search({ deleted: false }, { uid: true }), 'SEARCH');
        return found.sort((a, b) => a - b);
      },

      async describe(uids) {
        const found = await client.fetchAll(
          uids.join(','),
          { uid: true, size: true, internalDate: true },
          { uid: true },
        );
        return found.map((message) => ({
          uid: message.uid,
          bytes: message.size ?? 0,
          receivedAt: new Date(message.internalDate ?? Date.now()).toISOString(),
        }));
      },

      async sources(uids) {
        const found = await client.fetchAll(uids.join(','), { uid: true, source: true }, { uid: true });
        return new Map(found.flatMap((message) => (message.source ? [[message.uid, message.source] as const] : [])));
      },

      async header(uid) {
        const found = await client.fetchOne(String(uid), { uid: true, headers: true }, { uid: true });
        return found ? found.headers : undefined;
      },

      async move(uids, folder) {
        if (byCopy) return await byCopy.move(uids, folder);
        return Boolean(await client.messageMove(uids.join(','), folder, { uid: true }));
      },

      async remove(uids) {
        if (!client.capabilities.has('UIDPLUS')) return false;
        return await client.messageDelete(uids.join(','), { uid: true });
      },

      get leftFlagged() {
        return byCopy?.leftFlagged ?? 0;
      },

      async waitForMail(atMostMs) {
        // Not awaited: it ends when the next command needs the connection, and what goes wrong arrives as an event.
        if (!wakeSignal.isSet && !ended) client.idle().catch(end);
        await wakeSignal.wait(atMostMs);
      },

      wake: () => wakeSignal.set(),
      get ended() {
        return ended;
      },
      close,
    };
  } catch (error) {
    close();
    throw error;
  }
}

/** Creates the folders we move to, and finds the mail host's own for suspected spam. Names are taken below the server's prefix. */
async function ensureFolders(client: ImapFlow, settings: ImapSettings): Promise<{ junk: string | undefined }> {
  const listed = await client.list();
  const there = new Set(listed.flatMap((folder) => [folder.path, folder.name]));
  for (const folder of [settings.processed, settings.review]) {
    if (!there.has(folder)) await client.mailboxCreate(folder);
  }
  const junk = settings.junk ?? listed.find((folder) => folder.specialUse === '\\Junk')?.path;
  return { junk };
}

/** A part of IMAP4rev2, where the session speaks that. */
function canMove({ capabilities, enabled }: ImapFlow): boolean {
  return capabilities.has('MOVE') || enabled.has('IMAP4REV2');
}

/** ImapFlow answers false when the server refused a command that ought to work. */
function answered<T>(answer: T | false | undefined, command: string): T {
  if (answer === false || answer === undefined)
    throw new Error(`The IMAP server refused ${command} in the folder that is open.`);
  return answer;
}

/** Stays set until someone has waited for it: what comes between a sweep and the next IDLE is not lost. */
class WakeSignal {
  isSet = false;
  #wake: (() => void) | undefined;

  set(): void {
    this.isSet = true;
    this.#wake?.();
  }

  async wait(atMostMs: number): Promise<void> {
    if (!this.isSet) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, atMostMs);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.#wake = undefined;
    }
    this.isSet = false;
  }
}
