import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { z } from 'zod';
import type { OidcSettings } from '../../config/config.js';
import { isLoopback } from '../../config/loopback.js';

/** The token is not valid. The message names the problem, never the contents of the token. */
export class InvalidToken extends Error {}

/** Only signatures with the issuer's private key: no shared secrets, and never `none`. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];
const CLOCKS_DIFFER_BY_SECONDS = 30;
const ISSUER_ANSWERS_MS = 5_000;

/**
 * Checks the signature, issuer, audience and expiry of tokens. Fetches the issuer's keys when they are first needed, and
 * again when a token names an unknown one.
 * @returns a function from a token to its user: the email address in the token, or `sub` if there is none or it is marked
 *   unverified, as it could then be anyone's. It rejects with InvalidToken, and with other errors when the issuer's keys
 *   cannot be fetched.
 */
export function bearerTokens(oidc: OidcSettings): (token: string | undefined) => Promise<string> {
  let keys: Promise<JWTVerifyGetKey> | undefined;
  const keysOnce = () => {
    keys ??= keysOf(oidc).catch((error) => {
      keys = undefined;
      throw error;
    });
    return keys;
  };
  return async (token) => {
    if (!token) throw new InvalidToken('Send a token of the single sign-on as Authorization: Bearer.');
    const verified = await jwtVerify(token, await keysOnce(), {
      issuer: oidc.issuer,
      audience: oidc.audience,
      algorithms: ALGORITHMS,
      requiredClaims: ['exp', 'sub'],
      clockTolerance: CLOCKS_DIFFER_BY_SECONDS,
    }).catch((error: unknown) => {
      if (isTheTokens(error)) throw new InvalidToken(`The token is not accepted: ${error.code}.`);
      throw error;
    });
    return userIn(verified.payload);
  };
}

/** Whether it is an error of jose about the token, not about fetching the keys. */
function isTheTokens(error: unknown): error is errors.JOSEError {
  const gettingKeys =
    error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid || isBare(error, errors.JOSEError);
  return error instanceof errors.JOSEError && !gettingKeys;
}

/** jose uses its base class when the issuer does not answer with 200. */
function isBare(error: unknown, base: typeof errors.JOSEError): boolean {
  return error instanceof base && error.constructor === base;
}

function userIn({ email, email_verified: isVerified, sub }: JWTPayload): string {
  const hasEmail = typeof email === 'string' && email !== '' && String(isVerified) !== 'false';
  return String(hasEmail ? email : sub).slice(0, 200);
}

const discovered = z.object({ issuer: z.string(), jwks_uri: z.url({ protocol: /^https?$/ }) });

async function keysOf({ issuer, jwksUrl }: OidcSettings): Promise<JWTVerifyGetKey> {
  return createRemoteJWKSet(new URL(jwksUrl ?? (await discover(issuer))), { timeoutDuration: ISSUER_ANSWERS_MS });
}

async function discover(issuer: string): Promise<string> {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const answer = await fetch(url, { signal: AbortSignal.timeout(ISSUER_ANSWERS_MS) });
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
  const found = discovered.parse(await answer.json());
  if (found.issuer !== issuer) throw new Error(`${url} belongs to another issuer, ${found.issuer}`);
  const { protocol, hostname } = new URL(found.jwks_uri);
  if (protocol === 'http:' && !isLoopback(hostname))
    throw new Error(`${url} has its keys at http://${hostname}: anyone on the network path could sign tokens`);
  return found.jwks_uri;
}
