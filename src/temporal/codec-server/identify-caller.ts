import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { OidcSettings } from '../../config/config.js';
import { bearerTokens, InvalidToken } from './bearer-tokens.js';
import { RefusedCall } from './read-call.js';

/** How callers prove who they are. With none of these, everyone who reaches the server is served. */
export interface CallerCredentials {
  /** Callers must send `Authorization: Bearer <token>`. */
  token?: string | undefined;
  /**
   * Header in which an authenticating gateway in front names the user. Calls without it are refused. Only for a server
   * that no one can reach without the gateway.
   */
  userHeader?: string | undefined;
  /** Callers must send a token of this single sign-on, or `token` if that is set too. */
  oidc?: OidcSettings | undefined;
}

export function isOpen({ token, userHeader, oidc }: CallerCredentials): boolean {
  return !token && !userHeader && !oidc;
}

/** @returns a function that names the caller, or rejects with a RefusedCall */
export function callerIdentifier({ token, userHeader, oidc }: CallerCredentials) {
  const userOf = oidc && bearerTokens(oidc);
  return async (request: IncomingMessage): Promise<string> => {
    const bearer = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
    const byToken = token !== undefined && bearer !== undefined && isSame(bearer, token);
    if (!byToken && userOf) return await userOf(bearer).catch(refuseToken);
    if (!byToken && token) throw new RefusedCall(401, 'Send the token of this codec server as Authorization: Bearer.');
    if (!userHeader) return byToken ? 'token' : 'local';
    const user = request.headers[userHeader.toLowerCase()];
    if (typeof user !== 'string' || user.trim() === '')
      throw new RefusedCall(401, `The gateway did not name the user in ${userHeader}.`);
    return user.trim().slice(0, 200);
  };
}

function refuseToken(error: unknown): never {
  if (error instanceof InvalidToken) throw new RefusedCall(401, error.message);
  // The issuer does not answer. That is not the caller's fault, and the caller must not learn where the issuer is.
  throw new RefusedCall(
    503,
    'The single sign-on is not available at the moment. Try again later.',
    `Cannot get the keys of CODEC_OIDC_ISSUER: ${(error as Error).message}.`,
  );
}

function isSame(given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}
