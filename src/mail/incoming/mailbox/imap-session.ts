import { ImapFlow } from 'imapflow';
import { MoveByCopy } from './move-by-copy.js';

/**
 * One connection to one mailbox, as the watcher sees it: which messages are in a folder, their bytes, moving them, and a
 * signal that wakes the reader when new mail may have arrived. All other IMAP details stay behind this interface.
 */
export interface ImapSession {
  /** Selects a folder. If `uidValidity` changed, all UIDs known from before are invalid. */
  open(folder: string): Promise<{ uidValidity: string }>;
  /** UIDs of the messages in the open folder that are not flagged as deleted, oldest first. */
  uids(): Promise<number[]>;
  /** Sizes and arrival times. Leaves out messages that are gone by now. */
  describe(uids: number[]): Promise<MessageAtServer[]>;
  /** The whole messages, without marking them as read. Leaves out messages that are gone by now. */
  sources(uids: number[]): Promise<Map<number, Buffer>>;
  /** Only the header block, for a message that is too large to fetch. */
  header(uid: number): Promise<Buffer | undefined>;
  /** False if the server declines: no such folder, no quota or no permission. Messages that are gone are not a failure. */
  move(uids: number[], folder: string): Promise<boolean>;
  /** Removes messages permanently. False if the server declines, or can't remove just these. */
  remove?(uids: number[]): Promise<boolean>;
  /**
   * How many moved messages are still in their old folder, flagged as deleted: the server can only remove them together
   * with messages that someone else flagged.
   */
  readonly leftFlagged?: number;
  /** Resolves when mail may have arrived, the connection ends or the time is up. Only a hint. */
  waitForMail(atMostMs: number): Promise<void>;
  /** Ends `waitForMail` early. */
  wake(): void;
  /** Why the connection ended, if it has. */
  readonly ended: Error | undefined;
  close(): void;
}

export interface MessageAtServer {
  uid: number;
  bytes: number;
  /** INTERNALDATE: when the message arrived in the mailbox, ISO instant. */
  receivedAt: string;
}

export interface ImapSettings {
  host: string;
  port: number;
  security: 'tls' | 'starttls' | 'none';
  user: string;
  /** Called for each connection, so that a token is fresh. */
  credentials: () => Promise<{ password: string } | { accessToken: string }>;
  inbox: string;
  processed: string;
  review: string;
  /** The mail host's folder for suspected spam. Found by its special use if not set. */
  junk?: string | undefined;
  sweepSeconds: number;
  /** After this many hours without mail, raise an alert. 0 or undefined: never. */
  silentHours?: number;
}

export interface ImapPatience {
  connectMs: number;
  /** How long a server may be silent before it counts as dead. While idle we send a NOOP first, so up to twice this. */
  silenceMs: number;
  /** How often IDLE restarts: far below the 29 minutes of RFC 2177, because routers drop quiet connections sooner. */
  idleMs: number;
}

export const IMAP_PATIENCE: ImapPatience = { connectMs: 20_000, silenceMs: 60_000, idleMs: 4 * 60_000 };

/** Limits for a server that never stops sending. A message over `MAX_MESSAGE_BYTES` is never fetched whole. */
export const MAX_MESSAGE_BYTES = 25 * 1024 * 1024;
const MAX_LITERAL_BYTES = 50 * 1024 * 1024;
const MAX_RESPONSE_BYTES = 64 * 1024 * 1024;

/**
 * Connects, logs in and creates the folders for processed mail and for mail to review if they are missing.
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
    // Without this, the library continues unencrypted if the server, or someone in between, does not offer STARTTLS.
    doSTARTTLS: settings.security === 'starttls',
    auth:
      'password' in secret
        ? { user: settings.user, pass: secret.password }
        : { user: settings.user, accessToken: secret.accessToken },
    // Its trace level prints whole responses, with subjects and addresses. The watcher logs what matters.
    logger: false,
    clientInfo: { name: 'ace-onboarding' },
    // Automatic IDLE starts only after fifteen quiet seconds, during which new mail goes unnoticed.
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
        const found = resultOf(await client.search({ deleted: false }, { uid: true }), 'SEARCH');
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
        // Not awaited: it ends when the next command needs the connection, and errors arrive as events.
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

/** Creates the folders we move mail to, and finds the mail host's junk folder. Names are relative to the server's prefix. */
async function ensureFolders(client: ImapFlow, settings: ImapSettings): Promise<{ junk: string | undefined }> {
  const listed = await client.list();
  const there = new Set(listed.flatMap((folder) => [folder.path, folder.name]));
  for (const folder of [settings.processed, settings.review]) {
    if (!there.has(folder)) await client.mailboxCreate(folder);
  }
  const junk = settings.junk ?? listed.find((folder) => folder.specialUse === '\\Junk')?.path;
  return { junk };
}

/** MOVE is part of IMAP4rev2. */
function canMove({ capabilities, enabled }: ImapFlow): boolean {
  return capabilities.has('MOVE') || enabled.has('IMAP4REV2');
}

/** ImapFlow returns false if the server refused a command that should work. */
function resultOf<T>(result: T | false | undefined, command: string): T {
  if (result === false || result === undefined)
    throw new Error(`The IMAP server refused ${command} in the open folder.`);
  return result;
}

/** Stays set until someone waits for it, so that mail between a sweep and the next IDLE is not missed. */
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
