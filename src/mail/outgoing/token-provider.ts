import { createSign } from 'node:crypto';
import { z } from 'zod';
import type { Config } from '../../config/config.js';

/** How to log in at a mail server, for SMTP and IMAP alike. */
export type Login =
  | { kind: 'password'; user: string; password: string }
  | {
      kind: 'oauth2';
      user: string;
      /** A token that is good for some minutes; `renew` when the server refused the last one. @throws TokenError */
      accessToken(options?: { renew?: boolean }): Promise<string>;
    };

export interface TokenProvider {
  /** Undefined: the outgoing server is spoken to without logging in. */
  smtp(): Login | undefined;
  imap(): Login;
}

/** Why there is no token. Its code tells the sending apart what may pass from what needs a person. */
export class TokenError extends Error {
  constructor(
    /** `token-refused`: the endpoint said no, or what we have to show is unusable. `token-unavailable`: it could not be asked. */
    readonly code: 'token-refused' | 'token-unavailable',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'TokenError';
  }
}

type Settings = Pick<Config, 'smtp' | 'imap' | 'oauth'>;

/** One provider for both protocols: where they log in the same way as the same user, they share the token. */
export function createTokenProvider(config: Settings, clock: () => number = Date.now): TokenProvider {
  const sources = new Map<string, TokenSource>();
  const login = (server: Settings['smtp'] | Settings['imap']): Login => {
    const user = server.user ?? '';
    const { auth } = server;
    if (auth === 'password') return { kind: 'password', user, password: server.password ?? '' };
    const key = `${auth} ${user}`;
    const source = sources.get(key) ?? new TokenSource(() => grantOf(auth, user, config.oauth, clock()), clock);
    sources.set(key, source);
    return { kind: 'oauth2', user, accessToken: (options) => source.token(options?.renew ?? false) };
  };
  return {
    smtp: () => (config.smtp.user ? login(config.smtp) : undefined),
    imap: () => login(config.imap),
  };
}

/** For IMAP, whose client cannot renew a token by itself: a fresh one for each connection. @throws TokenError */
export async function secretOf(login: Login): Promise<{ password: string } | { accessToken: string }> {
  return login.kind === 'password'
    ? { password: login.password }
    : { accessToken: await login.accessToken({ renew: true }) };
}

/** A request for a token: where to, and the form to post. */
interface Grant {
  url: string;
  form: Record<string, string>;
}

const GOOGLE_TOKEN_URL = 'https://oauth2.googleapis.com/token';
const DEFAULT_LIFE_SECONDS = 300;
/** A token this close to its end is not begun with. */
const MARGIN_MS = 60_000;
const REQUEST_TIMEOUT_MS = 15_000;

const answerSchema = z.object({
  access_token: z.string().min(1),
  expires_in: z.coerce.number().positive().optional(),
  refresh_token: z.string().optional(),
});
const complaintSchema = z.object({ error: z.string(), error_description: z.string().optional() });

/** Holds one token until it nears its end. Simultaneous callers share one request. */
class TokenSource {
  private token_: { value: string; until: number } | undefined;
  private asking: Promise<string> | undefined;
  private refreshToken: string | undefined;

  constructor(
    private readonly grant: () => Grant,
    private readonly clock: () => number,
  ) {}

  token(renew: boolean): Promise<string> {
    const held = this.token_;
    if (!renew && held && held.until - MARGIN_MS > this.clock()) return Promise.resolve(held.value);
    this.asking ??= this.ask().finally(() => {
      this.asking = undefined;
    });
    return this.asking;
  }

  private async ask(): Promise<string> {
    const { url, form } = this.grant();
    const refreshed = this.refreshToken && form.refresh_token ? { ...form, refresh_token: this.refreshToken } : form;
    const answer = await post(url, refreshed);
    this.refreshToken = answer.refresh_token ?? this.refreshToken;
    this.token_ = {
      value: answer.access_token,
      until: this.clock() + (answer.expires_in ?? DEFAULT_LIFE_SECONDS) * 1_000,
    };
    return answer.access_token;
  }
}

