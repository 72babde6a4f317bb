import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { createSecureContext, type TLSSocket, TLSSocket as Tls } from 'node:tls';

/** Points where a dialogue can be disturbed. `dot`: the whole message has arrived and the server must reply. */
export type Point = 'greeting' | 'ehlo' | 'starttls' | 'auth' | 'mail' | 'rcpt' | 'data' | 'body' | 'dot';

/**
 * What the server does there instead of continuing: it replies something else, closes or resets the connection, goes silent,
 * or begins a reply and closes the connection.
 */
export type Act =
  | { say: string; thenCut?: true }
  | 'cut'
  | 'reset'
  | 'silence'
  | 'half-answer'
  /** At `dot` only: keeps the message, then closes or resets the connection, or goes silent. */
  | 'keep-and-cut'
  | 'keep-and-silence';

export interface Session {
  /** 1 for the first connection. */
  number: number;
  from?: string;
  recipients: string[];
  commands: string[];
}

export interface Received {
  messageId: string;
  from: string;
  to: string[];
  raw: string;
}

export interface ScriptedSmtp {
  port: number;
  /** Called at every point. Undefined: behave like a healthy server. */
  script: (point: Point, session: Session, argument: string) => Act | undefined | Promise<Act | undefined>;
  extensions: string[];
  /** The last line of a successful reply. */
  goodbye: (received: Received) => string;
  /** Open dialogues. */
  readonly open: number;
  /** False: do not keep accepted messages, for runs too long to keep them all. */
  keep: boolean;
  readonly sessions: Session[];
  /** Messages that the server accepted, whatever the sender learned. */
  readonly received: Received[];
  close(): Promise<void>;
}

