import { isIP } from 'node:net';
import { Readable } from 'node:stream';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import XOAuth2 from 'nodemailer/lib/xoauth2';
import { isLoopback } from '../../config/loopback.js';
import type { SmtpDialogue } from './send-outcome.js';
import type { Login } from './token-provider.js';

export interface SmtpServer {
  host: string;
  port: number;
  /** `none` is allowed for loopback only. */
  security: 'tls' | 'starttls' | 'none';
  /** False: connect to loopback only. */
  live: boolean;
  /** PEM certificates to trust in addition to the system's. */
  ca?: string;
}

export interface Transmission {
  envelope: { from: string; to: string[] };
  /** The recipient whose acceptance counts; one of `envelope.to`. */
  recipient: string;
  /** The archived message. */
  bytes: Uint8Array;
  /**
   * Called once, at the first read of the body, which happens only after the server's 354 and only if it accepted the
   * recipient. No byte of the message leaves before this returns `go`. Throwing also withholds the body.
   */
  beforeBody(): Promise<'go' | 'withhold'>;
  /** Called before the last chunk, without which the server cannot accept the message. */
  beforeEnd(): Promise<'go' | 'withhold'>;
  /** Stops the dialogue while the message is certainly not sent. It has no effect once the body is on its way. */
  signal?: AbortSignal;
}

export interface Timeouts {
  connectMs: number;
  greetingMs: number;
  /** How long the server may be silent at any later point. Longer than a provider's scan after the final dot. */
  silenceMs: number;
  /** From the claim to the last chunk. A process that was frozen in between must not finish the message. */
  bodyMs: number;
  /** The whole dialogue, in case a server trickles. Shorter than the activity's start-to-close timeout. */
  overallMs: number;
}

export const TIMEOUTS: Timeouts = {
  connectMs: 15_000,
  greetingMs: 15_000,
  silenceMs: 90_000,
  bodyMs: 90_000,
  overallMs: 180_000,
};

const CHUNK_BYTES = 16 * 1024;

/**
 * Runs one SMTP dialogue and records what happened. Never throws for anything that a server or a network does.
 * @throws ServerNotAllowed before connecting, if the server is not loopback and `live` or `security` forbids it
 */
export async function transmit(
  server: SmtpServer,
  login: Login | undefined,
  transmission: Transmission,
  timeouts: Timeouts = TIMEOUTS,
): Promise<SmtpDialogue> {
  assertAllowed(server);
  return new SmtpSession(server, login, transmission, timeouts).run();
}

export class ServerNotAllowed extends Error {
  readonly code = 'server-not-allowed';
  constructor(message: string) {
    super(message);
    this.name = 'ServerNotAllowed';
  }
}

/** The configuration refuses these too, but sending must not depend on who built the configuration. */
function assertAllowed(server: SmtpServer): void {
  if (isLoopback(server.host)) return;
  if (!server.live)
    throw new ServerNotAllowed(
      `${server.host} is not this machine and LIVE is not true, so nothing was sent. To send real email, set LIVE=true.`,
    );
  if (server.security === 'none')
    throw new ServerNotAllowed(
      `The connection to ${server.host} would not be encrypted, so nothing was sent. Set SMTP_SECURITY to tls or starttls.`,
    );
}

/** The properties that nodemailer adds to its errors. */
interface SmtpError extends Error {
  code?: string | undefined;
  originalCode?: string | undefined;
  command?: string | undefined;
  response?: string | undefined;
  recipient?: string | undefined;
}

/** nodemailer stores the envelope's state on the object it is given. */
interface WatchedEnvelope {
  from: string;
  to: string[];
  size: number;
  accepted?: string[];
  rejectedErrors?: SmtpError[];
}

class SmtpSession {
  private readonly connection: SMTPConnection;
  private readonly envelope: WatchedEnvelope;
  private readonly body: Readable;
  private readonly dialogue: SmtpDialogue = {
    phase: 'connect',
    claimed: false,
    bodyFinished: false,
    recipientAccepted: false,
  };
  private end: (() => void) | undefined;
  /** The claim in progress: the dialogue's outcome is unknown until this settles. */
  private claiming: Promise<unknown> = Promise.resolve();

  constructor(
    server: SmtpServer,
    private readonly login: Login | undefined,
    private readonly transmission: Transmission,
    private readonly timeouts: Timeouts,
  ) {
    this.connection = new SMTPConnection({
      // No name service decides where a worker without LIVE=true connects to.
      host: server.host === 'localhost' ? '127.0.0.1' : server.host,
      port: server.port,
      secure: server.security === 'tls',
      requireTLS: server.security === 'starttls',
      ignoreTLS: server.security === 'none',
      ...(isIP(server.host) ? {} : { servername: server.host }),
      ...(server.ca ? { tls: { ca: server.ca } } : {}),
      connectionTimeout: timeouts.connectMs,
      dnsTimeout: timeouts.connectMs,
      greetingTimeout: timeouts.greetingMs,
      socketTimeout: timeouts.silenceMs,
      socketCloseTimeout: 0,
    });
    const { bytes, envelope } = transmission;
    this.envelope = { from: envelope.from, to: [...envelope.to], size: bytes.byteLength };
    this.body = this.bodyFrom(bytes);
  }

