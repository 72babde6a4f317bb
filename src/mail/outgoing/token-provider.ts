import { createPrivateKey } from 'node:crypto';
import { SignJWT } from 'jose';
import {
  allowInsecureRequests,
  type Client,
  type ClientAuth,
  ClientSecretPost,
  customFetch,
  genericTokenEndpointRequest,
  None,
  processGenericTokenEndpointResponse,
  type TokenEndpointResponse,
} from 'oauth4webapi';
import { z } from 'zod';
import type { Config } from '../../config/config.js';
import { isLoopback } from '../../config/loopback.js';

/** How to log in to a mail server, over SMTP or IMAP. */
export type Login =
  | { kind: 'password'; user: string; password: string }
  | {
      kind: 'oauth2';
      user: string;
      /** A token that is valid for at least a minute. Set `renew` when the server refused the last one. @throws TokenError */
      accessToken(options?: { renew?: boolean }): Promise<string>;
    };

export interface TokenProvider {
  /** Undefined if the outgoing server needs no login. */
  smtp(): Login | undefined;
  imap(): Login;
}

/** Why there is no token. The code tells a temporary problem from one that needs a person. */
export class TokenError extends Error {
  constructor(
    /** `token-refused`: the endpoint said no, or our credentials are unusable. `token-unavailable`: it could not be reached. */
    readonly code: 'token-refused' | 'token-unavailable',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'TokenError';
  }
}

type Settings = Pick<Config, 'smtp' | 'imap' | 'oauth'>;

/** One provider for both protocols. If they log in the same way as the same user, they share a token. */
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

/** For IMAP, whose client cannot renew a token: a fresh one for each connection. @throws TokenError */
export async function secretOf(login: Login): Promise<{ password: string } | { accessToken: string }> {
  return login.kind === 'password'
    ? { password: login.password }
    : { accessToken: await login.accessToken({ renew: true }) };
}

/** A token request: where it goes, who asks, and for what. */
interface Grant {
  url: string;
  /** The `grant_type` (RFC 6749). */
  type: string;
  client: Client;
  authentication: ClientAuth;
  parameters: Record<string, string>;
}

const GOOGLE_TOKEN_URL = 'https://oauth2.googleapis.com/token';
const DEFAULT_LIFE_SECONDS = 300;
/** A token this close to its expiry is replaced before use. */
const MARGIN_MS = 60_000;
const REQUEST_TIMEOUT_MS = 15_000;

/** Caches one token until it nears its expiry. Concurrent callers share one request. */
class TokenSource {
  private cached: { value: string; until: number } | undefined;
  private pending: Promise<string> | undefined;
  private refreshToken: string | undefined;

  constructor(
    private readonly grant: () => Promise<Grant>,
    private readonly clock: () => number,
  ) {}

  token(renew: boolean): Promise<string> {
    const { cached } = this;
    if (!renew && cached && cached.until - MARGIN_MS > this.clock()) return Promise.resolve(cached.value);
    this.pending ??= this.request().finally(() => {
      this.pending = undefined;
    });
    return this.pending;
  }

  private async request(): Promise<string> {
    const grant = await this.grant();
    if (this.refreshToken && grant.parameters.refresh_token) grant.parameters.refresh_token = this.refreshToken;
    const answer = await requestToken(grant);
    this.refreshToken = answer.refresh_token ?? this.refreshToken;
    this.cached = {
      value: answer.access_token,
      until: this.clock() + (answer.expires_in ?? DEFAULT_LIFE_SECONDS) * 1_000,
    };
    return answer.access_token;
  }
}

/** @throws TokenError without the library's error as its cause: that contains the response, and causes are logged. */
async function requestToken({ url, type, client, authentication, parameters }: Grant): Promise<TokenEndpointResponse> {
  const { hostname, origin } = new URL(url);
  const server = { issuer: origin, token_endpoint: url };
  const response = await genericTokenEndpointRequest(server, client, authentication, type, parameters, {
    [allowInsecureRequests]: isLoopback(hostname),
    [customFetch]: (_url, request) => fetchWhole(url, { ...request, redirect: 'error' }),
    signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
  }).catch((error: unknown) => {
    if (error instanceof TokenError) throw error;
    throw new TokenError(
      'token-refused',
      `Can't request a token from ${hostname}: ${messageOf(error)}. Check OAUTH_TOKEN_URL and OAUTH_CLIENT_ID.`,
    );
  });
  const body = await bodyOf(response);
  try {
    return await processGenericTokenEndpointResponse(server, client, withoutUnused(response, body));
  } catch (error) {
    const unusable = response.ok ? `no usable token (${messageOf(error)})` : 'no token and no reason';
    const reason = body.error
      ? [body.error, body.error_description].filter(Boolean).join(': ').slice(0, 300)
      : unusable;
    const passing = response.status >= 500 || response.status === 429 || body.error === 'temporarily_unavailable';
    throw new TokenError(
      passing ? 'token-unavailable' : 'token-refused',
      `The token endpoint ${hostname} answered ${response.status}: ${reason}.`,
    );
  }
}

