import type { Socket } from 'node:net';
import hoodiecrow from 'hoodiecrow-imap';

/**
 * One mailbox behind IMAP, in memory. The seam around the server we use: nothing else in the simulator knows which one
 * it is. Its gaps, measured: no FLAGS push to an idling session, and partial FETCH over several messages is wrong.
 */
export interface ImapServer {
  port: number;
  user: string;
  password: string;
  /** Puts a message into a folder, as its last; sessions that idle there are told. */
  append(folder: string, raw: Buffer): void;
  /** What a folder holds, in order. @throws Error when there is no such folder. */
  messages(folder: string): Buffer[];
  /** Cuts every session, as a server that restarts does. New ones are welcome. */
  dropSessions(): void;
  close(): Promise<void>;
}

export interface ImapServerOptions {
  /** 0, the default: a free one. */
  port?: number;
  user?: string;
  password?: string;
  /** Folders beside INBOX. */
  folders?: string[];
}

const HOST = '127.0.0.1';

export async function openImapServer(options: ImapServerOptions = {}): Promise<ImapServer> {
  const { port = 0, user = 'ace', password = 'simulated', folders = ['Processed', 'Review'] } = options;
  // Its own default is 1: a client that remembers UIDs from an earlier run would take new mail for old.
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
    // Without it every command takes 44 ms: Nagle's algorithm waits for the client's delayed acknowledgement.
    socket.setNoDelay(true);
    sockets.add(socket);
    socket.once('close', () => {
      sockets.delete(socket);
      // The server drops its own listeners on close; a late reset must not end the process.
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
      // It keeps messages as latin1 strings.
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
