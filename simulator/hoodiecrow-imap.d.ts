declare module 'hoodiecrow-imap' {
  import type { Server, Socket } from 'node:net';

  /** The part of hoodiecrow that `imap-server.ts` uses; the package has no types of its own. */
  export interface Hoodiecrow {
    server: Server;
    connectionHandlers: ((connection: { socket: Socket | null }) => void)[];
    getMailbox(path: string): HoodiecrowMailbox | undefined;
    appendMessage(path: string, flags: string[], internalDate: Date, raw: string): unknown;
    listen(port: number, host: string, listening: () => void): void;
    close(closed: () => void): void;
  }

  export interface HoodiecrowMailbox {
    uidvalidity: number;
    messages: { uid: number; flags: string[]; internaldate: string; raw: string }[];
  }

  interface Folder {
    uidvalidity?: number;
    'special-use'?: string;
  }

  export default function hoodiecrow(options: {
    plugins: string[];
    users: Record<string, { password: string }>;
    storage: { INBOX: Folder; '': { folders: Record<string, Folder> } };
  }): Hoodiecrow;
}