  async run(): Promise<SmtpDialogue> {
    const ended = new Promise<void>((resolve) => {
      this.end = resolve;
    });
    const overall = setTimeout(
      () => this.fail(Object.assign(new Error('the dialogue took too long'), { code: 'ETIMEDOUT' })),
      this.timeouts.overallMs,
    );
    const stop = () => {
      if (!this.dialogue.claimed)
        this.fail(Object.assign(new Error('the activity was canceled'), { code: 'ECANCELLED' }));
    };
    this.transmission.signal?.addEventListener('abort', stop);
    // Stays for the life of the connection, so that an error after the end is not an uncaught one.
    this.connection.on('error', (error: SmtpError) => this.fail(error));
    try {
      if (this.transmission.signal?.aborted) stop();
      else
        this.connection.connect((error?: SmtpError | null | undefined) =>
          error ? this.fail(error) : this.authenticate(),
        );
      await ended;
      await this.claiming.catch(() => undefined);
      return this.dialogue;
    } finally {
      clearTimeout(overall);
      this.transmission.signal?.removeEventListener('abort', stop);
    }
  }

  private authenticate(renew = false): void {
    const { login } = this;
    if (!login) {
      this.send();
      return;
    }
    this.dialogue.phase = 'authenticate';
    this.connection.login(credentialsOf(login, renew), (error?: SmtpError | null | undefined) => {
      if (!error) this.send();
      // A token may be revoked early; only the refusal of a fresh one means something.
      else if (login.kind === 'oauth2' && !renew && error.response?.startsWith('5')) this.authenticate(true);
      else this.fail(error);
    });
  }

  private send(): void {
    if (!this.end) return;
    this.dialogue.phase = 'mail-from';
    this.connection.send(
      this.envelope as Parameters<SMTPConnection['send']>[0],
      this.body,
      (error: SmtpError | null, info?: { response?: string | undefined; serverMessageId?: string | undefined }) => {
        if (error) {
          this.fail(error);
          return;
        }
        if (info?.serverMessageId) this.dialogue.serverMessageId = info.serverMessageId.replace(/^<|>$/g, '');
        this.succeed(info?.response ?? '');
      },
    );
  }

  private bodyFrom(bytes: Uint8Array): Readable {
    let offset = 0;
    let claimedAt: number | undefined;
    const next = async (stream: Readable): Promise<void> => {
      if (claimedAt === undefined) {
        this.dialogue.phase = 'body';
        this.dialogue.recipientAccepted = this.envelope.accepted?.includes(this.transmission.recipient) ?? false;
        if (!this.dialogue.recipientAccepted) throw this.refusalOfRecipient();
        const decision = this.transmission.beforeBody();
        this.claiming = decision;
        if ((await decision) === 'withhold' || !this.end) throw withheld();
        this.dialogue.claimed = true;
        claimedAt = Date.now();
      }
      const chunk = bytes.subarray(offset, offset + CHUNK_BYTES);
      offset += chunk.byteLength;
      const last = offset >= bytes.byteLength;
      if (last && (await this.transmission.beforeEnd()) === 'withhold') throw withheld();
      if (!this.end) throw withheld();
      if (Date.now() - claimedAt > this.timeouts.bodyMs)
        throw Object.assign(new Error('writing the message took too long'), { code: 'ETIMEDOUT' });
      stream.push(chunk);
      if (last) {
        this.dialogue.bodyFinished = true;
        stream.push(null);
      }
    };
    return new Readable({
      highWaterMark: CHUNK_BYTES,
      read() {
        next(this).catch((error: Error) => this.destroy(error));
      },
    });
  }

  /** The server refused the recipient but accepted our blind copy: without this, only the copy would get the message. */
  private refusalOfRecipient(): SmtpError {
    const refused = this.envelope.rejectedErrors?.find((error) => error.recipient === this.transmission.recipient);
    return refused ?? Object.assign(new Error('the server did not accept the recipient'), { code: 'ERECIPIENT' });
  }

  private succeed(response: string): void {
    this.dialogue.phase = 'body';
    this.dialogue.reply = { code: codeOf(response), text: response };
    this.connection.quit();
    setTimeout(() => this.connection.close(), 1_000).unref();
    this.finish();
  }

  private fail(error: SmtpError): void {
    if (!this.end) return;
    const own = this.envelope.rejectedErrors?.find((refused) => refused.recipient === this.transmission.recipient);
    const { response, command } = !this.dialogue.claimed && own && error.command === 'RCPT TO' ? own : error;
    this.dialogue.phase = phaseOf(command) ?? this.dialogue.phase;
    const code = response ? codeOf(response) : 0;
    if (response && code) this.dialogue.reply = { code, text: response };
    else this.dialogue.failure = { code: error.originalCode ?? error.code ?? 'EUNKNOWN', message: error.message };
    this.connection.close();
    this.finish();
  }

  private finish(): void {
    const end = this.end;
    this.end = undefined;
    end?.();
  }
}

function withheld(): SmtpError {
  return Object.assign(new Error('we withheld the message'), { code: 'EWITHHELD' });
}

function credentialsOf(login: Login, renew: boolean): Parameters<SMTPConnection['login']>[0] {
  if (login.kind === 'password') return { user: login.user, credentials: { user: login.user, pass: login.password } };
  return {
    user: login.user,
    oauth2: new XOAuth2({
      user: login.user,
      provisionCallback: (_user, again, done) => {
        login.accessToken({ renew: renew || again }).then(
          (token) => done(null, token),
          (error: Error) => done(error),
        );
      },
    }),
  };
}

function phaseOf(command: string | undefined): SmtpDialogue['phase'] | undefined {
  if (command === 'STARTTLS') return 'tls';
  if (command === 'EHLO' || command === 'HELO') return 'connect';
  if (command?.startsWith('AUTH')) return 'authenticate';
  if (command === 'MAIL FROM') return 'mail-from';
  if (command === 'RCPT TO') return 'recipient';
  if (command === 'DATA') return 'body';
  return undefined;
}

function codeOf(response: string): number {
  return Number(/^\d{3}/.exec(response)?.[0] ?? 0);
}
