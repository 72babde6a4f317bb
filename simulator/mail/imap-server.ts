import type { Socket } from 'node:net';
import hoodiecrow from 'hoodiecrow-imap';

/**
 * One in-memory mailbox behind IMAP. Nothing else in the simulator knows which server is used. Its known gaps: it does
 * not push FLAGS to an idling session, and a partial FETCH of several messages is wrong.
 */
export interface ImapServer {
  port: number;
  user: string;
  password: string;
  /** Appends a message to a folder. Sessions that idle there are notified. */
  append(folder: string, raw: Buffer): void;
  /** The messages of a folder, in order. @throws Error when there is no such folder */
  messages(folder: string): Buffer[];
  /** Drops every session, as a restarting server does. New sessions can connect. */
  dropSessions(): void;
  close(): Promise<void>;
}

export interface ImapServerOptions {
  /** Default: 0, for a free one. */
  port?: number;
  user?: string;
  password?: string;
  /** Folders besides INBOX. */
  folders?: string[];
}

const HOST = '127.0.0.1';

export async function openImapServer(options: ImapServerOptions = {}): Promise<ImapServer> {
  const { port = 0, user = 'ace', password = 'simulated', folders = ['Processed', 'Review'] } = options;
  // The server's default is 1, so a client that remembers UIDs from an earlier run would take new mail for old.
  const uidvalidity = Math.floor(Date.now() / 1000);
  const server = hoodiecrow({
    plugins: ['ID', 'IDLE', 'UIDPLUS', 'MOVE', 'NAMESPACE', 'UNSELECT', 'SPECIAL-USE', 'ENABLE', 'LITERALPLUS'],
    users: { [user]: { password } },
    storage: {
      INBOX: { uidvalidity },
      '': { folders: Object.fromEntries(folders.map((name) => [name, { uidvalidity }])) },
    },
  });

  const sockets = new Set<Socket>();
  server.server.on('connection', (socket: Socket) => {
    // Otherwise every command takes 44 ms, because Nagle's algorithm waits for the client's delayed acknowledgement.
    socket.setNoDelay(true);
    sockets.add(socket);
    socket.once('close', () => {
      sockets.delete(socket);
      // The server removes its own listeners on close. A late reset must not end the process.
      socket.on('error', () => undefined);
    });
  });

  await new Promise<void>((resolve, reject) => {
    server.server.once('error', reject);
    server.listen(port, HOST, () => {
      server.server.off('error', reject);
      resolve();
    });
  });
  const address = server.server.address();

  return {
    port: typeof address === 'object' && address ? address.port : port,
    user,
    password,
    append(folder, raw) {
      // The server keeps messages as latin1 strings.
      server.appendMessage(folder, [], new Date(), raw.toString('latin1'));
    },
    messages(folder) {
      const mailbox = server.getMailbox(folder);
      if (!mailbox) throw new Error(`There is no folder ${folder} on the simulated IMAP server.`);
      return mailbox.messages.map(({ raw }) => Buffer.from(raw, 'latin1'));
    },
    dropSessions() {
      for (const socket of sockets) socket.destroy();
    },
    close() {
      return new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      });
    },
  };
}
