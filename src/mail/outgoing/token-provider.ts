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

/** A request for a token: where to, who asks, and what for. */
interface Grant {
  url: string;
  /** `grant_type` of RFC 6749. */
  type: string;
  client: Client;
  authentication: ClientAuth;
  parameters: Record<string, string>;
}

const GOOGLE_TOKEN_URL = 'https://oauth2.googleapis.com/token';
const DEFAULT_LIFE_SECONDS = 300;
/** A token this close to its end is not begun with. */
const MARGIN_MS = 60_000;
const REQUEST_TIMEOUT_MS = 15_000;

/** Holds one token until it nears its end. Simultaneous callers share one request. */
class TokenSource {
  private token_: { value: string; until: number } | undefined;
  private asking: Promise<string> | undefined;
  private refreshToken: string | undefined;

  constructor(
    private readonly grant: () => Promise<Grant>,
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
    const grant = await this.grant();
    if (this.refreshToken && grant.parameters.refresh_token) grant.parameters.refresh_token = this.refreshToken;
    const answer = await requestToken(grant);
    this.refreshToken = answer.refresh_token ?? this.refreshToken;
    this.token_ = {
      value: answer.access_token,
      until: this.clock() + (answer.expires_in ?? DEFAULT_LIFE_SECONDS) * 1_000,
    };
    return answer.access_token;
  }
}

/** @throws TokenError without the library's own error as its cause: that holds the answer, and causes are logged. */
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
      `The token endpoint ${hostname} was not asked: ${messageOf(error)}. Check OAUTH_TOKEN_URL and OAUTH_CLIENT_ID.`,
    );
  });
  const said = await answerIn(response);
  try {
    return await processGenericTokenEndpointResponse(server, client, withoutIdToken(response, said));
  } catch (error) {
    const unusable = response.ok ? `no token that can be used (${messageOf(error)})` : 'no token and no reason';
    const reason = said.error
      ? [said.error, said.error_description].filter(Boolean).join(': ').slice(0, 300)
      : unusable;
    const passing = response.status >= 500 || response.status === 429 || said.error === 'temporarily_unavailable';
    throw new TokenError(
      passing ? 'token-unavailable' : 'token-refused',
      `The token endpoint ${hostname} answered ${response.status}: ${reason}.`,
    );
  }
}

/** Its body has come, too. @throws TokenError when the server cannot be reached, redirects, or takes too long */
async function fetchWhole(url: string, request: RequestInit): Promise<Response> {
  try {
    const response = await fetch(url, request);
    await response.clone().arrayBuffer();
    return response;
  } catch (cause) {
    const { hostname } = new URL(url);
    throw new TokenError(
      'token-unavailable',
      `The token endpoint ${hostname} could not be asked: ${reasonOf(cause)}.`,
      { cause },
    );
  }
}

/** What is read of an answer here; errors whatever the status and the content type, since gateways write some of them. */
const answerSchema = z.looseObject({
  error: z.string().optional(),
  error_description: z.string().optional(),
  id_token: z.unknown().optional(),
});
type Answer = z.infer<typeof answerSchema>;

async function answerIn(response: Response): Promise<Answer> {
  const text = await response.clone().text();
  try {
    return answerSchema.parse(JSON.parse(text));
  } catch {
    return {};
  }
}

/** A user who consented to `openid` gets an ID token, too. Nobody asked for it, and nobody here knows its issuer to check it. */
function withoutIdToken(response: Response, { id_token, ...rest }: Answer): Response {
  return id_token === undefined ? response : new Response(JSON.stringify(rest), response);
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
        // The assertion says who asks.
        authentication: () => undefined,
        parameters: { assertion: await assertionOf(key, user, url, oauth.scope ?? 'https://mail.google.com/', now) },
      };
    }
  }
}

const keySchema = z.object({ client_email: z.string().min(1), private_key: z.string() });
type ServiceAccountKey = z.infer<typeof keySchema>;

/** RFC 7523: the service account vouches for acting as the mailbox's user, for five minutes. */
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
    // What a parser says of it quotes it, and causes are logged.
    throw new TokenError(
      'token-refused',
      'GOOGLE_SERVICE_ACCOUNT_KEY is not the JSON key of a service account, with client_email and private_key.',
    );
  }
}

/** Not what is below it: there a parser quotes the answer, token and all. */
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** What undici hides below "fetch failed". */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