async function post(url: string, form: Record<string, string>): Promise<z.infer<typeof answerSchema>> {
  const { hostname } = new URL(url);
  let status: number;
  let body: unknown;
  try {
    const response = await fetch(url, {
      method: 'POST',
      body: new URLSearchParams(form),
      headers: { accept: 'application/json' },
      redirect: 'error',
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    });
    status = response.status;
    body = await response.json().catch(() => undefined);
  } catch (cause) {
    throw new TokenError(
      'token-unavailable',
      `The token endpoint ${hostname} could not be asked: ${reasonOf(cause)}.`,
      {
        cause,
      },
    );
  }
  const answer = answerSchema.safeParse(body);
  if (status < 300 && answer.success) return answer.data;
  const complaint = complaintSchema.safeParse(body);
  const says = complaint.success
    ? [complaint.data.error, complaint.data.error_description].filter(Boolean).join(': ').slice(0, 300)
    : 'no token and no reason';
  const passing =
    status >= 500 || status === 429 || (complaint.success && complaint.data.error === 'temporarily_unavailable');
  throw new TokenError(
    passing ? 'token-unavailable' : 'token-refused',
    `The token endpoint ${hostname} answered ${status}: ${says}.`,
  );
}

function grantOf(
  auth: Exclude<Settings['smtp']['auth'], 'password'>,
  user: string,
  oauth: Settings['oauth'],
  now: number,
): Grant {
  const url = oauth.tokenUrl ?? GOOGLE_TOKEN_URL;
  const client = {
    client_id: oauth.clientId ?? '',
    ...(oauth.clientSecret ? { client_secret: oauth.clientSecret } : {}),
  };
  switch (auth) {
    case 'oauth2-client-credentials':
      return {
        url,
        form: {
          grant_type: 'client_credentials',
          ...client,
          scope: oauth.scope ?? 'https://outlook.office365.com/.default',
        },
      };
    case 'oauth2-refresh-token':
      return {
        url,
        form: {
          grant_type: 'refresh_token',
          ...client,
          refresh_token: oauth.refreshToken ?? '',
          ...(oauth.scope ? { scope: oauth.scope } : {}),
        },
      };
    case 'google-service-account':
      return {
        url,
        form: {
          grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
          assertion: assertionOf(user, url, oauth, now),
        },
      };
  }
}

const keySchema = z.object({ client_email: z.string(), private_key: z.string() });

/** RFC 7523: the service account vouches for acting as the mailbox's user, for five minutes. */
function assertionOf(user: string, audience: string, oauth: Settings['oauth'], now: number): string {
  const key = serviceAccountKey(oauth.serviceAccountKey);
  const issuedAt = Math.floor(now / 1_000);
  const claims = {
    iss: key.client_email,
    sub: user,
    scope: oauth.scope ?? 'https://mail.google.com/',
    aud: audience,
    iat: issuedAt,
    exp: issuedAt + 300,
  };
  const signed = [{ alg: 'RS256', typ: 'JWT' }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  try {
    return `${signed}.${createSign('RSA-SHA256').update(signed).sign(key.private_key, 'base64url')}`;
  } catch (cause) {
    throw new TokenError('token-refused', 'The private key in GOOGLE_SERVICE_ACCOUNT_KEY cannot be used.', { cause });
  }
}

function serviceAccountKey(json: string | undefined): z.infer<typeof keySchema> {
  try {
    return keySchema.parse(JSON.parse(json ?? ''));
  } catch {
    // What a parser says of it quotes it, and causes are logged.
    throw new TokenError(
      'token-refused',
      'GOOGLE_SERVICE_ACCOUNT_KEY is not the JSON key of a service account, with client_email and private_key.',
    );
  }
}

/** What undici hides below "fetch failed". */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