/** A mail server for tests that misbehaves on request at any point. Unencrypted, or STARTTLS with `tls`. */
export async function openScriptedSmtp(options: { tls?: { key: string; cert: string } } = {}): Promise<ScriptedSmtp> {
  const sockets = new Set<Socket>();
  let open = 0;
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    open += 1;
    void serve(scripted, socket, options.tls).finally(() => {
      open -= 1;
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const scripted: ScriptedSmtp = {
    port: typeof address === 'object' && address ? address.port : 0,
    script: () => undefined,
    extensions: ['PIPELINING', 'SIZE 20000000', '8BITMIME'],
    get open() {
      return open;
    },
    keep: true,
    goodbye: () => '250 2.0.0 Ok: queued as 4Xyz',
    sessions: [],
    received: [],
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
  return scripted;
}

async function serve(scripted: ScriptedSmtp, plain: Socket, tls: { key: string; cert: string } | undefined) {
  const session: Session = { number: scripted.sessions.length + 1, recipients: [], commands: [] };
  scripted.sessions.push(session);
  let socket: Socket | TLSSocket = plain;
  let buffered = '';
  let wake: (() => void) | undefined;
  let ended = false;
  const listen = (on: Socket) => {
    on.on('data', (chunk) => {
      buffered += chunk.toString('latin1');
      wake?.();
    });
    on.on('close', () => {
      ended = true;
      wake?.();
    });
    on.on('error', () => {});
  };
  listen(plain);
  const until = async (found: () => boolean): Promise<boolean> => {
    while (!found()) {
      if (ended) return false;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    return true;
  };
  const line = async (): Promise<string | undefined> => {
    if (!(await until(() => buffered.includes('\r\n')))) return undefined;
    const at = buffered.indexOf('\r\n');
    const text = buffered.slice(0, at);
    buffered = buffered.slice(at + 2);
    return text;
  };
  const say = (text: string) => socket.write(`${text}\r\n`);
  /** True: continue the dialogue with the healthy reply. */
  const healthyAt = async (point: Point, argument = ''): Promise<'healthy' | 'said' | 'over'> => {
    const act = await scripted.script(point, session, argument);
    if (act === undefined) return 'healthy';
    if (typeof act === 'object') {
      say(act.say);
      if (act.thenCut) socket.end();
      return act.thenCut ? 'over' : 'said';
    }
    if (act === 'half-answer') socket.end('25');
    else if (act === 'reset') plain.resetAndDestroy();
    else if (act === 'cut' || act === 'keep-and-cut') socket.destroy();
    return 'over';
  };

  if ((await healthyAt('greeting')) !== 'healthy') return;
  say('220 mail.scripted.example ESMTP');
  for (;;) {
    const command = await line();
    if (command === undefined) return;
    session.commands.push(command);
    const verb = command.slice(0, 4).toUpperCase();
    if (verb === 'EHLO' || verb === 'HELO') {
      const state = await healthyAt('ehlo');
      if (state === 'over') return;
      if (state === 'said') continue;
      const offered = tls && socket === plain ? ['STARTTLS', ...scripted.extensions] : scripted.extensions;
      const lines = ['mail.scripted.example', ...offered];
      say(lines.map((text, index) => `250${index === lines.length - 1 ? ' ' : '-'}${text}`).join('\r\n'));
    } else if (command.toUpperCase() === 'STARTTLS') {
      const state = await healthyAt('starttls');
      if (state === 'over') return;
      if (state === 'said') continue;
      if (!tls) {
        say('502 5.5.1 not here');
        continue;
      }
      say('220 go ahead');
      plain.removeAllListeners('data');
      socket = new Tls(plain, { isServer: true, secureContext: createSecureContext(tls) });
      listen(socket);
    } else if (verb === 'AUTH') {
      const state = await healthyAt('auth', command);
      if (state === 'over') return;
      if (state === 'healthy') say('235 2.7.0 welcome');
    } else if (verb === 'MAIL') {
      session.from = addressIn(command);
      session.recipients = [];
      const state = await healthyAt('mail', session.from);
      if (state === 'over') return;
      if (state === 'healthy') say('250 2.1.0 Ok');
    } else if (verb === 'RCPT') {
      const address = addressIn(command);
      const state = await healthyAt('rcpt', address);
      if (state === 'over') return;
      if (state !== 'healthy') continue;
      session.recipients.push(address);
      say('250 2.1.5 Ok');
    } else if (verb === 'DATA') {
      const state = await healthyAt('data');
      if (state === 'over') return;
      if (state === 'said') continue;
      if (session.recipients.length === 0) {
        say('554 5.5.1 no valid recipients');
        continue;
      }
      say('354 go ahead');
      if (!(await until(() => buffered.length > 0))) return;
      const early = await healthyAt('body');
      if (early === 'over') return;
      if (early === 'said') continue;
      const END = '\r\n.\r\n';
      if (!(await until(() => buffered.includes(END)))) return;
      const at = buffered.indexOf(END);
      const raw = `${buffered.slice(0, at)}\r\n`.replace(/^\.\./gm, '.');
      buffered = buffered.slice(at + END.length);
      const received: Received = {
        messageId: /^Message-ID: <([^>]+)>/im.exec(raw)?.[1] ?? '',
        from: session.from ?? '',
        to: [...session.recipients],
        raw,
      };
      const act = await scripted.script('dot', session, received.messageId);
      const taken = act === undefined || act === 'keep-and-cut' || act === 'keep-and-silence';
      if (taken && scripted.keep) scripted.received.push(received);
      if (act === undefined) {
        say(scripted.goodbye(received));
        continue;
      }
      if (typeof act === 'object') {
        say(act.say);
        if (act.thenCut) {
          socket.end();
          return;
        }
        continue;
      }
      if (act === 'half-answer') socket.end('25');
      else if (act === 'reset') plain.resetAndDestroy();
      else if (act === 'cut' || act === 'keep-and-cut') socket.destroy();
      return;
    } else if (verb === 'QUIT') {
      say('221 2.0.0 bye');
      socket.end();
      return;
    } else {
      say('250 2.0.0 Ok');
    }
  }
}

function addressIn(command: string): string {
  return /<([^>]*)>/.exec(command)?.[1] ?? '';
}