/** Also waits for the body. @throws TokenError when the server cannot be reached, redirects, or takes too long */
async function fetchWhole(url: string, request: RequestInit): Promise<Response> {
  try {
    const response = await fetch(url, request);
    await response.clone().arrayBuffer();
    return response;
  } catch (cause) {
    const { hostname } = new URL(url);
    throw new TokenError('token-unavailable', `Can't reach the token endpoint ${hostname}: ${reasonOf(cause)}.`, {
      cause,
    });
  }
}

/** What we read ourselves. An error counts whatever the status and the content type, because gateways write some of them. */
const bodySchema = z.looseObject({
  error: z.string().optional(),
  error_description: z.string().optional(),
  id_token: z.unknown().optional(),
  scope: z.unknown().optional(),
});
type TokenBody = z.infer<typeof bodySchema>;

async function bodyOf(response: Response): Promise<TokenBody> {
  const text = await response.clone().text();
  try {
    return bodySchema.parse(JSON.parse(text));
  } catch {
    return {};
  }
}

/**
 * A user who consented to `openid` also gets an ID token. We did not ask for it and do not know its issuer. The scope may
 * be in any format, because we do not read it.
 */
function withoutUnused(response: Response, { id_token, scope, ...rest }: TokenBody): Response {
  return id_token === undefined && scope === undefined ? response : new Response(JSON.stringify(rest), response);
}

async function grantOf(
  auth: Exclude<Settings['smtp']['auth'], 'password'>,
  user: string,
  oauth: Settings['oauth'],
  now: number,
): Promise<Grant> {
  const url = oauth.tokenUrl ?? GOOGLE_TOKEN_URL;
  const registered = {
    url,
    client: { client_id: oauth.clientId ?? '' },
    authentication: oauth.clientSecret ? ClientSecretPost(oauth.clientSecret) : None(),
  };
  switch (auth) {
    case 'oauth2-client-credentials':
      return {
        ...registered,
        type: 'client_credentials',
        parameters: { scope: oauth.scope ?? 'https://outlook.office365.com/.default' },
      };
    case 'oauth2-refresh-token':
      return {
        ...registered,
        type: 'refresh_token',
        parameters: { refresh_token: oauth.refreshToken ?? '', ...(oauth.scope ? { scope: oauth.scope } : {}) },
      };
    case 'google-service-account': {
      const key = serviceAccountKey(oauth.serviceAccountKey);
      return {
        url,
        type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
        client: { client_id: key.client_email },
        // The assertion says who is asking.
        authentication: () => undefined,
        parameters: { assertion: await assertionOf(key, user, url, oauth.scope ?? 'https://mail.google.com/', now) },
      };
    }
  }
}

const keySchema = z.object({ client_email: z.string().min(1), private_key: z.string() });
type ServiceAccountKey = z.infer<typeof keySchema>;

/** RFC 7523: lets the service account act as the mailbox's user for five minutes. */
async function assertionOf(
  key: ServiceAccountKey,
  user: string,
  audience: string,
  scope: string,
  now: number,
): Promise<string> {
  const issuedAt = Math.floor(now / 1_000);
  const assertion = new SignJWT({ scope })
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT' })
    .setIssuer(key.client_email)
    .setSubject(user)
    .setAudience(audience)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + 300);
  try {
    return await assertion.sign(createPrivateKey(key.private_key));
  } catch (cause) {
    throw new TokenError('token-refused', 'The private key in GOOGLE_SERVICE_ACCOUNT_KEY cannot be used.', { cause });
  }
}

function serviceAccountKey(json: string | undefined): ServiceAccountKey {
  try {
    return keySchema.parse(JSON.parse(json ?? ''));
  } catch {
    // No cause: a parser's message quotes the key, and causes are logged.
    throw new TokenError(
      'token-refused',
      'GOOGLE_SERVICE_ACCOUNT_KEY is not the JSON key of a service account, with client_email and private_key.',
    );
  }
}

/** Only the message, not its cause: a parser's error quotes the response, including the token. */
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The reason that undici hides behind "fetch failed". */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
