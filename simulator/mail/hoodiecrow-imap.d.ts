declare module 'hoodiecrow-imap' {
  function hoodiecrow(options: {
    plugins: string[];
    users: Record<string, { password: string }>;
    storage: { INBOX: hoodiecrow.Folder; '': { folders: Record<string, hoodiecrow.Folder> } };
  }): hoodiecrow.Server;

  namespace hoodiecrow {
    /** The part of hoodiecrow that `imap-server.ts` uses; the package has no types of its own. */
    interface Server {
      server: import('node:net').Server;
      getMailbox(path: string): Mailbox | undefined;
      appendMessage(path: string, flags: string[], internalDate: Date, raw: string): unknown;
      listen(port: number, host: string, listening: () => void): void;
      close(closed: () => void): void;
    }

    interface Mailbox {
      uidvalidity: number;
      messages: { uid: number; flags: string[]; internaldate: string; raw: string }[];
    }

    interface Folder {
      uidvalidity?: number;
    }
  }

  export = hoodiecrow;
}
